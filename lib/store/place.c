/*
 * One store in the place of another
 *
 * A store is a file and, after a crash, the file of its last commits beside it: two names, which
 * nobody can change at once. What belongs to one store must never be read as part of the other, so
 * while they change places a third file says what is to be done, and whoever opens the store does
 * the rest of it first.
 */
#include "statement.h"
#include "error.h"
#include "fault.h"
#include "fd.h"
#include "place.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const belongings[] = {"", "-wal", "-shm", "-journal"};

/* Where SQLite locks a file. */
enum { LOCKED_FROM = 0x40000000, LOCKED_BYTES = 512 };

static char *beside(const char *path, const char *what)
{
    return g_strconcat(path, what, NULL);
}

void store_remove_file(const char *path)
{
    for (gsize i = 0; i < G_N_ELEMENTS(belongings); i++) {
        g_autofree char *name = beside(path, belongings[i]);
        unlink(name);
    }
}

gboolean store_is_open(const char *path)
{
    struct flock lock = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LOCKED_FROM, .l_len = LOCKED_BYTES};
    int fd = open(path, O_RDWR | O_CLOEXEC);
    gboolean is = fd >= 0 && fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;

    if (fd >= 0)
        close(fd);
    return is;
}

static gboolean fail(const char *path, GError **error)
{
    error_set(error, MADO_E_STORE_WRITE,
        "%s cannot be put in its place: %s; nothing is lost: mend that, then do it once more", path,
        g_strerror(errno));
    return FALSE;
}

/* Whole, or not there: it names what comes, and where the other one goes. */
static gboolean make_mark(const char *path, const char *fresh, const char *aside, GError **error)
{
    g_autofree char *mark = beside(path, PLACE_MARK);
    g_autofree char *text = g_strdup_printf("%s\n%s\n", fresh, aside);

    return g_file_set_contents_full(
        mark, text, -1, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, error);
}

static gboolean move_belongings(const char *path, const char *aside, GError **error)
{
    for (gsize i = 1; i < G_N_ELEMENTS(belongings); i++) {
        g_autofree char *from = beside(path, belongings[i]);
        g_autofree char *to = beside(aside, belongings[i]);
        if (rename(from, to) < 0 && errno != ENOENT)
            return fail(from, error);
    }
    return TRUE;
}

/* It keeps its name until the other has it. */
static gboolean put_aside(const char *path, const char *aside, GError **error)
{
    if (link(path, aside) < 0 && errno != EEXIST)
        return fail(aside, error);
    return move_belongings(path, aside, error);
}

/* What was begun, from wherever it was left: the new one is whole, and on the disk. */
static gboolean carry_out(const char *path, const char *fresh, const char *aside, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *mark = beside(path, PLACE_MARK);

    if (access(fresh, F_OK) == 0) {
        if (!put_aside(path, aside, error))
            return FALSE;
        fault_pass("place_aside");
        if (rename(fresh, path) < 0)
            return fail(path, error);
        fault_pass("place_taken");
    }
    if (!fd_sync_folder(folder, error))
        return FALSE;
    return unlink(mark) == 0 ? fd_sync_folder(folder, error) : fail(mark, error);
}

gboolean place_finish(const char *path, GError **error)
{
    g_autofree char *mark = beside(path, PLACE_MARK);
    g_autofree char *text = NULL;
    g_auto(GStrv) names = NULL;

    if (access(mark, F_OK) != 0)
        return TRUE;
    if (!g_file_get_contents(mark, &text, NULL, error))
        return FALSE;
    names = g_strsplit(text, "\n", 3);
    return g_strv_length(names) == 3 ? carry_out(path, names[0], names[1], error)
                                     : fail(mark, error);
}

static gboolean change(
    const char *fresh, const char *path, const char *aside, const char *folder, GError **error)
{
    if (!make_mark(path, fresh, aside, error) || !fd_sync_folder(folder, error))
        return FALSE;
    fault_pass("place_marked");
    return carry_out(path, fresh, aside, error);
}

static gboolean sync_file(const char *path, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    gboolean synced = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return synced || fail(path, error);
}

gboolean store_take_place(const char *fresh, const char *path, const char *aside, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);

    if (!sync_file(fresh, error))
        return FALSE;
    if (access(path, F_OK) == 0)
        return change(fresh, path, aside, folder, error);
    if (renameat2(AT_FDCWD, fresh, AT_FDCWD, path, RENAME_NOREPLACE) < 0)
        return fail(path, error);
    return fd_sync_folder(folder, error);
}

gboolean store_finish_place(const char *path, GError **error)
{
    return store_is_open(path) || place_finish(path, error);
}
