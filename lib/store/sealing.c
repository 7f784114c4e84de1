/* What sealing asks: whose address it is and which of their keys are pinned; and the letters that
 * wait for it. */
#include "statement.h"
#include <mado/incident.h>
#include "chunk.h"
#include "error.h"
#include "fd.h"
#include <unistd.h>

/* -- the recipient -- */

static void pinned_key_free(gpointer data)
{
    struct pinned_key *key = data;

    g_free(key->fingerprint);
    g_free(key);
}

void addressee_free(struct addressee *addressee)
{
    if (!addressee)
        return;
    g_clear_pointer(&addressee->keys, g_ptr_array_unref);
    g_free(addressee->name);
    g_free(addressee->relation);
    g_free(addressee->clearance);
    g_free(addressee);
}

static GPtrArray *pinned_keys(struct store *store, guint64 contact, GError **error)
{
    static const struct column columns[] = {
        TEXT_OF(struct pinned_key, fingerprint),
        INT_OF(struct pinned_key, cms),
        NUMBER_OF(struct pinned_key, expires),
        INT_OF(struct pinned_key, revoked),
        INT_OF(struct pinned_key, can_encrypt),
        INT_OF(struct pinned_key, encrypts),
    };
    static const struct shape shape = SHAPE(struct pinned_key, pinned_key_free, columns);

    return statement_rows(store,
        "SELECT fingerprint, cms, CASE WHEN encrypts_until > 0"
        " AND (expires = 0 OR encrypts_until < expires) THEN encrypts_until ELSE expires END,"
        " revoked, can_encrypt, encrypts FROM key"
        " WHERE contact = ?1 AND contact IS NOT NULL AND place = 'pinned' ORDER BY fingerprint",
        VALUES(NUMBER(contact)), &shape, error);
}

static gpointer nobody(void)
{
    struct addressee *addressee = g_new0(struct addressee, 1);

    addressee->name = g_strdup("");
    addressee->relation = g_strdup("");
    addressee->clearance = g_strdup("");
    return addressee;
}

/* A peer is of the community, unless something else is written down. */
struct addressee *store_addressee(struct store *store, const char *address, GError **error)
{
    static const struct column columns[] = {
        NUMBER_OF(struct addressee, contact),
        INT_OF(struct addressee, always_seal),
        TEXT_OF(struct addressee, name),
        TEXT_OF(struct addressee, relation),
        TEXT_OF(struct addressee, clearance),
        INT_OF(struct addressee, verified),
    };
    static const struct shape shape = SHAPE(struct addressee, addressee_free, columns);
    g_autofree char *key = g_ascii_strdown(address, -1);
    g_autoptr(GPtrArray) rows = statement_rows(store,
        "SELECT contact.id, CASE seal WHEN 'always' THEN 1 ELSE 0 END, name,"
        " CASE WHEN relation = '' AND kind = 'peer' THEN 'community' ELSE relation END, clearance,"
        " verified_at IS NOT NULL FROM contact_address"
        " JOIN contact ON contact.id = contact_address.contact WHERE address = ?1",
        VALUES(TEXT(key)), &shape, error);
    g_autoptr(mado_addressee) addressee = NULL;

    if (!rows)
        return NULL;
    addressee = rows->len ? g_ptr_array_steal_index(rows, 0) : nobody();
    addressee->keys = pinned_keys(store, addressee->contact, error);
    return addressee->keys ? g_steal_pointer(&addressee) : NULL;
}

/* -- what a letter answers -- */

gboolean store_came_sealed(struct store *store, guint64 mail, gboolean *sealed, GError **error)
{
    gint64 found;
    gboolean done = statement_number(store,
        "SELECT count(*) FROM crypto WHERE mail = ?1 AND encrypted <> 'none'", VALUES(NUMBER(mail)),
        &found, error);

    *sealed = found > 0;
    return done;
}

char *store_closed_because(struct store *store, guint64 mail, GError **error)
{
    sqlite3_stmt *statement = statement_ask(
        store, "SELECT closed FROM crypto WHERE mail = ?1", VALUES(NUMBER(mail)), error);
    int got = statement ? statement_next(store, statement, error) : -1;
    char *why = got > 0 ? statement_text(statement, 0) : got == 0 ? g_strdup("") : NULL;

    if (got > 0)
        statement_stop(statement);
    return why;
}

/* -- letters that wait -- */

GArray *store_unsealed_letters(struct store *store, gint64 now, guint most, GError **error)
{
    return statement_ids(store,
        /* + keeps SQLite from the index of the states, which has all that wait */
        "SELECT id FROM outbox WHERE seal <> '' AND +state IN ('queued', 'deferred')"
        " AND next_try <= ?1 ORDER BY next_try, id LIMIT ?2",
        VALUES(NUMBER(now), NUMBER(most)), error);
}

GArray *store_unsealed_of_kind(
    struct store *store, const char *kind, gint64 before, guint most, GError **error)
{
    return statement_ids(store,
        "SELECT id FROM outbox WHERE seal <> '' AND +state IN ('queued', 'deferred') AND kind = ?1"
        " AND created_at <= ?2 ORDER BY next_try, id LIMIT ?3",
        VALUES(TEXT(kind), NUMBER(before), NUMBER(most)), error);
}

GArray *store_held_letters(struct store *store, guint64 after, guint most, GError **error)
{
    return statement_ids(store,
        "SELECT id FROM outbox WHERE state = 'held' AND id > ?1 ORDER BY id LIMIT ?2",
        VALUES(NUMBER(after), NUMBER(most)), error);
}

GBytes *store_letter_bytes(struct store *store, guint64 letter, GError **error)
{
    int fd = store_letter_fd(store, letter, error);
    off_t size = fd >= 0 ? lseek(fd, 0, SEEK_END) : -1;
    g_autofree guint8 *bytes = size >= 0 ? g_malloc((gsize)size + 1) : NULL;
    gssize got = fd >= 0 && bytes ? pread(fd, bytes, (gsize)size, 0) : -1;

    if (fd >= 0)
        close(fd);
    if (got >= 0 && got == size)
        return g_bytes_new_take(g_steal_pointer(&bytes), (gsize)size);
    if (error && !*error)
        error_set(
            error, MADO_E_STORE_READ, "the bytes of a letter cannot be read; nothing was changed");
    return NULL;
}

static gboolean count_unsealed(struct store *store, guint64 letter, gboolean *waits, GError **error)
{
    gint64 found;
    gboolean done = statement_number(store,
        "SELECT count(*) FROM outbox WHERE id = ?1 AND seal <> ''"
        " AND state IN ('queued', 'deferred')",
        VALUES(NUMBER(letter)), &found, error);

    *waits = found > 0;
    return done;
}

static gboolean replace_bytes(struct store *store, guint64 letter, GBytes *bytes, GError **error)
{
    return !bytes || (statement_run(store, "DELETE FROM letter_chunk WHERE letter = ?1",
                          VALUES(NUMBER(letter)), error) &&
                         chunk_keep_bytes(store,
                             "INSERT INTO letter_chunk (letter, place, bytes) VALUES (?1, ?2, ?3)",
                             letter, bytes, error));
}

gboolean store_letter_sealed(struct store *store, guint64 letter, const struct sealed_letter *with,
    gint64 now, gboolean *done, GError **error)
{
    if (!count_unsealed(store, letter, done, error))
        return FALSE;
    return !*done ||
           (replace_bytes(store, letter, with->bytes, error) &&
               statement_run(store,
                   "UPDATE outbox SET seal = '', sealed_to = ?2, signed_with = ?3, next_try = ?4,"
                   " reply = '' WHERE id = ?1",
                   VALUES(
                       NUMBER(letter), TEXT(with->sealed_to), TEXT(with->signed_with), NUMBER(now)),
                   error));
}

gboolean store_letter_waits(
    struct store *store, guint64 letter, gint64 next_try, const char *why, GError **error)
{
    return statement_run(store,
        "UPDATE outbox SET next_try = ?2, reply = ?3 WHERE id = ?1 AND seal <> ''"
        " AND state IN ('queued', 'deferred')",
        VALUES(NUMBER(letter), NUMBER(next_try), TEXT(why)), error);
}

gboolean store_letter_held(
    struct store *store, guint64 letter, const struct held_letter *how, gint64 now, GError **error)
{
    return (!how->must_be_sealed ||
               statement_run(store, "UPDATE outbox SET seal = 'seal' WHERE id = ?1 AND seal <> ''",
                   VALUES(NUMBER(letter)), error)) &&
           store_letter_settled(store, letter, "held", how->why, now, now, error);
}

gboolean store_letter_released(
    struct store *store, guint64 letter, gint64 wait, gint64 now, GError **error)
{
    return statement_change(store,
               "UPDATE outbox SET reply = '' WHERE id = ?1 AND state = 'held' AND seal <> ''",
               VALUES(NUMBER(letter)), "letter that is held and not made ready yet", error) &&
           store_letter_settled(store, letter, "queued", "", now + wait, now, error);
}

gboolean store_letter_remade(
    struct store *store, guint64 letter, const char *subject, GBytes *bytes, GError **error)
{
    return statement_change(store,
               "UPDATE outbox SET subject = ?2 WHERE id = ?1 AND state = 'held' AND seal <> ''",
               VALUES(NUMBER(letter), TEXT(subject)), "letter that is held and not made ready yet",
               error) &&
           replace_bytes(store, letter, bytes, error);
}

/* Among so many that were put off furthest, where many wait. */
gboolean store_oldest_unsealed(struct store *store, gint64 *since, GError **error)
{
    return statement_number(store,
        "SELECT coalesce(min(created_at), 0) FROM (SELECT created_at FROM outbox"
        " WHERE seal <> '' AND state IN ('queued', 'deferred') ORDER BY next_try DESC, id DESC"
        " LIMIT 1000)",
        NULL, since, error);
}

gboolean store_count_held(
    struct store *store, gint64 *count, gint64 *oldest, gint64 *newest, GError **error)
{
    return statement_number(
               store, "SELECT count(*) FROM outbox WHERE state = 'held'", NULL, count, error) &&
           statement_number(store,
               "SELECT coalesce(min(changed_at), 0) FROM outbox WHERE state = 'held'", NULL, oldest,
               error) &&
           statement_number(store,
               "SELECT coalesce(max(changed_at), 0) FROM outbox WHERE state = 'held'", NULL, newest,
               error);
}
