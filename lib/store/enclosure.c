/* Files that go out with letters of people, and whether they came in before. */
#include "statement.h"
#include <string.h>

gboolean store_keep_enclosures(
    struct store *store, guint64 letter, const GPtrArray *enclosures, GError **error)
{
    for (guint i = 0; enclosures && i < enclosures->len; i++) {
        const struct enclosure *one = enclosures->pdata[i];
        gsize size;
        gconstpointer data = g_bytes_get_data(one->bytes, &size);
        if (!statement_run(store,
                "INSERT INTO enclosure (letter, position, name, type, size, sha256, wraps, sealed,"
                " bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                VALUES(NUMBER(letter), NUMBER(i), TEXT(one->name), TEXT(one->type), NUMBER(size),
                    TEXT(one->sha256), TEXT(one->wraps), NUMBER(one->sealed != FALSE),
                    BYTES(data ? data : "", size)),
                error))
            return FALSE;
    }
    return TRUE;
}

GPtrArray *store_enclosures(struct store *store, guint64 letter, GError **error)
{
    static const struct column columns[] = {
        TEXT_OF(struct enclosure, name),
        TEXT_OF(struct enclosure, type),
        NUMBER_OF(struct enclosure, size),
        TEXT_OF(struct enclosure, sha256),
        TEXT_OF(struct enclosure, wraps),
        INT_OF(struct enclosure, sealed),
    };
    static const struct shape shape = SHAPE(struct enclosure, enclosure_free, columns);

    return statement_rows(store,
        "SELECT name, type, size, sha256, wraps, sealed FROM enclosure WHERE letter = ?1 ORDER BY "
        "position",
        VALUES(NUMBER(letter)), &shape, error);
}

GBytes *store_enclosure_bytes(struct store *store, guint64 letter, guint position, GError **error)
{
    sqlite3_stmt *statement =
        statement_ask(store, "SELECT bytes FROM enclosure WHERE letter = ?1 AND position = ?2",
            VALUES(NUMBER(letter), NUMBER(position)), error);
    GBytes *bytes = NULL;
    int got = statement ? statement_next(store, statement, error) : -1;

    if (got > 0) {
        bytes = statement_bytes(statement, 0);
        statement_stop(statement);
    } else if (got == 0) {
        bytes = g_bytes_new_static("", 0);
    }
    return bytes;
}

GArray *store_letters_with_file(struct store *store, const char *sha256, guint most, GError **error)
{
    return statement_ids(store,
        "SELECT letter FROM enclosure WHERE sha256 = ?1 ORDER BY letter DESC LIMIT ?2",
        VALUES(TEXT(sha256), NUMBER(most)), error);
}

/* -- where a file came from -- */

/* Empty files are all alike. What was ours first may come back, in an answer. */
gboolean store_file_origin(
    struct store *store, const char *sha256, struct file_origin *origin, GError **error)
{
    gint64 came = 0, sealed = 0;

    if (!statement_number(store,
            "SELECT count(*) FROM attachment WHERE sha256 = ?1 AND size > 0 AND NOT EXISTS"
            " (SELECT 1 FROM enclosure JOIN outbox ON outbox.id = enclosure.letter JOIN mail"
            " ON mail.id = attachment.mail WHERE enclosure.sha256 = ?1 AND wraps = ''"
            " AND outbox.created_at < mail.arrived_at)",
            VALUES(TEXT(sha256)), &came, error) ||
        !statement_number(store,
            "SELECT count(*) FROM attachment JOIN crypto ON crypto.mail = attachment.mail"
            " WHERE sha256 = ?1 AND size > 0 AND encrypted <> 'none'",
            VALUES(TEXT(sha256)), &sealed, error))
        return FALSE;
    origin->came = came > 0;
    origin->sealed = sealed > 0;
    return TRUE;
}
