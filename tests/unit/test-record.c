/* What is written down for the year: the public formula, factor by factor; goals; facets. */
#include "record.h"
#include <mado/incident.h>
#include <string.h>

/* -- damage -- */

static struct damage *said(const char *words)
{
    g_auto(GStrv) all = g_strsplit(words, " ", -1);
    struct damage *damage = damage_new();
    g_autoptr(GError) error = NULL;

    for (char **word = all; *word && **word; word++)
        if (!damage_set(damage, *word, &error))
            g_error("%s: %s", *word, error->message);
    return damage;
}

#define REST " identification=easy responsibility=normal response=good"

static void test_formula(void)
{
    static const struct {
        const char *words;
        gint64 sensitivity, per_person, total;
    } rows[] = {
        /* 500 x (1 + 1) x 6 x 1 x 1 */
        {"persons=1 distress=1 loss=1" REST, 2, 6000, 6000},
        {"persons=1 distress=2 loss=1" REST, 11, 33000, 33000},
        {"persons=1 distress=1 loss=2" REST, 6, 18000, 18000},
        {"persons=1 distress=3 loss=3" REST, 125, 375000, 375000},
        {"persons=1200 distress=2 loss=1 identification=easy responsibility=high response=good", 11,
            66000, 79200000},
        {"persons=10 distress=1 loss=1 identification=hard responsibility=normal response=good", 2,
            1000, 10000},
        {"persons=10 distress=1 loss=3 identification=partial responsibility=high response=poor",
            26, 156000, 1560000},
        {"persons=10000000000 distress=3 loss=3 identification=easy responsibility=high "
         "response=poor",
            125, 1500000, G_GINT64_CONSTANT(15000000000000000)},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mado_damage) damage = said(rows[i].words);
        g_autofree char *missing = damage_missing(damage);
        struct damage_sum sum = damage_reckon(damage);
        g_assert_cmpstr(missing, ==, "");
        g_assert_cmpint(sum.base, ==, 500);
        g_assert_cmpint(sum.sensitivity, ==, rows[i].sensitivity);
        g_assert_cmpint(sum.per_person, ==, rows[i].per_person);
        g_assert_cmpint(sum.total, ==, rows[i].total);
    }
    g_assert_nonnull(strstr(damage_caution, "disputed"));
}

static void test_damage_words(void)
{
    static const char *const bad[] = {"persons=0", "persons=-1", "persons=10000000001",
        "persons=", "persons=many", "distress=0", "distress=4", "loss=1.5", "identification=maybe",
        "responsibility=", "response=", "yen=5", "persons", ""};
    g_autoptr(mado_damage) damage = damage_new();
    g_autofree char *missing = damage_missing(damage);

    g_assert_cmpstr(missing, ==, "persons distress loss identification responsibility response");
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_false(damage_set(damage, bad[i], &error));
        g_assert_nonnull(strstr(error->message, "Nothing was changed"));
    }
}

/* -- goals -- */

static struct goal *wanted(const char *words)
{
    g_auto(GStrv) all = g_strsplit(words, " ", -1);
    struct goal *goal = goal_new("g");
    g_autoptr(GError) error = NULL;

    for (char **word = all; *word; word++)
        if (!goal_set(goal, *word, &error))
            g_error("%s: %s", *word, error->message);
    return goal;
}

static void test_goals(void)
{
    static const struct {
        const char *words;
        gint64 count, all, now; /* of a period from 0 to 100 */
        enum goal_state state;
    } rows[] = {
        {"at-most=0", 0, 0, 50, GOAL_KEPT},
        {"at-most=0", 1, 1, 1, GOAL_MISSED},
        {"at-most=10", 5, 5, 50, GOAL_KEPT},
        {"at-most=10", 6, 6, 50, GOAL_AT_RISK}, /* as it goes there will be twelve */
        {"at-most=10", 10, 10, 100, GOAL_KEPT},
        {"at-most=10", 11, 11, 100, GOAL_MISSED},
        {"measure=triage at-least=95", 0, 0, 50, GOAL_NOTHING},
        {"measure=triage at-least=95", 95, 100, 50, GOAL_KEPT},
        {"measure=triage at-least=95", 94, 100, 50, GOAL_AT_RISK},
        {"measure=triage at-least=95", 94, 100, 100, GOAL_MISSED},
        {"measure=reply at-least=100", 3, 3, 100, GOAL_KEPT},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mado_goal) goal = wanted(rows[i].words);
        const struct goal_reached reached = {rows[i].count, rows[i].all, 0, 100, rows[i].now};
        g_assert_true(goal_check(goal, NULL));
        if (goal_judge(goal, &reached) != rows[i].state)
            g_error("%s, %" G_GINT64_FORMAT ": %s", rows[i].words, rows[i].count,
                goal_state_name(goal_judge(goal, &reached)));
    }
}

static void test_goal_words(void)
{
    static const char *const bad[] = {"measure=luck", "period=daily", "severity=hihg", "at-most=-1",
        "at-most=x", "at-least=5", "name=x", "at-most", ""};
    static const char *const unfit[] = {
        "severity=high", "measure=triage", "measure=triage at-least=101"};

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(mado_goal) goal = goal_new("g");
        g_autoptr(GError) error = NULL;
        g_assert_false(goal_set(goal, bad[i], &error));
        g_assert_nonnull(error);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(unfit); i++) {
        g_autoptr(mado_goal) goal = wanted(unfit[i]);
        g_autoptr(GError) error = NULL;
        g_assert_false(goal_check(goal, &error));
        g_assert_nonnull(error);
    }
}

/* -- facets -- */

static void test_facets(void)
{
    guint count = 0;

    for (gsize i = 0; facet_names[i]; i++)
        count += g_strv_length((char **)facet_values(facet_names[i]));
    g_assert_cmpuint(count, ==, 7 + 8 + 3 + 11 + 7 + 5 + 4); /* as published */
    g_assert_true(g_strv_contains(facet_values("action"), "scan"));
    g_assert_null(facet_values("colour"));
}

/* -- severities -- */

static void test_severities_have_ranks(void)
{
    for (guint i = 0; severity_names[i]; i++)
        g_assert_cmpuint(severity_rank(severity_names[i]), ==, i);
    g_assert_cmpuint(severity_rank("critical"), <, severity_rank("low"));
    g_assert_cmpuint(severity_rank("low"), <, severity_rank("dire"));
    g_assert_cmpuint(severity_rank(""), ==, severity_rank("dire"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/record/the formula of damage", test_formula);
    g_test_add_func("/record/what damage is said with", test_damage_words);
    g_test_add_func("/record/goals are judged", test_goals);
    g_test_add_func("/record/what goals are said with", test_goal_words);
    g_test_add_func("/record/severities have ranks", test_severities_have_ranks);
    g_test_add_func("/record/facets have their words", test_facets);
    return g_test_run();
}
