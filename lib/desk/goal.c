/* What the team wants to reach, and how far it is. */
#include "record.h"
#include "error.h"
#include "desk.h"
#include <mado/incident.h>
#include <string.h>

enum { HUNDRED = 100 };
#define MOST 1000000

static const char *const measures[] = {
    "incidents", "acknowledge", "triage", "reply", "update", NULL};
static const char *const periods[] = {"monthly", "quarterly", "half", "yearly", NULL};

gboolean goal_is_share(const struct goal *goal)
{
    return !g_str_equal(goal->measure, "incidents");
}

static gboolean set_one_of(
    char **into, const char *what, const char *value, const char *const *all, GError **error)
{
    g_autofree char *list = g_strjoinv(", ", (char **)all);

    if (!g_strv_contains(all, value))
        return error_set(error, MADO_E_BAD_DATA,
            "There is no %s \"%s\"; there are: %s. Nothing was changed.", what, value, list);
    g_free(*into);
    *into = g_strdup(value);
    return TRUE;
}

/* "at-most" is said of what is counted, "at-least" of what is to be in time. */
static gboolean set_value(struct goal *goal, const char *value, GError **error)
{
    guint64 number;

    if (!g_ascii_string_to_unsigned(value, 10, 0, MOST, &number, NULL))
        return error_set(error, MADO_E_BAD_DATA,
            "\"%s\" is no number from 0 to %d. Nothing was changed.", value, MOST);
    goal->value = (gint64)number;
    return TRUE;
}

static gboolean set_field(struct goal *goal, const char *name, const char *value, GError **error)
{
    if (g_str_equal(name, "measure"))
        return set_one_of(&goal->measure, "measure", value, measures, error);
    if (g_str_equal(name, "period"))
        return set_one_of(&goal->period, "period", value, periods, error);
    if (g_str_equal(name, "severity"))
        return set_one_of(&goal->severity, "severity", value, severity_names, error);
    if (g_str_equal(name, "category")) {
        g_free(goal->category);
        goal->category = g_strdup(value);
        return TRUE;
    }
    if (g_str_equal(name, goal_is_share(goal) ? "at-least" : "at-most"))
        return set_value(goal, value, error);
    return error_set(error, MADO_E_BAD_DATA,
        "\"%s\" is nothing of such a goal. There are measure, severity, category, period, and "
        "at-most for incidents, at-least for others (behind the measure). Nothing was changed.",
        name);
}

gboolean goal_set(struct goal *goal, const char *word, GError **error)
{
    const char *sign = strchr(word, '=');
    g_autofree char *name = sign ? g_strndup(word, (gsize)(sign - word)) : g_strdup(word);

    return set_field(goal, name, sign ? sign + 1 : "", error);
}

gboolean goal_check(const struct goal *goal, GError **error)
{
    gboolean share = goal_is_share(goal);

    if (goal->value < 0 && share)
        return error_set(
            error, MADO_E_USAGE, "How much of it? Write: at-least=95. Nothing was changed.");
    if (goal->value < 0)
        return error_set(error, MADO_E_USAGE, "How many? Write: at-most=0. Nothing was changed.");
    return !share || goal->value <= HUNDRED ||
           error_set(error, MADO_E_USAGE,
               "There are no more than 100 of a hundred. Nothing was changed.");
}

/* More than its share of the time allows says what is to come. */
static enum goal_state judge_number(const struct goal *goal, const struct goal_reached *reached)
{
    gint64 whole = MAX(reached->ends - reached->begins, 1);
    gint64 over = CLAMP(reached->now - reached->begins, 0, whole);

    if (reached->count > goal->value)
        return GOAL_MISSED;
    return goal->value && reached->count * whole > goal->value * over ? GOAL_AT_RISK : GOAL_KEPT;
}

static enum goal_state judge_share(const struct goal *goal, const struct goal_reached *reached)
{
    if (!reached->all)
        return GOAL_NOTHING;
    if (reached->count * HUNDRED >= goal->value * reached->all)
        return GOAL_KEPT;
    return reached->now >= reached->ends ? GOAL_MISSED : GOAL_AT_RISK;
}

enum goal_state goal_judge(const struct goal *goal, const struct goal_reached *reached)
{
    return goal_is_share(goal) ? judge_share(goal, reached) : judge_number(goal, reached);
}

const char *goal_state_name(enum goal_state state)
{
    static const char *const names[GOAL_STATES] = {"kept", "at risk", "missed", "nothing yet"};

    return names[state];
}
