/* Shifts: each day the office opens at the same time, or the reception of a holiday begins; so all
 * moments belong to one of them, and none is longer than a day. */
#include "inside.h"
#include "local.h"

static gint64 begin_of(const struct clock *clock, gint64 day)
{
    return local_first(clock->zone, day * LOCAL_DAY + clock->from);
}

void clock_shift(const struct clock *clock, gint64 at, struct shift *shift)
{
    gint64 day = local_day(clock->zone, at), closes;

    if (at < begin_of(clock, day))
        day--;
    *shift = (struct shift){SHIFT_HOLIDAY, day, begin_of(clock, day), begin_of(clock, day + 1)};
    if (!clock_closes(clock, day, &closes))
        return;
    shift->kind = at < closes ? SHIFT_DAY : SHIFT_NIGHT;
    if (at < closes)
        shift->ends = closes;
    else
        shift->begins = closes;
}

gboolean clock_shift_of(
    const struct clock *clock, gint64 day, enum shift_kind kind, struct shift *shift)
{
    gint64 begins = begin_of(clock, day), closes;

    clock_shift(clock, begins, shift);
    if (kind == SHIFT_NIGHT && clock_closes(clock, day, &closes))
        clock_shift(clock, closes, shift);
    return shift->kind == kind && shift->day == day;
}

gint64 clock_day(const struct clock *clock, gint64 at)
{
    return local_day(clock->zone, at);
}

char *clock_day_name(gint64 day)
{
    g_autoptr(GDate) date = local_date(day);

    return date ? g_strdup_printf("%04d-%02d-%02d", g_date_get_year(date), g_date_get_month(date),
                      g_date_get_day(date))
                : g_strdup("");
}

gboolean clock_day_of(const char *name, gint64 *day)
{
    static GRegex *form;
    g_autoptr(GMatchInfo) match = NULL;
    int part[3];

    if (!form)
        form = g_regex_new("^([0-9]{4})-([0-9]{2})-([0-9]{2})$", G_REGEX_OPTIMIZE, 0, NULL);
    if (!g_regex_match(form, name, 0, &match))
        return FALSE;
    for (int i = 0; i < 3; i++) {
        g_autofree char *digits = g_match_info_fetch(match, i + 1);
        part[i] = (int)g_ascii_strtoll(digits, NULL, 10);
    }
    return local_day_of(part[0], part[1], part[2], day);
}
