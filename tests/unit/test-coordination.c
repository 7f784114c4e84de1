/* What parties do who were asked: numbers, states, and what must not be told of who reported it. */
#include "coordination.h"
#include "desk.h"
#include <string.h>

static void test_a_number_is_understood_however_it_is_typed(void)
{
    static const struct {
        const char *typed;
        int year, sequence;
    } rows[] = {
        {"C-2026-0057", 2026, 57},
        {"c-2026-57", 2026, 57},
        {"[C-2026-0057]", 2026, 57},
        {" C57 ", 0, 57},
        {"C-57", 0, 57},
        {"57", 0, 57},
        {"2026-0057", 2026, 57},
        {"C-2026-0", 0, 0},
        {"C-", 0, 0},
        {"", 0, 0},
        {"SAKURA#2026-0042-K7", 0, 0},
        {"57x", 0, 0},
        {"C-2026-9999999999", 0, 0},
    };
    g_autofree char *written = coordination_format(2026, 57);

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        int year = 0, sequence = 0;
        gboolean is = coordination_parse(rows[i].typed, &year, &sequence);
        if (is != (rows[i].sequence > 0) ||
            (is && (year != rows[i].year || sequence != rows[i].sequence)))
            g_error("\"%s\": %d, %d-%d", rows[i].typed, is, year, sequence);
    }
    g_assert_cmpstr(written, ==, "C-2026-0057");
}

static void test_states_go_on_and_what_is_done_stays_so(void)
{
    static const struct {
        const char *state;
        const char *behind[COORDINATION_EVENTS]; /* acknowledged, answered, silent, done */
    } rows[] = {
        {"asked", {"acknowledged", "answered", "no-answer", "done"}},
        {"acknowledged", {"acknowledged", "answered", "no-answer", "done"}},
        {"answered", {"answered", "answered", "answered", "done"}},
        {"no-answer", {"acknowledged", "answered", "no-answer", "done"}},
        {"done", {"done", "done", "done", "done"}},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        for (int event = 0; event < COORDINATION_EVENTS; event++)
            g_assert_cmpstr(coordination_behind(rows[i].state, (enum coordination_event)event), ==,
                rows[i].behind[event]);
    g_assert_true(coordination_waits("asked") && coordination_waits("acknowledged"));
    g_assert_false(coordination_waits("answered") || coordination_waits("no-answer") ||
                   coordination_waits("done"));
    g_assert_true(coordination_is_over("done") && !coordination_is_over("answered"));
}

/* -- who reported it -- */

#define OURS "SAKURA-CSIRT\nさくら工業 CSIRT\ncsirt@sakura.example\nTanaka"

static struct identity *hanako(void)
{
    struct identity *identity = identity_new();

    identity_add_name(identity, "Hanako Yamabuki", OURS);
    identity_add_name(identity, "山吹 花子", OURS);
    identity_add_name(identity, "株式会社やまぶき", OURS);
    identity_add_name(identity, "Yamabuki Trading, Inc.", OURS);
    identity_add_address(identity, "hanako@yamabuki.example", OURS);
    return identity;
}

static void test_who_reported_it_is_found_however_it_is_written(void)
{
    static const struct {
        const char *text;
        gboolean tells;
    } rows[] = {
        {"Hanako Yamabuki has seen it", TRUE},
        {"HANAKO   YAMABUKI", TRUE},
        {"Hanako\nYamabuki", TRUE},
        {"> Hanako\n> Yamabuki", TRUE},
        {"Yamabuki, Hanako", TRUE},
        {"Ｈａｎａｋｏ Ｙａｍａｂｕｋｉ", TRUE},
        {"山吹花子様", TRUE},
        {"山吹　花子", TRUE},
        {"花子 山吹", TRUE},
        {"株式会社 やまぶき からの通報", TRUE},
        {"株式会社\nやまぶき", TRUE},
        {"Yamabuki Trading Inc.", TRUE},
        {"write to hanako@yamabuki.example", TRUE},
        {"hanako [at] yamabuki[.]example", TRUE},
        {"hanako(at)yamabuki(.)example.", TRUE},
        {"the host yamabuki.example is theirs", TRUE},
        {"yamabuki[.]example", TRUE},
        {"https://yamabuki.example/", TRUE},
        {"someone.else@yamabuki.example", TRUE},
        {"ＹＡＭＡＢＵＫＩ．ＥＸＡＭＰＬＥ", TRUE},
        {"hxxp://login.bad-site.example/?u=hanako%40yamabuki.example", TRUE},
        {"hxxp://login.bad-site.example/?u=hanako%2540yamabuki%252Eexample", TRUE},
        {"hxxp://login.bad-site.example/a/aGFuYWtvQHlhbWFidWtpLmV4YW1wbGU=", TRUE},
        {"hxxp://login.bad-site.example/?e=aGFuYWtvQHlhbWFidWtpLmV4YW1wbGU", TRUE},
        {"Subject: =?utf-8?B?5bGx5ZC56Iqx5a2Q5qeY?=", TRUE},
        {"Subject: =?utf-8?Q?=E5=B1=B1=E5=90=B9=20=E8=8A=B1=E5=AD=90?=", TRUE},
        {"To: Hanako=20Yamabu=\nki", TRUE},
        {"VGhlIG9uZSB3aG8gdG9sZCB1cyBpcyDlsbHlkLnoirHlrZAgYW5kIG5vYm9k\r\n"
         "eSBlbHNlLCBieSB0ZWxlcGhvbmUsIHllc3RlcmRheS4=\r\n",
            TRUE},
        {"hanako&#64;yamabuki&#x2e;example", TRUE},
        {"hanako at yamabuki dot example", TRUE},
        {"hanako [ at ] yamabuki [ dot ] example", TRUE},
        {"hanako{at}yamabuki{dot}example", TRUE},
        {"ha\u00adnako@yama\u200bbuki.exam\u2060ple", TRUE},
        {"Hana\u200bko Yamabuki", TRUE},
        {"soc@mail.yamabuki.example", TRUE},
        {"soc[at]mail[.]yamabuki[.]example", TRUE},
        {"soc%40mail.yamabuki.example", TRUE},
        {"https://shop.yamabuki.example/", FALSE},
        {"hxxps://shop[.]yamabuki[.]example/", FALSE},
        {"yamabuki.example.net", FALSE},
        {"notyamabuki.example", FALSE},
        {"Hanako said so", FALSE},
        {"the Hanakos Yamabukis", FALSE},
        {"", FALSE},
        {"198.51.100.23", FALSE},
    };
    g_autoptr(mado_identity) identity = hanako();

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *found = identity_find(identity, rows[i].text);
        guint count = 0;
        g_autofree char *left = identity_remove(identity, rows[i].text, "(removed)", &count);
        g_autofree char *still = identity_find(identity, left);
        if ((found != NULL) != rows[i].tells || (count > 0) != rows[i].tells || still)
            g_error("\"%s\": found \"%s\", taken out %u times: \"%s\"", rows[i].text,
                found ? found : "", count, left);
        if (!rows[i].tells)
            g_assert_cmpstr(left, ==, rows[i].text);
    }
}

/* They write more beside their names, and only the whole would be found. */
static void test_a_name_is_found_without_what_stands_beside_it(void)
{
    static const char *const rows[][2] = {
        {"山吹 花子（やまぶき商事株式会社）", "山吹花子様から"},
        {"山吹 花子（やまぶき商事株式会社）", "やまぶき商事株式会社"},
        {"Hanako Yamabuki (Yamabuki Trading)", "Hanako Yamabuki has seen it"},
        {"Hanako Yamabuki [ACME-SOC]", "from acme-soc"},
        {"Hanako Yamabuki / Yamabuki Trading", "from Yamabuki Trading"},
        {"山吹花子／やまぶき商事", "やまぶき商事 様"},
        {"Hanako Yamabuki | SOC", "Hanako Yamabuki"},
        {"Hanako Yamabuki via Helpdesk", "Hanako Yamabuki"},
        {"'Hanako Yamabuki'", "Hanako Yamabuki"},
        {"Hanako Yamabuki, Ph.D.", "Hanako Yamabuki"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mado_identity) identity = identity_new();
        g_autofree char *found = NULL;
        identity_add_name(identity, rows[i][0], OURS);
        found = identity_find(identity, rows[i][1]);
        if (!found)
            g_error("\"%s\" is not found in \"%s\"", rows[i][0], rows[i][1]);
    }
}

/* A piece of our words is another's name. */
static void test_what_stands_inside_of_our_words_is_still_theirs(void)
{
    static const char *const names[][2] = {{"An Li", "Dan Lindberg"}, {"CERT", "NICERT"}};
    static const char *const addresses[][3] = {
        {"ice@peer.example", "alice@peer.example", "ask ice@peer.example"},
        {"hana@cert.example", "bob@nicert.example", "hana@cert.example"},
        {"hana@cert.example", "bob@nicert.example", "the host cert.example"},
        {"hana@cert.example", "bob@cert.example.org", "the host cert.example"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(mado_identity) identity = identity_new();
        g_autofree char *found = NULL;
        identity_add_name(identity, names[i][0], names[i][1]);
        found = identity_find(identity, names[i][0]);
        g_assert_nonnull(found);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(addresses); i++) {
        g_autoptr(mado_identity) identity = identity_new();
        g_autofree char *found = NULL;
        identity_add_address(identity, addresses[i][0], addresses[i][1]);
        found = identity_find(identity, addresses[i][2]);
        if (!found)
            g_error("%s, in spite of %s", addresses[i][0], addresses[i][1]);
    }
}

static void test_a_telephone_is_theirs_however_it_is_written(void)
{
    static const struct {
        const char *text;
        gboolean tells;
    } rows[] = {{"call 090-1234-5678", TRUE}, {"(090) 1234 5678", TRUE}, {"09012345678", TRUE},
        {"０９０-１２３４-５６７８", TRUE}, {"+81 3 1234 5678", TRUE}, {"1090-1234-5678", FALSE},
        {"10:00", FALSE}, {"2026-11-20", FALSE}};
    g_autoptr(mado_identity) identity = identity_new();

    identity_add_phones(identity,
        "090-1234-5678 10-17, 2026-11-20, or +81 3 1234 5678, after 10:00; since 2026", OURS);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *found = identity_find(identity, rows[i].text);
        if ((found != NULL) != rows[i].tells)
            g_error("\"%s\": %s", rows[i].text, found);
    }
}

/* In a text it may be written as people read it. */
static void test_a_host_of_another_script_is_found_in_both_ways(void)
{
    g_autoptr(mado_identity) identity = identity_new();
    g_autofree char *one = NULL, *other = NULL, *masked = NULL;

    identity_add_address(identity, "hanako@xn--nrr14q.example", OURS);
    one = identity_find(identity, "hanako@xn--nrr14q.example");
    other = identity_find(identity, "the host 山吹.example");
    masked = identity_find(identity, "hanako@山吹[.]example");
    g_assert_true(one && other && masked);
}

/* Else no letter could be written at all. */
static void test_what_everybody_is_told_is_no_secret(void)
{
    g_autoptr(mado_identity) identity = identity_new();

    identity_add_name(identity, "Tanaka", OURS);
    identity_add_name(identity, "CSIRT", OURS);
    identity_add_name(identity, "", OURS);
    identity_add_name(identity, "Al", OURS);
    identity_add_name(identity, "花", OURS);
    identity_add_address(identity, "csirt@sakura.example", OURS);
    identity_add_address(identity, "no address", OURS);
    identity_add_address(identity, "@", OURS);
    g_assert_true(identity_is_empty(identity));
    identity_add_address(identity, "staff@sakura.example", OURS);
    g_assert_false(identity_is_empty(identity));
    {
        g_autofree char *ours = identity_find(identity, "write to csirt@sakura.example");
        g_autofree char *theirs = identity_find(identity, "ask staff@sakura.example");
        g_assert_null(ours);
        g_assert_cmpstr(theirs, ==, "staff@sakura.example");
    }
}

/* What strangers call themselves is no pattern. */
static void test_names_are_taken_as_they_are(void)
{
    static const char *const names[] = {"A(.*)+$", "[a-z", "((((", "\\E.*\\Q", "a|b|.*", "^.*$x"};

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(mado_identity) identity = identity_new();
        g_autofree char *found = NULL;
        identity_add_name(identity, names[i], OURS);
        found = identity_find(identity, "an ordinary text of a letter");
        g_assert_null(found);
    }
}

/* -- numbers, masks -- */

static void test_numbers_are_found_by_their_shape(void)
{
    static const struct {
        const char *shape, *text, *found;
    } rows[] = {
        {"PEER-000000", "Re: [PEER-004711] your report", "PEER-004711"},
        {"PEER-000000", "peer-004711", "peer-004711"},
        {"PEER-000000", "PEER-0047112", ""},
        {"PEER-000000", "XPEER-004711", ""},
        {"T#0+", "T#1 and T#22, T#1", "T#1 T#22"},
        {"INC ???", "INC a7X", "INC a7X"},
        {"INC ???", "INCa7X", "INCa7X"},
        {"a.c 0", "abc 1", ""},
        {"(x", "(x", "(x"},
        {"", "anything", ""},
        {"番号-000", "番号-123", "番号-123"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(GStrv) found = shape_find(rows[i].shape, rows[i].text);
        g_autofree char *all = g_strjoinv(" ", found);
        g_assert_cmpstr(all, ==, rows[i].found);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/coordination/numbers", test_a_number_is_understood_however_it_is_typed);
    g_test_add_func("/coordination/states", test_states_go_on_and_what_is_done_stays_so);
    g_test_add_func("/identity/found", test_who_reported_it_is_found_however_it_is_written);
    g_test_add_func("/identity/beside", test_a_name_is_found_without_what_stands_beside_it);
    g_test_add_func("/identity/inside", test_what_stands_inside_of_our_words_is_still_theirs);
    g_test_add_func("/identity/telephones", test_a_telephone_is_theirs_however_it_is_written);
    g_test_add_func("/identity/scripts", test_a_host_of_another_script_is_found_in_both_ways);
    g_test_add_func("/identity/ours", test_what_everybody_is_told_is_no_secret);
    g_test_add_func("/identity/names", test_names_are_taken_as_they_are);
    g_test_add_func("/shape/numbers", test_numbers_are_found_by_their_shape);
    return g_test_run();
}
