#include "chunk.h"
#include "error.h"
#include "fd.h"
#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

enum { CHUNK = 1024 * 1024 };

static gboolean read_whole(int fd, void *block, gsize size, guint64 from, GError **error)
{
    for (gsize done = 0; done < size;) {
        ssize_t got = pread(fd, (guint8 *)block + done, size - done, (off_t)(from + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            error_set(error, MADO_E_STORE_WRITE,
                "a mail is shorter than its size says; it was not taken");
            return FALSE;
        }
        done += (gsize)got;
    }
    return TRUE;
}

gboolean chunk_keep_fd(
    struct store *store, const char *sql, guint64 owner, int fd, guint64 size, GError **error)
{
    g_autofree guint8 *block = g_malloc(MIN(size, CHUNK) ?: 1);

    for (guint64 done = 0; done < size; done += CHUNK) {
        gsize length = MIN(size - done, CHUNK);
        if (!read_whole(fd, block, length, done, error) ||
            !statement_run(store, sql,
                VALUES(NUMBER(owner), NUMBER(done / CHUNK), BYTES(block, length)), error))
            return FALSE;
    }
    return TRUE;
}

gboolean chunk_keep_bytes(
    struct store *store, const char *sql, guint64 owner, GBytes *bytes, GError **error)
{
    gsize size;
    const guint8 *start = g_bytes_get_data(bytes, &size);

    for (gsize done = 0; done < size; done += CHUNK)
        if (!statement_run(store, sql,
                VALUES(NUMBER(owner), NUMBER(done / CHUNK),
                    BYTES(start + done, MIN(size - done, CHUNK))),
                error))
            return FALSE;
    return TRUE;
}

/* Writes the rows into `fd`. */
static gboolean copy_out(
    struct store *store, sqlite3_stmt *statement, int fd, GChecksum *sum, GError **error)
{
    int got;

    while ((got = statement_next(store, statement, error)) > 0) {
        g_autoptr(GBytes) bytes = statement_bytes(statement, 0);
        gsize size;
        const guint8 *start = g_bytes_get_data(bytes, &size);
        g_checksum_update(sum, start ?: (const guint8 *)"", (gssize)size);
        if (!fd_write_all(fd, start, size, error)) {
            statement_stop(statement);
            return FALSE;
        }
    }
    return got == 0;
}

int chunk_fd(
    struct store *store, const char *sql, guint64 owner, const char *sha256, GError **error)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    sqlite3_stmt *statement = statement_ask(store, sql, VALUES(NUMBER(owner)), error);
    int fd = statement ? fd_new_memory("stored", error) : -1;

    if (fd < 0) {
        if (statement)
            statement_stop(statement);
        return -1;
    }
    if (copy_out(store, statement, fd, sum, error)) {
        if (!sha256 || g_str_equal(g_checksum_get_string(sum), sha256))
            return fd;
        error_set(error, MADO_E_STORE_READ,
            "the bytes of %" PRIu64 " in the store %s are not those that came: its file "
            "is damaged, restore a backup",
            owner, store->path);
    }
    close(fd);
    return -1;
}
