/* How a mail is protected, whose keys prove it, and mail that stays closed, as the store keeps it.
 */
#include "store-help.h"

static struct crypto *some_crypto(void)
{
    struct crypto *crypto = crypto_new();
    struct signature *one = signature_new("AAAA", SIGNATURE_GOOD, NOW);

    crypto->encrypted = EXTENT_FULL;
    g_strfreev(crypto->encrypted_to);
    crypto->encrypted_to = g_strsplit("0123 4567", " ", 0);
    crypto->integrity = INTEGRITY_OK;
    crypto->is_signed = EXTENT_FULL;
    one->owner = g_strdup("Alice");
    one->pinned = one->is_from = TRUE;
    g_ptr_array_add(crypto->signatures, one);
    g_ptr_array_add(crypto->signatures, signature_new("BBBB", SIGNATURE_UNKNOWN_KEY, 0));
    crypto->signed_by = g_strdup("Alice");
    g_free(crypto->payload_sha256);
    crypto->payload_sha256 = g_strdup("5f0c");
    g_free(crypto->sealed_sha256);
    crypto->sealed_sha256 = g_strdup("a7");
    g_strfreev(crypto->problems);
    crypto->problems = g_strsplit("one|two", "|", 0);
    return crypto;
}

static struct crypto *closed_crypto(enum opened_state left)
{
    struct crypto *crypto = crypto_new();

    crypto->encrypted = EXTENT_PARTIAL;
    crypto->left = left;
    g_strfreev(crypto->key_ids);
    crypto->key_ids = g_strsplit("AB CD", " ", 0);
    return crypto;
}

static void test_it_comes_back_as_it_was(void)
{
    struct place place = place_new();
    g_autoptr(mado_crypto) crypto = some_crypto();
    g_autoptr(mado_crypto) got = NULL;
    const struct signature *one, *other;
    guint64 mail;

    MUST(store_begin(place.store, &error));
    mail = take(place.store, "a");
    MUST(store_keep_crypto(place.store, mail, crypto, &error));
    MUST(store_keep_crypto(place.store, mail, crypto, &error)); /* in place of the first */
    MUST(store_crypto_show(place.store, mail, &got, &error));
    g_assert_cmpint(got->encrypted, ==, EXTENT_FULL);
    g_assert_cmpstr(got->encrypted_to[1], ==, "4567");
    g_assert_cmpint(got->integrity, ==, INTEGRITY_OK);
    g_assert_cmpint(got->is_signed, ==, EXTENT_FULL);
    g_assert_cmpstr(got->signed_by, ==, "Alice");
    g_assert_cmpstr(got->payload_sha256, ==, "5f0c");
    g_assert_cmpstr(got->sealed_sha256, ==, "a7");
    g_assert_cmpint(got->left, ==, OPENED_DONE);
    g_assert_cmpuint(g_strv_length(got->problems), ==, 2);
    g_assert_cmpuint(got->signatures->len, ==, 2);
    one = got->signatures->pdata[0];
    other = got->signatures->pdata[1];
    g_assert_cmpstr(one->owner, ==, "Alice");
    g_assert_true(one->pinned && one->is_from && one->at == NOW);
    g_assert_cmpint(other->state, ==, SIGNATURE_UNKNOWN_KEY);
    g_assert_null(other->owner);
    place_clear(&place);
}

static void test_a_plain_mail_has_none(void)
{
    struct place place = place_new();
    g_autoptr(mado_crypto) crypto = some_crypto();
    struct crypto *got = crypto;
    guint64 mail;

    MUST(store_begin(place.store, &error));
    mail = take(place.store, "a");
    MUST(store_keep_crypto(place.store, mail, crypto, &error));
    MUST(store_keep_crypto(place.store, mail, NULL, &error));
    MUST(store_crypto_show(place.store, mail, &got, &error));
    g_assert_null(got);
    g_assert_cmpint(count(place.store, "SELECT count(*) FROM signature"), ==, 0);
    place_clear(&place);
}

/* -- whose keys -- */

static void add_key(struct store *store, const char *fingerprint, const char *place)
{
    MUST(statement_run(store,
        "INSERT INTO key (fingerprint, cms, place, contact, user_ids, addresses, algorithm,"
        " created, expires, revoked, can_sign, can_encrypt, origin, came_at, pinned_by,"
        " pinned_how, bytes) VALUES (?1, 0, ?2, 1, 'x', 'said@by.key.example', '', 0, 0, 0, 1, 1,"
        " '', 0, '', '', x'')",
        VALUES(TEXT(fingerprint), TEXT(place)), &error));
}

static void test_only_pinned_keys_are_known(void)
{
    static const char *const places[] = {"offered", "unpinned", "own", "own-old"};
    const char *wanted[] = {"AAAA", "offered", "unpinned", "own", "own-old", "AAA", NULL};
    struct place place = place_new();
    g_autoptr(GPtrArray) known = NULL;
    const struct known_key *key;

    MUST(store_begin(place.store, &error));
    MUST(statement_run(place.store,
        "INSERT INTO contact (kind, name, organisation, language, seal, note, verified_by,"
        " verified_how, created_at, changed_at)"
        " VALUES ('person', 'Alice', '', 'en', 'auto', '', '', '', 0, 0)",
        NULL, &error));
    MUST(statement_run(place.store,
        "INSERT INTO contact_address (address, contact, place)"
        " VALUES ('alice@peer.example', 1, 0), ('aoki@peer.example', 1, 1)",
        NULL, &error));
    add_key(place.store, "AAAA", "pinned");
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++)
        add_key(place.store, places[i], places[i]);
    MUST(known = store_known_keys(place.store, (char **)wanted, &error));
    g_assert_cmpuint(known->len, ==, 1);
    key = known->pdata[0];
    g_assert_cmpstr(key->owner, ==, "Alice");
    g_assert_cmpuint(g_strv_length(key->addresses), ==, 2); /* and not what the key says */
    g_assert_cmpstr(key->addresses[0], ==, "alice@peer.example");
    place_clear(&place);
}

/* -- what the desk asks -- */

static struct history *consult(struct store *store, guint64 mail, const char *payload)
{
    g_autoptr(GBytes) secret = store_secret(store, "token", 32, NULL);
    g_autoptr(mado_question) question = question_new();
    struct history *history;

    question->mail = mail;
    question->address = g_strdup("hanako@yamabuki.example");
    question->domain = g_strdup("yamabuki.example");
    question->message_id = g_strdup("1@x");
    question->text_sha256 = g_strdup("bb");
    g_free(question->payload_sha256);
    question->payload_sha256 = g_strdup(payload);
    MUST(history = store_consult(store, question, secret, NOW, &error));
    return history;
}

static void settle(struct store *store, guint64 mail, enum ledger ledger, guint64 incident)
{
    MUST(store_settle_mail(store, mail, ledger, incident, "", "", NOW, &error));
}

static void test_a_replay_is_found_and_is_not_itself(void)
{
    struct place place = place_new();
    g_autoptr(mado_crypto) crypto = some_crypto();
    g_autoptr(mado_history) own = NULL, other = NULL, none = NULL, copy = NULL;
    guint64 mail;

    MUST(store_begin(place.store, &error));
    mail = take(place.store, "a");
    MUST(store_keep_crypto(place.store, mail, crypto, &error));
    settle(place.store, mail, LEDGER_INCIDENT, 0);
    own = consult(place.store, mail, "5f0c");
    g_assert_cmpuint(own->replay_of, ==, 0);
    other = consult(place.store, mail + 1, "5f0c");
    g_assert_cmpuint(other->replay_of, ==, mail);
    none = consult(place.store, mail + 1, "");
    g_assert_cmpuint(none->replay_of, ==, 0);
    settle(place.store, mail, LEDGER_COPY, 0);
    copy = consult(place.store, mail + 1, "5f0c");
    g_assert_cmpuint(copy->replay_of, ==, 0);
    place_clear(&place);
}

static void keep_sealed_from(struct store *store, guint64 mail, const char *from)
{
    g_autoptr(mado_crypto) crypto = some_crypto();
    g_autoptr(mado_message) message = letter_from(from, "s", "");

    MUST(store_keep_message(store, mail, message, "cc", &error));
    MUST(store_keep_crypto(store, mail, crypto, &error));
}

static guint64 sealed_of(struct store *store, guint64 mail, const char *sealed)
{
    g_autoptr(GBytes) secret = store_secret(store, "token", 32, NULL);
    g_autoptr(mado_question) question = question_new();
    g_autoptr(mado_history) history = NULL;

    question->mail = mail;
    question->address = g_strdup("mallory@evil.example");
    question->domain = g_strdup("evil.example");
    question->message_id = g_strdup("");
    question->text_sha256 = g_strdup("");
    g_free(question->sealed_sha256);
    question->sealed_sha256 = g_strdup(sealed);
    MUST(history = store_consult(store, question, secret, NOW, &error));
    return history->sealed_of;
}

static void test_the_ciphertext_of_another_is_found(void)
{
    struct place place = place_new();
    guint64 alices, own;

    MUST(store_begin(place.store, &error));
    own = take(place.store, "a");
    alices = take(place.store, "b");
    keep_sealed_from(place.store, own, "Mallory@evil.example");
    settle(place.store, own, LEDGER_INCIDENT, 0);
    g_assert_cmpuint(sealed_of(place.store, alices + 1, "a7"), ==, 0); /* it is their own */
    keep_sealed_from(place.store, alices, "alice@peer.example");
    settle(place.store, alices, LEDGER_UNREADABLE, 0);
    g_assert_cmpuint(sealed_of(place.store, alices + 1, "a7"), ==, alices);
    g_assert_cmpuint(sealed_of(place.store, alices, "a7"), ==, 0);
    g_assert_cmpuint(sealed_of(place.store, alices + 1, ""), ==, 0);
    g_assert_cmpuint(sealed_of(place.store, alices + 1, "b7"), ==, 0);
    settle(place.store, alices, LEDGER_COPY, 0);
    g_assert_cmpuint(sealed_of(place.store, alices + 1, "a7"), ==, 0);
    place_clear(&place);
}

/* -- what stays closed -- */

static void test_closed_mail_waits_again_with_its_ticket(void)
{
    struct place place = place_new();
    g_autoptr(mado_crypto) crypto = closed_crypto(OPENED_NO_KEY);
    g_autoptr(mado_message) message = letter_from("Hanako@Yamabuki.example", "s", "");
    g_autoptr(mado_history) history = NULL;
    g_autoptr(GPtrArray) rows = NULL;
    g_autoptr(GArray) waiting = NULL;
    const struct unreadable *row;
    guint64 mail, incident, other;
    gint64 closed;

    message->message_id = g_strdup("1@x");
    MUST(store_begin(place.store, &error));
    mail = take(place.store, "a");
    other = take(place.store, "b");
    settle(place.store, other, LEDGER_INCIDENT, 0);
    incident = open_incident(place.store, "(encrypted)", "TLP:AMBER", NOW);
    MUST(store_keep_message(place.store, mail, message, "bb", &error));
    MUST(store_keep_unreadable(place.store, mail, crypto, NOW, &error));
    settle(place.store, mail, LEDGER_UNREADABLE, incident);
    MUST(store_keep_unreadable(place.store, mail, crypto, NOW + 5, &error));
    MUST(rows = store_unreadable(place.store, 0, 0, 10, &error));
    g_assert_cmpuint(rows->len, ==, 1);
    row = rows->pdata[0];
    g_assert_cmpstr(row->reason, ==, "no-key");
    g_assert_cmpstr(row->key_ids, ==, "AB\nCD");
    g_assert_true(row->since == NOW && row->tried_at == NOW + 5 && row->tries == 2);
    g_assert_cmpstr(row->number, ==, "2026-0001-K7");
    MUST(store_retry_unreadable(place.store, other, &error)); /* is not closed: stays */
    MUST(store_retry_unreadable(place.store, 0, &error));
    MUST(waiting = store_waiting_mails(place.store, 10, &error));
    g_assert_cmpuint(waiting->len, ==, 1);
    history = consult(place.store, mail, "");
    g_assert_cmpstr(history->own_ticket, ==, "2026-0001-K7");
    g_assert_true(history->own_ticket_is_older);
    MUST(store_journal(place.store, NOW, "mado", "opened", incident, other, "another's", &error));
    MUST(store_journal(place.store, NOW, "mado", "joined", incident, mail, "not opened", &error));
    g_clear_pointer(&history, history_free);
    history = consult(place.store, mail, "");
    g_assert_true(history->own_ticket_is_older);
    MUST(store_journal(place.store, NOW, "mado", "opened", incident, mail, "by it", &error));
    g_clear_pointer(&history, history_free);
    history = consult(place.store, mail, "");
    g_assert_false(history->own_ticket_is_older);
    g_assert_cmpuint(history->copy_of, ==, 0); /* not of itself, though it was read before */
    g_assert_false(history->same_id_other_text);
    MUST(store_drop_unreadable(place.store, mail, &error));
    MUST(store_count_unreadable(place.store, &closed, &error));
    g_assert_cmpint(closed, ==, 0);
    place_clear(&place);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/crypto/comes back", test_it_comes_back_as_it_was);
    g_test_add_func("/store/crypto/a plain mail has none", test_a_plain_mail_has_none);
    g_test_add_func("/store/crypto/pinned keys", test_only_pinned_keys_are_known);
    g_test_add_func("/store/crypto/replay", test_a_replay_is_found_and_is_not_itself);
    g_test_add_func(
        "/store/crypto/the ciphertext of another", test_the_ciphertext_of_another_is_found);
    g_test_add_func("/store/crypto/closed", test_closed_mail_waits_again_with_its_ticket);
    return g_test_run();
}
