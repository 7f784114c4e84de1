#include "inside.h"
#include "local.h"
#include <mado/limits.h>
#include <stdlib.h>
#include <string.h>

static gint64 time_of_day(const char *text)
{
    int hours = atoi(text);
    const char *colon = strchr(text, ':');

    return hours * 3600 + (colon ? atoi(colon + 1) * 60 : 0);
}

struct clock *clock_new(const struct settings *settings, GBytes *holidays, GPtrArray *problems)
{
    struct clock *clock = g_new0(struct clock, 1);

    clock->zone = g_time_zone_new_identifier(settings->team.timezone) ?: g_time_zone_new_utc();
    clock->days = days_parse(settings->hours.days);
    clock->from = time_of_day(settings->hours.from);
    clock->to = time_of_day(settings->hours.to);
    clock->closed = g_array_new(FALSE, FALSE, sizeof(struct closing));
    for (char **one = settings->hours.closed; one && *one; one++) {
        struct closing closing;
        if (closing_parse(*one, &closing))
            g_array_append_val(clock->closed, closing);
    }
    clock->holidays = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    clock->last_holiday = G_MININT64;
    if (holidays)
        holidays_read(clock, holidays, problems);
    return clock;
}

void clock_free(struct clock *clock)
{
    if (!clock)
        return;
    g_time_zone_unref(clock->zone);
    g_array_unref(clock->closed);
    g_hash_table_unref(clock->holidays);
    g_free(clock);
}

/* -- days -- */

static gboolean is_business_day(const struct clock *clock, gint64 day)
{
    if (!(clock->days >> local_weekday(day) & 1) || g_hash_table_contains(clock->holidays, &day))
        return FALSE;
    for (guint i = 0; i < clock->closed->len; i++)
        if (closing_has(&g_array_index(clock->closed, struct closing, i), day))
            return FALSE;
    return TRUE;
}

struct span {
    gint64 opens, closes;
};

/* From the first moment that shows the one time until the last that shows less than the other: so
 * a day of 23 or 25 hours is as long as it is. Empty on other days. */
static struct span business_of(const struct clock *clock, gint64 day)
{
    gint64 midnight = day * LOCAL_DAY;

    if (!is_business_day(clock, day))
        return (struct span){0, 0};
    return (struct span){local_first(clock->zone, midnight + clock->from),
        local_last(clock->zone, midnight + clock->to - 1) + 1};
}

gboolean clock_closes(const struct clock *clock, gint64 day, gint64 *closes)
{
    struct span span = business_of(clock, day);

    *closes = span.closes;
    return span.closes > span.opens;
}

gboolean clock_is_open(const struct clock *clock, gint64 at)
{
    struct span today = business_of(clock, local_day(clock->zone, at));

    return at >= today.opens && at < today.closes;
}

/* The first business in or behind that moment; `*day` is where to look first, and then its day. */
static gboolean find_business(
    const struct clock *clock, gint64 at, gint64 last, gint64 *day, struct span *found)
{
    for (; *day <= last; (*day)++) {
        *found = business_of(clock, *day);
        found->opens = MAX(found->opens, at);
        if (found->opens < found->closes)
            return TRUE;
    }
    return FALSE;
}

gboolean clock_next_open(const struct clock *clock, gint64 at, gint64 *opens)
{
    gint64 day = local_day(clock->zone, at);
    struct span found;
    gboolean does = find_business(clock, at, day + LIMIT_CLOCK_DAYS, &day, &found);

    *opens = does ? found.opens : 0;
    return does;
}

gboolean clock_add(const struct clock *clock, gint64 at, gint64 seconds, gint64 *due)
{
    gint64 day = local_day(clock->zone, at), last = day + LIMIT_CLOCK_DAYS;
    struct span found;

    *due = 0;
    for (; find_business(clock, at, last, &day, &found); day++) {
        if (seconds <= found.closes - found.opens) {
            *due = found.opens + seconds;
            return TRUE;
        }
        seconds -= found.closes - found.opens;
    }
    return FALSE;
}

gint64 clock_span(const struct clock *clock, const char *span)
{
    const struct {
        char unit;
        gint64 seconds;
    } units[] = {{'m', 60}, {'h', 3600}, {'d', clock->to - clock->from}};
    char *end;
    gint64 count = g_ascii_strtoll(span, &end, 10);

    for (gsize i = 0; i < G_N_ELEMENTS(units); i++)
        if (*end == units[i].unit)
            return count * units[i].seconds;
    return 0;
}

gboolean clock_last_holiday(const struct clock *clock, gint64 *begins)
{
    gboolean there = clock->last_holiday != G_MININT64;

    *begins = there ? local_first(clock->zone, clock->last_holiday * LOCAL_DAY) : 0;
    return there;
}
