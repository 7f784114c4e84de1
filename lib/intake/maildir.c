/*
 * A Maildir as a source. Mail waits in new/; what was taken is moved to cur/. A person's mail
 * program does the same with mail that it has merely shown, so cur/ is looked at as well, at the
 * start and from time to time: nothing is missed because somebody else opened the mailbox.
 *
 * A mail's name up to the colon stays the same when flags change. Names are used twice all the
 * same, by scripts and by people; so the uid says the file and its time too, and what waits under
 * an old name is a new mail. Who is wrong about that costs a second look, never a mail.
 */
#include "intake.h"
#include "error.h"
#include "fd.h"
#include "now.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

struct maildir {
    struct source_setup setup;
    char *path;
    int inbox; /* folder new/ */
    int shown; /* folder cur/ */
    int watch;
    GHashTable *waiting; /* uid -> name in new/, of the last listing */
    GHashTable *seen;    /* uid -> name in cur/, of the last whole listing */
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
    g_hash_table_unref(maildir->waiting);
    g_hash_table_unref(maildir->seen);
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

static gpointer maildir_open(const struct source_setup *setup, GError **error)
{
    struct maildir *maildir = g_new0(struct maildir, 1);
    const char *path = "";

    g_variant_dict_lookup(setup->settings, "path", "&s", &path);
    maildir->setup = *setup;
    maildir->setup.settings = NULL; /* the caller's */
    maildir->path = g_strdup(path);
    maildir->waiting = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    maildir->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
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

/* Any bytes may be a name; a uid is plain text. */
static char *uid_of(const char *name, const struct stat *is)
{
    g_autofree char *base = g_strndup(name, strcspn(name, ":"));
    g_autofree char *plain = g_strescape(base, NULL);

    return g_strdup_printf("%s/%" G_GINT64_MODIFIER "x.%" G_GINT64_FORMAT ".%09ld", plain,
        (guint64)is->st_ino, (gint64)is->st_mtim.tv_sec, is->st_mtim.tv_nsec);
}

static void list_entry(int folder, const char *name, GHashTable *names, GPtrArray *uids)
{
    struct stat is;
    char *uid;

    if (*name == '.' || fstatat(folder, name, &is, AT_SYMLINK_NOFOLLOW) < 0)
        return;
    uid = uid_of(name, &is);
    g_ptr_array_add(uids, uid);
    g_hash_table_replace(names, g_strdup(uid), g_strdup(name));
}

static gboolean list_folder(
    struct maildir *maildir, int folder, GHashTable *names, GPtrArray *uids, GError **error)
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
    g_hash_table_remove_all(names);
    while ((entry = readdir(entries)))
        list_entry(folder, entry->d_name, names, uids);
    closedir(entries);
    return TRUE;
}

static int compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static gboolean is_still(const struct maildir *maildir, int folder, const char *name)
{
    g_autofree char *path = g_build_filename(maildir->path, name, NULL);
    struct stat ours, there;

    return stat(path, &there) == 0 && fstat(folder, &ours) == 0 && ours.st_dev == there.st_dev &&
           ours.st_ino == there.st_ino;
}

/* What we hold open stays readable when it is moved away, unmounted or replaced: it would look like
 * a mailbox to which nobody writes. */
static gboolean is_in_place(const struct maildir *maildir, GError **error)
{
    if (is_still(maildir, maildir->inbox, "new") && is_still(maildir, maildir->shown, "cur"))
        return TRUE;
    g_set_error(error, MADO_ERROR, MADO_E_SOURCE,
        "%s: it is not there any more, or another folder took its place. No mail was taken or "
        "moved; put it back, or start madod again",
        maildir->path);
    return FALSE;
}

static GPtrArray *maildir_list(gpointer source, gboolean whole, GError **error)
{
    struct maildir *maildir = source;
    g_autoptr(GPtrArray) uids = g_ptr_array_new_with_free_func(g_free);

    if (!is_in_place(maildir, error) ||
        !list_folder(maildir, maildir->inbox, maildir->waiting, uids, error) ||
        (whole && !list_folder(maildir, maildir->shown, maildir->seen, uids, error)))
        return NULL;
    g_ptr_array_sort(uids, compare_names);
    return g_steal_pointer(&uids);
}

/* Without waiting: what lies there need not be a file. */
static int open_mail(int folder, const char *name)
{
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat is;

    if (fd < 0 || (fstat(fd, &is) == 0 && S_ISREG(is.st_mode)))
        return fd;
    close(fd);
    errno = EINVAL;
    return -1;
}

/* -1 without error: it has gone meanwhile. */
static int find_mail(struct maildir *maildir, const char *uid, GError **error)
{
    const char *waiting = g_hash_table_lookup(maildir->waiting, uid);
    const char *seen = g_hash_table_lookup(maildir->seen, uid);
    int fd = -1;

    errno = ENOENT;
    if (waiting)
        fd = open_mail(maildir->inbox, waiting);
    if (fd < 0 && errno == ENOENT && seen)
        fd = open_mail(maildir->shown, seen);
    /* Gone or renamed meanwhile: the next whole listing finds it under its present name. */
    if (fd < 0 && errno != ENOENT)
        fail(error, maildir, errno == EINVAL ? "it is no file" : "it cannot be opened");
    return fd;
}

/* The mail as a memory file, or -1. */
static int load_mail(struct maildir *maildir, const char *uid, GError **error)
{
    int from = find_mail(maildir, uid, error);
    int memory = from >= 0 ? fd_new_memory("mail", error) : -1;
    guint64 size;

    if (memory >= 0 && !fd_copy(from, memory, maildir->setup.max_message, &size, error)) {
        close(memory);
        memory = -1;
    }
    if (from >= 0)
        close(from);
    return memory;
}

/* A mail that cannot be read keeps no other waiting. */
static gboolean maildir_fetch(gpointer source, const GPtrArray *uids, GError **error)
{
    struct maildir *maildir = source;

    for (guint i = 0; i < uids->len; i++) {
        g_autoptr(GError) why = NULL;
        int mail = load_mail(maildir, uids->pdata[i], &why);
        if ((mail >= 0 || why) && !maildir->setup.got(maildir->setup.means->role, uids->pdata[i],
                                      mail, why ? why->message : NULL))
            break;
    }
    return TRUE;
}

static gboolean move_taken(struct maildir *maildir, const char *uid, GError **error)
{
    const char *name = g_hash_table_lookup(maildir->waiting, uid);
    g_autofree char *usual =
        name ? g_strconcat(name, strstr(name, ":2,") ? "" : ":2,", NULL) : NULL;
    g_autofree char *other = g_strconcat("mado.", strrchr(uid, '/') + 1, ":2,", NULL);

    /* Already in cur/, or deleted by somebody: nothing is left to do. */
    if (!name || fd_move(maildir->inbox, name, maildir->shown, usual) || errno == ENOENT)
        return TRUE;
    if ((errno == EEXIST || errno == ENAMETOOLONG) &&
        fd_move(maildir->inbox, name, maildir->shown, other))
        return TRUE;
    return fail(error, maildir, "a mail that was taken cannot be moved to cur/");
}

static gboolean maildir_taken(gpointer source, const GPtrArray *uids, GError **error)
{
    gboolean moved = TRUE;

    for (guint i = 0; i < uids->len; i++)
        moved &= move_taken(source, uids->pdata[i], error && *error ? NULL : error);
    return moved;
}

static guint maildir_places(gpointer source)
{
    return 1;
}

static gboolean maildir_enter(gpointer source, guint place, guint64 *validity, GError **error)
{
    *validity = 0;
    return TRUE;
}

static gboolean maildir_finish(gpointer source, GError **error)
{
    return TRUE;
}

static void drain(int watch)
{
    char events[4096];

    while (read(watch, events, sizeof events) > 0)
        ;
}

static gboolean maildir_wait(gpointer source, gint64 until, gboolean *news, GError **error)
{
    struct maildir *maildir = source;
    const struct means *means = maildir->setup.means;
    struct pollfd on[] = {{means->channel, POLLIN, 0}, {maildir->watch, POLLIN, 0}};

    poll(on, G_N_ELEMENTS(on), now_milliseconds_to(until));
    *news = on[1].revents != 0;
    if (*news)
        drain(maildir->watch);
    return !on[0].revents || means->hear(means->role);
}

const struct source_kind source_maildir = {
    .name = "maildir",
    .open = maildir_open,
    .places = maildir_places,
    .enter = maildir_enter,
    .list = maildir_list,
    .fetch = maildir_fetch,
    .taken = maildir_taken,
    .finish = maildir_finish,
    .wait = maildir_wait,
    .close = maildir_close,
};
