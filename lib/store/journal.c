/*
 * What happened, chained by hashes.
 *
 * hash = SHA-256 of the hash before and the row's fields, each as "LENGTH:BYTES," so that no two
 * rows are written alike; of the text only its hash, so that it can be purged. `meta` keeps how
 * many rows there are and the last hash: rows cut off at the end, or added behind it, are found as
 * well. Who can write the file and takes this program's part can still write a new chain: a copy of
 * the last hash kept elsewhere tells.
 */
#include <inttypes.h>
#include <mado/incident.h>
#include "error.h"
#include "search.h"
#include <string.h>

struct end {
    gint64 rows;
    char *hash;
};

static gboolean read_end(struct store *store, struct end *end, GError **error)
{
    sqlite3_stmt *statement =
        statement_ask(store, "SELECT number, text FROM meta WHERE name = 'journal'", NULL, error);
    int got = statement ? statement_next(store, statement, error) : -1;

    end->rows = got > 0 ? sqlite3_column_int64(statement, 0) : 0;
    end->hash = got > 0 ? statement_text(statement, 1) : g_strdup("");
    if (got > 0)
        statement_stop(statement);
    return got >= 0;
}

static gboolean add_row(struct store *store, const struct journal_row *row, GError **error)
{
    return statement_run(store,
               "INSERT INTO journal (id, at, actor, kind, incident, mail, text, text_sha256, hash)"
               " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
               VALUES(NUMBER(row->id), NUMBER(row->at), TEXT(row->actor), TEXT(row->kind),
                   NUMBER(row->incident), NUMBER(row->mail), TEXT(row->text),
                   TEXT(row->text_sha256), TEXT(row->hash)),
               error) &&
           statement_run(store,
               "INSERT INTO meta (name, number, text) VALUES ('journal', ?1, ?2)"
               " ON CONFLICT (name) DO UPDATE SET number = excluded.number, text = excluded.text",
               VALUES(NUMBER(row->id), TEXT(row->hash)), error);
}

/* What is said of an incident that was purged goes by the same rules, and is found until then. */
static gboolean speaks_again(
    struct store *store, const char *kind, guint64 incident, GError **error)
{
    if (!incident || g_str_equal(kind, "purged"))
        return TRUE;
    return statement_run(store, "UPDATE incident SET purged_at = 0 WHERE id = ?1 AND purged_at > 0",
               VALUES(NUMBER(incident)), error) &&
           (!sqlite3_changes(store->db) || search_follow_label(store, incident, error));
}

gboolean store_journal(struct store *store, gint64 at, const char *actor, const char *kind,
    guint64 incident, guint64 mail, const char *text, GError **error)
{
    struct end end;
    struct journal_row row;
    gboolean done = read_end(store, &end, error);

    row = (struct journal_row){
        .id = (guint64)end.rows + 1,
        .at = at,
        .incident = incident,
        .mail = mail,
        .actor = g_utf8_make_valid(actor, -1),
        .kind = g_utf8_make_valid(kind, -1),
        .text = g_utf8_make_valid(text ?: "", -1),
    };
    row.text_sha256 = journal_text_hash(row.text);
    row.hash = journal_row_chain(end.hash, &row);
    done = done && add_row(store, &row, error) && speaks_again(store, kind, incident, error);
    if (incident)
        g_hash_table_add(store->changed, GSIZE_TO_POINTER(incident));
    g_free(row.actor);
    g_free(row.kind);
    g_free(row.text);
    g_free(row.text_sha256);
    g_free(row.hash);
    g_free(end.hash);
    return done;
}

GPtrArray *store_events(
    struct store *store, guint64 incident, guint64 after, guint most, GError **error)
{
    static const struct column columns[] = {
        NUMBER_OF(struct event, id),
        NUMBER_OF(struct event, at),
        TEXT_OF(struct event, actor),
        TEXT_OF(struct event, kind),
        NUMBER_OF(struct event, incident),
        NUMBER_OF(struct event, mail),
        TEXT_OF(struct event, text),
    };
    static const struct shape shape = SHAPE(struct event, event_free, columns);

    return statement_rows(store,
        incident ? "SELECT id, at, actor, kind, incident, mail, text FROM journal"
                   " WHERE incident = ?1 AND incident <> 0 AND id > ?2 ORDER BY id LIMIT ?3"
                 : "SELECT id, at, actor, kind, incident, mail, text FROM journal"
                   " WHERE ?1 = 0 AND id > ?2 ORDER BY id LIMIT ?3",
        VALUES(NUMBER(incident), NUMBER(after), NUMBER(most)), &shape, error);
}

gboolean store_last_event(struct store *store, guint64 *id, GError **error)
{
    gint64 last;

    if (!statement_number(store, "SELECT max(id) FROM journal", NULL, &last, error))
        return FALSE;
    *id = (guint64)last;
    return TRUE;
}

static gboolean broken(GError **error, gint64 row, const char *how)
{
    error_set(error, MADO_E_AUDIT_BROKEN,
        "row %" PRIi64 " of the journal %s; nothing was changed: keep this store as it is "
        "and compare it with a backup",
        row, how);
    return FALSE;
}

static gboolean check_row(
    const struct journal_row *row, gint64 expected, const char *before, GError **error)
{
    g_autofree char *text_sha256 = journal_text_hash(row->text);
    g_autofree char *hash = journal_row_chain(before, row);

    if ((gint64)row->id != expected)
        return broken(error, expected, "is missing");
    if (!row->purged && !g_str_equal(text_sha256, row->text_sha256))
        return broken(error, (gint64)row->id, "has another text than was written");
    if (!g_str_equal(hash, row->hash))
        return broken(error, (gint64)row->id, "was changed, or moved to this place");
    return TRUE;
}

static gboolean check_end(struct store *store, gint64 after, const char *hash, GError **error)
{
    struct end end;
    g_autofree char *last = NULL;
    gboolean read = read_end(store, &end, error);

    last = end.hash;
    if (!read)
        return FALSE;
    if (after < end.rows)
        return broken(error, after + 1, "is missing, and all behind it");
    if (after > end.rows)
        return broken(error, end.rows + 1, "was not written by mado");
    return g_str_equal(hash, last) || broken(error, after, "is not the one that was written last");
}

gboolean store_audit(
    struct store *store, guint64 *after, char *hash, guint most, guint *checked, GError **error)
{
    static const struct column columns[] = {
        NUMBER_OF(struct journal_row, id),
        NUMBER_OF(struct journal_row, at),
        TEXT_OF(struct journal_row, actor),
        TEXT_OF(struct journal_row, kind),
        NUMBER_OF(struct journal_row, incident),
        NUMBER_OF(struct journal_row, mail),
        TEXT_OF(struct journal_row, text),
        INT_OF(struct journal_row, purged),
        TEXT_OF(struct journal_row, text_sha256),
        TEXT_OF(struct journal_row, hash),
    };
    static const struct shape shape = SHAPE(struct journal_row, journal_row_free, columns);
    g_autoptr(GPtrArray) rows = statement_rows(store,
        "SELECT id, at, actor, kind, incident, mail, text,"
        " CASE WHEN text IS NULL THEN 1 ELSE 0 END, text_sha256, hash"
        " FROM journal WHERE id > ?1 ORDER BY id LIMIT ?2",
        VALUES(NUMBER(*after), NUMBER(most)), &shape, error);

    *checked = 0;
    for (guint i = 0; rows && i < rows->len; i++) {
        const struct journal_row *row = g_ptr_array_index(rows, i);
        if (!check_row(row, (gint64)*after + 1, hash, error))
            return FALSE;
        *after = (guint64)row->id;
        g_strlcpy(hash, row->hash, 65);
        (*checked)++;
    }
    return rows && (*checked == most || check_end(store, (gint64)*after, hash, error));
}
