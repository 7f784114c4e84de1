/* The journal as it is kept elsewhere. */
#include "statement.h"
#include <mado/incident.h>

GPtrArray *store_journal_rows(struct store *store, guint64 after, guint most, GError **error)
{
    static const struct column columns[] = {
        NUMBER_OF(struct journal_row, id),
        NUMBER_OF(struct journal_row, at),
        TEXT_OF(struct journal_row, actor),
        TEXT_OF(struct journal_row, kind),
        NUMBER_OF(struct journal_row, incident),
        NUMBER_OF(struct journal_row, mail),
        INT_OF(struct journal_row, purged),
        TEXT_OF(struct journal_row, text),
        TEXT_OF(struct journal_row, text_sha256),
        TEXT_OF(struct journal_row, hash),
    };
    static const struct shape shape = SHAPE(struct journal_row, journal_row_free, columns);

    return statement_rows(store,
        "SELECT id, at, actor, kind, incident, mail, CASE WHEN text IS NULL THEN 1 ELSE 0 END,"
        " text, text_sha256, hash FROM journal WHERE id > ?1 ORDER BY id LIMIT ?2",
        VALUES(NUMBER(after), NUMBER(most)), &shape, error);
}

gboolean store_journal_end(struct store *store, guint64 *rows, char **hash, GError **error)
{
    g_autoptr(GPtrArray) last = NULL;
    gint64 id;

    *rows = 0;
    *hash = NULL;
    if (!statement_number(store, "SELECT max(id) FROM journal", NULL, &id, error))
        return FALSE;
    last = store_journal_rows(store, (guint64)MAX(id - 1, 0), 1, error);
    if (!last)
        return FALSE;
    *rows = (guint64)id;
    *hash = g_strdup(last->len ? ((struct journal_row *)last->pdata[0])->hash : "");
    return TRUE;
}
