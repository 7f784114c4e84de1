/* Texts that came sealed, and the single facts out of them that an operator let go. */
#include "statement.h"

static void released_free(gpointer data)
{
    struct released *released = data;

    g_free(released->text);
    g_free(released->actor);
    g_free(released->reason);
    g_free(released);
}

/* It, what is linked to it or a part of it, and where mails are now that were once in it: whoever
 * works on one of them has read the others. */
#define AROUND                                                                                     \
    "(SELECT ?1 UNION SELECT other FROM incident_link WHERE incident_link.incident = ?1"           \
    " UNION SELECT id FROM incident WHERE merged_into = ?1 AND merged_into <> 0"                   \
    " UNION SELECT mail.incident FROM journal JOIN mail ON mail.id = journal.mail"                 \
    " WHERE journal.incident = ?1 AND journal.incident <> 0 AND mail.incident IS NOT NULL)"

static GPtrArray *released_where(
    struct store *store, const char *sql, guint64 incident, GError **error)
{
    static const struct column columns[] = {
        NUMBER_OF(struct released, id),
        TEXT_OF(struct released, text),
        TEXT_OF(struct released, actor),
        TEXT_OF(struct released, reason),
        NUMBER_OF(struct released, at),
    };
    static const struct shape shape = SHAPE(struct released, released_free, columns);

    return statement_rows(store, sql, VALUES(NUMBER(incident)), &shape, error);
}

#define RELEASED "SELECT id, text, actor, reason, at FROM released WHERE incident "

GPtrArray *store_released(struct store *store, guint64 incident, GError **error)
{
    return released_where(store, RELEASED "= ?1 ORDER BY id", incident, error);
}

GPtrArray *store_released_around(struct store *store, guint64 incident, GError **error)
{
    return released_where(store, RELEASED "IN " AROUND " ORDER BY id", incident, error);
}

gboolean store_release_fact(
    struct store *store, guint64 incident, const struct released *fact, GError **error)
{
    return statement_run(store,
        "INSERT INTO released (incident, text, actor, reason, at) VALUES (?1, ?2, ?3, ?4, ?5)",
        VALUES(NUMBER(incident), TEXT(fact->text), TEXT(fact->actor), TEXT(fact->reason),
            NUMBER(fact->at)),
        error);
}

static GPtrArray *texts(
    struct store *store, const char *sql, const struct value *values, GError **error)
{
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    sqlite3_stmt *statement = statement_ask(store, sql, values, error);
    int got = statement ? 1 : -1;

    while (got > 0 && (got = statement_next(store, statement, error)) > 0)
        g_ptr_array_add(texts, statement_text(statement, 0));
    return got == 0 ? g_steal_pointer(&texts) : NULL;
}

#define ALL_OF(column, table)                                                                      \
    " || char(10) || ifnull((SELECT group_concat(" column ", char(10)) FROM " table                \
    " WHERE " table ".mail = mail.id), '')"

/* The subject too: it may have been inside. And what we ourselves tell of its files. */
#define SEALED                                                                                     \
    "SELECT subject || char(10) || text" ALL_OF("name", "attachment") ALL_OF(                      \
        "value", "indicator") ALL_OF("evidence", "sighting") ALL_OF("value",                       \
        "field") " FROM mail"                                                                      \
                 " JOIN crypto ON crypto.mail = mail.id JOIN message ON message.mail = mail.id"    \
                 " WHERE encrypted <> 'none' AND mail.incident "

GPtrArray *store_sealed_texts(struct store *store, guint64 incident, GError **error)
{
    return texts(store, SEALED "= ?1 ORDER BY mail.id", VALUES(NUMBER(incident)), error);
}

GPtrArray *store_sealed_texts_around(struct store *store, guint64 incident, GError **error)
{
    return texts(store, SEALED "IN " AROUND " ORDER BY mail.id", VALUES(NUMBER(incident)), error);
}

/* What it was opened by may be elsewhere by now, and its subject stays. */
gboolean store_had_sealed(struct store *store, guint64 incident, gboolean *sealed, GError **error)
{
    gint64 found = 0;
    gboolean done = statement_number(store,
        "SELECT count(*) FROM crypto WHERE encrypted <> 'none' AND mail IN"
        " (SELECT id FROM mail WHERE incident = ?1 UNION SELECT mail FROM journal"
        " WHERE incident = ?1 AND incident <> 0 AND mail <> 0)",
        VALUES(NUMBER(incident)), &found, error);

    *sealed = found > 0;
    return done;
}

GPtrArray *store_clear_texts(struct store *store, guint64 incident, guint most, GError **error)
{
    return texts(store,
        "SELECT subject || char(10) || text FROM outbox JOIN writing ON writing.letter = outbox.id"
        " WHERE incident = ?1 AND state = 'sent' AND sealed_to = ''"
        " ORDER BY created_at DESC, outbox.id DESC LIMIT ?2",
        VALUES(NUMBER(incident), NUMBER(most)), error);
}
