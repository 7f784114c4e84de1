/* A copy of the store while it is at work, a few pages at a time: SQLite carries over what the same
 * connection writes meanwhile, and what comes out is the store of one moment. */
#include "statement.h"
#include "error.h"
#include "fault.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct store_copy {
    struct store *store;
    sqlite3 *db;
    sqlite3_backup *backup;
    char *path;
};

static gboolean fail(const char *path, const char *why, GError **error)
{
    error_set(error, MADO_E_STORE_WRITE,
        "the copy %s cannot be written: %s; the store is as it was: make room, then try again",
        path, why);
    return FALSE;
}

static gboolean make_file(const char *path, GError **error)
{
    int fd;

    store_remove_file(path);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(path, g_strerror(errno), error);
    close(fd);
    return TRUE;
}

/* Nobody reads it before it is whole, so that it needs no journal of its own. */
static gboolean open_file(struct store_copy *copy, GError **error)
{
    static const char how[] = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF;"
                              " PRAGMA synchronous = OFF";

    if (sqlite3_open_v2(copy->path, &copy->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
            SQLITE_OK ||
        sqlite3_exec(copy->db, how, NULL, NULL, NULL) != SQLITE_OK)
        return fail(copy->path, sqlite3_errmsg(copy->db), error);
    copy->backup = sqlite3_backup_init(copy->db, "main", copy->store->db, "main");
    return copy->backup || fail(copy->path, sqlite3_errmsg(copy->db), error);
}

struct store_copy *store_copy_begin(struct store *store, const char *path, GError **error)
{
    g_autoptr(mado_copy) copy = g_new0(struct store_copy, 1);

    copy->store = store;
    copy->path = g_strdup(path);
    if (!statement_may(store, error) || !make_file(path, error) || !open_file(copy, error))
        return NULL;
    return g_steal_pointer(&copy);
}

int store_copy_step(struct store_copy *copy, int pages, GError **error)
{
    int result;

    if (copy->store->in_turn)
        return 1;
    fault_pass("store_copy");
    result = sqlite3_backup_step(copy->backup, pages);
    if (result == SQLITE_OK || result == SQLITE_BUSY || result == SQLITE_LOCKED)
        return 1;
    if (result == SQLITE_DONE)
        return 0;
    fail(copy->path, sqlite3_errstr(result), error);
    return -1;
}

void store_copy_progress(const struct store_copy *copy, guint64 *done, guint64 *all)
{
    *all = (guint64)sqlite3_backup_pagecount(copy->backup);
    *done = *all - (guint64)sqlite3_backup_remaining(copy->backup);
}

void store_copy_free(struct store_copy *copy)
{
    if (!copy)
        return;
    sqlite3_backup_finish(copy->backup);
    sqlite3_close(copy->db);
    g_free(copy->path);
    g_free(copy);
}
