/* Mail that stays closed: kept, and tried again when a key comes. */
#include <mado/crypto.h>
#include "error.h"
#include "statement.h"

gboolean store_keep_unreadable(
    struct store *store, guint64 mail, const struct crypto *crypto, gint64 now, GError **error)
{
    g_autofree char *key_ids = g_strjoinv("\n", crypto->key_ids);

    return statement_run(store,
        "INSERT INTO unreadable (mail, reason, key_ids, since, tried_at, tries)"
        " VALUES (?1, ?2, ?3, ?4, ?4, 1) ON CONFLICT (mail) DO UPDATE SET"
        " reason = excluded.reason, key_ids = excluded.key_ids, tried_at = excluded.tried_at,"
        " tries = tries + 1",
        VALUES(NUMBER(mail), TEXT(opened_state_name(crypto->left)), TEXT(key_ids), NUMBER(now)),
        error);
}

gboolean store_drop_unreadable(struct store *store, guint64 mail, GError **error)
{
    return statement_run(
        store, "DELETE FROM unreadable WHERE mail = ?1", VALUES(NUMBER(mail)), error);
}

gboolean store_count_unreadable(struct store *store, gint64 *count, GError **error)
{
    return statement_number(
        store, "SELECT count(*) FROM mail WHERE ledger = 'unreadable'", NULL, count, error);
}

static void unreadable_free(gpointer data)
{
    struct unreadable *row = data;

    g_free(row->number);
    g_free(row->reason);
    g_free(row->key_ids);
    g_free(row);
}

GPtrArray *store_unreadable(
    struct store *store, guint64 mail, guint64 after, guint most, GError **error)
{
    static const struct column columns[] = {
        NUMBER_OF(struct unreadable, mail),
        TEXT_OF(struct unreadable, number),
        TEXT_OF(struct unreadable, reason),
        TEXT_OF(struct unreadable, key_ids),
        NUMBER_OF(struct unreadable, since),
        NUMBER_OF(struct unreadable, tried_at),
        NUMBER_OF(struct unreadable, tries),
    };
    static const struct shape shape = SHAPE(struct unreadable, unreadable_free, columns);

    return statement_rows(store,
        "SELECT unreadable.mail, number, reason, key_ids, since, tried_at, tries FROM unreadable"
        " JOIN mail ON mail.id = unreadable.mail LEFT JOIN incident ON incident.id = mail.incident"
        " WHERE (?1 IS NULL OR unreadable.mail = ?1) AND unreadable.mail > ?2"
        " AND ledger = 'unreadable' ORDER BY unreadable.mail LIMIT ?3",
        VALUES(ID(mail), NUMBER(after), NUMBER(most)), &shape, error);
}

/* What was counted against the mail was counted when it was another kind of work. */
gboolean store_retry_unreadable(struct store *store, guint64 mail, GError **error)
{
    return statement_run(store,
        "UPDATE mail SET ledger = '', settled_at = NULL, attempts = 0, deaths = 0"
        " WHERE ledger = 'unreadable' AND (?1 IS NULL OR id = ?1)"
        " AND id IN (SELECT mail FROM unreadable)",
        VALUES(ID(mail)), error);
}
