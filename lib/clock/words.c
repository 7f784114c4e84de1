/* Moments and hours as letters say them. */
#include "inside.h"
#include "local.h"
#include <string.h>

static const char *const english[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
static const char *const japanese[] = {"月", "火", "水", "木", "金", "土", "日"};

static gboolean is_japanese(const char *language)
{
    return g_str_equal(language, "ja");
}

static const char *zone_name(const struct clock *clock, gint64 at)
{
    return g_time_zone_get_abbreviation(
        clock->zone, g_time_zone_find_interval(clock->zone, G_TIME_TYPE_UNIVERSAL, at));
}

/* In our own words: those of the host's language are not those of the letter. */
char *clock_tell(const struct clock *clock, gint64 at, const char *language)
{
    static const char *const months[] = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    gint64 wall = local_wall(clock->zone, at), day = local_day(clock->zone, at);
    int weekday = local_weekday(day), minutes = (int)((wall - day * LOCAL_DAY) / 60);
    g_autoptr(GDate) date = local_date(day);
    int year = date ? g_date_get_year(date) : 1970, month = date ? (int)g_date_get_month(date) : 1;
    int number = date ? g_date_get_day(date) : 1;

    if (is_japanese(language))
        return g_strdup_printf("%04d-%02d-%02d (%s) %02d:%02d %s", year, month, number,
            japanese[weekday], minutes / 60, minutes % 60, zone_name(clock, at));
    return g_strdup_printf("%s %d %s %d %02d:%02d %s", english[weekday], number, months[month - 1],
        year, minutes / 60, minutes % 60, zone_name(clock, at));
}

char *clock_tell_day(const struct clock *clock, gint64 at)
{
    g_autoptr(GDate) date = local_date(local_day(clock->zone, at));

    return date ? g_strdup_printf("%04d-%02d-%02d", g_date_get_year(date),
                      (int)g_date_get_month(date), g_date_get_day(date))
                : g_strdup("?");
}

/* "Mon-Wed, Fri" */
static char *tell_days(unsigned days, const char *const *names)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (int day = 0; day < 7; day++) {
        int last = day;
        if (!(days >> day & 1))
            continue;
        while (last < 6 && days >> (last + 1) & 1)
            last++;
        g_string_append_printf(text, "%s%s", text->len ? ", " : "", names[day]);
        if (last > day)
            g_string_append_printf(text, "%s%s", last > day + 1 ? "-" : ", ", names[last]);
        day = last;
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

char *clock_tell_hours(const struct clock *clock, gint64 at, const char *language)
{
    gboolean japan = is_japanese(language);
    g_autofree char *days = tell_days(clock->days, japan ? japanese : english);
    const char *but = japan ? " (祝日を除く)" : ", except public holidays";
    int from = (int)clock->from / 60, to = (int)clock->to / 60;

    return g_strdup_printf("%s %02d:%02d-%02d:%02d %s%s", days, from / 60, from % 60, to / 60,
        to % 60, zone_name(clock, at), g_hash_table_size(clock->holidays) ? but : "");
}
