/*
 * One store in the place of another
 *
 * A store is a file and, after a crash, the file of its last commits beside it: two names, which
 * nobody can change at once. What belongs to one store must never be read as part of the other, so
 * while they change places a third file says so, and store_open() refuses until it is done.
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

gboolean place_is_changing(const char *path)
{
    g_autofree char *mark = beside(path, PLACE_MARK);

    return access(mark, F_OK) == 0;
}

static gboolean fail(const char *path, GError **error)
{
    g_set_error(error, MADO_ERROR, MADO_E_STORE_WRITE,
        "%s cannot be put in its place: %s; nothing is lost: mend that, then do it once more", path,
        g_strerror(errno));
    return FALSE;
}

static gboolean make_mark(const char *path, GError **error)
{
    g_autofree char *mark = beside(path, PLACE_MARK);
    int fd = open(mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    gboolean made = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return made || fail(mark, error);
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

static gboolean change(
    const char *fresh, const char *path, const char *aside, const char *folder, GError **error)
{
    g_autofree char *mark = beside(path, PLACE_MARK);

    if (!make_mark(path, error) || !fd_sync_folder(folder, error))
        return FALSE;
    fault_pass("place_marked");
    if (!put_aside(path, aside, error))
        return FALSE;
    fault_pass("place_aside");
    if (rename(fresh, path) < 0)
        return fail(path, error);
    fault_pass("place_taken");
    if (!fd_sync_folder(folder, error))
        return FALSE;
    return unlink(mark) == 0 ? fd_sync_folder(folder, error) : fail(mark, error);
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
    if (access(path, F_OK) == 0 || place_is_changing(path))
        return change(fresh, path, aside, folder, error);
    if (renameat2(AT_FDCWD, fresh, AT_FDCWD, path, RENAME_NOREPLACE) < 0)
        return fail(path, error);
    return fd_sync_folder(folder, error);
}
