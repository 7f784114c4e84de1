/* duty, duty week, duty set, duty swap: who is on duty, and who will be. */
#include "control-duty.h"
#include "control-answers.h"
#include "error.h"
#include "now.h"
#include <string.h>

enum { WEEK = 7, LONGEST_SET = 366 };

gboolean answer_duty_kept(const struct answer *answer, GError **error)
{
    const struct control_context *context = answer->context;

    return (context->clock && duty_is_kept(context->settings)) ||
           answer_refuse(error, MADO_E_CONFIG_REFERENCE,
               "Nobody is on duty: mado.conf has no shifts. Nothing was changed. Name who has "
               "them: "
               "duty : { day = [ \"%s\" ]; }; then reload",
               answer->user);
}

/* -- duty [now] -- */

static void set_person(
    const struct answer *answer, json_t *row, const char *prefix, const char *user)
{
    g_autofree char *name = g_strconcat(prefix, "_name", NULL);

    answer_set(row, prefix, ctl_known(user));
    answer_set(row, name, ctl_known(*user ? duty_name(answer->context->settings, user) : ""));
}

static gboolean set_handover(const struct answer *answer, json_t *row, GError **error)
{
    guint64 id = 0;
    g_autoptr(mado_handover) waits = NULL;

    if (!store_find_handover(answer->context->store, NULL, &id, error) ||
        (id && !(waits = store_handover(answer->context->store, id, error))))
        return FALSE;
    answer_set(row, "handover", ctl_string(waits ? waits->number : NULL));
    answer_set(row, "handover_to", ctl_string(waits ? waits->incoming : NULL));
    return TRUE;
}

static void set_next(const struct answer *answer, const struct duty_now *now, json_t *row)
{
    struct duty_turn next = {.user = NULL};
    gboolean there = duty_next(answer->context, now, &next);

    set_person(answer, row, "next", there ? next.user : "");
    answer_set(row, "next_from", answer_moment(answer, there ? next.shift.begins : 0));
    duty_turn_clear(&next);
}

static gboolean tell_now(struct answer *answer, GError **error)
{
    struct duty_now now;
    json_t *row = ctl_row();
    gboolean done = duty_look(answer->context, now_seconds(), &now, error);

    if (done) {
        set_person(answer, row, "on_duty", now.user);
        answer_set(row, "since", answer_moment(answer, now.since));
        answer_set(row, "told_at", ctl_string(duty_address(answer->context->settings, now.user)));
        answer_set(row, "shift", ctl_string(shift_name(now.turn.shift.kind)));
        answer_set(row, "shift_ends", answer_moment(answer, now.turn.shift.ends));
        set_person(answer, row, "planned", now.turn.user);
        set_person(answer, row, "deputy", now.deputy);
        set_next(answer, &now, row);
        done = set_handover(answer, row, error);
    }
    duty_now_clear(&now);
    return answer_add_if(answer, row, done);
}

gboolean answer_duty(struct answer *answer, GError **error)
{
    return answer_duty_kept(answer, error) && tell_now(answer, error);
}

/* -- duty week [DAY] -- */

static void add_turn(struct answer *answer, const struct duty_turn *turn)
{
    json_t *row = ctl_row();
    g_autofree char *day = clock_day_name(turn->shift.day);

    answer_set(row, "day", ctl_string(day));
    answer_set(row, "shift", ctl_string(shift_name(turn->shift.kind)));
    answer_set(row, "begins", answer_moment(answer, turn->shift.begins));
    answer_set(row, "ends", answer_moment(answer, turn->shift.ends));
    set_person(answer, row, "user", turn->user);
    set_person(answer, row, "deputy",
        duty_deputy(answer->context->settings, turn->shift.kind, turn->user));
    answer_set(row, "by_order", json_boolean(!turn->set));
    answer_add(answer, row);
}

static gboolean add_day(struct answer *answer, gint64 day, GError **error)
{
    for (guint kind = 0; kind < SHIFT_KINDS; kind++) {
        struct shift shift;
        struct duty_turn turn;
        if (!clock_shift_of(answer->context->clock, day, kind, &shift))
            continue;
        if (!duty_turn_of(answer->context, &shift, &turn, error))
            return FALSE;
        add_turn(answer, &turn);
        duty_turn_clear(&turn);
    }
    return TRUE;
}

static gboolean read_day(const char *typed, gint64 *day, GError **error)
{
    return clock_day_of(typed, day) ||
           answer_refuse(error, MADO_E_USAGE,
               "\"%s\" is no day. Nothing was changed. Write it as 2026-11-24.", typed);
}

gboolean answer_duty_week(struct answer *answer, GError **error)
{
    const char *typed = answer_string(answer, "day");
    gint64 first;

    if (!answer_duty_kept(answer, error))
        return FALSE;
    first = clock_day(answer->context->clock, now_seconds());
    if (typed && !read_day(typed, &first, error))
        return FALSE;
    for (gint64 day = first; day < first + WEEK; day++)
        if (!add_day(answer, day, error))
            return FALSE;
    return TRUE;
}

/* -- duty set, duty swap -- */

/* "2026-11-24", "2026-11-24:night" */
struct place {
    gint64 day;
    enum shift_kind kind; /* SHIFT_KINDS: all of the day */
};

static gboolean read_place(const char *typed, struct place *place, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(typed, ":", 2);

    place->kind = parts[0] && parts[1] ? shift_from_name(parts[1]) : SHIFT_KINDS;
    if (!parts[0] || !read_day(parts[0], &place->day, error))
        return FALSE;
    return !parts[1] || place->kind < SHIFT_KINDS ||
           answer_refuse(error, MADO_E_USAGE,
               "\"%s\" is no shift. Nothing was changed. Write one of day, night, holiday: "
               "%s:night",
               parts[1], parts[0]);
}

static gboolean note(struct answer *answer, const char *text, GError **error)
{
    return store_journal(
        answer->context->store, now_seconds(), answer->user, "duty", 0, 0, text, error);
}

static gboolean give(
    struct answer *answer, const struct shift *shift, const char *user, GError **error)
{
    g_autofree char *day = clock_day_name(shift->day);
    g_autofree char *text = g_strdup_printf("%s %s: %s", day, shift_name(shift->kind), user);
    const struct shift_set set = {day, shift->kind, user, answer->user, now_seconds()};

    return store_set_shift(answer->context->store, &set, error) && note(answer, text, error);
}

static gboolean is_over(const struct shift *shift, GError **error)
{
    return shift->ends <= now_seconds() &&
           !answer_refuse(error, MADO_E_BAD_DATA,
               "That shift is over. Nothing was changed. See: madoctl duty week");
}

/* How many shifts of that day were given; -1 with an error. */
static int give_day(
    struct answer *answer, const struct place *place, const char *user, GError **error)
{
    int count = 0;

    for (guint kind = 0; kind < SHIFT_KINDS; kind++) {
        struct shift shift;
        if ((place->kind < SHIFT_KINDS && place->kind != kind) ||
            !clock_shift_of(answer->context->clock, place->day, kind, &shift))
            continue;
        if (is_over(&shift, error) || !give(answer, &shift, user, error))
            return -1;
        count++;
    }
    return count;
}

static gboolean give_days(
    struct answer *answer, const struct place *first, gint64 last, const char *user, GError **error)
{
    struct place place = *first;
    int sum = 0, count = 0;

    for (; place.day <= last && count >= 0; place.day++) {
        count = give_day(answer, &place, user, error);
        sum += count;
    }
    if (count < 0)
        return FALSE;
    if (!sum)
        return answer_refuse(error, MADO_E_BAD_DATA,
            "There is no such shift then. Nothing was changed. See: madoctl duty week");
    for (gint64 day = first->day; day <= last; day++)
        if (!add_day(answer, day, error))
            return FALSE;
    return TRUE;
}

static gboolean check_user(const struct answer *answer, const char *user, GError **error)
{
    return (user && answer_find_operator(answer, user)) ||
           answer_refuse(error, MADO_E_BAD_DATA,
               "%s is not among the `operators` of mado.conf. Nothing was changed.",
               user ? user : "Nobody");
}

/* At once, and without a word: for who is ill or out of reach. */
static gboolean put_on_duty(struct answer *answer, const char *user, GError **error)
{
    g_autofree char *text = g_strdup_printf("%s is on duty from now on", user);
    const struct duty_begin begin = {user, answer->user, 0, now_seconds()};

    if (answer->role < CTL_COMMANDER)
        return answer_refuse(error, MADO_E_FORBIDDEN,
            "Only the role commander puts somebody on duty without a hand-over. Nothing was "
            "changed. To hand over: madoctl duty handover --to %s",
            user);
    return store_begin_duty(answer->context->store, &begin, error) && note(answer, text, error) &&
           tell_now(answer, error);
}

gboolean answer_duty_set(struct answer *answer, GError **error)
{
    const char *typed = answer_string(answer, "when"), *user = answer_string(answer, "user");
    g_auto(GStrv) ends = g_strsplit(typed ? typed : "", "..", 2);
    struct place first, last;

    if (!answer_duty_kept(answer, error) || !check_user(answer, user, error))
        return FALSE;
    if (g_strcmp0(typed, "now") == 0)
        return put_on_duty(answer, user, error);
    if (!ends[0] || !read_place(ends[0], &first, error) ||
        !read_place(ends[1] ? ends[1] : ends[0], &last, error))
        return FALSE;
    if (first.kind == SHIFT_KINDS)
        first.kind = last.kind;
    if (last.day < first.day || last.day - first.day > LONGEST_SET)
        return answer_refuse(error, MADO_E_USAGE,
            "That is no span of days. Nothing was changed. Write the first day before the last, "
            "and "
            "at most a year.");
    return give_days(answer, &first, last.day, user, error);
}

static gboolean find_turn(
    struct answer *answer, const char *typed, struct duty_turn *turn, GError **error)
{
    struct place place;
    struct shift shift;
    gboolean found = FALSE;

    if (!read_place(typed ? typed : "", &place, error))
        return FALSE;
    for (guint kind = 0; kind < SHIFT_KINDS && !found; kind++)
        found = (place.kind == SHIFT_KINDS || place.kind == kind) &&
                clock_shift_of(answer->context->clock, place.day, kind, &shift);
    if (!found)
        return answer_refuse(error, MADO_E_BAD_DATA,
            "There is no such shift then. Nothing was changed. See: madoctl duty week");
    return !is_over(&shift, error) && duty_turn_of(answer->context, &shift, turn, error) &&
           (*turn->user ||
               answer_refuse(error, MADO_E_BAD_DATA,
                   "Nobody has that shift. Nothing was changed. Give it to somebody: madoctl duty "
                   "set %s USER",
                   typed));
}

gboolean answer_duty_swap(struct answer *answer, GError **error)
{
    struct duty_turn one = {.user = NULL}, other = {.user = NULL};
    gboolean done = answer_duty_kept(answer, error) &&
                    find_turn(answer, answer_string(answer, "one"), &one, error) &&
                    find_turn(answer, answer_string(answer, "other"), &other, error) &&
                    give(answer, &one.shift, other.user, error) &&
                    give(answer, &other.shift, one.user, error) &&
                    add_day(answer, one.shift.day, error) &&
                    (one.shift.day == other.shift.day || add_day(answer, other.shift.day, error));

    duty_turn_clear(&one);
    duty_turn_clear(&other);
    return done;
}
