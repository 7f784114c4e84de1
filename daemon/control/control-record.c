/* What is written down for the year: facets of an attack, what a leak may cost, and goals. */
#include "control-record.h"
#include "control-answers.h"
#include "category.h"
#include "desk.h"
#include "error.h"
#include "figures.h"
#include "now.h"
#include "record.h"
#include "sight.h"
#include <mado/incident.h>
#include <string.h>

/* -- facets -- */

static const char *value_of(const GPtrArray *facets, const char *name)
{
    for (guint i = 0; i < facets->len; i++) {
        const struct facet *one = facets->pdata[i];
        if (g_str_equal(one->name, name))
            return one->value;
    }
    return "";
}

gboolean deed_set_facet(struct deed *deed, const struct wish *wish, GError **error)
{
    struct store *store = deed->answer->context->store;
    const char *value = g_str_equal(wish->value, "-") ? "" : wish->value;
    g_autoptr(GPtrArray) facets = NULL;
    const char *before;

    if (*value && !answer_is_one_of(wish->field, value, facet_values(wish->field), error))
        return FALSE;
    facets = store_facets(store, deed->was->id, error);
    if (!facets)
        return FALSE;
    before = value_of(facets, wish->field);
    return g_str_equal(before, value) ||
           (store_set_facet(store, deed->was->id, wish->field, value, error) &&
               deed_note(deed, &(struct wish){wish->field, value, wish->reason}, before, error));
}

/* -- damage -- */

static json_t *damage_row(const struct answer *answer, const struct damage *damage)
{
    const struct damage_sum sum = damage_reckon(damage);

    return json_pack("{s:I,s:I,s:I,s:o,s:o,s:o,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:s,s:s,s:o,s:o}",
        "persons", (json_int_t)damage->persons, "distress", (json_int_t)damage->distress, "loss",
        (json_int_t)damage->loss, "identification", ctl_string(damage->identification),
        "responsibility", ctl_string(damage->responsibility), "response",
        ctl_string(damage->response), "base", (json_int_t)sum.base, "sensitivity",
        (json_int_t)sum.sensitivity, "ease_factor", (json_int_t)sum.ease, "responsibility_factor",
        (json_int_t)sum.responsibility, "response_factor", (json_int_t)sum.response, "per_person",
        (json_int_t)sum.per_person, "total", (json_int_t)sum.total, "currency", "JPY", "caution",
        _(damage_caution), "by", ctl_string(damage->said_by), "at",
        answer_moment(answer, damage->said_at));
}

gboolean answer_record(const struct answer *answer, guint64 incident, json_t *row, GError **error)
{
    struct store *store = answer->context->store;
    g_autoptr(GPtrArray) facets = store_facets(store, incident, error);
    g_autoptr(mado_damage) damage = NULL;
    json_t *told = json_object();

    for (guint i = 0; facets && i < facets->len; i++) {
        const struct facet *one = facets->pdata[i];
        answer_set(told, one->name, ctl_string(one->value));
    }
    answer_set(row, "facets", told);
    if (!facets || !store_damage(store, incident, &damage, error))
        return FALSE;
    answer_set(row, "damage", damage ? damage_row(answer, damage) : json_null());
    return TRUE;
}

static gboolean take_words(struct damage *damage, const json_t *words, GError **error)
{
    gsize i;
    json_t *word;

    json_array_foreach((json_t *)words, i, word)
        if (!damage_set(damage, json_string_value(word), error))
            return FALSE;
    return TRUE;
}

static gboolean keep_damage(
    struct answer *answer, guint64 incident, struct damage *damage, GError **error)
{
    struct store *store = answer->context->store;
    g_autofree char *missing = damage_missing(damage);
    g_autofree char *text = NULL;

    if (*missing)
        return answer_refuse(error, MADO_E_USAGE,
            "It is not said yet: %s. Nothing was changed. Write: madoctl damage 42 persons=1200 "
            "distress=2 loss=1 identification=easy responsibility=normal response=good",
            missing);
    g_free(damage->said_by);
    damage->said_by = g_strdup(answer->user);
    damage->said_at = now_seconds();
    text = g_strdup_printf("damage of %" G_GINT64_FORMAT " yen, %" G_GINT64_FORMAT " persons",
        damage_reckon(damage).total, damage->persons);
    return store_keep_damage(store, incident, damage, error) &&
           store_journal(store, damage->said_at, answer->user, "set", incident, 0, text, error);
}

/* Without words it is told as it was said. */
gboolean answer_damage(struct answer *answer, GError **error)
{
    struct store *store = answer->context->store;
    const json_t *words = json_object_get(answer->args, "set");
    g_autoptr(mado_damage) damage = NULL;
    guint64 incident;
    json_t *row;

    if (!answer_find_ticket(answer, &incident, error) ||
        !store_damage(store, incident, &damage, error))
        return FALSE;
    if (json_array_size(words) && answer->role < CTL_HANDLER)
        return answer_refuse(error, MADO_E_FORBIDDEN,
            "Who only reads says nothing of damage. Nothing was changed. Ask a handler.");
    if (!damage)
        damage = damage_new();
    if (json_array_size(words) &&
        (!take_words(damage, words, error) || !keep_damage(answer, incident, damage, error)))
        return FALSE;
    row = ctl_row();
    answer_set(row, "ticket", answer_ticket_number(answer, incident));
    answer_set(row, "damage", damage->persons ? damage_row(answer, damage) : json_null());
    answer_add(answer, row);
    return TRUE;
}

/* -- goals -- */

static struct goal *find_goal(const GPtrArray *goals, const char *name)
{
    for (guint i = 0; i < goals->len; i++) {
        struct goal *one = goals->pdata[i];
        if (g_str_equal(one->name, name))
            return one;
    }
    return NULL;
}

/* A count tells of what is counted. */
static gboolean sees(const struct answer *answer, const struct kind_count *kind)
{
    return gate_may_see(ctl_role_name(answer->role),
        &(struct sight){.label = kind->label, .embargo = kind->embargo != 0});
}

static gboolean counts(
    const struct answer *answer, const struct goal *goal, const struct kind_count *kind)
{
    const struct category *category =
        category_find(answer->context->settings->categories, kind->category);

    if (category && !g_str_equal(category->incident, "yes") && !*goal->category)
        return FALSE;
    if (*goal->category && !g_str_equal(goal->category, kind->category))
        return FALSE;
    return !*goal->severity || severity_rank(kind->severity) <= severity_rank(goal->severity);
}

/* The period of its kind that runs now. */
static struct period *running(const struct answer *answer, const struct goal *goal, GError **error)
{
    const struct control_context *context = answer->context;
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    const struct calendar calendar = {
        context->zone ? context->zone : utc, (int)context->settings->figures.first_month};
    g_autoptr(mado_period) over = period_new(&calendar, goal->period, NULL, now_seconds(), error);

    return over ? period_before(&calendar, over, -1) : NULL;
}

static gboolean reach(const struct answer *answer, const struct goal *goal,
    struct goal_reached *reached, GError **error)
{
    struct store *store = answer->context->store;
    gint64 until = MIN(reached->ends, reached->now + 1);
    g_autoptr(GPtrArray) kinds =
        goal_is_share(goal)
            ? store_count_in_time(store, goal->measure, reached->begins, until, error)
            : store_count_opened(store, reached->begins, until, error);

    for (guint i = 0; kinds && i < kinds->len; i++) {
        const struct kind_count *kind = kinds->pdata[i];
        if (!sees(answer, kind) || !counts(answer, goal, kind))
            continue;
        reached->count += kind->count;
        reached->all += kind->all;
    }
    return kinds != NULL;
}

static gboolean add_goal(struct answer *answer, const struct goal *goal, GError **error)
{
    g_autoptr(mado_period) period = running(answer, goal, error);
    struct goal_reached reached = {.now = now_seconds()};
    json_t *row;

    if (!period)
        return FALSE;
    reached.begins = period->begins;
    reached.ends = period->ends;
    if (!reach(answer, goal, &reached, error))
        return FALSE;
    row = ctl_row();
    answer_set(row, "goal", ctl_string(goal->name));
    answer_set(row, "measure", ctl_string(goal->measure));
    answer_set(row, "severity", ctl_known(goal->severity));
    answer_set(row, "category", ctl_known(goal->category));
    answer_set(row, "limit", ctl_string(goal_is_share(goal) ? "at-least" : "at-most"));
    answer_set(row, "value", json_integer(goal->value));
    answer_set(row, "period", ctl_string(period->name));
    answer_set(row, "count", json_integer(reached.count));
    answer_set(row, "all", goal_is_share(goal) ? json_integer(reached.all) : json_null());
    answer_set(row, "state", ctl_string(goal_state_name(goal_judge(goal, &reached))));
    answer_set(row, "by", ctl_string(goal->said_by));
    answer_add(answer, row);
    return TRUE;
}

gboolean answer_goals(struct answer *answer, GError **error)
{
    g_autoptr(GPtrArray) goals = store_goals(answer->context->store, error);

    for (guint i = 0; goals && i < goals->len; i++)
        if (!add_goal(answer, goals->pdata[i], error))
            return FALSE;
    return goals != NULL;
}

static gboolean take_goal(
    struct answer *answer, struct goal *goal, const json_t *words, GError **error)
{
    gsize i;
    json_t *word;

    json_array_foreach((json_t *)words, i, word)
        if (!goal_set(goal, json_string_value(word), error))
            return FALSE;
    if (!goal_check(goal, error))
        return FALSE;
    return !*goal->category ||
           category_find(answer->context->settings->categories, goal->category) ||
           answer_refuse(error, MADO_E_BAD_DATA,
               "There is no category \"%s\". Nothing was changed. See: madoctl config show",
               goal->category);
}

static gboolean keep_goal(struct answer *answer, struct goal *goal, GError **error)
{
    struct store *store = answer->context->store;
    g_autofree char *text = g_strdup_printf("goal %s: %s %s %" G_GINT64_FORMAT ", %s", goal->name,
        goal->measure, goal_is_share(goal) ? "at least" : "at most", goal->value, goal->period);

    g_free(goal->said_by);
    goal->said_by = g_strdup(answer->user);
    goal->said_at = now_seconds();
    return store_keep_goal(store, goal, error) &&
           store_journal(store, goal->said_at, answer->user, "goal", 0, 0, text, error);
}

gboolean answer_goal_set(struct answer *answer, GError **error)
{
    const char *name = answer_string(answer, "name");
    g_autoptr(GPtrArray) goals = store_goals(answer->context->store, error);
    g_autoptr(mado_goal) new = NULL;
    struct goal *goal;

    if (!goals)
        return FALSE;
    if (!name || !*name || strlen(name) > 50 || strchr(name, '='))
        return answer_refuse(error, MADO_E_USAGE,
            "A goal has a name, of 50 bytes at most. Nothing was changed. Write: madoctl goal set "
            "serious severity=high at-most=0");
    goal = find_goal(goals, name);
    if (!goal) {
        new = goal_new(name);
        goal = new;
    }
    return take_goal(answer, goal, json_object_get(answer->args, "set"), error) &&
           keep_goal(answer, goal, error) && add_goal(answer, goal, error);
}

static gboolean drop_goal(struct answer *answer, const char *name, GError **error)
{
    g_autoptr(GError) why = NULL;

    if (name && store_drop_goal(answer->context->store, name, &why))
        return TRUE;
    if (why && !g_error_matches(why, MADO_ERROR, MADO_E_NO_SUCH)) {
        g_propagate_error(error, g_steal_pointer(&why));
        return FALSE;
    }
    return answer_refuse(error, MADO_E_NO_SUCH,
        "There is no goal \"%s\". Nothing was changed. See: madoctl goal", name ? name : "");
}

gboolean answer_goal_drop(struct answer *answer, GError **error)
{
    struct store *store = answer->context->store;
    const char *name = answer_string(answer, "name");
    g_autofree char *text = g_strdup_printf("goal %s: none any more", name ? name : "");
    json_t *row;

    if (!drop_goal(answer, name, error) ||
        !store_journal(store, now_seconds(), answer->user, "goal", 0, 0, text, error))
        return FALSE;
    row = ctl_row();
    answer_set(row, "goal", ctl_string(name));
    answer_set(row, "result", ctl_string("dropped"));
    answer_add(answer, row);
    return TRUE;
}
