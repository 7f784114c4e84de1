/*
 * By when something is to have happened, and who is told
 *
 * Whatever is done to an incident, its targets follow in the same turn (the store asks for it
 * before each commit): so none is forgotten, whoever did it and in whatever way. What is to be told
 * at a moment, and when next, is written down in the change that queues the notice.
 */
#include "state.h"
#include "category.h"
#include "control-query.h"
#include "desk.h"
#include "error.h"
#include "now.h"
#include "target.h"
#include "targets.h"
#include <string.h>

enum { AT_ONCE = 50 };

/* -- moments -- */

static gint64 moment_behind(gconstpointer data, gint64 at, const char *within, gboolean always)
{
    const struct clock *clock = data;
    gint64 span = always ? when_span(within) : clock_span(clock, within), due;

    if (!span)
        return 0;
    if (always)
        return at + span;
    return clock_add(clock, at, span, &due) ? due : at + span;
}

static struct target_time time_of(const struct desk *desk)
{
    return (struct target_time){moment_behind, desk->clock};
}

/* -- what is known of an incident -- */

static gboolean is_of_vulnerability(const struct desk *desk, const struct incident *incident)
{
    const struct category *category = category_find(desk->settings->categories, incident->category);

    return category && g_str_equal(category->rsit, "vulnerable/vulnerable-system");
}

static gboolean waits_for_reporter(
    const struct incident *incident, const struct target_events *events)
{
    return g_str_equal(incident->state, "waiting") &&
           g_str_has_prefix(incident->waits_for, "reporter") &&
           (!events->told_at || events->heard_at <= events->told_at);
}

static struct target_facts facts_of(
    const struct desk *desk, const struct incident *incident, const struct target_events *events)
{
    return (struct target_facts){
        .severity = incident->severity,
        .category = incident->category,
        .opened_at = incident->opened_at,
        .over = state_is_over(incident->state),
        .part = incident->merged_into != 0,
        .vulnerability = is_of_vulnerability(desk, incident),
        .imported = events->imported,
        .machine = events->machine || !*incident->reporter_addr,
        .waits = waits_for_reporter(incident, events),
        .ack_queued_at = events->ack_queued_at,
        .acked_at = events->acked_at,
        .person_at = events->person_at,
        .replied_at = events->replied_at,
        .told_at = events->told_at,
        .promised = events->ack_last_at > events->told_at ? incident->reply_by : 0,
        .embargo_until = incident->embargo_until,
        .now = now_seconds(),
    };
}

/* -- they follow -- */

static struct target *find(const GPtrArray *rows, const char *kind)
{
    for (guint i = 0; i < rows->len; i++) {
        struct target *one = rows->pdata[i];
        if (g_str_equal(one->kind, kind))
            return one;
    }
    return NULL;
}

static gboolean follow_one(struct desk *desk, const struct incident *incident,
    const struct target_facts *facts, GPtrArray *rows, GError **error)
{
    const struct target_time time = time_of(desk);
    const struct target_rules rules = {desk->settings, &time};

    for (enum target_kind kind = 0; kind < TARGET_KINDS; kind++) {
        struct target *there = find(rows, target_names[kind]);
        g_autoptr(mado_target) made =
            there || !targets_has(facts, kind) ? NULL : g_new0(struct target, 1);
        struct target *target = there ? there : made;
        if (!target)
            continue;
        if (made) {
            made->incident = incident->id;
            made->kind = g_strdup(target_names[kind]);
        }
        if (target_follow(&rules, facts, kind, target) &&
            !store_keep_target(desk->store, target, error))
            return FALSE;
    }
    return TRUE;
}

/* Who was answered by telephone hears from us again as others do. */
static void take_by_hand(struct target_facts *facts, const GPtrArray *rows)
{
    const struct target *reply = find(rows, target_names[TARGET_REPLY]);

    if (reply)
        facts->told_at = MAX(facts->told_at, reply->met_at);
}

static gboolean follow(struct desk *desk, struct incident *incident, GError **error)
{
    g_autoptr(GPtrArray) rows = store_targets(desk->store, incident->id, error);
    struct target_events events;
    struct target_facts facts;

    if (!rows || !store_target_events(desk->store, incident->id, &events, error))
        return FALSE;
    facts = facts_of(desk, incident, &events);
    take_by_hand(&facts, rows);
    return follow_one(desk, incident, &facts, rows, error) &&
           waiting_follow(desk, incident,
               facts.waits && !facts.machine && !facts.over && !facts.part, error) &&
           (facts.imported || legal_follow(desk, incident, facts.over || facts.part, error));
}

/* What was undone meanwhile is not there. */
static gboolean follow_all(gpointer data, const GArray *ids, GError **error)
{
    struct desk *desk = data;

    desk->next_due = 0; /* to be asked again */
    for (guint i = 0; i < ids->len; i++) {
        g_autoptr(GError) failed = NULL;
        struct incident *incident =
            store_incident_show(desk->store, g_array_index(ids, guint64, i), &failed);
        gboolean done = incident ? follow(desk, incident, error)
                                 : g_error_matches(failed, MADO_ERROR, MADO_E_NO_SUCH);
        incident_free(incident);
        if (!done && failed)
            g_propagate_error(error, g_steal_pointer(&failed));
        if (!done)
            return FALSE;
    }
    return TRUE;
}

void targets_begin(struct desk *desk)
{
    store_set_follower(desk->store, follow_all, desk);
}

/* -- words -- */

static gboolean tell(struct desk *desk, const struct target *target,
    const struct incident *incident, enum target_word word, GError **error)
{
    g_autofree char *state =
        g_strdup_printf(word == TARGET_SOON ? "%s due" : "%s late", target->kind);
    g_autofree char *at = clock_tell(desk->clock, target->due, "en");
    g_autofree char *text = g_strdup_printf("%s: %s", state, at);

    return store_add_notice(desk->store, 0, incident->number, state, incident->severity,
               incident->label, now_seconds(), error) &&
           store_journal(
               desk->store, now_seconds(), "mado", "target", incident->id, 0, text, error);
}

static gboolean go_on(struct desk *desk, struct target *target, GError **error)
{
    const struct target_time time = time_of(desk);
    const struct target_rules rules = {desk->settings, &time};
    enum target_word word = target_tell(&rules, target, now_seconds());
    struct incident *incident = store_incident_show(desk->store, target->incident, error);
    gboolean done = incident && store_keep_target(desk->store, target, error) &&
                    (word == TARGET_SILENT || tell(desk, target, incident, word, error));

    incident_free(incident);
    return done;
}

gboolean targets_feed(struct desk *desk, GError **error)
{
    g_autoptr(GPtrArray) due = store_due_targets(desk->store, now_seconds(), AT_ONCE, error);
    gboolean done = due != NULL;

    for (guint i = 0; done && i < due->len; i++)
        done = go_on(desk, due->pdata[i], error);
    return done;
}
