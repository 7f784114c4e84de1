/* Weeks, months, and the parts of a fiscal year: their names, and from when to when they last. */
#include "error.h"
#include "figures.h"
#include <stdio.h>
#include <string.h>

enum { YEAR = 12, LONGEST_NAME = 16 };

/* Exactly one of days and months is not 0. */
struct period_kind {
    const char *name;
    guint days, months;
    const char *mark; /* between year and number: "-Q" */
    gboolean fiscal;
    const char *example;
    gboolean runs; /* it is asked for while it lasts, up to that day */
};

static const struct period_kind kinds[] = {
    {"weekly", 7, 0, "-W", FALSE, "2026-W41"},
    {"monthly", 0, 1, "-", FALSE, "2026-10"},
    {"quarterly", 0, 3, "-Q", TRUE, "FY2026-Q3"},
    {"half", 0, 6, "-H", TRUE, "FY2026-H2"},
    {"yearly", 0, YEAR, "", TRUE, "FY2026"},
    {"commander", 1, 0, "-", FALSE, "2026-10-14", TRUE},
    {"meeting", 7, 0, "-", FALSE, "2026-10-08/10-14", TRUE},
};

static const struct period_kind *find_kind(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (g_str_equal(kinds[i].name, name))
            return &kinds[i];
    return NULL;
}

/* The first moment of that day; where clocks jump over midnight, the first that there is. */
static gint64 midnight(const struct calendar *calendar, const GDate *day)
{
    g_autoptr(GDateTime) at = g_date_time_new(
        calendar->zone, g_date_get_year(day), g_date_get_month(day), g_date_get_day(day), 0, 0, 0);

    return g_date_time_to_unix(at);
}

static void step(GDate *day, const struct period_kind *kind, int count)
{
    int days = (int)kind->days * count, months = (int)kind->months * count;

    if (days > 0)
        g_date_add_days(day, (guint)days);
    else if (days < 0)
        g_date_subtract_days(day, (guint)-days);
    if (months > 0)
        g_date_add_months(day, (guint)months);
    else if (months < 0)
        g_date_subtract_months(day, (guint)-months);
}

/* The calendar year in which the fiscal year of that day began; months since then. */
static guint fiscal_year(const struct calendar *calendar, const GDate *day, guint *months)
{
    guint month = (guint)g_date_get_month(day), first = (guint)calendar->first_month;

    *months = (month + YEAR - first) % YEAR;
    return g_date_get_year(day) - (month < first);
}

/* ISO 8601: a week belongs to the year that has its Thursday. */
static char *name_of_week(const GDate *first)
{
    GDate thursday = *first;

    g_date_add_days(&thursday, 3);
    return g_strdup_printf(
        "%04u-W%02u", g_date_get_year(&thursday), g_date_get_iso8601_week_of_year(&thursday));
}

static char *name_of_days(const struct period_kind *kind, const GDate *first)
{
    GDate last = *first;

    g_date_add_days(&last, kind->days - 1);
    return kind->days == 1 ? g_strdup_printf("%04u-%02u-%02u", g_date_get_year(first),
                                 (guint)g_date_get_month(first), g_date_get_day(first))
                           : g_strdup_printf("%04u-%02u-%02u/%02u-%02u", g_date_get_year(first),
                                 (guint)g_date_get_month(first), g_date_get_day(first),
                                 (guint)g_date_get_month(&last), g_date_get_day(&last));
}

static char *name_of(
    const struct calendar *calendar, const struct period_kind *kind, const GDate *first)
{
    guint months, year = fiscal_year(calendar, first, &months);

    if (kind->days)
        return kind->runs ? name_of_days(kind, first) : name_of_week(first);
    if (!kind->fiscal)
        return g_strdup_printf("%04u-%02u", g_date_get_year(first), (guint)g_date_get_month(first));
    return kind->months == YEAR
               ? g_strdup_printf("FY%04u", year)
               : g_strdup_printf("FY%04u%s%u", year, kind->mark, months / kind->months + 1);
}

static struct period *period_from(
    const struct calendar *calendar, const struct period_kind *kind, const GDate *first)
{
    struct period *period = g_new0(struct period, 1);
    GDate end = *first;

    step(&end, kind, 1);
    period->kind = kind;
    period->first = *first;
    period->begins = midnight(calendar, first);
    period->ends = midnight(calendar, &end);
    period->name = name_of(calendar, kind, first);
    return period;
}

/* The first day of the period of that kind in which the day lies. */
static void to_first(const struct calendar *calendar, const struct period_kind *kind, GDate *day)
{
    guint months;

    if (kind->days) {
        g_date_subtract_days(
            day, kind->runs ? kind->days - 1 : (guint)g_date_get_weekday(day) - G_DATE_MONDAY);
        return;
    }
    g_date_set_day(day, 1);
    fiscal_year(calendar, day, &months);
    if (kind->fiscal)
        g_date_subtract_months(day, months % kind->months);
}

/* The one in which that moment lies, or so many before it. */
static struct period *around(
    const struct calendar *calendar, const struct period_kind *kind, gint64 at, int before)
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(at);
    g_autoptr(GDateTime) here = g_date_time_to_timezone(utc, calendar->zone);
    GDate day;

    g_date_clear(&day, 1);
    g_date_set_dmy(&day, (GDateDay)g_date_time_get_day_of_month(here),
        (GDateMonth)g_date_time_get_month(here), (GDateYear)g_date_time_get_year(here));
    to_first(calendar, kind, &day);
    step(&day, kind, -before);
    return period_from(calendar, kind, &day);
}

/* The first day of the year's period with that number, which may lie behind the year. */
static gboolean first_day(const struct calendar *calendar, const struct period_kind *kind,
    guint year, guint number, GDate *day)
{
    if (!g_date_valid_year((GDateYear)year) || year < 1970 || year > 9000 || !number)
        return FALSE;
    if (kind->days) { /* the 4th of January lies in the first week */
        g_date_set_dmy(day, 4, G_DATE_JANUARY, (GDateYear)year);
        to_first(calendar, kind, day);
        g_date_add_days(day, kind->days * (number - 1));
        return TRUE;
    }
    g_date_set_dmy(
        day, 1, kind->fiscal ? (GDateMonth)calendar->first_month : G_DATE_JANUARY, (GDateYear)year);
    g_date_add_months(day, kind->months * (number - 1));
    return TRUE;
}

static gboolean parse_day(const char *name, GDate *day)
{
    guint year, month, number;

    if (sscanf(name, "%4u-%2u-%2u", &year, &month, &number) != 3 || year < 1970 || year > 9000 ||
        !g_date_valid_dmy((GDateDay)number, (GDateMonth)month, (GDateYear)year))
        return FALSE;
    g_date_set_dmy(day, (GDateDay)number, (GDateMonth)month, (GDateYear)year);
    return TRUE;
}

static gboolean parse_number(
    const struct calendar *calendar, const struct period_kind *kind, const char *name, GDate *day)
{
    guint year, number = 1;
    const char *rest = name + (kind->fiscal ? strlen("FY") : 0);
    gsize mark = strlen(kind->mark);

    if ((kind->fiscal && !g_str_has_prefix(name, "FY")) || sscanf(rest, "%4u", &year) != 1 ||
        strlen(rest) < 4)
        return FALSE;
    if (mark &&
        (strncmp(rest + 4, kind->mark, mark) != 0 || sscanf(rest + 4 + mark, "%2u", &number) != 1))
        return FALSE;
    return first_day(calendar, kind, year, number, day);
}

static gboolean parse(
    const struct calendar *calendar, const struct period_kind *kind, const char *name, GDate *day)
{
    g_autofree char *again = NULL;

    if (strlen(name) > LONGEST_NAME ||
        !(kind->runs ? parse_day(name, day) : parse_number(calendar, kind, name, day)))
        return FALSE;
    again = name_of(calendar, kind, day);
    return g_str_equal(again, name);
}

struct period *period_new(
    const struct calendar *calendar, const char *kind, const char *name, gint64 at, GError **error)
{
    const struct period_kind *found = find_kind(kind);
    GDate day;

    g_date_clear(&day, 1);
    if (found && !name)
        return around(calendar, found, at, found->runs ? 0 : 1);
    if (found && parse(calendar, found, name, &day))
        return period_from(calendar, found, &day);
    error_set(error, MADO_E_USAGE,
        "\"%s\" is no %s period. Write it like %s; without one it is the last that is over.",
        name ? name : "", kind, found ? found->example : "2026-10");
    return NULL;
}

struct period *period_find(
    const struct calendar *calendar, const char *name, gint64 at, GError **error)
{
    GDate day;

    if (!name)
        return around(calendar, find_kind("monthly"), at, 0);
    g_date_clear(&day, 1);
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (parse(calendar, &kinds[i], name, &day))
            return period_from(calendar, &kinds[i], &day);
    error_set(error, MADO_E_USAGE,
        "\"%s\" is no period. Write a month (2026-10), a week (2026-W41), a day (2026-10-14), or "
        "of a fiscal year all (FY2026), a half (FY2026-H2) or a quarter (FY2026-Q3).",
        name);
    return NULL;
}

struct period *period_before(
    const struct calendar *calendar, const struct period *period, int count)
{
    GDate day = period->first;

    step(&day, period->kind, -count);
    return period_from(calendar, period->kind, &day);
}

struct period *period_last_year(const struct calendar *calendar, const struct period *period)
{
    GDate day = period->first;

    if (period->kind->days)
        g_date_subtract_days(&day, 52 * 7); /* the same weekdays */
    else
        g_date_subtract_years(&day, 1);
    return period_from(calendar, period->kind, &day);
}

const char *period_kind_name(const struct period *period)
{
    return period->kind->name;
}

void period_free(struct period *period)
{
    if (!period)
        return;
    g_free(period->name);
    g_free(period);
}
