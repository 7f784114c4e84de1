/* All files but some. Landlock only knows what is allowed: so that is everything beside the way to
 * what is hidden. */
#include "confine-parts.h"
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LANDLOCK_THAT_RENAMES = 2 };

struct hiding {
    int ruleset;
    guint64 handled;
    GPtrArray *hidden; /* char *: real paths */
};

static gboolean is_hidden(const struct hiding *hiding, const char *path)
{
    return g_ptr_array_find_with_equal_func(hiding->hidden, path, g_str_equal, NULL);
}

/* Is something hidden below that folder? */
static gboolean is_above(const struct hiding *hiding, const char *folder)
{
    gsize length = strlen(folder);

    for (guint i = 0; i < hiding->hidden->len; i++) {
        const char *path = hiding->hidden->pdata[i];
        if (length == 1 || (g_str_has_prefix(path, folder) && path[length] == '/'))
            return TRUE;
    }
    return FALSE;
}

/* What cannot be opened cannot be given, and nobody needs it. A link is what it points to. */
static void give(const struct hiding *hiding, const char *path)
{
    int fd = open(path, O_PATH | O_CLOEXEC | O_NOFOLLOW);

    if (fd < 0)
        return;
    landlock_add(hiding->ruleset, fd, hiding->handled, NULL);
    close(fd);
}

static void give_all_below(const struct hiding *hiding, const char *folder)
{
    DIR *all = opendir(folder);

    for (struct dirent *entry; all && (entry = readdir(all));) {
        g_autofree char *path = NULL;
        if (g_str_equal(entry->d_name, ".") || g_str_equal(entry->d_name, "..") ||
            entry->d_type == DT_LNK)
            continue;
        path = g_build_filename(folder, entry->d_name, NULL);
        if (is_hidden(hiding, path))
            continue;
        if (is_above(hiding, path))
            give_all_below(hiding, path);
        else
            give(hiding, path);
    }
    if (all)
        closedir(all);
}

static GPtrArray *real_paths(const char *const *paths)
{
    GPtrArray *real = g_ptr_array_new_with_free_func(free);

    for (; paths && *paths; paths++) {
        char *path = realpath(*paths, NULL);
        if (path)
            g_ptr_array_add(real, path);
    }
    return real;
}

gboolean confine_hide(const char *const *paths)
{
    g_autoptr(GPtrArray) hidden = real_paths(paths);
    struct hiding hiding = {.hidden = hidden};
    int abi = landlock_abi(0);
    gboolean done;

    if (abi < LANDLOCK_THAT_RENAMES || !hidden->len)
        return TRUE;
    hiding.ruleset = landlock_of_files(abi, &hiding.handled);
    if (hiding.ruleset < 0)
        return FALSE;
    give_all_below(&hiding, "/");
    done = syscall(SYS_landlock_restrict_self, hiding.ruleset, 0) == 0;
    close(hiding.ruleset);
    return done;
}
