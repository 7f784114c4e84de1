/*
 * By when something is to have happened to an incident
 *
 * A moment is named when a target begins, and again only when the incident becomes another one (its
 * severity or category is changed, it is opened again, its reporter has heard from us): so neither
 * another list of holidays nor other settings move what was promised. What has happened stays so.
 */
#include "targets.h"
#include "target.h"
#include <string.h>

enum { SOON_PART = 4 }; /* the last quarter of its time is soon, if that is less */

/* -- rules -- */

static gboolean is_in(char **list, const char *value)
{
    return !list || !*list || g_strv_contains((const char *const *)list, value);
}

const struct target_rule *target_rule_for(const struct settings *settings, enum target_kind kind,
    const char *severity, const char *category)
{
    static GPtrArray *usual;
    const GPtrArray *lists[] = {settings->targets.rules, NULL};

    if (!usual)
        usual = target_list_usual();
    lists[1] = usual;
    for (gsize l = 0; l < G_N_ELEMENTS(lists); l++)
        for (guint i = 0; lists[l] && i < lists[l]->len; i++) {
            const struct target_rule *rule = lists[l]->pdata[i];
            if (g_str_equal(rule->kind, target_names[kind]) && is_in(rule->severity, severity) &&
                is_in(rule->category, category))
                return g_str_equal(rule->within, "none") ? NULL : rule;
        }
    return NULL;
}

gboolean legal_fits(
    const struct legal_rule *rule, const char *severity, const char *category, const char *label)
{
    return is_in(rule->severity, severity) && is_in(rule->category, category) &&
           is_in(rule->label, label);
}

/* -- when it is due -- */

static gint64 behind(
    const struct target_rules *rules, gint64 at, const char *within, gboolean always)
{
    return rules->time->behind(rules->time->clock, at, within, always);
}

/* "24x7 4h" as the store has it, and back. */
static char *span_of(const struct target_rule *rule)
{
    if (!rule)
        return g_strdup("");
    return g_strconcat(g_str_equal(rule->time, "24x7") ? "24x7 " : "", rule->within, NULL);
}

static gint64 moment_of(const struct target_rules *rules, gint64 at, const char *span)
{
    gboolean always = g_str_has_prefix(span, "24x7 ");

    return *span ? behind(rules, at, always ? span + strlen("24x7 ") : span, always) : 0;
}

/* So long before it is due, but not in the first three quarters of its time. */
static gint64 soon_of(const struct target_rules *rules, const struct target *target)
{
    const char *soon = rules->settings->targets.soon;
    gint64 open = behind(rules, 0, soon, TRUE), quarter;

    if (g_str_equal(soon, "none"))
        return target->due;
    quarter = (target->due - target->began_at) / SOON_PART;
    return target->due - MIN(open, MAX(quarter, 0));
}

static void set_moment(const struct target_rules *rules, struct target *target, gint64 due)
{
    target->due = due;
    target->told = 0;
    target->next_word = due ? soon_of(rules, target) : 0;
}

/* What its reporter was told, or what was agreed with others, comes before our own rules. */
static void keep_promise(const struct target_rules *rules, const struct target_facts *facts,
    enum target_kind kind, struct target *target)
{
    gboolean told = kind == TARGET_REPLY || kind == TARGET_UPDATE;

    if (told && target->due && facts->promised > target->began_at &&
        facts->promised < target->due) {
        if (target->told >= TARGET_LATE && facts->promised <= facts->now)
            target->due = facts->promised; /* that it is late they know */
        else
            set_moment(rules, target, facts->promised);
    }
    if (kind == TARGET_PUBLISH && facts->embargo_until && facts->embargo_until != target->due)
        set_moment(rules, target, facts->embargo_until);
}

/* -- each kind -- */

static gint64 when_acknowledged(const struct target_facts *facts)
{
    return facts->acked_at;
}

static gint64 when_seen(const struct target_facts *facts)
{
    return facts->person_at;
}

static gint64 when_replied(const struct target_facts *facts)
{
    return facts->replied_at;
}

static gboolean owes_acknowledgement(const struct target_facts *facts)
{
    return facts->ack_queued_at && !facts->imported;
}

static gboolean owes_look(const struct target_facts *facts)
{
    return !facts->imported;
}

static gboolean owes_reply(const struct target_facts *facts)
{
    return !facts->imported && !facts->machine;
}

static gboolean owes_update(const struct target_facts *facts)
{
    return facts->told_at && !facts->waits && !facts->machine;
}

static gboolean owes_step(const struct target_facts *facts)
{
    return facts->vulnerability && !facts->imported;
}

/* What nobody may publish before a day may be published on it, whatever it is. */
static gboolean owes_publication(const struct target_facts *facts)
{
    return facts->embargo_until || owes_step(facts);
}

/* `met`: NULL for what only an operator can say. `repeats`: it begins anew with each letter. */
static const struct {
    gint64 (*met)(const struct target_facts *facts);
    gboolean (*owed)(const struct target_facts *facts);
    gboolean repeats;
} kinds[TARGET_KINDS] = {
    [TARGET_ACKNOWLEDGE] = {when_acknowledged, owes_acknowledgement},
    [TARGET_TRIAGE] = {when_seen, owes_look},
    [TARGET_REPLY] = {when_replied, owes_reply},
    [TARGET_UPDATE] = {NULL, owes_update, .repeats = TRUE},
    [TARGET_VERIFY] = {NULL, owes_step},
    [TARGET_FIX] = {NULL, owes_step},
    [TARGET_PUBLISH] = {NULL, owes_publication},
};

gboolean targets_has(const struct target_facts *facts, enum target_kind kind)
{
    return kind < TARGET_VERIFY || facts->vulnerability ||
           (kind == TARGET_PUBLISH && facts->embargo_until);
}

/* -- what becomes of a row -- */

static void take_text(char **into, char *text)
{
    g_free(*into);
    *into = text;
}

/* It runs no longer, but may again. */
static void rest(struct target *target)
{
    take_text(&target->basis, g_strdup(""));
    take_text(&target->span, g_strdup(""));
    target->due = target->next_word = target->told = 0;
}

/* TRUE: it begins at another moment than before. */
static gboolean begin(
    const struct target_facts *facts, enum target_kind kind, struct target *target)
{
    gint64 was = target->began_at;

    if (!was)
        target->began_at = facts->opened_at;
    else if (target->over == TARGET_OVER || !*target->basis)
        target->began_at = facts->now;
    else if (kinds[kind].repeats && facts->told_at > was)
        target->began_at = facts->told_at;
    if (kind == TARGET_ACKNOWLEDGE && !*target->basis && facts->ack_queued_at)
        target->began_at = facts->ack_queued_at;
    return target->began_at != was || target->over == TARGET_OVER;
}

/* What was taken apart again is as it was; of what is late they know. */
static void go_on(const struct target_rules *rules, struct target *target)
{
    gint64 words[] = {[0] = target->due ? soon_of(rules, target) : 0, [TARGET_SOON] = target->due};

    target->next_word = target->told < (gint64)G_N_ELEMENTS(words) ? words[target->told] : 0;
}

static void run(const struct target_rules *rules, const struct target_facts *facts,
    enum target_kind kind, struct target *target)
{
    g_autofree char *basis = g_strdup_printf("%s %s", facts->severity, facts->category);
    gboolean anew = begin(facts, kind, target), other = !g_str_equal(target->basis, basis);
    const struct target_rule *rule =
        anew || other ? target_rule_for(rules->settings, kind, facts->severity, facts->category)
                      : NULL;
    g_autofree char *span = anew || other ? span_of(rule) : g_strdup(target->span);

    if (target->over == TARGET_OF_PART)
        go_on(rules, target);
    target->over = TARGET_RUNS;
    take_text(&target->basis, g_steal_pointer(&basis));
    if (anew || !g_str_equal(span, target->span)) {
        take_text(&target->span, g_steal_pointer(&span));
        set_moment(rules, target, moment_of(rules, target->began_at, target->span));
    }
    keep_promise(rules, facts, kind, target);
}

static void follow(const struct target_rules *rules, const struct target_facts *facts,
    enum target_kind kind, struct target *target)
{
    gint64 met = kinds[kind].met ? kinds[kind].met(facts) : 0;
    int over = facts->part ? TARGET_OF_PART : facts->over ? TARGET_OVER : TARGET_RUNS;

    if (target->met_at)
        return;
    if (!over && !met && !kinds[kind].owed(facts)) {
        rest(target);
        target->over = TARGET_RUNS;
        if (!target->began_at)
            target->began_at = facts->opened_at;
        return;
    }
    if (!target->began_at || !over)
        run(rules, facts, kind, target);
    if (met) {
        target->met_at = MAX(met, 1);
        target->over = TARGET_RUNS;
        target->next_word = 0;
    } else if (over) {
        target->over = over;
        target->next_word = 0;
    }
}

static gboolean is_same(const struct target *a, const struct target *b)
{
    return a->began_at == b->began_at && a->due == b->due && a->met_at == b->met_at &&
           a->over == b->over && a->told == b->told && a->next_word == b->next_word &&
           g_strcmp0(a->basis, b->basis) == 0 && g_strcmp0(a->span, b->span) == 0;
}

gboolean target_follow(const struct target_rules *rules, const struct target_facts *facts,
    enum target_kind kind, struct target *target)
{
    struct target was = *target;
    gboolean changed;

    was.basis = g_strdup(target->basis);
    was.span = g_strdup(target->span);
    was.kind = NULL;
    if (!target->basis)
        target->basis = g_strdup("");
    if (!target->span)
        target->span = g_strdup("");
    follow(rules, facts, kind, target);
    changed = !is_same(&was, target);
    target_clear(&was);
    return changed;
}

/* -- words -- */

/* Behind the word that it is late: each so long behind the one before. */
static gint64 again(const struct target_rules *rules, const struct target *target, gint64 now)
{
    char **late = rules->settings->targets.late;
    gint64 which = target->told - TARGET_LATE;

    return late && which < (gint64)g_strv_length(late) ? behind(rules, now, late[which], FALSE) : 0;
}

enum target_word target_tell(const struct target_rules *rules, struct target *target, gint64 now)
{
    if (!target->next_word || target->next_word > now)
        return TARGET_SILENT;
    if (target->met_at || target->over || !target->due) {
        target->next_word = 0;
        return TARGET_SILENT;
    }
    if (now < target->due) {
        target->told = TARGET_SOON;
        target->next_word = target->due;
        return TARGET_SOON;
    }
    target->told = MAX(target->told + 1, TARGET_LATE);
    target->next_word = again(rules, target, now);
    return TARGET_LATE;
}
