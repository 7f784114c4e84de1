#include "fd.h"
#include "error.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean fail(GError **error, const char *what)
{
    g_set_error(error, MADO_ERROR, MADO_E_IPC, "%s: %s", what, g_strerror(errno));
    return FALSE;
}

int fd_new_memory(const char *name, GError **error)
{
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd < 0)
        fail(error, "no memory file could be made");
    return fd;
}

gboolean fd_seal(int fd, guint64 max, guint64 *size, GError **error)
{
    struct stat is;

    /* Anything but a memory file refuses the seals (EPERM, EINVAL). */
    if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
        return fail(error, "the file that was handed over cannot be sealed");
    if (fstat(fd, &is) < 0)
        return fail(error, "the file that was handed over has no size");
    if ((guint64)is.st_size > max) {
        g_set_error(error, MADO_ERROR, MADO_E_BAD_DATA,
            "%" G_GUINT64_FORMAT " bytes were handed over, the limit is %" G_GUINT64_FORMAT,
            (guint64)is.st_size, max);
        return FALSE;
    }
    *size = (guint64)is.st_size;
    return TRUE;
}

char *fd_sha256(int fd, guint64 size, GError **error)
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    guint8 block[64 * 1024];
    guint64 done = 0;

    while (done < size) {
        ssize_t got = pread(fd, block, MIN(sizeof block, size - done), (off_t)done);
        if (got <= 0) {
            fail(error, "a mail could not be read back from memory");
            return NULL;
        }
        g_checksum_update(checksum, block, got);
        done += (guint64)got;
    }
    return g_strdup(g_checksum_get_string(checksum));
}

struct mapping {
    void *start;
    gsize size;
};

static void mapping_free(gpointer data)
{
    struct mapping *mapping = data;

    munmap(mapping->start, mapping->size);
    g_free(mapping);
}

GBytes *fd_map(int fd, guint64 size, GError **error)
{
    void *start;
    struct mapping *mapping;

    if (size == 0)
        return g_bytes_new(NULL, 0);
    start = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (start == MAP_FAILED) {
        fail(error, "a file in memory could not be mapped");
        return NULL;
    }
    mapping = g_new(struct mapping, 1);
    *mapping = (struct mapping){start, size};
    return g_bytes_new_with_free_func(start, size, mapping_free, mapping);
}

gboolean fd_write_all(int fd, const void *data, gsize size, GError **error)
{
    for (gsize done = 0; done < size;) {
        ssize_t put = write(fd, (const guint8 *)data + done, size - done);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return fail(error, "bytes could not be written");
        done += (gsize)put;
    }
    return TRUE;
}

static gboolean too_large(GError **error, guint64 max)
{
    g_set_error(error, MADO_ERROR, MADO_E_BAD_DATA,
        "the mail is larger than %" G_GUINT64_FORMAT " bytes", max);
    return FALSE;
}

gboolean fd_copy(int from, int to, guint64 max, guint64 *copied, GError **error)
{
    g_autofree guint8 *block = g_malloc(64 * 1024);
    struct stat is;

    /* A file that says so itself is not copied first to find out. */
    if (fstat(from, &is) == 0 && S_ISREG(is.st_mode) && (guint64)is.st_size > max)
        return too_large(error, max);
    for (*copied = 0;;) {
        ssize_t got = read(from, block, 64 * 1024);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(error, "a mail could not be read");
        if (got == 0)
            return TRUE;
        *copied += (guint64)got;
        if (*copied > max)
            return too_large(error, max);
        if (!fd_write_all(to, block, (gsize)got, error))
            return FALSE;
    }
}

gboolean fd_move(int from_folder, const char *from, int to_folder, const char *to)
{
    /* Some file systems know of links only. */
    return renameat2(from_folder, from, to_folder, to, RENAME_NOREPLACE) == 0 ||
           (errno == EINVAL && linkat(from_folder, from, to_folder, to, 0) == 0 &&
               unlinkat(from_folder, from, 0) == 0);
}

gboolean fd_sync_folder(const char *folder, GError **error)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    gboolean done = fd >= 0 && fsync(fd) == 0;

    if (!done)
        g_set_error(error, MADO_ERROR, MADO_E_TRANSPORT, "%s could not be made durable: %s", folder,
            g_strerror(errno));
    if (fd >= 0)
        close(fd);
    return done;
}
