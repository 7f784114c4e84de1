/*
 * Search: the one file with SQL that only SQLite takes (FTS5).
 *
 * The index keeps words, not texts: what is to be taken out must be fed to it once more, so every
 * document is made from what the store keeps. A document is the id of a mail, or minus the id of an
 * incident. What is TLP:RED or restricted is not indexed.
 */
#include "search.h"
#include "error.h"
#include <mado/limits.h>
#include "words.h"
#include <string.h>

#define LONGEST_QUERY 1000
/* Of the words of one document: one character may stand for eighteen, and a value has its limit. */
#define MOST_WORDS (8 * LIMIT_TEXT_INDEXED)

gboolean search_create(struct store *store, GError **error)
{
    /* "ascii" cuts at blanks only: the words have nothing else in them that it takes for a break.
     */
    return statement_run(store,
        "CREATE VIRTUAL TABLE search USING fts5"
        "(words, content='', columnsize=0, tokenize='ascii')",
        NULL, error);
}

static gboolean write_words(
    struct store *store, gint64 document, const char *words, gboolean in, GError **error)
{
    return statement_run(store,
        in ? "INSERT INTO search (rowid, words) VALUES (?1, ?2)"
           : "INSERT INTO search (search, rowid, words) VALUES ('delete', ?1, ?2)",
        VALUES(NUMBER(document), TEXT(words)), error);
}

static void append_column(GString *words, sqlite3_stmt *statement, int column)
{
    g_autofree char *text = statement_text(statement, column);

    if (strlen(text) > LIMIT_TEXT_INDEXED) {
        char *end = text + LIMIT_TEXT_INDEXED;
        while ((*end & 0xc0) == 0x80)
            end--;
        *end = '\0';
    }
    words_append(words, text);
    if (words->len > MOST_WORDS) {
        gsize end = MOST_WORDS;
        while (words->str[end] != ' ')
            end--;
        g_string_truncate(words, end + 1);
    }
}

/* The words of all columns of all rows that `sql` selects for ?1. */
static gboolean append_rows(
    struct store *store, GString *words, const char *sql, guint64 id, GError **error)
{
    sqlite3_stmt *statement = statement_ask(store, sql, VALUES(NUMBER(id)), error);
    int got = statement ? 1 : -1;

    while (got > 0 && (got = statement_next(store, statement, error)) > 0)
        for (int i = 0; i < sqlite3_column_count(statement); i++)
            append_column(words, statement, i);
    return got == 0;
}

static gboolean set_mail(struct store *store, guint64 mail, gboolean in, GError **error)
{
    g_autoptr(GString) words = g_string_new(NULL);

    return append_rows(store, words,
               "SELECT subject, from_name, from_addr, text FROM message WHERE mail = ?1", mail,
               error) &&
           append_rows(store, words, "SELECT name FROM attachment WHERE mail = ?1 ORDER BY place",
               mail, error) &&
           write_words(store, (gint64)mail, words->str, in, error) &&
           statement_run(store, "UPDATE message SET indexed = ?2 WHERE mail = ?1",
               VALUES(NUMBER(mail), NUMBER(in)), error);
}

static gboolean set_incident(struct store *store, guint64 incident, gboolean in, GError **error)
{
    g_autoptr(GString) words = g_string_new(NULL);

    return append_rows(store, words,
               "SELECT number, subject, reporter_name, reporter_addr FROM incident WHERE id = ?1",
               incident, error) &&
           append_rows(store, words,
               "SELECT caller, what, harm, wants, promised, passed FROM told WHERE incident = ?1"
               " ORDER BY id",
               incident, error) &&
           write_words(store, -(gint64)incident, words->str, in, error) &&
           statement_run(store, "UPDATE incident SET indexed = ?2 WHERE id = ?1",
               VALUES(NUMBER(incident), NUMBER(in)), error);
}

/* Is it indexed (`is`), and may it be (`may`)? */
static gboolean look(
    struct store *store, const char *sql, guint64 id, gboolean *is, gboolean *may, GError **error)
{
    sqlite3_stmt *statement = statement_ask(store, sql, VALUES(NUMBER(id)), error);
    int got = statement ? statement_next(store, statement, error) : -1;

    *is = *may = FALSE;
    if (got > 0) {
        g_autofree char *label = statement_text(statement, 1);
        *is = sqlite3_column_int(statement, 0) != 0;
        *may = *label != '\0' && !g_str_has_prefix(label, "TLP:RED") &&
               !sqlite3_column_int(statement, 2);
        statement_stop(statement);
    }
    return got >= 0;
}

static const char mail_sql[] = /* without an incident there is no label, and nothing to be found */
    "SELECT message.indexed, incident.label, incident.restricted FROM message JOIN mail ON mail.id "
    "= message.mail"
    " LEFT JOIN incident ON incident.id = mail.incident WHERE message.mail = ?1";
static const char incident_sql[] = /* what is purged says nothing any more */
    "SELECT indexed, label, restricted = 1 OR purged_at > 0 FROM incident WHERE id = ?1";

gboolean search_follow_mail(struct store *store, guint64 mail, GError **error)
{
    gboolean is, may;

    return look(store, mail_sql, mail, &is, &may, error) &&
           (is == may || set_mail(store, mail, may, error));
}

gboolean search_drop_mail(struct store *store, guint64 mail, GError **error)
{
    gboolean is, may;

    return look(store, mail_sql, mail, &is, &may, error) &&
           (!is || set_mail(store, mail, FALSE, error));
}

gboolean search_drop_incident(struct store *store, guint64 incident, GError **error)
{
    gboolean is, may;

    return look(store, incident_sql, incident, &is, &may, error) &&
           (!is || set_incident(store, incident, FALSE, error));
}

gboolean search_follow_label(struct store *store, guint64 incident, GError **error)
{
    g_autoptr(GArray) mails = NULL;
    gboolean is, may;

    if (!look(store, incident_sql, incident, &is, &may, error) ||
        (is != may && !set_incident(store, incident, may, error)))
        return FALSE;
    mails = statement_ids(store,
        "SELECT mail.id FROM mail JOIN message ON message.mail = mail.id"
        " WHERE mail.incident = ?1 AND message.indexed <> ?2 ORDER BY mail.id",
        VALUES(NUMBER(incident), NUMBER(may)), error);
    for (guint i = 0; mails && i < mails->len; i++)
        if (!set_mail(store, g_array_index(mails, guint64, i), may, error))
            return FALSE;
    return mails != NULL;
}

/* Adds the incidents that `sql` (which tells of each document its incident) finds for `query`. */
static gboolean collect(struct store *store, const char *sql, const char *query, guint most,
    GHashTable *seen, GPtrArray *found, GError **error)
{
    sqlite3_stmt *statement = statement_ask(store, sql, VALUES(TEXT(query)), error);
    int got = statement ? 1 : -1;

    while (got > 0 && found->len < most && (got = statement_next(store, statement, error)) > 0) {
        guint64 id = (guint64)sqlite3_column_int64(statement, 0);
        struct incident *incident;
        if (id == 0 || !g_hash_table_add(seen, GSIZE_TO_POINTER(id)))
            continue;
        incident = store_incident_show(store, id, error);
        if (!incident)
            got = -1;
        else
            g_ptr_array_add(found, incident);
    }
    if (got > 0)
        statement_stop(statement);
    return got >= 0;
}

GPtrArray *store_search(struct store *store, const char *words, guint most, GError **error)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify)incident_free);
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    g_autofree char *query = NULL;

    if (strlen(words) > LONGEST_QUERY) {
        error_set(error, MADO_E_USAGE, "a search has at most %d characters: search for less",
            LONGEST_QUERY);
        return NULL;
    }
    query = words_query(words);
    if (*query &&
        (!collect(store,
             "SELECT -rowid FROM search WHERE search MATCH ?1 AND rowid < 0 ORDER BY rowid", query,
             most, seen, found, error) ||
            !collect(store,
                "SELECT (SELECT incident FROM mail WHERE id = search.rowid) FROM search"
                " WHERE search MATCH ?1 AND rowid > 0 ORDER BY rowid DESC",
                query, most, seen, found, error)))
        return NULL;
    return g_steal_pointer(&found);
}
