/*
 * Who is told, and what happens at the end of a shift
 *
 * When the next shift begins stands in the store, and is put off in the change that does what is to
 * be done then. One letter for each shift and each hand-over: its cause is kept with it, so neither
 * a restart nor a clock that is set tells anybody twice.
 */
#include "state.h"
#include "control-answers.h"
#include "control-duty.h"
#include "now.h"
#include <inttypes.h>

#define PLAN "duty"
#define LATE "duty late"

char *duty_told_at(struct desk *desk)
{
    const char *to = desk->settings->notices.to, *address = NULL;
    g_autoptr(GError) error = NULL;
    struct duty_now now = {0};
    char *told;

    if (duty_is_kept(desk->settings)) {
        if (!duty_look(&desk->context, now_seconds(), &now, &error))
            desk_give_up(error);
        address = duty_address(desk->settings, now.user);
    }
    told = address ? g_strdup(address) : *to ? g_strdup(to) : NULL;
    duty_now_clear(&now);
    return told;
}

/* NULL: there is nobody else. */
char *duty_deputy_told_at(struct desk *desk)
{
    const char *to = desk->settings->notices.to, *address, *second;
    g_autoptr(GError) error = NULL;
    struct duty_now now = {0};
    char *told;

    if (!duty_is_kept(desk->settings))
        return NULL;
    if (!duty_look(&desk->context, now_seconds(), &now, &error))
        desk_give_up(error);
    address = duty_address(desk->settings, now.user);
    second = duty_address(desk->settings, now.deputy);
    address = address ? address : to;
    second = second ? second : to;
    told = *second && g_ascii_strcasecmp(address, second) != 0 ? g_strdup(second) : NULL;
    duty_now_clear(&now);
    return told;
}

/* -- the end of a shift -- */

static struct values *change_values(struct desk *desk, const struct duty_now *now)
{
    struct values *values = values_new();
    g_autofree char *begins =
        clock_tell(desk->clock, now->turn.shift.begins, desk->settings->team.languages[0]);

    values_set(values, "team", desk->settings->team.name);
    values_set(values, "shift", shift_name(now->turn.shift.kind));
    values_set(values, "begins", begins);
    values_set(values, "outgoing", duty_name(desk->settings, now->user));
    values_set(values, "incoming", duty_name(desk->settings, now->turn.user));
    return values;
}

/* `*queued`: for the first time. */
static gboolean tell_change(
    struct desk *desk, const struct duty_now *now, const char *to, gboolean *queued, GError **error)
{
    g_autoptr(mado_values) values = change_values(desk, now);
    g_autofree char *cause =
        g_strdup_printf("duty:%" PRIi64 ":%s:%s", now->turn.shift.begins, now->turn.user, to);
    const struct own_letter letter = {
        .kind = "notice", .cause = cause, .template = "duty", .to = to, .values = values};
    guint64 before = 0;

    if (!store_find_letter(desk->store, letter.kind, cause, &before, error))
        return FALSE;
    *queued |= !before;
    return before || letters_queue_own(desk, &letter, NULL, error);
}

static gboolean tell_both(struct desk *desk, const struct duty_now *now, GError **error)
{
    const char *const users[] = {now->turn.user, now->user};
    gint64 patience = desk->settings->notices.take_within;
    gboolean queued = FALSE;

    for (gsize i = 0; i < G_N_ELEMENTS(users); i++) {
        const char *to = duty_address(desk->settings, users[i]);
        if (to && !tell_change(desk, now, to, &queued, error))
            return FALSE;
    }
    return !queued || !patience || store_plan(desk->store, LATE, now_seconds() + patience, error);
}

static gboolean begin(struct desk *desk, const char *user, GError **error)
{
    g_autofree char *text = g_strdup_printf("%s is on duty, by the clock", user);
    const struct duty_begin begin = {user, "mado", 0, now_seconds()};

    return store_begin_duty(desk->store, &begin, error) &&
           store_journal(desk->store, now_seconds(), "mado", "duty", 0, 0, text, error);
}

static gboolean go_on(struct desk *desk, const struct duty_now *now, GError **error)
{
    enum duty_step step = duty_step(desk->settings, now->since ? now->user : "", now->turn.user);

    return step == DUTY_CHANGES ? begin(desk, now->turn.user, error)
           : step == DUTY_WAITS ? tell_both(desk, now, error)
                                : TRUE;
}

static gboolean change_shift(struct desk *desk, GError **error)
{
    struct duty_now now;
    gboolean done;

    if (!duty_is_kept(desk->settings))
        return store_plan(desk->store, PLAN, G_MAXINT64, error);
    done = duty_look(&desk->context, now_seconds(), &now, error) && go_on(desk, &now, error) &&
           store_plan(desk->store, PLAN, now.turn.shift.ends, error);
    duty_now_clear(&now);
    return done;
}

/* Nobody has accepted: whoever stands in for them is told, too. */
static gboolean tell_stand_in(struct desk *desk, const struct duty_now *now, GError **error)
{
    const char *deputy = duty_deputy(desk->settings, now->turn.shift.kind, now->turn.user);
    const char *to = duty_address(desk->settings, deputy);
    gboolean queued = FALSE;

    to = to ? to : desk->settings->notices.to;
    if (duty_step(desk->settings, now->user, now->turn.user) != DUTY_WAITS || !*to)
        return TRUE;
    return tell_change(desk, now, to, &queued, error);
}

static gboolean tell_deputy(struct desk *desk, GError **error)
{
    struct duty_now now = {0};
    gboolean done = store_plan(desk->store, LATE, G_MAXINT64, error);

    if (done && duty_is_kept(desk->settings))
        done = duty_look(&desk->context, now_seconds(), &now, error) &&
               tell_stand_in(desk, &now, error);
    duty_now_clear(&now);
    return done;
}

/* -- a hand-over -- */

static gboolean sees(struct desk *desk, const char *user, guint64 incident)
{
    const struct member *member = duty_member(desk->settings, user);
    const struct answer answer = {.context = &desk->context,
        .user = user,
        .role = member ? ctl_role_from_name(member->role) : CTL_ROLE_NONE};

    return incident && answer_sees_incident(&answer, incident);
}

/* Number, severity, state and label, as in a notice: no word of a report, and none of a person. */
static gboolean add_item(
    struct desk *desk, const struct handover_item *item, struct values *values, GError **error)
{
    struct incident *incident = store_incident_show(desk->store, item->incident, error);
    g_autofree char *tag = incident ? desk_tagged(desk, incident->number) : NULL;
    g_autofree char *due =
        item->due ? clock_tell(desk->clock, item->due, desk->settings->team.languages[0]) : NULL;
    struct values *row = incident ? values_add(values, "items") : NULL;

    if (row) {
        values_set(row, "number", tag);
        values_set(row, "part", item->part);
        values_set(row, "severity", incident->severity);
        values_set(row, "state", incident->state);
        values_set(row, "label", incident->label);
        values_set(row, "due", due ? due : "");
    }
    incident_free(incident);
    return row != NULL;
}

static gboolean set_items(
    struct desk *desk, const struct handover *handover, struct values *values, GError **error)
{
    g_autoptr(GPtrArray) items = store_handover_items(desk->store, handover->id, error);

    for (guint i = 0; items && i < items->len; i++) {
        const struct handover_item *item = items->pdata[i];
        if (sees(desk, handover->incoming, item->incident) && !add_item(desk, item, values, error))
            return FALSE;
    }
    return items != NULL;
}

static gboolean tell_handover(struct desk *desk, guint64 id, GError **error)
{
    g_autoptr(mado_handover) handover = store_handover(desk->store, id, error);
    const char *to = handover ? duty_address(desk->settings, handover->incoming) : NULL;
    g_autofree char *cause = g_strdup_printf("handover:%" PRIu64, id);
    g_autoptr(mado_values) values = values_new();
    const struct own_letter letter = {
        .kind = "notice", .cause = cause, .template = "handover", .to = to, .values = values};

    if (!handover || !store_handover_told(desk->store, id, error))
        return FALSE;
    if (!to)
        return store_journal(desk->store, now_seconds(), "mado", "duty", 0, 0,
            "nobody is told of the hand-over: no address is known", error);
    values_set(values, "team", desk->settings->team.name);
    values_set(values, "handover", handover->number);
    values_set(values, "outgoing", duty_name(desk->settings, handover->outgoing));
    values_set(values, "incoming", duty_name(desk->settings, handover->incoming));
    values_set(values, "words", *handover->text ? "yes" : "");
    return set_items(desk, handover, values, error) &&
           letters_queue_own(desk, &letter, NULL, error);
}

static gboolean tell_handovers(struct desk *desk, GError **error)
{
    g_autoptr(GArray) ids = store_handovers_to_tell(desk->store, now_seconds(), error);

    for (guint i = 0; ids && i < ids->len; i++)
        if (!tell_handover(desk, g_array_index(ids, guint64, i), error))
            return FALSE;
    return ids != NULL;
}

/* -- when -- */

static gboolean is_due(struct desk *desk, const char *name, gboolean anyway)
{
    g_autoptr(GError) error = NULL;
    gint64 next;

    if (!store_planned(desk->store, name, &next, &error))
        desk_give_up(error);
    return anyway || (next && next <= now_seconds());
}

gboolean duty_feed(struct desk *desk, GError **error)
{
    gboolean look = desk->look_at_duty, shift = is_due(desk, PLAN, look),
             late = is_due(desk, LATE, FALSE);

    desk->look_at_duty = FALSE;
    return (!shift || change_shift(desk, error)) && (!late || tell_deputy(desk, error)) &&
           tell_handovers(desk, error);
}
