/* Days of the week, and days of the year on which the team is not there. */
#include "inside.h"
#include "local.h"
#include <stdio.h>
#include <string.h>

static int find_day(const char *name)
{
    static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

    for (int i = 0; i < (int)G_N_ELEMENTS(names); i++)
        if (strncmp(names[i], name, 3) == 0)
            return i;
    return -1;
}

/* One of the list: "mon", or "sat-tue" over the end of the week. */
static unsigned parse_run(const char *text)
{
    const char *hyphen = strchr(text, '-');
    int from = find_day(text), to = hyphen ? find_day(hyphen + 1) : from;
    unsigned days = 0;

    if (from < 0 || to < 0)
        return 0;
    for (int day = from; day != to; day = (day + 1) % 7)
        days |= 1u << day;
    return days | 1u << to;
}

unsigned days_parse(const char *text)
{
    g_auto(GStrv) runs = g_strsplit(text, ",", -1);
    unsigned days = 0;

    for (char **run = runs; *run; run++)
        days |= parse_run(*run);
    return days;
}

/* 2000 was a leap year: the 29th of February is a day. */
static gboolean parse_end(const char *text, gboolean yearly, gint64 *end)
{
    int year = 2000, month = 0, day = 0, length = 0, found;

    found = yearly ? sscanf(text, "%2d-%2d%n", &month, &day, &length) + 1
                   : sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &length);
    if (found != 3 || text[length] || !local_day_of(year, month, day, end))
        return FALSE;
    if (yearly)
        *end = month * 100 + day;
    return TRUE;
}

gboolean closing_parse(const char *text, struct closing *closing)
{
    g_auto(GStrv) ends = g_strsplit(text, "..", 2);
    const char *to = ends[0] && ends[1] ? ends[1] : text;

    closing->yearly = ends[0] && strlen(ends[0]) == strlen("12-29");
    return ends[0] && parse_end(ends[0], closing->yearly, &closing->from) &&
           parse_end(to, closing->yearly, &closing->to);
}

gboolean closing_has(const struct closing *closing, gint64 day)
{
    g_autoptr(GDate) date = closing->yearly ? local_date(day) : NULL;

    if (date)
        day = (gint64)g_date_get_month(date) * 100 + g_date_get_day(date);
    if (closing->from <= closing->to || !closing->yearly)
        return day >= closing->from && day <= closing->to;
    return day >= closing->from || day <= closing->to; /* over the end of the year */
}
