/*
 * The store again, from the mails as they came
 *
 * What is derived from mail (texts, facts, verdicts) is taken along where it can be read, until the
 * mail is read again: one that is damaged, or whose key is gone, tells nothing new. The index is
 * made of it. Everything else is what people did, what was decided then and told to the world, or
 * the mails themselves, and must go along, row by row, which does not look at the indexes of the
 * old store.
 */
#include "search.h"
#include "error.h"
#include <string.h>

static const char *const derived[] = {"message", "attachment", "report", "indicator", "sighting",
    "field", "marking", "crypto", "signature", NULL};

enum { AT_ONCE = 256 };

struct rebuild {
    struct store *from, *to;
    store_progress tell;
};

static gboolean execute(struct store *store, const char *sql, GError **error)
{
    int result = sqlite3_exec(store->db, sql, NULL, NULL, NULL);

    return result == SQLITE_OK || statement_fail(store, result, sql, error);
}

/* -- tables -- */

static gboolean is_taken_along(const char *table)
{
    return !g_str_has_prefix(table, "sqlite_") && !g_str_has_prefix(table, "search");
}

static GPtrArray *find_tables(struct store *store, GError **error)
{
    g_autoptr(GPtrArray) tables = g_ptr_array_new_with_free_func(g_free);
    sqlite3_stmt *statement = statement_ask(
        store, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid", NULL, error);
    int got = statement ? 1 : -1;

    while (got > 0 && (got = statement_next(store, statement, error)) > 0) {
        g_autofree char *table = statement_text(statement, 0);
        if (is_taken_along(table))
            g_ptr_array_add(tables, g_steal_pointer(&table));
    }
    return got == 0 ? g_steal_pointer(&tables) : NULL;
}

/* "INSERT OR REPLACE INTO mail VALUES (?1, ?2)" */
static sqlite3_stmt *prepare_insert(
    struct store *store, const char *table, int columns, GError **error)
{
    g_autoptr(GString) sql = g_string_new(NULL);
    sqlite3_stmt *insert = NULL;
    int result;

    g_string_printf(sql, "INSERT OR REPLACE INTO \"%s\" VALUES (", table);
    for (int i = 1; i <= columns; i++)
        g_string_append_printf(sql, "%s?%d", i > 1 ? ", " : "", i);
    g_string_append_c(sql, ')');
    result = sqlite3_prepare_v2(store->db, sql->str, -1, &insert, NULL);
    if (result != SQLITE_OK)
        statement_fail(store, result, sql->str, error);
    return insert;
}

static gboolean copy_row(
    struct store *store, sqlite3_stmt *row, sqlite3_stmt *insert, GError **error)
{
    int result = SQLITE_OK;

    for (int i = 0; result == SQLITE_OK && i < sqlite3_column_count(row); i++)
        result = sqlite3_bind_value(insert, i + 1, sqlite3_column_value(row, i));
    if (result == SQLITE_OK)
        result = sqlite3_step(insert);
    sqlite3_reset(insert);
    return result == SQLITE_DONE || statement_fail(store, result, "copy", error);
}

/* In pieces, so that the file of commits stays small. */
static gboolean copy_rows(
    struct rebuild *rebuild, sqlite3_stmt *row, sqlite3_stmt *insert, GError **error)
{
    int got = 1;

    for (guint64 done = 1; got > 0 && (got = statement_next(rebuild->from, row, error)) > 0; done++)
        if (!store_begin(rebuild->to, error) || !copy_row(rebuild->to, row, insert, error) ||
            (done % AT_ONCE == 0 && !store_commit(rebuild->to, error)))
            return FALSE;
    return got == 0 && store_commit(rebuild->to, error);
}

static gboolean copy_table(struct rebuild *rebuild, const char *table, GError **error)
{
    g_autofree char *sql = g_strdup_printf("SELECT * FROM \"%s\" NOT INDEXED", table);
    sqlite3_stmt *row = statement_ask(rebuild->from, sql, NULL, error);
    sqlite3_stmt *insert =
        row ? prepare_insert(rebuild->to, table, sqlite3_column_count(row), error) : NULL;
    gboolean done = insert && copy_rows(rebuild, row, insert, error);

    sqlite3_finalize(insert);
    if (row)
        statement_stop(row);
    return done;
}

/* Of what is derived, as much as can be read. */
static gboolean copy_some(struct rebuild *rebuild, const char *table, GError **error)
{
    g_autoptr(GError) failed = NULL;

    if (copy_table(rebuild, table, &failed))
        return TRUE;
    if (!g_strv_contains(derived, table)) {
        g_propagate_error(error, g_steal_pointer(&failed));
        return FALSE;
    }
    return store_commit(rebuild->to, error);
}

static gboolean copy_tables(struct rebuild *rebuild, GError **error)
{
    g_autoptr(GPtrArray) tables = find_tables(rebuild->to, error);

    for (guint i = 0; tables && i < tables->len; i++) {
        rebuild->tell("tables taken along", i + 1, tables->len);
        if (!copy_some(rebuild, tables->pdata[i], error))
            return FALSE;
    }
    return tables != NULL;
}

/* -- what is not a row -- */

/* No id is given a second time. */
static gboolean copy_counters(struct rebuild *rebuild, GError **error)
{
    sqlite3_stmt *row =
        statement_ask(rebuild->from, "SELECT name, seq FROM sqlite_sequence", NULL, error);
    int got = row ? 1 : -1;

    if (!store_begin(rebuild->to, error) ||
        !statement_run(rebuild->to, "DELETE FROM sqlite_sequence", NULL, error))
        return FALSE;
    while (got > 0 && (got = statement_next(rebuild->from, row, error)) > 0) {
        g_autofree char *name = statement_text(row, 0);
        if (!statement_run(rebuild->to, "INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)",
                VALUES(TEXT(name), NUMBER(sqlite3_column_int64(row, 1))), error))
            return FALSE;
    }
    return got == 0 && store_commit(rebuild->to, error);
}

static gboolean index_incidents(struct rebuild *rebuild, GError **error)
{
    g_autoptr(GArray) ids =
        statement_ids(rebuild->to, "SELECT id FROM incident ORDER BY id", NULL, error);

    if (!ids || !store_begin(rebuild->to, error) ||
        !statement_run(rebuild->to, "UPDATE incident SET indexed = 0", NULL, error) ||
        !statement_run(rebuild->to, "UPDATE message SET indexed = 0", NULL, error))
        return FALSE;
    for (guint i = 0; i < ids->len; i++) {
        rebuild->tell("incidents indexed", i + 1, ids->len);
        if (!store_begin(rebuild->to, error) ||
            !search_follow_label(rebuild->to, g_array_index(ids, guint64, i), error) ||
            (i % AT_ONCE == 0 && !store_commit(rebuild->to, error)))
            return FALSE;
    }
    return store_commit(rebuild->to, error);
}

/* Mails that wait for their first reading wait on. */
static gboolean list_unread(struct store *store, GError **error)
{
    return execute(store, "CREATE TEMP TABLE unread (mail INTEGER PRIMARY KEY)", error) &&
           store_begin(store, error) &&
           statement_run(store,
               "INSERT INTO temp.unread SELECT id FROM mail WHERE ledger <> '' AND purged_at = 0",
               NULL, error) &&
           statement_run(store,
               "UPDATE mail SET attempts = 0, deaths = 0 WHERE ledger <> '' AND purged_at = 0",
               NULL, error) &&
           store_commit(store, error);
}

static gboolean fill(struct rebuild *rebuild, GError **error)
{
    struct store *to = rebuild->to;

    return execute(to, "PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF", error) &&
           copy_tables(rebuild, error) && copy_counters(rebuild, error) &&
           index_incidents(rebuild, error) &&
           execute(to, "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL", error) &&
           list_unread(to, error);
}

struct store *store_rebuild(const char *old, const char *fresh, store_progress tell, GError **error)
{
    g_autoptr(mado_store) from = NULL, to = NULL;
    struct rebuild rebuild;

    from = store_open(old, error);
    if (from)
        store_remove_file(fresh);
    to = from ? store_open(fresh, error) : NULL;
    rebuild = (struct rebuild){from, to, tell};
    return to && fill(&rebuild, error) ? g_steal_pointer(&to) : NULL;
}

/* -- reading -- */

GArray *store_unread_mails(struct store *store, guint most, GError **error)
{
    return statement_ids(
        store, "SELECT mail FROM temp.unread ORDER BY mail LIMIT ?1", VALUES(NUMBER(most)), error);
}

gboolean store_mail_is_read(struct store *store, guint64 mail, GError **error)
{
    return statement_run(
        store, "DELETE FROM temp.unread WHERE mail = ?1", VALUES(NUMBER(mail)), error);
}

gboolean store_count_unread(struct store *store, guint64 *count, GError **error)
{
    gint64 left;

    if (!statement_number(store, "SELECT count(*) FROM temp.unread", NULL, &left, error))
        return FALSE;
    *count = (guint64)left;
    return TRUE;
}
