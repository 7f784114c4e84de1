/* Times as operators type them. */
#include "control-query.h"
#include "now.h"
#include <string.h>

GDateTime *when_local(const struct answer *answer, gint64 at)
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(at);

    return answer->context->zone ? g_date_time_to_timezone(utc, answer->context->zone)
                                 : g_steal_pointer(&utc);
}

int when_year(const struct answer *answer, gint64 at)
{
    g_autoptr(GDateTime) time = when_local(answer, at);

    return g_date_time_get_year(time);
}

static GDateTime *moment(const struct answer *answer, const int *part)
{
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    GTimeZone *zone = answer->context->zone ? answer->context->zone : utc;

    return g_date_time_new(zone, part[0], part[1], part[2], part[3], part[4], 0);
}

/* How much is typed says how long it is: year, month, day, and at last a minute. */
static const struct {
    int years, months, days, minutes;
} lengths[] = {[1] = {.years = 1}, [2] = {.months = 1}, [3] = {.days = 1}, [5] = {.minutes = 1}};

/* How many parts there are; 0: it is written otherwise. */
static gsize read_parts(const char *text, int *part)
{
    g_autoptr(GRegex) form = g_regex_new(
        "^([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2})(?:[ T]([0-9]{1,2}):([0-9]{2}))?)?)?$", 0, 0,
        NULL);
    g_autoptr(GMatchInfo) match = NULL;
    gsize count = 0;

    if (!g_regex_match(form, text, 0, &match))
        return 0;
    for (; count < 5; count++) {
        g_autofree char *digits = g_match_info_fetch(match, (int)count + 1);
        if (!digits || !*digits)
            break;
        part[count] = (int)g_ascii_strtoll(digits, NULL, 10);
    }
    return count;
}

static gboolean read_day(const struct answer *answer, int days, gint64 *since, gint64 *until)
{
    g_autoptr(GDateTime) now = when_local(answer, now_seconds());
    g_autoptr(GDateTime) day = g_date_time_add_days(now, days);
    g_autofree char *written = g_date_time_format(day, "%Y-%m-%d");

    return when_period(answer, written, since, until);
}

gboolean when_period(const struct answer *answer, const char *text, gint64 *since, gint64 *until)
{
    int part[5] = {0, 1, 1, 0, 0};
    gsize count;
    g_autoptr(GDateTime) first = NULL, last = NULL;

    if (g_str_equal(text, "today"))
        return read_day(answer, 0, since, until);
    if (g_str_equal(text, "tomorrow"))
        return read_day(answer, 1, since, until);
    count = read_parts(text, part);
    if (!count || !(first = moment(answer, part)) ||
        !(last = g_date_time_add_full(first, lengths[count].years, lengths[count].months,
              lengths[count].days, 0, lengths[count].minutes, 0)))
        return FALSE;
    *since = g_date_time_to_unix(first);
    *until = g_date_time_to_unix(last);
    return TRUE;
}

gint64 when_span(const char *text)
{
    static const struct {
        char unit;
        gint64 seconds;
    } units[] = {{'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 7 * 86400}};
    char *end;
    guint64 count = g_ascii_strtoull(text, &end, 10);

    if (!g_ascii_isdigit(*text) || !*end || end[1] || count > 100000)
        return 0;
    for (gsize i = 0; i < G_N_ELEMENTS(units); i++)
        if (units[i].unit == *end)
            return (gint64)count * units[i].seconds;
    return 0;
}

gboolean when_due(const struct answer *answer, const char *text, gint64 *at)
{
    gint64 span = when_span(text), since, until;

    if (span) {
        *at = now_seconds() + span;
        return TRUE;
    }
    if (!when_period(answer, text, &since, &until))
        return FALSE;
    *at = until - since > 60 ? until - 1 : since;
    return TRUE;
}

char *when_words(const struct answer *answer, gint64 at)
{
    g_autoptr(GDateTime) time = when_local(answer, at);

    return at && time ? g_date_time_format(time, "%Y-%m-%d %H:%M") : g_strdup("");
}
