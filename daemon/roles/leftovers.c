#include "leftovers.h"
#include "error.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

/* An agent whose socket is gone ends by itself. */
static gboolean is_left_over(const char *name)
{
    return g_str_has_suffix(name, ".lock") || g_str_has_prefix(name, ".#lk") ||
           g_str_has_prefix(name, "S.");
}

static void clear(const char *home)
{
    g_autoptr(GDir) folder = g_dir_open(home, 0, NULL);
    const char *name;

    while (folder && (name = g_dir_read_name(folder))) {
        g_autofree char *path = is_left_over(name) ? g_build_filename(home, name, NULL) : NULL;
        if (path)
            unlink(path);
    }
}

/* Noted behind the work: who is ended in between leaves it to the next. */
static gboolean clear_once(const char *home, int noted, guint64 run)
{
    guint64 cleared;

    if (pread(noted, &cleared, sizeof cleared, 0) == sizeof cleared && cleared == run)
        return TRUE;
    clear(home);
    return pwrite(noted, &run, sizeof run, 0) == sizeof run;
}

gboolean leftovers_clear(const char *home, int lock, guint64 run, GError **error)
{
    g_autofree char *path = g_build_filename(home, "last-run", NULL);
    int noted = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    gboolean done = noted >= 0 && flock(lock, LOCK_EX) == 0 && clear_once(home, noted, run);

    if (!done)
        g_set_error(error, MADO_ERROR, MADO_E_ROLE,
            "%s cannot be written: %s. No key is used; see the owner of its folder, and the disk",
            path, g_strerror(errno));
    flock(lock, LOCK_UN);
    if (noted >= 0)
        close(noted);
    return done;
}
