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
    g_test_add_func("/identity/ours", test_what_everybody_is_told_is_no_secret);
    g_test_add_func("/identity/names", test_names_are_taken_as_they_are);
    g_test_add_func("/shape/numbers", test_numbers_are_found_by_their_shape);
    return g_test_run();
}
