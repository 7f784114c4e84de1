/* Dates as people in Japan type them into spreadsheets, and as Excel keeps them. */
#include "sheet.h"
#include <stdlib.h>
#include <string.h>

enum {
    LONGEST = 60,            /* characters of a date */
    FIRST_SERIAL = 32874,    /* 1990-01-01, in the count of Excel for Windows */
    LAST_SERIAL = 73415,     /* 2100-12-31 */
    DAYS_TO_SERIAL = 693594, /* 1899-12-30 in the count of GDate */
};

static const struct {
    const char *name;
    int before; /* the year before its first */
} eras[] = {{"令和", 2018}, {"r", 2018}, {"平成", 1988}, {"h", 1988}, {"昭和", 1925}, {"s", 1925}};

#define TIME                                                                                       \
    "(?:[ t]*(?<p>午前|午後|am|pm)? ?(?<H>\\d{1,2})(?::|時)(?:(?<M>\\d{1,2})分?)?"           \
    "(?::\\d{1,2}(?:\\.\\d+)?|\\d{1,2}秒)? ?(?<q>am|pm)?(?<z>z|[+-]\\d\\d:?\\d\\d)?)?$"

static const char *const shapes[] = {
    "^(?<y>\\d{4})[-/.年] ?(?<m>\\d{1,2})[-/.月] ?(?<d>\\d{1,2})日?" TIME,
    "^(?<e>令和|平成|昭和|[rhs])\\.? ?(?<y>\\d{1,2}|元)[-/.年] ?(?<m>\\d{1,2})[-/.月] "
    "?(?<d>\\d{1,2})日?" TIME,
    "^(?<y>\\d{4})(?<m>\\d{2})(?<d>\\d{2})" TIME,
    "^(?<a>\\d{1,2})[-/.](?<b>\\d{1,2})[-/.](?<y>\\d{4})" TIME,
};

static char *part(const GMatchInfo *match, const char *name)
{
    char *text = g_match_info_fetch_named(match, name);

    return text ? text : g_strdup("");
}

static int number(const GMatchInfo *match, const char *name, int otherwise)
{
    g_autofree char *text = part(match, name);

    return *text ? (int)strtol(text, NULL, 10) : otherwise;
}

static int year_of(const GMatchInfo *match)
{
    g_autofree char *era = part(match, "e");
    g_autofree char *year = part(match, "y");
    int count = g_str_equal(year, "元") ? 1 : (int)strtol(year, NULL, 10);

    for (gsize i = 0; i < G_N_ELEMENTS(eras); i++)
        if (g_str_equal(eras[i].name, era))
            return count > 0 ? eras[i].before + count : 0;
    return count;
}

/* "午後3:05" and "3:05 pm" are 15:05. */
static void read_time(const GMatchInfo *match, struct sheet_date *date)
{
    g_autofree char *before = part(match, "p"), *behind = part(match, "q");
    g_autofree char *zone = part(match, "z");
    gboolean afternoon =
        g_str_equal(before, "午後") || g_str_equal(before, "pm") || g_str_equal(behind, "pm");
    gboolean half = *before || *behind;

    date->hour = number(match, "H", -1);
    date->minute = date->hour < 0 ? -1 : number(match, "M", 0);
    if (half && date->hour == 12)
        date->hour = 0;
    if (afternoon && date->hour >= 0 && date->hour < 12)
        date->hour += 12;
    if (strlen(zone) == 5) /* +0900 */
        g_snprintf(date->zone, sizeof date->zone, "%.3s:%s", zone, zone + 3);
    else
        g_snprintf(date->zone, sizeof date->zone, "%s", *zone == 'z' ? "Z" : zone);
}

static gboolean is_real(const struct sheet_date *date)
{
    return date->year >= 1990 && date->year <= 2100 && date->month >= 1 && date->month <= 12 &&
           g_date_valid_dmy((GDateDay)date->day, (GDateMonth)date->month, (GDateYear)date->year) &&
           date->hour < 24 && date->minute < 60;
}

/* "4/1/2026": which is the month? */
static enum sheet_found choose(
    int first, int second, enum sheet_order order, struct sheet_date *date)
{
    gboolean month_first = first <= 12 && (second > 12 || order == SHEET_MONTH_FIRST);

    if (first <= 12 && second <= 12 && first != second && order == SHEET_ORDER_UNKNOWN)
        return SHEET_UNCLEAR;
    date->month = month_first ? first : second;
    date->day = month_first ? second : first;
    return SHEET_DATE;
}

static enum sheet_found read_match(
    const GMatchInfo *match, enum sheet_order order, struct sheet_date *date)
{
    int first = number(match, "a", 0), second = number(match, "b", 0);
    enum sheet_found found = SHEET_DATE;

    *date = (struct sheet_date){
        .year = year_of(match), .month = number(match, "m", 0), .day = number(match, "d", 0)};
    if (first)
        found = choose(first, second, order, date);
    read_time(match, date);
    return found == SHEET_UNCLEAR || is_real(date) ? found : SHEET_NO_DATE;
}

/* Days since the end of 1899, with the time as a fraction. */
static enum sheet_found read_serial(const char *text, struct sheet_date *date)
{
    char *end;
    double days = g_ascii_strtod(text, &end);
    GDate day;
    int minutes;

    if (*end || strspn(text, "0123456789.") != strlen(text) || days < FIRST_SERIAL ||
        days >= LAST_SERIAL + 1)
        return SHEET_NO_DATE;
    minutes = (int)((days - (double)(int)days) * 24 * 60 + 0.5);
    g_date_clear(&day, 1);
    g_date_set_julian(&day, (guint32)days + DAYS_TO_SERIAL + (guint32)(minutes / (24 * 60)));
    minutes %= 24 * 60;
    *date = (struct sheet_date){.year = g_date_get_year(&day),
        .month = (int)g_date_get_month(&day),
        .day = g_date_get_day(&day),
        .hour = strchr(text, '.') ? minutes / 60 : -1,
        .minute = strchr(text, '.') ? minutes % 60 : -1};
    return SHEET_DATE;
}

/* Full-width characters as usual ones, in lower case, and without "(水)". */
static char *plain(const char *text)
{
    g_autofree char *same = g_utf8_normalize(text, -1, G_NORMALIZE_ALL_COMPOSE);
    g_autofree char *lower = g_utf8_strdown(same ? same : "", -1);
    GString *out = g_string_new(NULL);
    gboolean inside = FALSE;

    for (const char *at = g_strstrip(lower); *at; at++) {
        inside |= *at == '(';
        if (!inside)
            g_string_append_c(out, *at);
        inside &= *at != ')';
    }
    return g_strstrip(g_string_free(out, FALSE));
}

enum sheet_found sheet_date_read(const char *text, enum sheet_order order, struct sheet_date *date)
{
    g_autofree char *written = NULL;

    if (!*text || strlen(text) > 4 * LONGEST || g_utf8_strlen(text, -1) > LONGEST)
        return SHEET_NO_DATE;
    written = plain(text);
    for (gsize i = 0; i < G_N_ELEMENTS(shapes); i++) {
        static GRegex *known[G_N_ELEMENTS(shapes)]; /* for ever: there are very many cells */
        g_autoptr(GMatchInfo) match = NULL;
        if (!known[i])
            known[i] = g_regex_new(shapes[i], G_REGEX_OPTIMIZE, 0, NULL);
        if (g_regex_match(known[i], written, 0, &match))
            return read_match(match, order, date);
    }
    return read_serial(written, date);
}

char *sheet_date_words(const struct sheet_date *date)
{
    g_autofree char *day = g_strdup_printf("%04d-%02d-%02d", date->year, date->month, date->day);

    if (date->hour < 0)
        return g_steal_pointer(&day);
    return *date->zone
               ? g_strdup_printf("%sT%02d:%02d:00%s", day, date->hour, date->minute, date->zone)
               : g_strdup_printf("%s %02d:%02d", day, date->hour, date->minute);
}
