/* Who has to be told by rule: conditions, and what comes next. */
#include "escalation.h"
#include "when.h"
#include <string.h>

enum { NOW = 1000000, HOUR = 3600 };

/* -- conditions -- */

static void test_what_is_no_condition_is_refused(void)
{
    static const struct {
        const char *text, *said;
    } rows[] = {
        {"severity>=high", NULL},
        {"severity=critical,high  state=new", NULL},
        {"label>=TLP:AMBER+STRICT category!=scan,spam", NULL},
        {"late=acknowledge,triage", NULL},
        {"team=web", NULL},
        {"", "says nothing"},
        {"   ", "says nothing"},
        {"severity", "is no condition"},
        {"colour=red", "is no condition"},
        {"severity=", "has no value"},
        {"severity=worse", "is none of low, medium, high, critical"},
        {"severity>=high,critical", "has no order"},
        {"category>=scan", "has no order"},
        {"category=", "has no value"},
        {"category=a,,b", "has no value"},
        {"state=closed", "is none of"},
        {"late=never", "is none of"},
        {"severity=high and state=new", "is no condition"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) words = when_parse(rows[i].text, &error);
        if ((words == NULL) != (rows[i].said != NULL) ||
            (rows[i].said && !strstr(error->message, rows[i].said)))
            g_error("\"%s\": %s", rows[i].text, error ? error->message : "taken");
    }
}

static void test_the_kinds_of_targets_are_those_that_a_rule_may_name(void)
{
    for (int i = 0; i < ESCALATION_KINDS; i++) {
        g_autofree char *text = g_strconcat("late=", escalation_kinds[i], NULL);
        g_autoptr(GPtrArray) words = when_parse(text, NULL);
        g_assert_nonnull(words);
    }
    g_assert_null(escalation_kinds[ESCALATION_KINDS]);
}

#define FACTS                                                                                      \
    .severity = (char *)"high", .category = (char *)"leak", .label = (char *)"TLP:AMBER",          \
    .state = (char *)"new", .team = (char *)""

static void test_any_condition_holds_and_of_one_all_that_stands_in_it(void)
{
    static const struct {
        const char *when[3];
        struct escalation_facts facts;
        gboolean holds;
        gint64 later;
        int words; /* which of `when`; -1: none */
    } rows[] = {
        {{NULL}, {FACTS}, FALSE, 0, -1},
        {{"severity>=high"}, {FACTS}, TRUE, 0, 0},
        {{"severity>=critical"}, {FACTS}, FALSE, 0, -1},
        {{"severity=low", "category=leak"}, {FACTS}, TRUE, 0, 1},
        {{"severity>=high state=open"}, {FACTS}, FALSE, 0, -1},
        {{"severity>=high state=new,open label>=TLP:GREEN"}, {FACTS}, TRUE, 0, 0},
        {{"label>=TLP:AMBER+STRICT"}, {FACTS}, FALSE, 0, -1},
        {{"category!=leak"}, {FACTS}, FALSE, 0, -1},
        {{"category!=scan,spam"}, {FACTS}, TRUE, 0, 0},
        {{"severity>=high"}, {FACTS, .over = TRUE}, FALSE, 0, -1},
        {{"late=triage"}, {FACTS}, FALSE, 0, -1},
        {{"late=triage"}, {FACTS, .late = {0, NOW}}, TRUE, 0, 0},
        {{"late=triage"}, {FACTS, .late = {0, NOW + 1}}, FALSE, NOW + 1, 0},
        {{"late=acknowledge,triage"}, {FACTS, .late = {NOW + 2, NOW + 1}}, FALSE, NOW + 1, 0},
        {{"late=triage severity=low"}, {FACTS, .late = {0, NOW - 1}}, FALSE, 0, -1},
        {{"late=triage", "late=acknowledge"}, {FACTS, .late = {NOW + 1, NOW + 2}}, FALSE, NOW + 1,
            1},
        {{"late!=triage"}, {FACTS}, TRUE, 0, 0},
        {{"late!=triage"}, {FACTS, .late = {0, NOW - 1}}, FALSE, 0, -1},
        {{"late=triage"}, {FACTS, .late = {0, NOW - 1}, .over = TRUE}, FALSE, 0, -1},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct escalation_rule rule = {.when = (char **)rows[i].when};
        struct escalation_found found = escalation_weigh(&rule, &rows[i].facts, NOW);
        const char *words = rows[i].words < 0 ? NULL : rows[i].when[rows[i].words];
        if (found.holds != rows[i].holds || found.later != rows[i].later ||
            g_strcmp0(found.words, words) != 0)
            g_error("row %" G_GSIZE_FORMAT ": %d, %d, %s", i, found.holds, (int)found.later,
                found.words);
    }
}

/* -- what comes next -- */

static char cro[] = "cro", board[] = "board";
static char *nobody[] = {NULL}, *two[] = {cro, board, NULL};

static void test_they_are_told_in_time_and_again_until_one_reads_it(void)
{
    static const struct {
        char **up;
        gboolean holds;
        gint64 later;
        struct escalation_step step;
        gboolean over;
        enum escalation_action action;
        gint64 next;
    } rows[] = {
        /* not told yet */
        {nobody, FALSE, 0, {0}, FALSE, ESCALATION_FORGET, 0},
        {nobody, FALSE, NOW + 5, {0}, FALSE, ESCALATION_REST, NOW + 5},
        {nobody, TRUE, 0, {0}, FALSE, ESCALATION_REST, NOW + HOUR},
        {nobody, TRUE, 0, {.since = NOW - 10}, FALSE, ESCALATION_REST, NOW - 10 + HOUR},
        {nobody, TRUE, 0, {.since = NOW - HOUR}, FALSE, ESCALATION_TELL, NOW},
        {nobody, TRUE, 0, {.since = NOW - HOUR}, TRUE, ESCALATION_FORGET, 0},
        {nobody, FALSE, 0, {.since = NOW - HOUR}, FALSE, ESCALATION_FORGET, 0},
        /* told: nothing of the rule counts any more */
        {nobody, TRUE, 0, {.told_at = 1, .rounds = 1, .next = NOW + 1}, FALSE, ESCALATION_REST,
            NOW + 1},
        {nobody, FALSE, 0, {.told_at = 1, .rounds = 1, .next = NOW}, FALSE, ESCALATION_AGAIN, 0},
        {nobody, TRUE, 0, {.told_at = 1, .rounds = 2, .next = NOW}, FALSE, ESCALATION_GIVE_UP, 0},
        {nobody, TRUE, 0, {.told_at = 1, .rounds = 2, .next = 0}, FALSE, ESCALATION_REST, 0},
        {two, TRUE, 0, {.told_at = 1, .rounds = 2, .next = NOW}, FALSE, ESCALATION_AGAIN, 0},
        {two, TRUE, 0, {.told_at = 1, .rounds = 3, .next = NOW}, FALSE, ESCALATION_GIVE_UP, 0},
        {two, TRUE, 0, {.told_at = 1, .rounds = 1, .read_at = 2, .next = NOW}, FALSE,
            ESCALATION_REST, 0},
        {two, TRUE, 0, {.told_at = 1, .rounds = 1, .next = NOW}, TRUE, ESCALATION_REST, 0},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct escalation_rule rule = {.up = rows[i].up, .within = HOUR, .read_within = HOUR};
        const struct escalation_found found = {rows[i].holds, rows[i].later, NULL};
        struct escalation_plan plan =
            escalation_decide(&rule, &found, &rows[i].step, rows[i].over, NOW);
        if (plan.action != rows[i].action || plan.next != rows[i].next)
            g_error("row %" G_GSIZE_FORMAT ": %d, %d", i, plan.action, (int)plan.next);
    }
}

static void test_where_nobody_waits_nobody_is_told_again(void)
{
    const struct escalation_rule rule = {.up = two, .within = 0, .read_within = 0};
    const struct escalation_found found = {TRUE, 0, NULL};
    const struct escalation_step none = {0}, told = {.told_at = 1, .rounds = 1, .next = NOW};

    g_assert_cmpint(
        escalation_decide(&rule, &found, &none, FALSE, NOW).action, ==, ESCALATION_TELL);
    g_assert_cmpint(
        escalation_decide(&rule, &found, &told, FALSE, NOW).action, ==, ESCALATION_REST);
}

static void test_each_round_reaches_one_more(void)
{
    const struct escalation_rule rule = {.up = two}, alone = {.up = NULL};

    for (guint round = 1; round <= 4; round++) {
        g_assert_cmpuint(escalation_reach(&rule, round), ==, MIN(round - 1, 2));
        g_assert_cmpuint(escalation_reach(&alone, round), ==, 0);
    }
}

static void test_states_are_told_in_a_word(void)
{
    const struct {
        struct escalation_step step;
        const char *state;
    } rows[] = {{{0}, "none"}, {{.next = 1}, "waiting"}, {{.told_at = 1, .next = 1}, "told"},
        {{.told_at = 1}, "unread"}, {{.told_at = 1, .read_at = 1}, "read"}};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpstr(escalation_state(&rows[i].step), ==, rows[i].state);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/escalation/conditions", test_what_is_no_condition_is_refused);
    g_test_add_func("/escalation/kinds", test_the_kinds_of_targets_are_those_that_a_rule_may_name);
    g_test_add_func(
        "/escalation/any holds", test_any_condition_holds_and_of_one_all_that_stands_in_it);
    g_test_add_func("/escalation/in time", test_they_are_told_in_time_and_again_until_one_reads_it);
    g_test_add_func("/escalation/nobody waits", test_where_nobody_waits_nobody_is_told_again);
    g_test_add_func("/escalation/rounds", test_each_round_reaches_one_more);
    g_test_add_func("/escalation/states", test_states_are_told_in_a_word);
    return g_test_run();
}
