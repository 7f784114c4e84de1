/*
 * Those who decide are told by rule, and told again until one of them reads it
 *
 * When there is something to do stands in the store, and is taken out in the change that does it:
 * so it is done once, whatever happens to us and to the clock. What mado writes by itself names
 * number, severity, state and label, as a notice does; what there is to say of the matter is said
 * by a person: madoctl escalate.
 */
#include "state.h"
#include "coordination.h"
#include "desk.h"
#include "duty.h"
#include "escalation.h"
#include "log.h"
#include "now.h"
#include "say.h"
#include <inttypes.h>

enum { AT_ONCE = 20 };

/* One incident, and those of one kind. */
struct matter {
    struct desk *desk;
    const struct escalation_rule *rule;
    const struct escalation_found *found;
    struct escalation_step *step;
    struct incident *incident;
    const char *language; /* of the letter that is written now */
};

static gboolean journal(
    const struct matter *matter, const char *kind, const char *text, GError **error)
{
    return store_journal(
        matter->desk->store, now_seconds(), "mado", kind, matter->incident->id, 0, text, error);
}

/* -- the letter -- */

/* What a label as strict as that keeps from those who need not know it. */
static gboolean may_name_kind(const struct incident *incident)
{
    return !incident->restricted && !g_str_equal(incident->state, "embargo") &&
           !label_is_stricter(incident->label, "TLP:AMBER");
}

static void set_moment(
    const struct matter *matter, struct values *values, const char *name, gint64 at)
{
    g_autofree char *words =
        at ? clock_tell(matter->desk->clock, at, matter->language) : g_strdup("");

    values_set(values, name, words);
}

static void set_facts(const struct matter *matter, struct values *values)
{
    const struct incident *incident = matter->incident;
    struct desk *desk = matter->desk;
    gboolean named = may_name_kind(incident);

    values_set(values, "severity", incident->severity);
    values_set(values, "state", incident->state);
    values_set(values, "label", incident->label);
    values_set(values, "category", named ? writing_category(desk, incident, matter->language) : "");
    values_set(values, "why", named && matter->found->words ? matter->found->words : "");
    values_set(values, "handler", duty_name(desk->settings, incident->handler));
    set_moment(matter, values, "opened_at", incident->opened_at);
    set_moment(matter, values, "since", matter->step->since);
    set_moment(matter, values, "sent_at", now_seconds());
}

/* One of the team's own may be gone since the configuration was read. */
static const char *template_of(const struct matter *matter)
{
    const char *name = matter->rule->template;

    return templates_get(matter->desk->templates, name, "") ? name : "escalate-rule";
}

static struct values *letter_values(const struct matter *matter)
{
    const struct settings *settings = matter->desk->settings;
    struct values *values = values_new();
    g_autofree char *tag = desk_tagged(matter->desk, matter->incident->number);
    g_autofree char *number = g_strdup_printf("%" PRIi64, matter->step->rounds + 1);
    const char *language = matter->language;

    values_set(values, "number", tag);
    values_set(values, "report_no", number);
    values_set(values, "again", matter->step->rounds ? "yes" : "");
    values_set(values, matter->step->target, "yes");
    values_set(values, "to_roles", party_target_words(matter->step->target, language));
    values_set(values, "team", letters_team_name(settings, language));
    values_set(values, "address", settings->team.address);
    values_set(values, "phone", settings->team.phone);
    values_set(values, "emergency_phone", settings->team.emergency);
    set_facts(matter, values);
    return values;
}

static gboolean keep(
    const struct matter *matter, const struct decider *decider, const char *cause, GError **error)
{
    struct store *store = matter->desk->store;
    guint64 letter = 0;
    g_autofree char *text = g_strdup_printf(
        "to %s: %s <%s>, by rule", matter->step->target, decider->name, decider->address);

    return store_find_letter(store, "notice", cause, &letter, error) &&
           store_keep_escalation(store,
               &(struct escalated){.incident = matter->incident->id,
                   .letter = letter,
                   .target = matter->step->target,
                   .name = decider->name,
                   .actor = "mado",
                   .at = now_seconds()},
               error) &&
           store_add_correspondent(store, matter->incident->id, decider->address, error) &&
           journal(matter, "escalated", text, error);
}

/* That of the contact, where the team writes it; else the team's own. */
static struct matter in_language(const struct matter *matter, const char *language)
{
    char **ours = matter->desk->settings->team.languages;
    struct matter same = *matter;

    same.language = g_strv_contains((const char *const *)ours, language) ? language : ours[0];
    return same;
}

/* Each letter has its cause, which is kept: what was told in a round is not told again. */
static gboolean write_to(const struct matter *all, const struct decider *decider, GError **error)
{
    const struct matter in_theirs = in_language(all, decider->language), *matter = &in_theirs;
    g_autoptr(mado_values) values = letter_values(matter);
    g_autofree char *cause = g_strdup_printf("escalation:%" PRIu64 ":%s:%" PRIi64 ":%" PRIi64 ":%s",
        matter->incident->id, matter->step->target, matter->step->since, matter->step->rounds + 1,
        decider->address);
    const struct own_letter letter = {.kind = "notice",
        .cause = cause,
        .template = template_of(matter),
        .to = decider->address,
        .incident = matter->incident->id,
        .language = matter->language,
        .values = values};
    guint64 before = 0;

    if (!store_find_letter(matter->desk->store, letter.kind, cause, &before, error))
        return FALSE;
    return before || (letters_queue_own(matter->desk, &letter, NULL, error) &&
                         keep(matter, decider, cause, error));
}

/* -- what is to be done -- */

static gboolean tell_duty(const struct matter *matter, const char *what, GError **error)
{
    return store_add_notice(matter->desk->store, 0, matter->incident->number, what,
        matter->incident->severity, matter->incident->label, now_seconds(), error);
}

static gboolean tell(
    const struct matter *matter, const struct escalation_plan *plan, GError **error)
{
    struct escalation_step *step = matter->step;
    const struct deciders_wanted wanted = {
        matter->rule, escalation_reach(matter->rule, step->rounds + 1)};
    g_autoptr(GPtrArray) all = deciders_find(matter->desk, &wanted, error);
    gint64 now = now_seconds();

    step->since = plan->since ? plan->since : step->since;
    for (guint i = 0; all && i < all->len; i++)
        if (!write_to(matter, all->pdata[i], error))
            return FALSE;
    if (all && !all->len &&
        (!tell_duty(matter, "untold", error) ||
            !journal(matter, "escalated", N_("nobody can be told: no address is known"), error)))
        return FALSE;
    step->told_at = now;
    step->rounds++;
    step->next = matter->rule->read_within ? now + matter->rule->read_within : 0;
    return all && store_keep_escalation_step(matter->desk->store, step, error);
}

static gboolean rest(
    const struct matter *matter, const struct escalation_plan *plan, GError **error)
{
    struct escalation_step *step = matter->step;

    if (step->next == plan->next && step->since == plan->since)
        return TRUE;
    step->next = plan->next;
    step->since = plan->since;
    return store_keep_escalation_step(matter->desk->store, step, error);
}

static gboolean forget(
    const struct matter *matter, const struct escalation_plan *plan, GError **error)
{
    return store_drop_escalation_step(matter->desk->store, matter->step, error);
}

static gboolean give_up(
    const struct matter *matter, const struct escalation_plan *plan, GError **error)
{
    g_autofree char *text = g_strdup_printf(
        "%s: nobody has read it, and nobody is told any more", matter->step->target);

    matter->step->next = 0;
    return store_keep_escalation_step(matter->desk->store, matter->step, error) &&
           tell_duty(matter, "unread", error) && journal(matter, "escalation-unread", text, error);
}

static gboolean (*const deeds[])(
    const struct matter *matter, const struct escalation_plan *plan, GError **error) = {
    [ESCALATION_FORGET] = forget,
    [ESCALATION_REST] = rest,
    [ESCALATION_TELL] = tell,
    [ESCALATION_AGAIN] = tell,
    [ESCALATION_GIVE_UP] = give_up,
};

static gboolean go_on(struct desk *desk, const struct escalation_rule *rule, guint64 incident,
    struct escalation_facts *facts, GError **error)
{
    gint64 now = now_seconds();
    g_autoptr(mado_escalation_step) step =
        store_escalation_step(desk->store, incident, rule->to, error);
    struct escalation_found found = escalation_weigh(rule, facts, now);
    struct matter matter = {desk, rule, &found, step, NULL, NULL};
    struct escalation_plan plan;
    gboolean done;

    if (!step || !(matter.incident = store_incident_show(desk->store, incident, error)))
        return FALSE;
    plan = escalation_decide(rule, &found, step, facts->over, now);
    done = deeds[plan.action](&matter, &plan, error);
    incident_free(matter.incident);
    return done;
}

static gboolean look(struct desk *desk, guint64 incident, const char *target, GError **error)
{
    const GPtrArray *rules = desk->settings->escalation;
    struct escalation_facts facts = {0};
    gboolean done = store_escalation_facts(desk->store, incident, &facts, error);

    for (guint i = 0; done && rules && i < rules->len; i++) {
        const struct escalation_rule *rule = rules->pdata[i];
        if (!target || g_str_equal(rule->to, target))
            done = go_on(desk, rule, incident, &facts, error);
    }
    escalation_facts_clear(&facts);
    return done;
}

static gboolean look_at_changed(struct desk *desk, GError **error)
{
    g_autoptr(GArray) ids = store_escalation_looks(desk->store, AT_ONCE, error);

    for (guint i = 0; ids && i < ids->len; i++) {
        guint64 id = g_array_index(ids, guint64, i);
        if (!look(desk, id, NULL, error) || !store_escalation_looked(desk->store, id, error))
            return FALSE;
    }
    return ids != NULL;
}

/* Of whom the configuration knows nothing any more, nobody waits for anything. */
static gboolean look_at_due(struct desk *desk, GError **error)
{
    g_autoptr(GPtrArray) due = store_due_escalations(desk->store, now_seconds(), AT_ONCE, error);

    for (guint i = 0; due && i < due->len; i++) {
        struct escalation_step *step = due->pdata[i];
        if (escalation_rule_of(desk->settings, step->target)) {
            if (!look(desk, step->incident, step->target, error))
                return FALSE;
            continue;
        }
        step->next = 0;
        if (!store_keep_escalation_step(desk->store, step, error))
            return FALSE;
    }
    return due != NULL;
}

gboolean escalating_feed(struct desk *desk, GError **error)
{
    return look_at_changed(desk, error) && look_at_due(desk, error);
}

/* -- who has read it -- */

static gboolean is_read(struct desk *desk, const struct landing *landing,
    const struct escalation_letter *letter, GError **error)
{
    g_autofree char *text =
        g_strdup_printf("%s: %s has read it, and answers", letter->target, letter->name);
    g_autoptr(mado_escalation_step) step =
        store_escalation_step(desk->store, landing->incident, letter->target, error);

    if (!step ||
        !store_escalation_is_read(desk->store,
            &(struct escalation_read){letter->letter, landing->mail, "mail", "", landing->now},
            error))
        return FALSE;
    step->read_at = step->read_at ? step->read_at : landing->now;
    step->next = 0;
    return store_keep_escalation_step(desk->store, step, error) &&
           (letter->answer || store_journal(desk->store, landing->now, "mail", "escalation-read",
                                  landing->incident, landing->mail, text, error));
}

/* A machine reads nothing, and a claim that nothing proves answers nothing. */
gboolean escalating_land(struct desk *desk, const struct landing *landing, GError **error)
{
    const GPtrArray *from = landing->message->from;
    const struct mailbox *sender = from->len == 1 ? from->pdata[0] : NULL;
    g_autoptr(GPtrArray) letters = NULL;

    if (!sender || landing->message->machine != MACHINE_NO || !coordinating_proves(landing->plan))
        return TRUE;
    letters = store_escalation_letters(desk->store, landing->incident, NULL, error);
    for (guint i = 0; letters && i < letters->len; i++) {
        const struct escalation_letter *one = letters->pdata[i];
        if (g_ascii_strcasecmp(one->address, sender->addr) == 0 &&
            !is_read(desk, landing, one, error))
            return FALSE;
    }
    return letters != NULL;
}
