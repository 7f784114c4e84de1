#include "statement.h"
#include "error.h"

/* What an operator does about it. */
static const struct {
    int result;
    enum mado_code code;
    const char *advice;
} known[] = {
    {SQLITE_FULL, MADO_E_STORE_WRITE, "make room on its disk"},
    {SQLITE_IOERR, MADO_E_STORE_READ, "look for disk errors in the system's log"},
    {SQLITE_CORRUPT, MADO_E_STORE_SCHEMA, "its file is damaged: stop madod and restore a backup"},
    {SQLITE_NOTADB, MADO_E_STORE_SCHEMA, "this file is no store of mado: check the path"},
    {SQLITE_BUSY, MADO_E_STORE_OPEN, "another madod has it open: stop that one first"},
    {SQLITE_CANTOPEN, MADO_E_STORE_OPEN, "check that its folder is there and may be written"},
    {SQLITE_READONLY, MADO_E_STORE_OPEN, "make its file and folder writable for this user"},
    {SQLITE_CONSTRAINT, MADO_E_BAD_DATA, "a value is not one of those allowed"},
    {SQLITE_TOOBIG, MADO_E_BAD_DATA, "a value is larger than the store takes"},
};

gboolean statement_fail(struct store *store, int result, const char *sql, GError **error)
{
    enum mado_code code = MADO_E_STORE_WRITE;
    const char *advice = "start madod again";

    for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
        if (known[i].result == (result & 0xff)) {
            code = known[i].code;
            advice = known[i].advice;
        }
    error_set(error, code, "the store %s: %s (%s; in \"%.60s\"); nothing was changed", store->path,
        advice, store->db ? sqlite3_errmsg(store->db) : sqlite3_errstr(result), sql);
    /* SQLite may end a transaction by itself: what follows would be committed alone. */
    if (store->in_turn && sqlite3_get_autocommit(store->db))
        store->broken = TRUE;
    return FALSE;
}

void statement_stop(sqlite3_stmt *statement)
{
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
}

static sqlite3_stmt *find(struct store *store, const char *sql, GError **error)
{
    sqlite3_stmt *statement = g_hash_table_lookup(store->statements, sql);
    int result;

    if (statement) {
        statement_stop(statement);
        return statement;
    }
    result = sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
    if (result != SQLITE_OK) {
        statement_fail(store, result, sql, error);
        return NULL;
    }
    g_hash_table_insert(store->statements, g_strdup(sql), statement);
    return statement;
}

/* Engines refuse text that is not UTF-8, and a mailbox may name its mails with any bytes. */
static int bind_text(sqlite3_stmt *statement, int place, const char *text)
{
    if (!text || g_utf8_validate(text, -1, NULL))
        return sqlite3_bind_text(statement, place, text, -1, SQLITE_TRANSIENT);
    return sqlite3_bind_text(statement, place, g_utf8_make_valid(text, -1), -1, g_free);
}

static int bind(sqlite3_stmt *statement, int place, const struct value *value)
{
    switch (value->kind) {
    case VALUE_NUMBER:
        return sqlite3_bind_int64(statement, place, value->number);
    case VALUE_TEXT:
        return bind_text(statement, place, value->data);
    case VALUE_BYTES:
        return sqlite3_bind_blob64(
            statement, place, value->data ?: "", value->size, SQLITE_TRANSIENT);
    default:
        return sqlite3_bind_null(statement, place);
    }
}

gboolean statement_may(const struct store *store, GError **error)
{
    if (store->broken)
        error_set(error, MADO_E_STORE_WRITE,
            "the store %s failed in a commit and is not believed any more: start madod again",
            store->path);
    return !store->broken;
}

static gboolean may_ask(struct store *store, sqlite3_stmt *statement, GError **error)
{
    if (store->in_turn || sqlite3_stmt_readonly(statement))
        return TRUE;
    error_set(error, MADO_E_INTERNAL,
        "the store was to be changed outside a turn (\"%.60s\"); nothing was changed: report this",
        sqlite3_sql(statement));
    return FALSE;
}

sqlite3_stmt *statement_ask(
    struct store *store, const char *sql, const struct value *values, GError **error)
{
    sqlite3_stmt *statement;

    if (!statement_may(store, error))
        return NULL;
    statement = find(store, sql, error);
    if (!statement || !may_ask(store, statement, error))
        return NULL;
    for (int i = 0; values && values[i].kind != VALUE_END; i++) {
        int result = bind(statement, i + 1, &values[i]);
        if (result != SQLITE_OK) {
            statement_fail(store, result, sql, error);
            return NULL;
        }
    }
    return statement;
}

int statement_next(struct store *store, sqlite3_stmt *statement, GError **error)
{
    int result = sqlite3_step(statement);

    if (result == SQLITE_ROW)
        return 1;
    if (result != SQLITE_DONE)
        statement_fail(store, result, sqlite3_sql(statement), error);
    statement_stop(statement);
    return result == SQLITE_DONE ? 0 : -1;
}

/* A damaged file may hold anything: never hand on what is not UTF-8. */
char *statement_text(sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);

    return g_utf8_make_valid(text ?: "", -1);
}

void statement_lines(sqlite3_stmt *statement, int column, char ***lines)
{
    g_autofree char *text = statement_text(statement, column);

    g_strfreev(*lines);
    *lines = *text ? g_strsplit(text, "\n", -1) : g_new0(char *, 1);
}

GBytes *statement_bytes(sqlite3_stmt *statement, int column)
{
    const void *bytes = sqlite3_column_blob(statement, column);

    return g_bytes_new(bytes, bytes ? (gsize)sqlite3_column_bytes(statement, column) : 0);
}

gboolean statement_run(
    struct store *store, const char *sql, const struct value *values, GError **error)
{
    sqlite3_stmt *statement = statement_ask(store, sql, values, error);
    int got = 1;

    while (statement && got > 0)
        got = statement_next(store, statement, error);
    return statement && got == 0;
}

gboolean statement_change(struct store *store, const char *sql, const struct value *values,
    const char *what, GError **error)
{
    if (!statement_run(store, sql, values, error))
        return FALSE;
    if (sqlite3_changes(store->db) > 0)
        return TRUE;
    error_set(error, MADO_E_NO_SUCH, "there is no such %s; nothing was changed", what);
    return FALSE;
}

gboolean statement_number(struct store *store, const char *sql, const struct value *values,
    gint64 *number, GError **error)
{
    sqlite3_stmt *statement = statement_ask(store, sql, values, error);
    int got = statement ? statement_next(store, statement, error) : -1;

    *number = got > 0 ? sqlite3_column_int64(statement, 0) : 0;
    if (got > 0)
        statement_stop(statement);
    return got >= 0;
}

static void take_column(sqlite3_stmt *statement, int place, const struct column *column, char *row)
{
    void *field = row + column->offset;

    if (column->kind == COLUMN_NUMBER)
        *(gint64 *)field = sqlite3_column_int64(statement, place);
    else if (column->kind == COLUMN_INT)
        *(int *)field = sqlite3_column_int(statement, place);
    else
        *(char **)field = statement_text(statement, place);
}

static gpointer take_row(sqlite3_stmt *statement, const struct shape *shape)
{
    char *row = g_malloc0(shape->size);

    for (guint i = 0; i < shape->count; i++)
        take_column(statement, (int)i, &shape->columns[i], row);
    return row;
}

GPtrArray *statement_rows(struct store *store, const char *sql, const struct value *values,
    const struct shape *shape, GError **error)
{
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(shape->free);
    sqlite3_stmt *statement = statement_ask(store, sql, values, error);
    int got = statement ? 1 : -1;

    while (got > 0 && (got = statement_next(store, statement, error)) > 0)
        g_ptr_array_add(rows, take_row(statement, shape));
    return got == 0 ? g_steal_pointer(&rows) : NULL;
}

gpointer statement_row(struct store *store, const char *sql, const struct value *values,
    const struct shape *shape, const char *what, GError **error)
{
    g_autoptr(GPtrArray) rows = statement_rows(store, sql, values, shape, error);

    if (!rows)
        return NULL;
    if (rows->len > 0)
        return g_ptr_array_steal_index(rows, 0);
    error_set(error, MADO_E_NO_SUCH, "there is no such %s", what);
    return NULL;
}

GArray *statement_ids(
    struct store *store, const char *sql, const struct value *values, GError **error)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(guint64));
    sqlite3_stmt *statement = statement_ask(store, sql, values, error);
    int got = statement ? 1 : -1;

    while (got > 0 && (got = statement_next(store, statement, error)) > 0) {
        guint64 id = (guint64)sqlite3_column_int64(statement, 0);
        g_array_append_val(ids, id);
    }
    return got == 0 ? g_steal_pointer(&ids) : NULL;
}
