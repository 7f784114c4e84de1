/* Mail as it arrived. */
#include "chunk.h"
#include "error.h"
#include "fault.h"

static gboolean find_or_add(struct store *store, const struct arrival *arrival, guint64 size,
    const char *sha256, gint64 *mail, gboolean *again, GError **error)
{
    if (!statement_number(
            store, "SELECT id FROM mail WHERE sha256 = ?1", VALUES(TEXT(sha256)), mail, error))
        return FALSE;
    *again = *mail != 0;
    return *again ||
           statement_number(store,
               "INSERT INTO mail (sha256, size, arrived_at, source) VALUES (?1, ?2, ?3, ?4)"
               " RETURNING id",
               VALUES(TEXT(sha256), NUMBER(size), NUMBER(arrival->at), TEXT(arrival->source)), mail,
               error);
}

static gboolean keep_bytes(struct store *store, guint64 mail, int fd, guint64 size, GError **error)
{
    fault_pass("store_take");
    return chunk_keep_fd(store, "INSERT INTO mail_chunk (mail, place, bytes) VALUES (?1, ?2, ?3)",
        mail, fd, size, error);
}

/* The same mail seen again in the same place is no second arrival; another mail there is one, for
 * not every mailbox keeps its promise never to use a name twice. */
static gboolean note_arrival(
    struct store *store, const struct arrival *arrival, gint64 mail, gboolean again, GError **error)
{
    return statement_run(store,
        "INSERT INTO arrival (mail, source, validity, uid, at, again)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (source, validity, uid, mail) DO NOTHING",
        VALUES(NUMBER(mail), TEXT(arrival->source), NUMBER(arrival->validity), TEXT(arrival->uid),
            NUMBER(arrival->at), NUMBER(again)),
        error);
}

gboolean store_take_mail(struct store *store, const struct arrival *arrival, int fd, guint64 size,
    const char *sha256, guint64 *mail, gboolean *again, GError **error)
{
    gint64 id = 0;

    if (!store_mark(store, error))
        return FALSE;
    if (find_or_add(store, arrival, size, sha256, &id, again, error) &&
        (*again || keep_bytes(store, (guint64)id, fd, size, error)) &&
        note_arrival(store, arrival, id, *again, error)) {
        *mail = (guint64)id;
        return store_keep(store, error);
    }
    store_undo(store, NULL);
    return FALSE;
}

GArray *store_waiting_mails(struct store *store, guint most, GError **error)
{
    return statement_ids(store, "SELECT id FROM mail WHERE ledger = '' ORDER BY id LIMIT ?1",
        VALUES(NUMBER(most)), error);
}

static gboolean count_one(
    struct store *store, const char *update, guint64 mail, int *sum, GError **error)
{
    gint64 number;

    if (!statement_number(store, update, VALUES(NUMBER(mail)), &number, error))
        return FALSE;
    *sum = (int)number;
    if (number > 0)
        return TRUE;
    error_set(error, MADO_E_NO_SUCH, "there is no such mail; nothing was changed");
    return FALSE;
}

gboolean store_count_attempt(struct store *store, guint64 mail, int *attempts, GError **error)
{
    return count_one(store,
        "UPDATE mail SET attempts = attempts + 1 WHERE id = ?1 RETURNING attempts", mail, attempts,
        error);
}

gboolean store_count_death(struct store *store, guint64 mail, int *deaths, GError **error)
{
    return count_one(store, "UPDATE mail SET deaths = deaths + 1 WHERE id = ?1 RETURNING deaths",
        mail, deaths, error);
}

gboolean store_mail_arrived(struct store *store, guint64 mail, gint64 *at, GError **error)
{
    return statement_number(
        store, "SELECT arrived_at FROM mail WHERE id = ?1", VALUES(NUMBER(mail)), at, error);
}

gboolean store_knows_arrival(struct store *store, const char *source, guint64 validity,
    const char *uid, gboolean *known, GError **error)
{
    gint64 found;

    if (!statement_number(store,
            "SELECT 1 FROM arrival WHERE source = ?1 AND validity = ?2 AND uid = ?3 LIMIT 1",
            VALUES(TEXT(source), NUMBER(validity), TEXT(uid)), &found, error))
        return FALSE;
    *known = found != 0;
    return TRUE;
}

gboolean store_forgive_attempt(struct store *store, guint64 mail, GError **error)
{
    return statement_change(store,
        "UPDATE mail SET attempts = attempts - 1 WHERE id = ?1 AND attempts > 0",
        VALUES(NUMBER(mail)), "mail with an attempt", error);
}

int store_mail_fd(struct store *store, guint64 mail, GError **error)
{
    static const struct column columns[] = {{COLUMN_TEXT, 0}};
    static const struct shape shape = {sizeof(char *), NULL, columns, 1};
    g_autofree char **sha256 =
        statement_row(store, "SELECT sha256 FROM mail WHERE id = ?1 AND purged_at = 0",
            VALUES(NUMBER(mail)), &shape, "mail, or no more: it was purged", error);
    g_autofree char *expected = sha256 ? *sha256 : NULL;

    if (!expected)
        return -1;
    return chunk_fd(store, "SELECT bytes FROM mail_chunk WHERE mail = ?1 ORDER BY place", mail,
        expected, error);
}
