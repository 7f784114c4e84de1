/* Contacts and keys as the store keeps them. */
#include "store-help.h"

static struct contact *person(const char *name, const char *const *addresses)
{
    struct contact *contact = contact_new(name);

    g_strfreev(contact->addresses);
    contact->addresses = g_strdupv((char **)addresses);
    return contact;
}

#define ADDRESSES(...) ((const char *const[]){__VA_ARGS__, NULL})

static guint64 add(struct store *store, const char *name, const char *address)
{
    g_autoptr(mado_contact) contact = person(name, ADDRESSES(address));

    MUST(store_add_contact(store, contact, NOW, &error));
    return contact->id;
}

/* -- contacts -- */

static void test_a_contact_is_found_by_name_and_address(void)
{
    struct place place = place_new();
    g_autoptr(mado_contact) shown = NULL;
    guint64 id, found;

    MUST(store_begin(place.store, &error));
    id = add(place.store, "Peer", "csirt@peer.example");
    MUST(store_find_contact(place.store, "Peer", &found, &error));
    g_assert_cmpuint(found, ==, id);
    MUST(store_find_address(place.store, "CSIRT@Peer.example", &found, &error));
    g_assert_cmpuint(found, ==, id);
    MUST(store_find_contact(place.store, "peer", &found, &error));
    g_assert_cmpuint(found, ==, 0);
    MUST(store_find_address(place.store, "irt@peer.example", &found, &error));
    g_assert_cmpuint(found, ==, 0);
    MUST(shown = store_contact(place.store, id, &error));
    g_assert_cmpstr(shown->name, ==, "Peer");
    g_assert_cmpstr(shown->addresses[0], ==, "csirt@peer.example");
    g_assert_cmpint(shown->verified_at, ==, 0);
    MUST_FAIL(store_contact(place.store, id + 1, &error), MADO_E_NO_SUCH);
    place_clear(&place);
}

static void test_an_address_and_a_name_are_of_one(void)
{
    struct place place = place_new();
    g_autoptr(mado_contact) same_address = person("Other", ADDRESSES("a@x.example"));
    g_autoptr(mado_contact) same_name = person("A", ADDRESSES("b@x.example"));

    MUST(store_begin(place.store, &error));
    add(place.store, "A", "a@x.example");
    MUST_FAIL(store_add_contact(place.store, same_address, NOW, &error), MADO_E_BAD_DATA);
    MUST_FAIL(store_add_contact(place.store, same_name, NOW, &error), MADO_E_BAD_DATA);
    place_clear(&place);
}

static void test_a_group_has_those_who_are_there(void)
{
    struct place place = place_new();
    g_autoptr(mado_contact) group = contact_new("Group");
    g_autoptr(mado_contact) shown = NULL;

    g_strfreev(group->members);
    group->members = g_strsplit("B A", " ", -1);
    MUST(store_begin(place.store, &error));
    add(place.store, "A", "a@x.example");
    add(place.store, "B", "b@x.example");
    MUST(store_add_contact(place.store, group, NOW, &error));
    MUST(shown = store_contact(place.store, group->id, &error));
    g_assert_cmpstr(shown->members[0], ==, "A");
    g_assert_cmpstr(shown->members[1], ==, "B");
    g_free(shown->members[1]);
    shown->members[1] = g_strdup("C");
    MUST_FAIL(store_change_contact(place.store, shown, NOW, &error), MADO_E_NO_SUCH);
    place_clear(&place);
}

static void test_contacts_are_listed_in_pages(void)
{
    struct place place = place_new();
    g_autofree char *last = NULL;
    guint seen = 0;

    MUST(store_begin(place.store, &error));
    for (int i = 0; i < 25; i++) {
        g_autofree char *name = g_strdup_printf("N%02d", i);
        g_autofree char *address =
            g_strdup_printf("n%d@%s", i, i % 2 ? "odd.example" : "x.example");
        add(place.store, name, address);
    }
    for (;;) {
        g_autoptr(GPtrArray) page = store_contacts(place.store, NULL, last, 10, NULL);
        for (guint i = 0; i < page->len; i++, seen++) {
            g_autofree char *name = g_strdup_printf("N%02u", seen);
            g_assert_cmpstr(((struct contact *)page->pdata[i])->name, ==, name);
        }
        if (page->len < 10)
            break;
        g_free(last);
        last = g_strdup(((struct contact *)page->pdata[9])->name);
    }
    g_assert_cmpuint(seen, ==, 25);
    {
        g_autoptr(GPtrArray) odd = store_contacts(place.store, "ODD.", NULL, 100, NULL);
        g_assert_cmpuint(odd->len, ==, 12);
    }
    place_clear(&place);
}

/* -- keys -- */

static char *fingerprint(char digit)
{
    return g_strnfill(40, digit);
}

struct made {
    char digit;
    const char *place;
    gint64 created, expires;
    gboolean revoked, cms, mute;
    gint64 encrypts_until, signs_until;
};

static void make(struct store *store, const struct made *made)
{
    struct key_info *info = key_info_new();

    g_free(info->fingerprint);
    info->fingerprint = fingerprint(made->digit);
    info->created = made->created;
    info->expires = made->expires;
    info->encrypts_until = made->encrypts_until;
    info->signs_until = made->signs_until;
    info->revoked = made->revoked;
    info->cms = made->cms;
    info->can_sign = !made->mute;
    info->can_encrypt = TRUE;
    info->bytes = g_bytes_new(&made->digit, 1);
    MUST(store_add_key(store, info, made->place, "test", NOW, &error));
    key_info_free(info);
}

static void make_all(struct store *store, const struct made *made, gsize count)
{
    MUST(store_begin(store, &error));
    for (gsize i = 0; i < count; i++)
        make(store, &made[i]);
}

/* "ABC": the first digits. */
static char *digits(const GPtrArray *keys)
{
    GString *all = g_string_new(NULL);

    for (guint i = 0; i < keys->len; i++)
        g_string_append_c(all, *((struct key *)keys->pdata[i])->fingerprint);
    return g_string_free(all, FALSE);
}

static void check_keys(GPtrArray *keys, const char *expected)
{
    g_autofree char *found = digits(keys);

    g_assert_cmpstr(found, ==, expected);
    g_ptr_array_unref(keys);
}

static void test_keys_are_listed_by_what_they_are_worth(void)
{
    static const struct made made[] = {{'A', "offered"}, {'B', "pinned"}, {'C', "own"},
        {'D', "own-old"}, {'E', "unpinned"}, {'F', "pinned"}};
    struct place place = place_new();
    g_autofree char *b = fingerprint('B');
    const struct key last = {.fingerprint = b};

    make_all(place.store, made, G_N_ELEMENTS(made));
    check_keys(store_keys(place.store, NULL, NULL, 100, NULL), "CDBFEA");
    check_keys(store_keys(place.store, NULL, NULL, 3, NULL), "CDB");
    check_keys(store_keys(place.store, NULL, &last, 100, NULL), "FEA");
    check_keys(store_keys(place.store, "pinned", NULL, 100, NULL), "BF");
    check_keys(store_keys(place.store, "bbbb", NULL, 100, NULL), "B");
    check_keys(store_keys_in(place.store, "own-old", NULL), "D");
    check_keys(store_keys_like(place.store, "EEEE", 100, NULL), "E");
    check_keys(store_keys_from(place.store, "test", NULL), "ABCDEF");
    place_clear(&place);
}

static void pin(struct store *store, char digit, guint64 contact)
{
    g_autofree char *full = fingerprint(digit);

    MUST(
        store_pin_key(store, full, &(struct key_pin){contact, "suzuki", "telephone", NOW}, &error));
}

static void test_the_keys_of_a_contact_are_those_ever_pinned_to_it(void)
{
    static const struct made made[] = {
        {'A', "offered", 1}, {'B', "offered", 2}, {'C', "offered", 3}, {'D', "offered", 4}};
    struct place place = place_new();
    g_autofree char *c = fingerprint('C');
    g_autoptr(mado_key) key = NULL;
    guint64 alice, bob;

    make_all(place.store, made, G_N_ELEMENTS(made));
    alice = add(place.store, "Alice", "alice@x.example");
    bob = add(place.store, "Bob", "bob@x.example");
    pin(place.store, 'A', alice);
    pin(place.store, 'B', alice);
    pin(place.store, 'C', alice);
    pin(place.store, 'D', bob);
    MUST(store_place_key(place.store, c, "unpinned", &error));
    check_keys(store_keys_of_contact(place.store, alice, NULL), "ABC");
    MUST(key = store_key(place.store, c, &error));
    g_assert_cmpstr(key->owner, ==, "Alice");
    g_assert_cmpstr(key->pinned_by, ==, "suzuki");
    g_assert_cmpstr(key->pinned_how, ==, "telephone");
    place_clear(&place);
}

static void test_the_newest_of_ours_that_can_signs(void)
{
    static const struct made made[] = {{'1', "own", 10}, {'2', "own", 20}, {'3', "own", 30, NOW},
        {'4', "own", 40, 0, TRUE}, {'5', "own", 50, .cms = TRUE}, {'6', "own-old", 60},
        {'7', "pinned", 70}, {'8', "own", 80, .mute = TRUE},
        {'9', "own", 90, .signs_until = NOW - 1}};
    struct place place = place_new();
    g_autoptr(mado_key) own = NULL, cms = NULL, before = NULL;

    make_all(place.store, made, G_N_ELEMENTS(made));
    MUST(store_signing_key(place.store, FALSE, NOW, &own, &error));
    g_assert_cmpint(*own->fingerprint, ==, '2');
    MUST(store_signing_key(place.store, TRUE, NOW, &cms, &error));
    g_assert_cmpint(*cms->fingerprint, ==, '5');
    MUST(store_signing_key(place.store, FALSE, NOW - 1, &before, &error));
    g_assert_cmpint(*before->fingerprint, ==, '3');
    place_clear(&place);
}

static void test_without_a_key_nobody_signs_and_that_is_no_error(void)
{
    struct place place = place_new();
    g_autoptr(mado_key) own = NULL;

    MUST(store_signing_key(place.store, FALSE, NOW, &own, &error));
    g_assert_null(own);
    place_clear(&place);
}

static void test_only_what_counts_is_watched(void)
{
    static const struct made made[] = {{'1', "own", 0, NOW + 5}, {'2', "pinned", 0, NOW + 5},
        {'3', "offered", 0, NOW + 5}, {'4', "unpinned", 0, NOW + 5}, {'5', "own-old", 0, NOW + 5},
        {'6', "pinned", 0, NOW + 50}, {'7', "pinned"}, {'8', "pinned", .revoked = TRUE},
        {'9', "pinned", .encrypts_until = NOW + 5, .expires = NOW + 70},
        {'A', "pinned", .signs_until = NOW + 5, .expires = NOW + 70},
        {'B', "own", .signs_until = NOW + 5, .expires = NOW + 70}};
    struct place place = place_new();

    make_all(place.store, made, G_N_ELEMENTS(made));
    check_keys(store_keys_to_watch(place.store, NOW + 10, NULL), "1B829");
    place_clear(&place);
}

/* It is asked for with each letter. */
static void test_the_question_who_signs_is_planned_once(void)
{
    struct place place = place_new();
    sqlite3_stmt *statement;

    for (gint64 now = NOW; now < NOW + 3; now++) {
        g_autoptr(mado_key) key = NULL;
        MUST(store_signing_key(place.store, FALSE, now, &key, &error));
    }
    for (statement = sqlite3_next_stmt(place.store->db, NULL); statement;
         statement = sqlite3_next_stmt(place.store->db, statement))
        g_assert_cmpint(sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_REPREPARE, FALSE), ==, 0);
    place_clear(&place);
}

static void test_a_newer_copy_changes_claims_and_nothing_else(void)
{
    static const struct made made[] = {{'A', "offered", 1, NOW}};
    struct place place = place_new();
    g_autofree char *a = fingerprint('A');
    struct key_info *newer = key_info_new();
    g_autoptr(GBytes) bytes = NULL, again = NULL;
    g_autoptr(mado_key) key = NULL;
    g_autoptr(GBytes) two = g_bytes_new_static("22", 2);

    make_all(place.store, made, 1);
    pin(place.store, 'A', add(place.store, "Alice", "alice@x.example"));
    g_free(newer->fingerprint);
    newer->fingerprint = g_strdup(a);
    newer->expires = NOW + 100;
    MUST(store_refresh_key(place.store, newer, &error));
    MUST(bytes = store_key_bytes(place.store, a, &error));
    g_assert_cmpuint(g_bytes_get_size(bytes), ==, 1); /* a copy without bytes leaves them */
    newer->bytes = g_bytes_ref(two);
    MUST(store_refresh_key(place.store, newer, &error));
    MUST(again = store_key_bytes(place.store, a, &error));
    g_assert_true(g_bytes_equal(again, two));
    MUST(key = store_key(place.store, a, &error));
    g_assert_cmpint(key->expires, ==, NOW + 100);
    g_assert_cmpstr(key->place, ==, "pinned");
    g_assert_cmpstr(key->owner, ==, "Alice");
    key_info_free(newer);
    place_clear(&place);
}

/* -- offers -- */

static void test_the_same_bytes_are_noted_once_and_offers_are_counted(void)
{
    struct place place = place_new();
    g_autoptr(mado_message) alice = letter_from("alice@x.example", "a", "a");
    g_autoptr(mado_message) bob = letter_from("bob@x.example", "b", "b");
    guint64 first, second;
    gint64 of_sender, all;
    gboolean fresh;

    MUST(store_begin(place.store, &error));
    first = take(place.store, "first");
    second = take(place.store, "second");
    MUST(store_keep_message(place.store, first, alice, "00", &error));
    MUST(store_keep_message(place.store, second, bob, "00", &error));
    MUST(store_note_offer(place.store, "s1", first, NOW, &fresh, &error));
    g_assert_true(fresh);
    MUST(store_note_offer(place.store, "s1", second, NOW, &fresh, &error));
    g_assert_false(fresh);
    MUST(store_note_offer(place.store, "s2", second, NOW + 10, &fresh, &error));
    MUST(store_count_offers(place.store, first, NOW - 1, &of_sender, &all, &error));
    g_assert_cmpint(of_sender, ==, 1);
    g_assert_cmpint(all, ==, 2);
    MUST(store_count_offers(place.store, first, NOW, &of_sender, &all, &error));
    g_assert_cmpint(of_sender, ==, 0);
    g_assert_cmpint(all, ==, 1);
    MUST(store_forget_offer(place.store, "s1", &error));
    MUST(store_note_offer(place.store, "s1", second, NOW, &fresh, &error));
    g_assert_true(fresh);
    place_clear(&place);
}

/* -- what nobody pinned -- */

static void offer_key(struct store *store, char digit, const char *place, gint64 at)
{
    struct key_info *info = key_info_new();
    g_autofree char *origin = NULL, *bytes = g_strdup_printf("mail %c", digit);
    g_autofree char *sha256 = g_strdup_printf("s%c", digit);
    guint64 mail = take(store, bytes);
    gboolean fresh;

    g_free(info->fingerprint);
    info->fingerprint = fingerprint(digit);
    info->bytes = g_bytes_new(&digit, 1);
    origin = g_strdup_printf("mail:%" G_GUINT64_FORMAT, mail);
    MUST(store_add_key(store, info, place, origin, at, &error));
    MUST(store_note_offer(store, sha256, mail, at, &fresh, &error));
    key_info_free(info);
}

static gboolean is_noted(struct store *store, const char *sha256)
{
    gboolean fresh;

    MUST(store_note_offer(store, sha256, 1, NOW, &fresh, &error));
    return !fresh;
}

static void test_old_offers_go(void)
{
    const struct old_offers old = {NOW - 100, NOW - 10, 2};
    static const struct made by_hand[] = {{'9', "offered"}};
    struct place place = place_new();
    guint count;

    make_all(place.store, by_hand, 1);
    offer_key(place.store, '1', "offered", NOW - 101); /* too old */
    offer_key(place.store, '2', "pinned", NOW - 101);
    offer_key(place.store, '3', "unpinned", NOW - 101);
    offer_key(place.store, '4', "offered", NOW - 50); /* one too many */
    offer_key(place.store, '5', "offered", NOW - 40);
    offer_key(place.store, '6', "offered", NOW - 5);
    MUST(store_forget_old_offers(place.store, &old, &count, &error));
    g_assert_cmpuint(count, ==, 2);
    check_keys(store_keys(place.store, "", NULL, 100, NULL), "23569");
    g_assert_false(is_noted(place.store, "s1"));
    g_assert_false(is_noted(place.store, "s4"));
    g_assert_true(is_noted(place.store, "s5"));
    g_assert_true(is_noted(place.store, "s6"));
    place_clear(&place);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/keys/old offers", test_old_offers_go);
    g_test_add_func("/contact/found", test_a_contact_is_found_by_name_and_address);
    g_test_add_func("/contact/of one", test_an_address_and_a_name_are_of_one);
    g_test_add_func("/contact/group", test_a_group_has_those_who_are_there);
    g_test_add_func("/contact/pages", test_contacts_are_listed_in_pages);
    g_test_add_func("/key/listed by worth", test_keys_are_listed_by_what_they_are_worth);
    g_test_add_func("/key/of a contact", test_the_keys_of_a_contact_are_those_ever_pinned_to_it);
    g_test_add_func("/key/the newest signs", test_the_newest_of_ours_that_can_signs);
    g_test_add_func("/key/none signs", test_without_a_key_nobody_signs_and_that_is_no_error);
    g_test_add_func("/key/planned once", test_the_question_who_signs_is_planned_once);
    g_test_add_func("/key/watched", test_only_what_counts_is_watched);
    g_test_add_func("/key/newer copy", test_a_newer_copy_changes_claims_and_nothing_else);
    g_test_add_func("/offer/noted once", test_the_same_bytes_are_noted_once_and_offers_are_counted);
    return g_test_run();
}
