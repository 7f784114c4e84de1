/* Opening, turns, and what SQLite is told about both. */
#include "error.h"
#include "fault.h"
#include "fd.h"
#include "migrate.h"
#include "place.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* The largest value is the words of one mail for the index, or the row of a message with 4 MB of
 * text. */
#define LIMIT_VALUE (16 * 1024 * 1024)

static const struct {
    int what, most;
} limits[] = {
    {SQLITE_LIMIT_LENGTH, LIMIT_VALUE},
    {SQLITE_LIMIT_SQL_LENGTH, 64 * 1024},
    {SQLITE_LIMIT_EXPR_DEPTH, 100},
    {SQLITE_LIMIT_COMPOUND_SELECT, 5},
    {SQLITE_LIMIT_ATTACHED, 0},
    {SQLITE_LIMIT_VARIABLE_NUMBER, 50},
    {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
};

/* In this order: the lock must be held before WAL starts, so that no shared memory is used and a
 * second opener is refused. Temporary files go to memory: a confined desk can create none. */
enum { PAGE = 4096 };
static const char *const pragmas[] = {
    "PRAGMA page_size = 4096",
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA secure_delete = ON",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA cell_size_check = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -16384",
    "PRAGMA wal_autocheckpoint = 4000",
    "PRAGMA journal_size_limit = 67108864",
};

static gboolean fail_open(const char *path, const char *what, GError **error)
{
    error_set(error, MADO_E_STORE_OPEN, "the store %s %s; nothing was changed", path, what);
    return FALSE;
}

static gboolean obey(struct store *store, const char *pragma, GError **error)
{
    int result = sqlite3_exec(store->db, pragma, NULL, NULL, NULL);

    return result == SQLITE_OK || statement_fail(store, result, pragma, error);
}

static gboolean harden(struct store *store, GError **error)
{
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    /* Else some questions are planned anew each time that their values are bound. */
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_QPSG, 1, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(limits); i++)
        sqlite3_limit(store->db, limits[i].what, limits[i].most);
    if (sqlite3_db_readonly(store->db, "main"))
        return fail_open(store->path, "may not be written: make it writable for this user", error);
    for (gsize i = 0; i < G_N_ELEMENTS(pragmas); i++)
        if (!obey(store, pragmas[i], error))
            return FALSE;
    return TRUE;
}

static void finalize(gpointer statement)
{
    sqlite3_finalize(statement);
}

/* Room that is free can be given back, if that is said before there is anything in the file; said
 * of another one it would write to a disk that may be full. */
static gboolean prepare_new(struct store *store, GError **error)
{
    return obey(store, pragmas[0], error) && obey(store, "PRAGMA auto_vacuum = INCREMENTAL", error);
}

static struct store *connect_to(const char *path, gboolean fresh, GError **error)
{
    g_autoptr(mado_store) store = g_new0(struct store, 1);
    int result;

    /* One thread, one connection: no locks and no sums at each allocation. Too late is no error. */
    sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    store->path = g_strdup(path);
    store->statements = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, finalize);
    store->changed = g_hash_table_new(NULL, NULL);
    result = sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (result != SQLITE_OK)
        statement_fail(store, result, "open", error);
    if (result != SQLITE_OK || (fresh && !prepare_new(store, error)) || !harden(store, error))
        return NULL;
    return g_steal_pointer(&store);
}

/* Foreign keys come last: a migration may have to put tables in each other's place. */
static gboolean check_keys(struct store *store, GError **error)
{
    return obey(store, "PRAGMA foreign_keys = ON", error);
}

static gboolean make_empty(const char *path, GError **error)
{
    int fd;

    for (int i = 0; i < 3; i++) {
        g_autofree char *old = g_strconcat(path, (const char *[]){"", "-wal", "-journal"}[i], NULL);
        unlink(old);
    }
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        g_autofree char *why = g_strdup_printf("cannot be made: %s", g_strerror(errno));
        return fail_open(path, why, error);
    }
    close(fd);
    return TRUE;
}

/* Made whole beside its place, then given its name: a store is there completely or not at all, and
 * so an empty file under that name is never taken for a new one. */
static gboolean create(const char *path, GError **error)
{
    g_autofree char *fresh = g_strconcat(path, ".new", NULL);
    g_autofree char *folder = g_path_get_dirname(path);
    g_autoptr(mado_store) store = NULL;
    gboolean made;

    if (!make_empty(fresh, error))
        return FALSE;
    store = connect_to(fresh, TRUE, error);
    made = store && migrate_create(store, error);
    g_clear_pointer(&store, store_close);
    if (!made)
        return FALSE;
    if (renameat2(AT_FDCWD, fresh, AT_FDCWD, path, RENAME_NOREPLACE) < 0)
        return fail_open(path, "could not be given its name", error);
    return fd_sync_folder(folder, error);
}

static gboolean prepare(const char *path, GError **error)
{
    g_autofree char *wal = g_strconcat(path, "-wal", NULL);
    struct stat is;

    if (!place_finish(path, error))
        return FALSE;
    if (stat(path, &is) < 0) {
        if (access(wal, F_OK) == 0)
            return fail_open(path, "is gone, its -wal file is there: restore a backup", error);
        return create(path, error);
    }
    if (!S_ISREG(is.st_mode))
        return fail_open(path, "is not a file: check the path", error);
    if (is.st_size == 0)
        return fail_open(path, "is empty: restore a backup, or remove it to begin anew", error);
    /* SQLite itself would read zeros; after a power cut the rest is in the -wal file. */
    if (is.st_size % PAGE != 0 && access(wal, F_OK) != 0)
        return fail_open(path, "was cut short, it is damaged: restore a backup", error);
    if ((is.st_mode & 077) && chmod(path, is.st_mode & 0700) < 0)
        return fail_open(path, "is open to others and cannot be closed to them", error);
    return TRUE;
}

struct store *store_open(const char *path, GError **error)
{
    g_autoptr(mado_store) store = NULL;

    if (!prepare(path, error))
        return NULL;
    store = connect_to(path, FALSE, error);
    if (!store || !migrate_up(store, store_migrations, error) || !check_keys(store, error))
        return NULL;
    return g_steal_pointer(&store);
}

void store_close(struct store *store)
{
    if (!store)
        return;
    g_hash_table_unref(store->statements);
    g_hash_table_unref(store->changed);
    sqlite3_close(store->db);
    g_free(store->path);
    g_free(store);
}

gboolean store_check(struct store *store, GError **error)
{
    static const char *const checks[] = {"PRAGMA integrity_check(1)", "PRAGMA foreign_key_check"};

    for (gsize i = 0; i < G_N_ELEMENTS(checks); i++) {
        sqlite3_stmt *statement = statement_ask(store, checks[i], NULL, error);
        int got = statement ? statement_next(store, statement, error) : -1;
        g_autofree char *found = got > 0 ? statement_text(statement, 0) : g_strdup("ok");
        if (got < 0)
            return FALSE;
        statement_stop(statement);
        if (!g_str_equal(found, "ok")) {
            error_set(error, MADO_E_STORE_SCHEMA,
                "the store %s is damaged (%s); nothing was changed: stop madod and restore a "
                "backup",
                store->path, found);
            return FALSE;
        }
    }
    return TRUE;
}

gboolean store_begin(struct store *store, GError **error)
{
    int result;

    if (!statement_may(store, error))
        return FALSE;
    if (store->in_turn)
        return TRUE;
    result = sqlite3_exec(store->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    store->in_turn = result == SQLITE_OK;
    store->turns++;
    return store->in_turn || statement_fail(store, result, "BEGIN", error);
}

/* After a failed fsync nobody knows what the disk has: only a new process that reads it again does.
 */
gboolean store_commit(struct store *store, GError **error)
{
    if (!statement_may(store, error))
        return FALSE;
    if (!store->in_turn)
        return TRUE;
    if (!store_follow_changes(store, error))
        return FALSE;
    fault_pass("store_commit");
    if (!statement_run(store, "COMMIT", NULL, error)) {
        store->broken = TRUE;
        return FALSE;
    }
    store->in_turn = FALSE;
    fault_pass("store_committed");
    return TRUE;
}

gboolean store_in_turn(const struct store *store)
{
    return store->in_turn;
}

guint64 store_turns(const struct store *store)
{
    return store->turns;
}

gboolean store_mark(struct store *store, GError **error)
{
    return statement_run(store, "SAVEPOINT mail", NULL, error);
}

gboolean store_keep(struct store *store, GError **error)
{
    return statement_run(store, "RELEASE SAVEPOINT mail", NULL, error);
}

gboolean store_undo(struct store *store, GError **error)
{
    return statement_run(store, "ROLLBACK TO SAVEPOINT mail", NULL, error) &&
           store_keep(store, error);
}

static gboolean make_secret(struct store *store, const char *name, gsize size, GError **error)
{
    g_autofree guint8 *bytes = g_malloc(size);
    gboolean begun = !store->in_turn;

    if (size > 256 || getrandom(bytes, size, 0) != (gssize)size) {
        error_set(error, MADO_E_INTERNAL, "the system gave no random bytes");
        return FALSE;
    }
    return store_begin(store, error) &&
           statement_run(store,
               "INSERT INTO secret (name, bytes) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING",
               VALUES(TEXT(name), BYTES(bytes, size)), error) &&
           (!begun || store_commit(store, error));
}

GBytes *store_secret(struct store *store, const char *name, gsize size, GError **error)
{
    static const char sql[] = "SELECT bytes FROM secret WHERE name = ?1";

    for (int tries = 0; tries < 2; tries++) {
        sqlite3_stmt *statement = statement_ask(store, sql, VALUES(TEXT(name)), error);
        int got = statement ? statement_next(store, statement, error) : -1;
        if (got > 0) {
            GBytes *secret = statement_bytes(statement, 0);
            statement_stop(statement);
            return secret;
        }
        if (got < 0 || !make_secret(store, name, size, error))
            return NULL;
    }
    error_set(error, MADO_E_STORE_READ, "a new secret cannot be found again");
    return NULL;
}
