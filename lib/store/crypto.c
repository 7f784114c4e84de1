/* What may be said of a mail's protection, and the keys that prove it. */
#include <mado/crypto.h>
#include "statement.h"

/* -- keeping it -- */

static gboolean keep_signatures(
    struct store *store, guint64 mail, const GPtrArray *signatures, GError **error)
{
    for (guint i = 0; i < signatures->len; i++) {
        const struct signature *one = g_ptr_array_index(signatures, i);
        if (!statement_run(store,
                "INSERT INTO signature (mail, place, fingerprint, state, at, owner, pinned, "
                "is_from)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                VALUES(NUMBER(mail), NUMBER(i), TEXT(one->fingerprint),
                    TEXT(signature_state_name(one->state)), NUMBER(one->at), TEXT(one->owner ?: ""),
                    NUMBER(one->pinned != FALSE), NUMBER(one->is_from != FALSE)),
                error))
            return FALSE;
    }
    return TRUE;
}

static gboolean keep_verdict(
    struct store *store, guint64 mail, const struct crypto *crypto, GError **error)
{
    g_autofree char *to = g_strjoinv("\n", crypto->encrypted_to);
    g_autofree char *key_ids = g_strjoinv("\n", crypto->key_ids);
    g_autofree char *problems = g_strjoinv("\n", crypto->problems);
    const char *closed = crypto->left == OPENED_DONE ? "" : opened_state_name(crypto->left);

    return statement_run(store,
        "INSERT INTO crypto (mail, encrypted, encrypted_to, integrity, signed, signed_by,"
        " payload_sha256, closed, key_ids, problems, sealed_sha256)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        VALUES(NUMBER(mail), TEXT(extent_name(crypto->encrypted)), TEXT(to),
            TEXT(integrity_name(crypto->integrity)), TEXT(extent_name(crypto->is_signed)),
            TEXT(crypto->signed_by ?: ""), TEXT(crypto->payload_sha256), TEXT(closed),
            TEXT(key_ids), TEXT(problems), TEXT(crypto->sealed_sha256)),
        error);
}

gboolean store_keep_crypto(
    struct store *store, guint64 mail, const struct crypto *crypto, GError **error)
{
    return statement_run(
               store, "DELETE FROM signature WHERE mail = ?1", VALUES(NUMBER(mail)), error) &&
           statement_run(
               store, "DELETE FROM crypto WHERE mail = ?1", VALUES(NUMBER(mail)), error) &&
           (!crypto || (keep_verdict(store, mail, crypto, error) &&
                           keep_signatures(store, mail, crypto->signatures, error)));
}

/* -- showing it -- */

static int find_name(const char *(*name_of)(int), int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (g_strcmp0(name_of(i), name) == 0)
            return i;
    return 0;
}

static const char *extent_of(int i)
{
    return extent_name((enum extent)i);
}

static const char *integrity_of(int i)
{
    return integrity_name((enum integrity)i);
}

static const char *opened_of(int i)
{
    return opened_state_name((enum opened_state)i);
}

static const char *signature_of(int i)
{
    return signature_state_name((enum signature_state)i);
}

static int take_name(sqlite3_stmt *statement, int column, const char *(*name_of)(int), int count)
{
    g_autofree char *name = statement_text(statement, column);
    return find_name(name_of, count, name);
}

/* In the order of the columns below. */
static struct crypto *take_verdict(sqlite3_stmt *statement)
{
    struct crypto *crypto = crypto_new();
    g_autofree char *signed_by = statement_text(statement, 4);

    crypto->encrypted = take_name(statement, 0, extent_of, EXTENTS);
    statement_lines(statement, 1, &crypto->encrypted_to);
    crypto->integrity = take_name(statement, 2, integrity_of, INTEGRITIES);
    crypto->is_signed = take_name(statement, 3, extent_of, EXTENTS);
    crypto->signed_by = *signed_by ? g_steal_pointer(&signed_by) : NULL;
    g_free(crypto->payload_sha256);
    crypto->payload_sha256 = statement_text(statement, 5);
    crypto->left = take_name(statement, 6, opened_of, OPENED_STATES);
    statement_lines(statement, 7, &crypto->key_ids);
    statement_lines(statement, 8, &crypto->problems);
    g_free(crypto->sealed_sha256);
    crypto->sealed_sha256 = statement_text(statement, 9);
    return crypto;
}

static struct signature *take_signature(sqlite3_stmt *statement)
{
    g_autofree char *fingerprint = statement_text(statement, 0);
    g_autofree char *owner = statement_text(statement, 3);
    struct signature *one =
        signature_new(fingerprint, take_name(statement, 1, signature_of, SIGNATURE_STATES),
            sqlite3_column_int64(statement, 2));

    one->owner = *owner ? g_steal_pointer(&owner) : NULL;
    one->pinned = sqlite3_column_int(statement, 4) != 0;
    one->is_from = sqlite3_column_int(statement, 5) != 0;
    return one;
}

static gboolean show_signatures(
    struct store *store, guint64 mail, GPtrArray *signatures, GError **error)
{
    sqlite3_stmt *statement = statement_ask(store,
        "SELECT fingerprint, state, at, owner, pinned, is_from FROM signature WHERE mail = ?1"
        " ORDER BY place",
        VALUES(NUMBER(mail)), error);
    int got = statement ? 1 : -1;

    while (got > 0 && (got = statement_next(store, statement, error)) > 0)
        g_ptr_array_add(signatures, take_signature(statement));
    return got == 0;
}

gboolean store_crypto_show(
    struct store *store, guint64 mail, struct crypto **crypto, GError **error)
{
    sqlite3_stmt *statement = statement_ask(store,
        "SELECT encrypted, encrypted_to, integrity, signed, signed_by, payload_sha256, closed,"
        " key_ids, problems, sealed_sha256 FROM crypto WHERE mail = ?1",
        VALUES(NUMBER(mail)), error);
    int got = statement ? statement_next(store, statement, error) : -1;

    *crypto = NULL;
    if (got <= 0)
        return got == 0;
    *crypto = take_verdict(statement);
    statement_stop(statement);
    if (show_signatures(store, mail, (*crypto)->signatures, error))
        return TRUE;
    g_clear_pointer(crypto, crypto_free);
    return FALSE;
}

/* -- whose keys -- */

static gboolean add_known(
    struct store *store, const char *fingerprint, GPtrArray *known, GError **error)
{
    sqlite3_stmt *statement = statement_ask(store,
        "SELECT contact.name, address FROM key JOIN contact ON contact.id = key.contact"
        " LEFT JOIN contact_address ON contact_address.contact = contact.id"
        " WHERE fingerprint = ?1 AND key.place = 'pinned' ORDER BY contact_address.place",
        VALUES(TEXT(fingerprint)), error);
    g_autoptr(GStrvBuilder) addresses = g_strv_builder_new();
    g_autofree char *owner = NULL;
    g_auto(GStrv) all = NULL;
    int got = statement ? 1 : -1;

    while (got > 0 && (got = statement_next(store, statement, error)) > 0) {
        g_autofree char *address = statement_text(statement, 1);
        g_free(owner);
        owner = statement_text(statement, 0);
        if (*address)
            g_strv_builder_add(addresses, address);
    }
    all = g_strv_builder_end(addresses);
    if (owner)
        g_ptr_array_add(known, known_key_new(fingerprint, owner, all));
    return got == 0;
}

GPtrArray *store_known_keys(struct store *store, char **fingerprints, GError **error)
{
    g_autoptr(GPtrArray) known = g_ptr_array_new_with_free_func(known_key_free);

    for (; *fingerprints; fingerprints++)
        if (!add_known(store, *fingerprints, known, error))
            return NULL;
    return g_steal_pointer(&known);
}
