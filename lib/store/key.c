/* Every key that we have seen, by its whole fingerprint. */
#include "statement.h"
#include "error.h"

static const struct column columns[] = {
    TEXT_OF(struct key, fingerprint),
    INT_OF(struct key, cms),
    TEXT_OF(struct key, place),
    NUMBER_OF(struct key, contact),
    TEXT_OF(struct key, owner),
    TEXT_OF(struct key, user_ids),
    TEXT_OF(struct key, addresses),
    TEXT_OF(struct key, algorithm),
    NUMBER_OF(struct key, created),
    NUMBER_OF(struct key, expires),
    INT_OF(struct key, revoked),
    INT_OF(struct key, can_sign),
    INT_OF(struct key, can_encrypt),
    INT_OF(struct key, encrypts),
    NUMBER_OF(struct key, encrypts_until),
    NUMBER_OF(struct key, signs_until),
    TEXT_OF(struct key, origin),
    NUMBER_OF(struct key, came_at),
    NUMBER_OF(struct key, pinned_at),
    TEXT_OF(struct key, pinned_by),
    TEXT_OF(struct key, pinned_how),
};
static const struct shape shape = SHAPE(struct key, key_free, columns);

#define SELECT                                                                                     \
    "SELECT fingerprint, cms, place, coalesce(key.contact, 0), coalesce(name, ''), user_ids,"      \
    " addresses, algorithm, created, expires, revoked, can_sign, can_encrypt, encrypts,"           \
    " encrypts_until, signs_until, origin, came_at,"                                               \
    " coalesce(pinned_at, 0), pinned_by, pinned_how"                                               \
    " FROM key LEFT JOIN contact ON contact.id = key.contact "

/* Ours first, then those that count, then claims. */
#define RANK                                                                                       \
    "CASE place WHEN 'own' THEN 0 WHEN 'own-old' THEN 1 WHEN 'pinned' THEN 2"                      \
    " WHEN 'unpinned' THEN 3 ELSE 4 END"

/* -- reading -- */

struct key *store_key(struct store *store, const char *fingerprint, GError **error)
{
    return statement_row(
        store, SELECT "WHERE fingerprint = ?1", VALUES(TEXT(fingerprint)), &shape, "key", error);
}

gboolean store_knows_key(
    struct store *store, const char *fingerprint, gboolean *known, GError **error)
{
    gint64 count;
    gboolean done = statement_number(store, "SELECT count(*) FROM key WHERE fingerprint = ?1",
        VALUES(TEXT(fingerprint)), &count, error);

    *known = count > 0;
    return done;
}

GPtrArray *store_keys(
    struct store *store, const char *part, const struct key *after, guint most, GError **error)
{
    g_autofree char *small = g_ascii_strdown(part ?: "", -1);

    return statement_rows(store,
        SELECT "WHERE (" RANK ", fingerprint) > (coalesce((SELECT " RANK
               " FROM key WHERE fingerprint = ?2), -1), ?2)"
               " AND (?1 = '' OR place = ?1 OR instr(lower(fingerprint), ?1) > 0"
               " OR instr(lower(user_ids), ?1) > 0 OR instr(lower(coalesce(name, '')), ?1) > 0)"
               " ORDER BY " RANK ", fingerprint LIMIT ?3",
        VALUES(TEXT(small), TEXT(after ? after->fingerprint : ""), NUMBER(most)), &shape, error);
}

GPtrArray *store_keys_in(struct store *store, const char *place, GError **error)
{
    return statement_rows(
        store, SELECT "WHERE place = ?1 ORDER BY fingerprint", VALUES(TEXT(place)), &shape, error);
}

GPtrArray *store_keys_of_contact(struct store *store, guint64 contact, GError **error)
{
    return statement_rows(store, SELECT "WHERE key.contact = ?1 ORDER BY " RANK ", fingerprint",
        VALUES(NUMBER(contact)), &shape, error);
}

GPtrArray *store_keys_like(struct store *store, const char *end, guint most, GError **error)
{
    return statement_rows(store,
        SELECT "WHERE substr(fingerprint, -length(?1)) = ?1 ORDER BY " RANK
               ", fingerprint LIMIT ?2",
        VALUES(TEXT(end), NUMBER(most)), &shape, error);
}

GPtrArray *store_keys_from(struct store *store, const char *origin, GError **error)
{
    return statement_rows(store, SELECT "WHERE origin = ?1 ORDER BY fingerprint",
        VALUES(TEXT(origin)), &shape, error);
}

GPtrArray *store_keys_to_watch(struct store *store, gint64 before, GError **error)
{
    return statement_rows(store,
        SELECT "WHERE place IN ('own', 'pinned') AND (revoked = 1"
               " OR expires > 0 AND expires <= ?1 OR encrypts_until > 0 AND encrypts_until <= ?1"
               " OR place = 'own' AND signs_until > 0 AND signs_until <= ?1) ORDER BY " RANK
               ", expires, fingerprint",
        VALUES(NUMBER(before)), &shape, error);
}

gboolean store_signing_key(
    struct store *store, gboolean cms, gint64 now, struct key **key, GError **error)
{
    g_autoptr(GPtrArray) keys = statement_rows(store,
        SELECT "WHERE place = 'own' AND cms = ?1 AND can_sign = 1 AND revoked = 0"
               " AND (expires = 0 OR expires > ?2) AND (signs_until = 0 OR signs_until > ?2) ORDER "
               "BY created DESC, fingerprint LIMIT 1",
        VALUES(NUMBER(cms != FALSE), NUMBER(now)), &shape, error);

    *key = keys && keys->len ? g_ptr_array_steal_index(keys, 0) : NULL;
    return keys != NULL;
}

GBytes *store_key_bytes(struct store *store, const char *fingerprint, GError **error)
{
    sqlite3_stmt *statement = statement_ask(
        store, "SELECT bytes FROM key WHERE fingerprint = ?1", VALUES(TEXT(fingerprint)), error);
    GBytes *bytes = NULL;
    int got = statement ? statement_next(store, statement, error) : -1;

    if (got > 0) {
        bytes = statement_bytes(statement, 0);
        statement_stop(statement);
    } else if (got == 0) {
        error_set(error, MADO_E_NO_SUCH, "there is no such key");
    }
    return bytes;
}

/* -- writing -- */

#define CLAIMS(info, user_ids, addresses)                                                          \
    TEXT((info)->fingerprint), NUMBER((info)->cms != FALSE), TEXT(user_ids), TEXT(addresses),      \
        TEXT((info)->algorithm), NUMBER((info)->created), NUMBER((info)->expires),                 \
        NUMBER((info)->revoked != FALSE), NUMBER((info)->can_sign != FALSE),                       \
        NUMBER((info)->can_encrypt != FALSE), NUMBER((info)->encrypts != FALSE),                   \
        NUMBER((info)->encrypts_until), NUMBER((info)->signs_until)

static struct value bytes_of(const struct key_info *info)
{
    gsize size = 0;
    gconstpointer data = info->bytes ? g_bytes_get_data(info->bytes, &size) : NULL;

    return (struct value)BYTES(data, size);
}

gboolean store_add_key(struct store *store, const struct key_info *info, const char *place,
    const char *origin, gint64 at, GError **error)
{
    g_autofree char *user_ids = g_strjoinv("\n", info->user_ids);
    g_autofree char *addresses = g_strjoinv("\n", info->addresses);

    return statement_run(store,
        "INSERT INTO key (fingerprint, cms, user_ids, addresses, algorithm, created, expires,"
        " revoked, can_sign, can_encrypt, encrypts, encrypts_until, signs_until, place, origin,"
        " came_at, pinned_by, pinned_how, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
        " ?11, ?12, ?13, ?14, ?15, ?16, '', '', ?17)",
        VALUES(CLAIMS(info, user_ids, addresses), TEXT(place), TEXT(origin), NUMBER(at),
            bytes_of(info)),
        error);
}

/* A list of keys comes without their bytes, and then those that are there stay. */
gboolean store_refresh_key(struct store *store, const struct key_info *info, GError **error)
{
    g_autofree char *user_ids = g_strjoinv("\n", info->user_ids);
    g_autofree char *addresses = g_strjoinv("\n", info->addresses);

    return statement_change(store,
        "UPDATE key SET cms = ?2, user_ids = ?3, addresses = ?4, algorithm = ?5, created = ?6,"
        " expires = ?7, revoked = ?8, can_sign = ?9, can_encrypt = ?10, encrypts = ?11,"
        " encrypts_until = ?12, signs_until = ?13,"
        " bytes = CASE WHEN length(?14) > 0 THEN ?14 ELSE bytes END WHERE fingerprint = ?1",
        VALUES(CLAIMS(info, user_ids, addresses), bytes_of(info)), "key", error);
}

gboolean store_place_key(
    struct store *store, const char *fingerprint, const char *place, GError **error)
{
    return statement_change(store, "UPDATE key SET place = ?2 WHERE fingerprint = ?1",
        VALUES(TEXT(fingerprint), TEXT(place)), "key", error);
}

gboolean store_pin_key(
    struct store *store, const char *fingerprint, const struct key_pin *pin, GError **error)
{
    return statement_change(store,
               "UPDATE key SET place = 'pinned', contact = ?2, pinned_at = ?3, pinned_by = ?4,"
               " pinned_how = ?5 WHERE fingerprint = ?1",
               VALUES(TEXT(fingerprint), NUMBER(pin->contact), NUMBER(pin->at), TEXT(pin->by),
                   TEXT(pin->how)),
               "key", error) &&
           store_plan(store, STORE_REVIEWS, pin->at, error);
}

/* -- what came with mail -- */

gboolean store_note_offer(struct store *store, const char *sha256, guint64 mail, gint64 at,
    gboolean *fresh, GError **error)
{
    gboolean done = statement_run(store,
        "INSERT INTO offer (sha256, mail, at) VALUES (?1, ?2, ?3) ON CONFLICT (sha256) DO NOTHING",
        VALUES(TEXT(sha256), NUMBER(mail), NUMBER(at)), error);

    *fresh = done && sqlite3_changes(store->db) > 0;
    return done;
}

gboolean store_forget_offer(struct store *store, const char *sha256, GError **error)
{
    return statement_run(store, "DELETE FROM offer WHERE sha256 = ?1", VALUES(TEXT(sha256)), error);
}

gboolean store_count_offers(
    struct store *store, guint64 mail, gint64 since, gint64 *of_sender, gint64 *all, GError **error)
{
    return statement_number(store,
               "SELECT count(*) FROM offer JOIN message ON message.mail = offer.mail"
               " WHERE at > ?2 AND from_key = (SELECT from_key FROM message WHERE mail = ?1)",
               VALUES(NUMBER(mail), NUMBER(since)), of_sender, error) &&
           statement_number(store, "SELECT count(*) FROM offer WHERE at > ?1",
               VALUES(NUMBER(since)), all, error);
}

#define OFFERED "place = 'offered' AND origin LIKE 'mail:%'"
#define TOO_OLD                                                                                    \
    OFFERED " AND (came_at < ?1 OR fingerprint IN (SELECT fingerprint FROM key WHERE " OFFERED     \
            " ORDER BY came_at DESC, fingerprint LIMIT 1000000 OFFSET ?2))"

gboolean store_forget_old_offers(
    struct store *store, const struct old_offers *old, guint *count, GError **error)
{
    const struct value *values = VALUES(NUMBER(old->before), NUMBER(old->most), NUMBER(old->day));

    *count = 0;
    if (!statement_run(store,
            "DELETE FROM offer WHERE at < ?3 AND (at < ?1 OR mail IN"
            " (SELECT CAST(substr(origin, 6) AS INTEGER) FROM key WHERE " TOO_OLD "))",
            values, error) ||
        !statement_run(store, "DELETE FROM key WHERE " TOO_OLD,
            VALUES(NUMBER(old->before), NUMBER(old->most)), error))
        return FALSE;
    *count = (guint)sqlite3_changes(store->db);
    return TRUE;
}
