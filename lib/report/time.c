/* Moments as programs write them: RFC 3339, RFC 5322 3.3 and logs of web servers. Zones are offsets
 * or a few names, so that no zone file is opened. */
#include "report-parts.h"
#include <string.h>

enum { ZONE_NONE = G_MAXINT, HOUR = 3600, MOST_HOURS = 14 };

struct moment {
    int year, month, day, hour, minute, second;
    int offset; /* seconds, or ZONE_NONE */
};

/* RFC 5322 4.3 has the American ones. */
static const struct zone {
    const char *name;
    int offset;
} zones[] = {
    {"UTC", 0},
    {"GMT", 0},
    {"Z", 0},
    {"JST", 9 * HOUR},
    {"KST", 9 * HOUR},
    {"CEST", 2 * HOUR},
    {"CET", HOUR},
    {"EST", -5 * HOUR},
    {"EDT", -4 * HOUR},
    {"CST", -6 * HOUR},
    {"CDT", -5 * HOUR},
    {"MST", -7 * HOUR},
    {"MDT", -6 * HOUR},
    {"PST", -8 * HOUR},
    {"PDT", -7 * HOUR},
};

static void skip(const char **at, const char *of)
{
    *at += strspn(*at, of);
}

/* Between `least` and `most` digits, and no more of them. */
static gboolean take_number(const char **at, int least, int most, int *value)
{
    int digits = 0;

    for (*value = 0; digits < most && g_ascii_isdigit(**at); digits++)
        *value = *value * 10 + *(*at)++ - '0';
    return digits >= least && !g_ascii_isdigit(**at);
}

static gboolean take_month(const char **at, int *month)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";

    for (int i = 0; i < 12; i++)
        if (!g_ascii_strncasecmp(*at, names + 3 * i, 3)) {
            *at += 3;
            *month = i + 1;
            return TRUE;
        }
    return FALSE;
}

static gboolean take_one_of(const char **at, const char *of)
{
    if (!**at || !strchr(of, **at))
        return FALSE;
    (*at)++;
    return TRUE;
}

/* 2026-03-02, 2026/3/2, 20260302 */
static gboolean take_iso_day(const char **at, struct moment *moment)
{
    const char *digits = *at;
    int whole;

    if (strspn(digits, "0123456789") == 8 && take_number(at, 8, 8, &whole)) {
        moment->year = whole / 10000;
        moment->month = whole / 100 % 100;
        moment->day = whole % 100;
        return TRUE;
    }
    return strspn(digits, "0123456789") == 4 && take_number(at, 4, 4, &moment->year) &&
           take_one_of(at, "-/.") && take_number(at, 1, 2, &moment->month) &&
           take_one_of(at, "-/.") && take_number(at, 1, 2, &moment->day);
}

/* 2 Mar 2026, 02-Mar-2026, 02/Mar/2026 */
static gboolean take_named_day(const char **at, struct moment *moment)
{
    return take_number(at, 1, 2, &moment->day) && take_one_of(at, " -/") &&
           take_month(at, &moment->month) && take_one_of(at, " -/") &&
           take_number(at, 4, 4, &moment->year);
}

/* "Mon, " */
static void skip_weekday(const char **at)
{
    const char *comma = *at + strspn(*at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    if (*comma == ',' && comma - *at >= 3)
        *at = comma + 1;
    skip(at, " ");
}

static gboolean take_day(const char **at, struct moment *moment)
{
    const char *begin;

    skip_weekday(at);
    begin = *at;
    if (take_iso_day(at, moment))
        return TRUE;
    *at = begin;
    return take_named_day(at, moment);
}

static gboolean take_clock(const char **at, struct moment *moment)
{
    gboolean separated = take_one_of(at, "Tt:");
    const char *blank = *at;

    skip(at, " ");
    if ((!separated && *at == blank) || !take_number(at, 1, 2, &moment->hour) ||
        !take_one_of(at, ":") || !take_number(at, 2, 2, &moment->minute))
        return FALSE;
    if (**at != ':')
        return TRUE;
    (*at)++;
    if (!take_number(at, 2, 2, &moment->second))
        return FALSE;
    if (take_one_of(at, ".,"))
        skip(at, "0123456789");
    return TRUE;
}

/* "+09:00", "+0900", "+9"; nothing is an offset of none. */
static gboolean take_offset(const char **at, int *offset)
{
    gboolean west = **at == '-';
    int hours, minutes = 0;
    const char *sign = *at;

    if (!take_one_of(at, "+-"))
        return FALSE;
    if (strspn(*at, "0123456789") == 4) {
        take_number(at, 4, 4, &hours);
        minutes = hours % 100;
        hours /= 100;
    } else if (!take_number(at, 1, 2, &hours) ||
               (take_one_of(at, ":") && !take_number(at, 2, 2, &minutes))) {
        *at = sign;
        return FALSE;
    }
    *offset = (hours * 60 + minutes) * (west ? -60 : 60);
    return hours <= MOST_HOURS && minutes < 60;
}

static gboolean take_zone_name(const char **at, int *offset)
{
    for (gsize i = 0; i < G_N_ELEMENTS(zones); i++) {
        gsize length = strlen(zones[i].name);
        if (g_ascii_strncasecmp(*at, zones[i].name, length) || g_ascii_isalpha((*at)[length]))
            continue;
        *at += length;
        *offset = zones[i].offset;
        return TRUE;
    }
    return FALSE;
}

/* "UTC+9" is nine hours east, and "JST+0900" says the same twice. */
static gboolean take_zone(const char **at, int *offset)
{
    gboolean bracket, named;

    skip(at, " ");
    bracket = take_one_of(at, "(");
    named = take_zone_name(at, offset);
    if ((**at == '+' || **at == '-') ? !take_offset(at, offset) : !named)
        return FALSE;
    return !bracket || take_one_of(at, ")");
}

static gboolean is_end(const char *at)
{
    skip(&at, " \t");
    if (*at == '(') /* a comment: RFC 5322 3.3 lets one say "(CET)" */
        at += strcspn(at, ")");
    skip(&at, ") \t");
    return *at == '\0';
}

gboolean time_is_zone(const char *text)
{
    int offset;

    return take_zone(&text, &offset) && is_end(text);
}

static gboolean read_moment(const char *text, const char *zone, struct moment *moment)
{
    const char *rest;

    skip(&text, " \t[");
    if (!take_day(&text, moment) || !take_clock(&text, moment))
        return FALSE;
    rest = text;
    if (!take_zone(&rest, &moment->offset)) {
        rest = text;
        if (!zone || !take_zone(&zone, &moment->offset) || !is_end(zone))
            return FALSE;
    }
    skip(&rest, "]");
    return is_end(rest);
}

gboolean time_read(const char *text, const char *zone, char **rfc3339, gint64 *at)
{
    struct moment moment = {.offset = 0};
    g_autoptr(GTimeZone) offset = NULL;
    g_autoptr(GDateTime) date = NULL;

    if (!read_moment(text, zone, &moment) || moment.year < 1)
        return FALSE;
    offset = g_time_zone_new_offset(moment.offset);
    date = g_date_time_new(
        offset, moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second);
    if (!date)
        return FALSE;
    *rfc3339 = g_date_time_format(date, "%Y-%m-%dT%H:%M:%S%:z");
    *at = g_date_time_to_unix(date);
    return TRUE;
}
