/* What operators may write of a contact, and how long a key lasts. */
#include "alarm.h"
#include "error.h"
#include "people.h"
#include <string.h>

#define NOW G_GINT64_CONSTANT(1790000000)
#define DAY G_GINT64_CONSTANT(86400)

static void test_words_change_a_contact_or_are_refused(void)
{
    static const struct {
        const char *word;
        const char *difference; /* NULL: refused */
        const char *says;
    } rows[] = {
        {"language=ja", "language ja"},
        {"language=", NULL, NULL},
        {"language=fr", NULL, "ja, en"},
        {"kind=peer", "kind peer"},
        {"kind=robot", NULL, "person, organisation, peer, group"},
        {"seal=always", "seal always"},
        {"seal=", NULL, "auto, always"},
        {"name=  Peer CSIRT ", "name Peer CSIRT"},
        {"name=a\nb", NULL, "cannot be seen"},
        {"name=\u202ea", NULL, "cannot be seen"},
        {"note=x=y", "note x=y"},
        {"note+=x", NULL, "one text"},
        {"address=A@x.example; b@x.example", "address a@x.example, b@x.example"},
        {"address+=C@x.example", "address old@x.example, c@x.example"},
        {"address+=OLD@x.example", NULL, NULL},
        {"address-=old@x.example", "address (none)"},
        {"address-=c@x.example", NULL, "has no address"},
        {"address=a <b@x.example>", NULL, "no mail address"},
        {"address=", "address (none)"},
        {"member+=Tanaka", "member Tanaka"},
        {"member-=Tanaka", NULL, "has no member"},
        {"verified=by telephone", "verified by telephone"},
        {"organisation=株式会社やまぶき", "organisation 株式会社やまぶき"},
        {"adress=x", NULL, "it has: name"},
        {"hello", NULL, "field=value"},
        {"=x", NULL, "field=value"},
        {"+=x", NULL, "no field"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mado_contact) before = contact_new("Before");
        g_autoptr(mado_contact) after = NULL;
        g_autoptr(GError) error = NULL;
        g_autofree char *difference = NULL;
        gboolean done;
        g_assert_true(contact_set(before, "address+=old@x.example", NULL));
        after = contact_copy(before);
        done = contact_set(after, rows[i].word, &error);
        difference = contact_difference(before, after);
        if (rows[i].difference || !rows[i].says) {
            g_assert_no_error(error);
            g_assert_true(done);
            g_assert_cmpstr(difference, ==, rows[i].difference);
            continue;
        }
        g_assert_error(error, MADO_ERROR, MADO_E_BAD_DATA);
        if (!strstr(error->message, rows[i].says))
            g_test_fail_printf("%s: %s", rows[i].word, error->message);
    }
}

static void test_what_does_not_fit_together_is_a_problem(void)
{
    static const struct {
        const char *words, *problem;
    } rows[] = {
        {"name=Peer", NULL},
        {"name=", "a contact has a name"},
        {"name=42", "taken for a number"},
        {"name=a@b.example", "an address"},
        {"name=Peer|member+=A", "only a group has members"},
        {"name=Peer|kind=group|member+=A", NULL},
        {"name=Peer|kind=group|member+=Peer", "member of itself"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mado_contact) contact = contact_new("");
        g_auto(GStrv) words = g_strsplit(rows[i].words, "|", -1);
        g_autoptr(GError) error = NULL;
        for (char **word = words; *word; word++)
            g_assert_true(contact_set(contact, *word, NULL));
        g_assert_cmpint(contact_check(contact, &error), ==, rows[i].problem == NULL);
        if (rows[i].problem)
            g_assert_nonnull(strstr(error->message, rows[i].problem));
    }
}

static void test_a_name_has_an_end(void)
{
    g_autoptr(mado_contact) contact = contact_new("");
    g_autofree char *long_name = g_strnfill(300, 'x');
    g_autofree char *word = g_strconcat("name=", long_name, NULL);
    g_autoptr(GError) error = NULL;

    g_assert_false(contact_set(contact, word, &error));
    g_assert_nonnull(strstr(error->message, "longer than"));
}

static void test_only_all_of_a_fingerprint_is_one(void)
{
    static const struct {
        const char *typed, *full;
    } rows[] = {
        {"0123 4567 89ab cdef 0123  4567 89AB CDEF 0123 4567",
            "0123456789ABCDEF0123456789ABCDEF01234567"},
        {"0123:4567:89ab:cdef:0123:4567:89AB:CDEF:0123:4567",
            "0123456789ABCDEF0123456789ABCDEF01234567"},
        {"0123456789ABCDEF0123456789ABCDEF0123456", NULL},
        {"0123456789ABCDEF0123456789ABCDEF012345678", NULL},
        {"0x0123456789ABCDEF0123456789ABCDEF01234567", NULL},
        {"89ABCDEF01234567", NULL},
        {"a@b.example", NULL},
        {"", NULL},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *full = key_full_fingerprint(rows[i].typed);
        g_assert_cmpstr(full, ==, rows[i].full);
    }
}

/* -- the end of a key -- */

static void test_a_key_gets_worse_in_steps(void)
{
    static const struct {
        gint64 left; /* seconds; G_MAXINT64: it never ends */
        int revoked;
        enum key_health health;
        gint64 since; /* behind the step, likewise; -1: nobody knows */
        const char *words;
    } rows[] = {
        {G_MAXINT64, 0, KEY_GOOD, -1, "good"},
        {60 * DAY + 1, 0, KEY_GOOD, -1, "good"},
        {60 * DAY, 0, KEY_ENDS_IN_60, 0, "ends in 60 days"},
        {31 * DAY, 0, KEY_ENDS_IN_60, 29 * DAY, "ends in 31 days"},
        {30 * DAY, 0, KEY_ENDS_IN_30, 0, "ends in 30 days"},
        {7 * DAY, 0, KEY_ENDS_IN_7, 0, "ends in 7 days"},
        {DAY, 0, KEY_ENDS_IN_7, 6 * DAY, "ends in 1 day"},
        {5, 0, KEY_ENDS_IN_7, 7 * DAY - 5, "ends today"},
        {0, 0, KEY_EXPIRED, 0, "expired today"},
        {-5, 0, KEY_EXPIRED, 5, "expired today"},
        {-3 * DAY - 5, 0, KEY_EXPIRED, 3 * DAY + 5, "expired 3 days ago"},
        {G_MAXINT64, 1, KEY_REVOKED, -1, "revoked"},
        {5, 1, KEY_REVOKED, -1, "revoked"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct key key = {.place = (char *)"pinned",
            .revoked = rows[i].revoked,
            .expires = rows[i].left == G_MAXINT64 ? 0 : NOW + rows[i].left};
        g_autofree char *words = key_health_words(&key, NOW);
        g_assert_cmpint(key_health(&key, NOW), ==, rows[i].health);
        g_assert_cmpint(
            key_health_since(&key, NOW), ==, rows[i].since < 0 ? 0 : NOW - rows[i].since);
        g_assert_cmpstr(words, ==, rows[i].words);
    }
}

/* A key is of no use to who writes when nothing of it encrypts; ours not to us when nothing signs.
 */
static void test_a_key_ends_with_what_it_is_for(void)
{
    static const struct {
        const char *place;
        gint64 expires, encrypts_until, signs_until, end;
    } rows[] = {
        {"pinned", 0, 0, 0, 0},
        {"pinned", NOW + 9, 0, 0, NOW + 9},
        {"pinned", 0, NOW + 5, 0, NOW + 5},
        {"pinned", NOW + 9, NOW + 5, NOW + 2, NOW + 5},
        {"pinned", NOW + 3, NOW + 5, 0, NOW + 3},
        {"own", NOW + 9, NOW + 5, NOW + 2, NOW + 2},
        {"own", 0, 0, NOW + 2, NOW + 2},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct key key = {.place = (char *)rows[i].place,
            .expires = rows[i].expires,
            .encrypts_until = rows[i].encrypts_until,
            .signs_until = rows[i].signs_until};
        g_assert_cmpint(key_end(&key), ==, rows[i].end);
        g_assert_cmpint(key_health(&key, NOW), ==, rows[i].end ? KEY_ENDS_IN_7 : KEY_GOOD);
        g_assert_cmpint(key_health_since(&key, NOW), ==, rows[i].end ? rows[i].end - 7 * DAY : 0);
    }
}

/* What gets worse is told then, and not every hour. */
static void test_what_gets_worse_is_told_once_a_step(void)
{
    static const struct {
        gint64 last_told, worse_at, over_at;
        gboolean due;
    } rows[] = {
        {0, NOW - 10, 0, TRUE}, {NOW - 5, NOW - 10, 0, FALSE},
        {NOW - 7200, NOW - 20 * DAY, 0, FALSE}, {NOW - 7200, NOW - 10, 0, TRUE},
        {NOW - 7200, 0, 0, TRUE}, {NOW - 5, NOW - 10, NOW, TRUE},
        {NOW + 50, NOW - 10, 0, TRUE}, /* the clock was set */
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct alarm row = {.condition = (char *)"key",
            .last_told = rows[i].last_told,
            .worse_at = rows[i].worse_at,
            .over_at = rows[i].over_at};
        g_autoptr(GPtrArray) all = g_ptr_array_new();
        g_autoptr(GPtrArray) due = NULL;
        g_ptr_array_add(all, &row);
        due = alarm_due(all, NOW);
        g_assert_cmpint(due->len, ==, rows[i].due);
    }
}

static void test_getting_worse_is_a_change(void)
{
    struct alarm row = {.condition = (char *)"key", .text = (char *)"t", .worse_at = 5};
    struct alarm_found found = {(char *)"key", (char *)"t", 1, 5};
    g_autoptr(GPtrArray) rows = g_ptr_array_new(), all = g_ptr_array_new();
    g_autoptr(GArray) none = NULL, one = NULL;

    g_ptr_array_add(rows, &row);
    g_ptr_array_add(all, &found);
    none = alarm_compare(rows, all);
    g_assert_cmpuint(none->len, ==, 0);
    found.worse_at = 6;
    one = alarm_compare(rows, all);
    g_assert_cmpuint(one->len, ==, 1);
    g_assert_cmpint(g_array_index(one, struct alarm_change, 0).step, ==, ALARM_CHANGES);
}

/* Those have lines of their own in status and doctor; every other condition must be seen there. */
static void test_only_a_key_is_told_elsewhere(void)
{
    g_assert_true(alarm_is_of_a_key("key 0123 until 2027-01-04"));
    g_assert_true(alarm_is_of_a_key("our key 0123 revoked"));
    g_assert_false(alarm_is_of_a_key("keys"));
    g_assert_false(alarm_is_of_a_key("held"));
    g_assert_false(alarm_is_of_a_key("source key "));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/people/keys/end", test_a_key_ends_with_what_it_is_for);
    g_test_add_func("/contact/words", test_words_change_a_contact_or_are_refused);
    g_test_add_func("/contact/problems", test_what_does_not_fit_together_is_a_problem);
    g_test_add_func("/contact/a name has an end", test_a_name_has_an_end);
    g_test_add_func("/key/fingerprint", test_only_all_of_a_fingerprint_is_one);
    g_test_add_func("/key/steps", test_a_key_gets_worse_in_steps);
    g_test_add_func("/alarm/once a step", test_what_gets_worse_is_told_once_a_step);
    g_test_add_func("/alarm/worse is a change", test_getting_worse_is_a_change);
    g_test_add_func("/alarm/of a key", test_only_a_key_is_told_elsewhere);
    return g_test_run();
}
