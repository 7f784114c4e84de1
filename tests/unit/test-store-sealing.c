/* Letters that wait to be signed or sealed, and what the gate asks the store. */
#include "store-help.h"

static guint64 queue_with(
    struct store *store, const char *cause, const char *seal, const char *held)
{
    return queue_letter(store, &(struct new_letter){.kind = "ack",
                                   .cause = cause,
                                   .recipient = "Hanako@Yamabuki.example",
                                   .at = NOW,
                                   .seal = seal,
                                   .held = held});
}

static char *ids_of(GArray *ids)
{
    GString *text = g_string_new(NULL);

    g_assert_nonnull(ids);
    for (guint i = 0; i < ids->len; i++)
        g_string_append_printf(text, "%" G_GUINT64_FORMAT " ", g_array_index(ids, guint64, i));
    g_array_unref(ids);
    return g_string_free(text, FALSE);
}

static void check_unsealed(struct store *store, const char *expected)
{
    g_autofree char *ids = ids_of(store_unsealed_letters(store, NOW, 10, NULL));
    g_assert_cmpstr(ids, ==, expected);
}

static void check_held(struct store *store, const char *expected)
{
    g_autofree char *ids = ids_of(store_held_letters(store, 0, 10, NULL));
    g_assert_cmpstr(ids, ==, expected);
}

static void check_due(struct store *store, const char *expected)
{
    g_autoptr(GPtrArray) due = store_due_letters(store, NOW, 10, NULL);
    g_autoptr(GString) ids = g_string_new(NULL);

    for (guint i = 0; i < due->len; i++)
        g_string_append_printf(
            ids, "%" G_GUINT64_FORMAT " ", ((struct due_letter *)due->pdata[i])->id);
    g_assert_cmpstr(ids->str, ==, expected);
}

static void seal(struct store *store, guint64 letter, const char *bytes, gboolean expected)
{
    g_autoptr(GBytes) sealed = bytes ? g_bytes_new(bytes, strlen(bytes)) : NULL;
    gboolean taken = FALSE;

    MUST(store_letter_sealed(
        store, letter, &(struct sealed_letter){sealed, "TO", "BY"}, NOW, &taken, &error));
    g_assert_cmpint(taken, ==, expected);
}

static char *bytes_of(struct store *store, guint64 letter)
{
    g_autoptr(GBytes) bytes = NULL;

    MUST(bytes = store_letter_bytes(store, letter, &error));
    return g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
}

/* The courier gets nothing that is not signed yet, and the letters of one address keep their order
 * all the same. */
static void test_nothing_goes_before_it_is_sealed(void)
{
    struct place place = place_new();
    g_autofree char *bytes = NULL;
    struct outbox_row *row;

    MUST(store_begin(place.store, &error));
    queue_with(place.store, "mail:1", "sign", NULL);
    queue_with(place.store, "mail:2", "seal", NULL);
    check_due(place.store, "");
    check_unsealed(place.store, "1 2 ");
    MUST_FAIL(store_letter_sending(place.store, 1, &error), MADO_E_NO_SUCH);
    seal(place.store, 2, "sealed", TRUE);
    check_due(place.store, "");
    check_unsealed(place.store, "1 ");
    seal(place.store, 1, "signed", TRUE);
    check_due(place.store, "1 ");
    MUST(store_letter_settled(place.store, 1, "sent", "250", NOW, NOW, &error));
    check_due(place.store, "2 ");
    bytes = bytes_of(place.store, 2);
    g_assert_cmpstr(bytes, ==, "sealed");
    MUST(row = store_letter_show(place.store, 2, &error));
    g_assert_cmpstr(row->seal, ==, "");
    g_assert_cmpstr(row->sealed_to, ==, "TO");
    g_assert_cmpstr(row->signed_with, ==, "BY");
    outbox_row_free(row);
    place_clear(&place);
}

static void test_a_letter_is_sealed_once(void)
{
    struct place place = place_new();
    g_autofree char *bytes = NULL;

    MUST(store_begin(place.store, &error));
    queue_with(place.store, "mail:1", "sign", NULL);
    queue_with(place.store, "mail:2", "sign", NULL);
    seal(place.store, 1, "signed", TRUE);
    seal(place.store, 1, "signed by another", FALSE);
    bytes = bytes_of(place.store, 1);
    g_assert_cmpstr(bytes, ==, "signed");
    MUST(store_drop_letter(place.store, 2, "tanaka", "told by telephone", NOW, &error));
    seal(place.store, 2, "signed too late", FALSE);
    place_clear(&place);
}

static void test_as_it_is(void)
{
    struct place place = place_new();
    g_autofree char *before = NULL, *after = NULL;

    MUST(store_begin(place.store, &error));
    queue_with(place.store, "mail:1", "sign", NULL);
    before = bytes_of(place.store, 1);
    seal(place.store, 1, NULL, TRUE);
    after = bytes_of(place.store, 1);
    g_assert_cmpstr(after, ==, before);
    check_due(place.store, "1 ");
    place_clear(&place);
}

static void test_a_letter_waits_for_its_next_try(void)
{
    struct place place = place_new();
    g_autofree char *late = NULL;

    MUST(store_begin(place.store, &error));
    queue_with(place.store, "mail:1", "sign", NULL);
    queue_with(place.store, "mail:2", "sign", NULL);
    MUST(store_letter_waits(place.store, 1, NOW + 5, "gpg ended", &error));
    check_unsealed(place.store, "2 ");
    late = ids_of(store_unsealed_letters(place.store, NOW + 5, 10, NULL));
    g_assert_cmpstr(late, ==, "2 1 ");
    place_clear(&place);
}

static void test_what_is_held_leads_nobody(void)
{
    struct place place = place_new();
    gint64 held, oldest, newest;

    MUST(store_begin(place.store, &error));
    queue_with(place.store, "mail:1", "seal", "no key");
    queue_with(place.store, "mail:2", "", NULL);
    check_held(place.store, "1 ");
    check_due(place.store, "2 ");
    check_unsealed(place.store, "");
    MUST(store_count_held(place.store, &held, &oldest, &newest, &error));
    g_assert_cmpint(held, ==, 1);
    g_assert_cmpint(oldest, ==, NOW);
    MUST(store_letter_released(place.store, 1, 0, NOW, &error));
    check_held(place.store, "");
    check_unsealed(place.store, "1 ");
    check_due(place.store, "");
    seal(place.store, 1, "sealed", TRUE);
    check_due(place.store, "1 ");
    MUST_FAIL(store_letter_released(place.store, 1, 0, NOW, &error), MADO_E_NO_SUCH);
    place_clear(&place);
}

static void test_a_letter_that_is_held_later_lets_the_next_one_lead(void)
{
    struct place place = place_new();

    MUST(store_begin(place.store, &error));
    queue_with(place.store, "mail:1", "seal", NULL);
    queue_with(place.store, "mail:2", "", NULL);
    check_due(place.store, "");
    MUST(store_letter_settled(place.store, 1, "held", "gpg refuses", NOW, NOW, &error));
    check_due(place.store, "2 ");
    place_clear(&place);
}

/* -- what the gate asks -- */

static const char people[] =
    "INSERT INTO contact (id, kind, name, organisation, language, seal, note, verified_by,"
    " verified_how, created_at, changed_at) VALUES"
    " (1, 'person', 'Hanako', '', '', 'always', '', '', '', 0, 0),"
    " (2, 'person', 'Ichiro', '', '', 'auto', '', '', '', 0, 0);"
    "INSERT INTO contact_address VALUES ('hanako@yamabuki.example', 1, 0),"
    " ('ichiro@yamabuki.example', 2, 0);"
    "INSERT INTO key (fingerprint, cms, place, contact, user_ids, addresses, algorithm, created,"
    " expires, revoked, can_sign, can_encrypt, origin, came_at, pinned_by, pinned_how, bytes)"
    " VALUES ('A0', 0, 'pinned', 1, '', '', '', 1, 0, 0, 1, 1, '', 0, '', '', x'01'),"
    " ('A1', 0, 'pinned', 1, '', '', '', 1, 0, 0, 1, 1, '', 0, '', '', x'01'),"
    " ('A2', 1, 'pinned', 1, '', '', '', 1, 9, 1, 1, 0, '', 0, '', '', x'01'),"
    " ('A3', 0, 'unpinned', 1, '', '', '', 1, 0, 0, 1, 1, '', 0, '', '', x'01'),"
    " ('A4', 0, 'offered', NULL, '', 'hanako@yamabuki.example', '', 1, 0, 0, 1, 1, '', 0, '', '',"
    " x'01');"
    "UPDATE key SET encrypts = 1, encrypts_until = 7 WHERE fingerprint = 'A0';"
    "UPDATE key SET encrypts_until = 19 WHERE fingerprint = 'A2'";

/* Only what a person has pinned, and not what a key says of itself. */
static void test_addressees(void)
{
    struct place place = place_new();
    g_autoptr(mado_addressee) hanako = NULL, ichiro = NULL, nobody = NULL;
    const struct pinned_key *key;

    tamper(&place, people);
    MUST(hanako = store_addressee(place.store, "Hanako@Yamabuki.EXAMPLE", &error));
    g_assert_cmpuint(hanako->contact, ==, 1);
    g_assert_true(hanako->always_seal);
    g_assert_cmpuint(hanako->keys->len, ==, 3);
    key = hanako->keys->pdata[0];
    g_assert_true(key->encrypts && key->expires == 7); /* with all of it that encrypts */
    key = hanako->keys->pdata[1];
    g_assert_cmpstr(key->fingerprint, ==, "A1");
    g_assert_true(key->can_encrypt && !key->cms && !key->revoked && !key->expires);
    g_assert_false(key->encrypts);
    key = hanako->keys->pdata[2];
    g_assert_true(!key->can_encrypt && key->cms && key->revoked && key->expires == 9);
    MUST(ichiro = store_addressee(place.store, "ichiro@yamabuki.example", &error));
    g_assert_cmpuint(ichiro->contact, ==, 2);
    g_assert_true(!ichiro->always_seal && ichiro->keys->len == 0);
    MUST(nobody = store_addressee(place.store, "hanako@yamabuki.example.org", &error));
    g_assert_cmpuint(nobody->contact, ==, 0);
    g_assert_cmpuint(nobody->keys->len, ==, 0);
    place_clear(&place);
}

/* However many wait, what is due is found by an index. */
static void check_plan(struct place *place, const char *sql, const char *index)
{
    g_autofree char *plan = g_strdup_printf("EXPLAIN QUERY PLAN %s", sql);
    sqlite3_stmt *statement;
    g_autofree char *detail = NULL;

    g_assert_cmpint(
        sqlite3_prepare_v2(place->store->db, plan, -1, &statement, NULL), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_step(statement), ==, SQLITE_ROW);
    detail = g_strdup((const char *)sqlite3_column_text(statement, 3));
    sqlite3_finalize(statement);
    g_test_message("%s", detail);
    g_assert_nonnull(strstr(detail, index));
}

static void test_what_is_due_is_found_by_an_index(void)
{
    struct place place = place_new();

    check_plan(&place,
        "SELECT id FROM outbox WHERE seal <> '' AND +state IN ('queued', 'deferred')"
        " AND next_try <= 1 ORDER BY next_try, id LIMIT 2",
        "outbox_unsealed");
    check_plan(&place,
        "SELECT id, sender, recipient FROM outbox WHERE leads = 1 AND seal = '' AND next_try <= 1"
        " AND +state IN ('queued', 'deferred') ORDER BY next_try, id LIMIT 2",
        "outbox_due");
    check_plan(&place,
        "SELECT count(*) FROM outbox WHERE kind IN ('ack', 'unreadable') AND address = 'a'"
        " AND created_at > 1 AND created_at <= 2 AND opens = 1",
        "outbox_acked");
    place_clear(&place);
}

/* -- who told us -- */

#define MESSAGE(mail, from)                                                                        \
    "INSERT INTO message (mail, from_name, from_addr, from_key, subject, subject_from, date,"      \
    " message_id, language, machine, machine_why, problems, text_from, text_sha256, text)"         \
    " VALUES (" mail ", '', '" from "', lower('" from "'), '', 'outer', '', '', '', 'no', '', ''," \
    " 'plain', '', '');"

static const char told[] =
    "INSERT INTO incident (id, year, sequence, number, state, severity, category, label, subject,"
    " reporter_name, reporter_addr, opened_at, updated_at) VALUES (7, 2026, 1, '2026-0001-AA', "
    "'new',"
    " 'high', 'other', 'TLP:RED', '', '', '', 0, 0);"
    "INSERT INTO mail (id, sha256, size, arrived_at, source, ledger, incident) VALUES"
    " (91, 'a', 1, 0, '', 'incident', 7), (92, 'b', 1, 0, '', 'incident', 7),"
    " (93, 'c', 1, 0, '', 'unreadable', 7);" MESSAGE("91", "Hanako@yamabuki.example")
        MESSAGE("92", "peer@peer.example") MESSAGE("93",
            "hanako@yamabuki.example") "INSERT INTO marking VALUES (91, 0, 'TLP', 'GREEN', "
                                       "'TLP:GREEN', 'subject', 0),"
                                       " (91, 1, 'TLP', 'RED', 'TLP:RED', 'quotation', 1),"
                                       " (92, 0, 'TLP', '', 'TLP:PINK', 'subject', 0);"
                                       "INSERT INTO crypto (mail, encrypted, encrypted_to, "
                                       "integrity, signed, signed_by,"
                                       " payload_sha256, closed, key_ids, problems) VALUES"
                                       " (93, 'full', '', 'ok', 'none', '', '', 'no-key', '', '');"
                                       "INSERT INTO reporter VALUES (7, 'phone@caller.example', "
                                       "'Caller', 0, 0)";

/* What is closed may say anything, and a word that is no label is the strictest. */
static void test_who_told_us(void)
{
    static const struct {
        const char *address;
        guint64 contact;
        gint64 numbers[6]; /* theirs, others, labelled, strictest, sealed, reported */
    } rows[] = {
        {"HANAKO@yamabuki.example", 0, {2, 1, 1, 3, 1, 0}},
        {"other@yamabuki.example", 1, {2, 1, 1, 3, 1, 0}}, /* of the same contact */
        {"peer@peer.example", 0, {1, 2, 1, 0, 0, 0}},
        {"phone@caller.example", 0, {0, 3, 0, 5, 0, 1}},
        {"nobody@else.example", 2, {0, 3, 0, 5, 0, 0}},
    };
    struct place place = place_new();

    tamper(&place, people);
    tamper(&place, told);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct teller teller = {rows[i].address, rows[i].contact};
        struct telling found;
        MUST(store_telling(place.store, 7, &teller, &found, &error));
        g_assert_cmpint(found.theirs, ==, rows[i].numbers[0]);
        g_assert_cmpint(found.others, ==, rows[i].numbers[1]);
        g_assert_cmpint(found.labelled, ==, rows[i].numbers[2]);
        g_assert_cmpint(found.strictest, ==, rows[i].numbers[3]);
        g_assert_cmpint(found.sealed, ==, rows[i].numbers[4]);
        g_assert_cmpint(found.reported, ==, rows[i].numbers[5]);
    }
    place_clear(&place);
}

static void test_who_is_named(void)
{
    struct place place = place_new();
    const struct naming naming = {.user = (char *)"sato", .reason = (char *)"agreed", .at = NOW};
    g_autoptr(GPtrArray) named = NULL;

    tamper(&place, people);
    tamper(&place, told);
    MUST(store_begin(place.store, &error));
    MUST(store_name_contact(place.store, 7, 2, &naming, &error));
    MUST(store_name_contact(place.store, 7, 2, &naming, &error));
    MUST(named = store_named(place.store, 7, &error));
    g_assert_cmpuint(named->len, ==, 1);
    g_assert_cmpstr(((struct naming *)named->pdata[0])->name, ==, "Ichiro");
    MUST(store_unname_contact(place.store, 7, 2, &error));
    MUST_FAIL(store_unname_contact(place.store, 7, 2, &error), MADO_E_NO_SUCH);
    place_clear(&place);
}

/* Another CSIRT is of the community, unless something else is written down. */
static void test_what_they_are_to_us(void)
{
    struct place place = place_new();
    g_autoptr(mado_addressee) peer = NULL, inside = NULL, nobody = NULL;

    tamper(&place, people);
    tamper(&place, "UPDATE contact SET kind = 'peer', verified_at = 5 WHERE id = 1;"
                   "UPDATE contact SET kind = 'peer', relation = 'inside', clearance = 'TLP:RED'"
                   " WHERE id = 2");
    MUST(peer = store_addressee(place.store, "hanako@yamabuki.example", &error));
    g_assert_cmpstr(peer->relation, ==, "community");
    g_assert_true(peer->verified);
    MUST(inside = store_addressee(place.store, "ichiro@yamabuki.example", &error));
    g_assert_cmpstr(inside->relation, ==, "inside");
    g_assert_cmpstr(inside->clearance, ==, "TLP:RED");
    g_assert_false(inside->verified);
    MUST(nobody = store_addressee(place.store, "nobody@else.example", &error));
    g_assert_cmpstr(nobody->name, ==, "");
    g_assert_cmpstr(nobody->relation, ==, "");
    place_clear(&place);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func(
        "/sealing/nothing goes before it is sealed", test_nothing_goes_before_it_is_sealed);
    g_test_add_func("/sealing/a letter is sealed once", test_a_letter_is_sealed_once);
    g_test_add_func("/sealing/as it is", test_as_it_is);
    g_test_add_func(
        "/sealing/a letter waits for its next try", test_a_letter_waits_for_its_next_try);
    g_test_add_func("/sealing/what is held leads nobody", test_what_is_held_leads_nobody);
    g_test_add_func("/sealing/held later, the next one leads",
        test_a_letter_that_is_held_later_lets_the_next_one_lead);
    g_test_add_func("/sealing/addressees", test_addressees);
    g_test_add_func(
        "/sealing/what is due is found by an index", test_what_is_due_is_found_by_an_index);
    g_test_add_func("/sealing/who told us", test_who_told_us);
    g_test_add_func("/sealing/who is named", test_who_is_named);
    g_test_add_func("/sealing/what they are to us", test_what_they_are_to_us);
    return g_test_run();
}
