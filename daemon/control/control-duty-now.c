#include "control-duty.h"
#include "now.h"

enum { MOST_SHIFTS = 30 };

void duty_turn_clear(struct duty_turn *turn)
{
    g_clear_pointer(&turn->user, g_free);
}

void duty_now_clear(struct duty_now *now)
{
    g_clear_pointer(&now->user, g_free);
    g_clear_pointer(&now->deputy, g_free);
    duty_turn_clear(&now->turn);
}

/* Somebody who is no operator any more has no shift. */
gboolean duty_turn_of(const struct control_context *context, const struct shift *shift,
    struct duty_turn *turn, GError **error)
{
    const struct settings *settings = context->settings;
    g_autofree char *day = clock_day_name(shift->day);

    *turn = (struct duty_turn){.shift = *shift};
    if (!store_shift(context->store, day, shift->kind, &turn->user, error))
        return FALSE;
    if (turn->user && !duty_member(settings, turn->user))
        g_clear_pointer(&turn->user, g_free);
    turn->set = turn->user != NULL;
    if (!turn->user)
        turn->user = g_strdup(duty_usual(settings, shift->kind, shift->day));
    return TRUE;
}

gboolean duty_turn_at(
    const struct control_context *context, gint64 at, struct duty_turn *turn, GError **error)
{
    struct shift shift;

    clock_shift(context->clock, at, &shift);
    return duty_turn_of(context, &shift, turn, error);
}

gboolean duty_look(
    const struct control_context *context, gint64 at, struct duty_now *now, GError **error)
{
    struct on_duty on_duty;

    *now = (struct duty_now){0};
    if (!duty_turn_at(context, at, &now->turn, error) ||
        !store_duty(context->store, &on_duty, error))
        return FALSE;
    if (duty_is_kept(context->settings) && duty_member(context->settings, on_duty.user)) {
        now->user = g_steal_pointer(&on_duty.user);
        now->since = on_duty.since;
    }
    on_duty_clear(&on_duty);
    if (!now->user)
        now->user = g_strdup(now->turn.user);
    now->deputy = g_strdup(duty_deputy(context->settings, now->turn.shift.kind, now->user));
    return TRUE;
}

gboolean duty_next(
    const struct control_context *context, const struct duty_now *now, struct duty_turn *next)
{
    struct shift shift = now->turn.shift;

    for (int i = 0; i < MOST_SHIFTS; i++) {
        if (i || !*now->turn.user || g_str_equal(now->turn.user, now->user))
            clock_shift(context->clock, shift.ends, &shift);
        if (!duty_turn_of(context, &shift, next, NULL))
            return FALSE;
        if (*next->user && !g_str_equal(next->user, now->user))
            return TRUE;
        duty_turn_clear(next);
    }
    return FALSE;
}

enum ctl_role duty_role(const struct control_context *context, const char *user, enum ctl_role role)
{
    struct duty_now now = {0};
    gboolean is;

    if (role != CTL_NIGHT || !context->clock || !duty_is_kept(context->settings))
        return role;
    is = duty_look(context, now_seconds(), &now, NULL) &&
         (g_strcmp0(now.user, user) == 0 || g_strcmp0(now.deputy, user) == 0);
    duty_now_clear(&now);
    return is ? CTL_NIGHT : CTL_VIEWER;
}
