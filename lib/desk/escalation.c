#include "escalation.h"
#include "when.h"
#include <string.h>

/* -- does a rule hold? -- */

static int place_in(const char *const *order, const char *value)
{
    int place = 0;

    while (order[place] && !g_str_equal(order[place], value))
        place++;
    return order[place] ? place : -1;
}

static const char *value_of(const struct escalation_facts *facts, enum when_field field)
{
    const char *const values[WHEN_FIELDS] = {[WHEN_SEVERITY] = facts->severity,
        [WHEN_CATEGORY] = facts->category,
        [WHEN_LABEL] = facts->label,
        [WHEN_STATE] = facts->state,
        [WHEN_TEAM] = facts->team};

    return values[field] ? values[field] : "";
}

static gboolean is_as_said(const struct when_word *word, const struct escalation_facts *facts)
{
    const char *value = value_of(facts, word->field);
    const char *const *order = word->field == WHEN_SEVERITY ? when_severities : when_labels;

    if (word->at_least)
        return place_in(order, value) >= place_in(order, *word->values);
    return g_strv_contains((const char *const *)word->values, value) != word->unlike;
}

/* When the first of the targets is late that a word names; 0: none will be. */
static gint64 late_from(const struct when_word *word, const struct escalation_facts *facts)
{
    gint64 first = 0;

    for (int i = 0; i < ESCALATION_KINDS; i++) {
        gboolean named = g_strv_contains((const char *const *)word->values, escalation_kinds[i]);
        if (named && facts->late[i] && (!first || facts->late[i] < first))
            first = facts->late[i];
    }
    return first;
}

/* G_MAXINT64: it does not hold, and will not by time alone; else since when it does, or will. */
static gint64 holds_from(
    const struct when_word *word, const struct escalation_facts *facts, gint64 now)
{
    gint64 late = word->field == WHEN_LATE ? late_from(word, facts) : 0;

    if (word->field != WHEN_LATE)
        return is_as_said(word, facts) ? 0 : G_MAXINT64;
    if (word->unlike)
        return late && late <= now ? G_MAXINT64 : 0;
    return late ? late : G_MAXINT64;
}

static gint64 all_hold_from(const char *text, const struct escalation_facts *facts, gint64 now)
{
    g_autoptr(GPtrArray) words = when_parse(text, NULL);
    gint64 from = words ? 0 : G_MAXINT64;

    for (guint i = 0; words && i < words->len; i++)
        from = MAX(from, holds_from(words->pdata[i], facts, now));
    return from;
}

struct escalation_found escalation_weigh(
    const struct escalation_rule *rule, const struct escalation_facts *facts, gint64 now)
{
    struct escalation_found found = {0};
    gint64 first = G_MAXINT64;

    for (char **one = rule->when; one && *one && !facts->over; one++) {
        gint64 from = all_hold_from(*one, facts, now);
        if (from >= first)
            continue;
        first = from;
        found.words = *one;
    }
    found.holds = first <= now;
    found.later = found.holds || first == G_MAXINT64 ? 0 : first;
    return found;
}

/* -- what comes next -- */

/* Nobody is told again of what is over, and nobody whom nothing above them would help. */
static struct escalation_plan behind(const struct escalation_rule *rule,
    const struct escalation_step *step, gboolean over, gint64 now)
{
    struct escalation_plan plan = {ESCALATION_REST, 0, step->since};
    gint64 most = MAX(1, rule->up ? (gint64)g_strv_length(rule->up) : 0);

    if (step->read_at || over || !step->next || !rule->read_within)
        return plan;
    if (now < step->next)
        plan.next = step->next;
    else
        plan.action = step->rounds > most ? ESCALATION_GIVE_UP : ESCALATION_AGAIN;
    return plan;
}

struct escalation_plan escalation_decide(const struct escalation_rule *rule,
    const struct escalation_found *found, const struct escalation_step *step, gboolean over,
    gint64 now)
{
    struct escalation_plan plan = {ESCALATION_FORGET, 0, 0};

    if (step->told_at)
        return behind(rule, step, over, now);
    if (over || (!found->holds && !found->later))
        return plan;
    if (!found->holds)
        return (struct escalation_plan){ESCALATION_REST, found->later, 0};
    plan.since = step->since ? step->since : now;
    plan.next = plan.since + rule->within;
    plan.action = plan.next <= now ? ESCALATION_TELL : ESCALATION_REST;
    return plan;
}

guint escalation_reach(const struct escalation_rule *rule, gint64 round)
{
    gint64 most = rule->up ? (gint64)g_strv_length(rule->up) : 0;

    return (guint)CLAMP(round - 1, 0, most);
}

const char *escalation_state(const struct escalation_step *step)
{
    if (step->read_at)
        return "read";
    if (step->told_at)
        return step->next ? "told" : "unread";
    return step->next ? "waiting" : "none";
}

const struct escalation_rule *escalation_rule_of(
    const struct settings *settings, const char *target)
{
    for (guint i = 0; settings->escalation && i < settings->escalation->len; i++) {
        const struct escalation_rule *rule = settings->escalation->pdata[i];
        if (g_str_equal(rule->to, target))
            return rule;
    }
    return NULL;
}
