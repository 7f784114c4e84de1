/*
 * A Maildir as a source. Mail waits in new/; what was taken is moved to cur/. A person's mail
 * program does the same with mail that it has merely shown, so cur/ is looked at as well, at the
 * start and from time to time: nothing is missed because somebody else opened the mailbox.
 *
 * A mail's name up to the colon stays the same when flags change: that is its uid.
 */
#include "intake.h"
#include "error.h"
#include <errno.h>
#include <stdio.h>
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

struct maildir {
    char *path;
    int inbox; /* folder new/ */
    int shown; /* folder cur/ */
    int watch;
    GHashTable *names; /* uid -> name in cur/, of the last whole listing */
};

static gboolean fail(GError **error, const struct maildir *maildir, const char *what)
{
    g_set_error(error, MADO_ERROR, MADO_E_SOURCE,
        "%s: %s: %s. No mail was taken or moved; it is tried again", maildir->path, what,
        g_strerror(errno));
    return FALSE;
}

static void maildir_close(gpointer source)
{
    struct maildir *maildir = source;
    const int fds[] = {maildir->inbox, maildir->shown, maildir->watch};

    for (gsize i = 0; i < G_N_ELEMENTS(fds); i++)
        if (fds[i] >= 0)
            close(fds[i]);
    g_hash_table_unref(maildir->names);
    g_free(maildir->path);
    g_free(maildir);
}

static int open_folder(const char *path, const char *name)
{
    g_autofree char *folder = g_build_filename(path, name, NULL);
    return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int watch_folder(const char *path)
{
    g_autofree char *folder = g_build_filename(path, "new", NULL);
    int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

    if (watch >= 0 &&
        inotify_add_watch(watch, folder, IN_MOVED_TO | IN_CREATE | IN_CLOSE_WRITE) < 0) {
        close(watch);
        return -1;
    }
    return watch;
}

static gpointer maildir_open(const char *path, GError **error)
{
    struct maildir *maildir = g_new0(struct maildir, 1);

    maildir->path = g_strdup(path);
    maildir->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    maildir->watch = -1;
    maildir->inbox = open_folder(path, "new");
    maildir->shown = open_folder(path, "cur");
    if (maildir->inbox < 0 || maildir->shown < 0) {
        fail(error, maildir, "is no Maildir (new/ and cur/ are needed)");
        maildir_close(maildir);
        return NULL;
    }
    /* Without a watch (limits of the system) the rescan alone finds new mail: slower, not less. */
    maildir->watch = watch_folder(path);
    return maildir;
}

static char *uid_of(const char *name)
{
    const char *colon = strchr(name, ':');
    return colon ? g_strndup(name, (gsize)(colon - name)) : g_strdup(name);
}

static gboolean list_folder(struct maildir *maildir, int folder, GPtrArray *uids, GError **error)
{
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *entry;

    if (!entries) {
        fail(error, maildir, "cannot be listed");
        if (fd >= 0)
            close(fd);
        return FALSE;
    }
    while ((entry = readdir(entries))) {
        if (entry->d_name[0] == '.')
            continue;
        g_ptr_array_add(uids, uid_of(entry->d_name));
        if (folder == maildir->shown)
            g_hash_table_replace(maildir->names, uid_of(entry->d_name), g_strdup(entry->d_name));
    }
    closedir(entries);
    return TRUE;
}

static int compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *maildir_list(gpointer source, gboolean whole, GError **error)
{
    struct maildir *maildir = source;
    g_autoptr(GPtrArray) uids = g_ptr_array_new_with_free_func(g_free);

    if (!list_folder(maildir, maildir->inbox, uids, error))
        return NULL;
    if (whole) {
        g_hash_table_remove_all(maildir->names);
        if (!list_folder(maildir, maildir->shown, uids, error))
            return NULL;
    }
    g_ptr_array_sort(uids, compare_names);
    return g_steal_pointer(&uids);
}

static int maildir_fetch(gpointer source, const char *uid, GError **error)
{
    struct maildir *maildir = source;
    const char *shown = g_hash_table_lookup(maildir->names, uid);
    int fd = openat(maildir->inbox, uid, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0 && errno == ENOENT && shown)
        fd = openat(maildir->shown, shown, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    /* Gone or renamed meanwhile: the next whole listing finds it under its present name. */
    if (fd < 0 && errno != ENOENT)
        fail(error, maildir, "a mail cannot be opened");
    return fd;
}

static gboolean maildir_taken(gpointer source, const char *uid, GError **error)
{
    struct maildir *maildir = source;
    g_autofree char *name = g_strconcat(uid, ":2,", NULL);

    /* Already in cur/, or deleted by somebody: nothing is left to do. */
    if (renameat(maildir->inbox, uid, maildir->shown, name) == 0 || errno == ENOENT)
        return TRUE;
    return fail(error, maildir, "a mail that was taken cannot be moved to cur/");
}

static int maildir_watch(gpointer source)
{
    return ((struct maildir *)source)->watch;
}

static void maildir_drain(gpointer source)
{
    char events[4096];

    while (read(maildir_watch(source), events, sizeof events) > 0)
        ;
}

const struct source_kind source_maildir = {
    .name = "maildir",
    .open = maildir_open,
    .list = maildir_list,
    .fetch = maildir_fetch,
    .taken = maildir_taken,
    .watch = maildir_watch,
    .drain = maildir_drain,
    .close = maildir_close,
};
