#include "duty.h"
#include <string.h>

enum { DAYS_OF_A_WEEK = 7, MONDAY = 3 }; /* 1970-01-01 was a Thursday */

/* Holidays are as nights, where nothing else is said. */
static char **order_of(const struct settings *settings, enum shift_kind kind)
{
    char **const orders[SHIFT_KINDS] = {[SHIFT_DAY] = settings->duty.day,
        [SHIFT_NIGHT] = settings->duty.night,
        [SHIFT_HOLIDAY] = settings->duty.holiday};
    char **order = orders[kind];

    if (kind == SHIFT_HOLIDAY && !(order && *order))
        return settings->duty.night;
    return order;
}

static guint length(char *const *order)
{
    return order ? g_strv_length((char **)order) : 0;
}

gboolean duty_is_kept(const struct settings *settings)
{
    for (guint kind = 0; kind < SHIFT_KINDS; kind++)
        if (length(order_of(settings, kind)))
            return TRUE;
    return FALSE;
}

const char *duty_usual(const struct settings *settings, enum shift_kind kind, gint64 day)
{
    char **order = order_of(settings, kind);
    guint count = length(order);

    return count ? order[(guint64)(day + MONDAY) / DAYS_OF_A_WEEK % count] : "";
}

const char *duty_deputy(const struct settings *settings, enum shift_kind kind, const char *user)
{
    char **order = order_of(settings, kind);
    guint count = length(order), place = 0;
    const char *last = settings->duty.deputy ? settings->duty.deputy : "";

    while (place < count && !g_str_equal(order[place], user))
        place++;
    for (guint i = 1; i <= count; i++) {
        const char *next = order[(place + i) % count];
        if (!g_str_equal(next, user))
            return next;
    }
    return g_str_equal(last, user) ? "" : last;
}

const struct member *duty_member(const struct settings *settings, const char *user)
{
    for (guint i = 0; settings->operators && i < settings->operators->len; i++) {
        const struct member *member = settings->operators->pdata[i];
        if (g_str_equal(member->user, user))
            return member;
    }
    return NULL;
}

const char *duty_name(const struct settings *settings, const char *user)
{
    const struct member *member = duty_member(settings, user);

    return member ? member->name : user;
}

const char *duty_address(const struct settings *settings, const char *user)
{
    const struct member *member = duty_member(settings, user);

    return member && member->addresses ? *member->addresses : NULL;
}

static gboolean has_address(const struct settings *settings, const char *user, const char *address)
{
    const char *its = duty_address(settings, user);

    return its && g_ascii_strcasecmp(its, address) == 0;
}

gboolean duty_hears(const struct settings *settings, const char *address)
{
    for (guint kind = 0; kind < SHIFT_KINDS; kind++) {
        char **order = order_of(settings, kind);
        for (; order && *order; order++)
            if (has_address(settings, *order, address))
                return TRUE;
    }
    return settings->duty.deputy && has_address(settings, settings->duty.deputy, address);
}

enum duty_step duty_step(const struct settings *settings, const char *now, const char *planned)
{
    if (!*planned || g_str_equal(now, planned))
        return DUTY_STAYS;
    return !*now || g_strcmp0(settings->duty.handover, "no") == 0 ? DUTY_CHANGES : DUTY_WAITS;
}
