/* Business time, against tables and against a count of every minute. */
#include "clock.h"
#include <mado/limits.h>
#include <string.h>

#define MINUTE 60
#define DAY (24 * 60 * 60)

static char *no_days[] = {NULL};

static struct settings settings_of(
    const char *zone, const char *days, const char *from, const char *to)
{
    struct settings settings = {0};

    settings.team.timezone = (char *)zone;
    settings.hours.days = (char *)days;
    settings.hours.from = (char *)from;
    settings.hours.to = (char *)to;
    settings.hours.closed = no_days;
    return settings;
}

static struct clock *clock_with(const struct settings *settings, const char *list)
{
    g_autoptr(GBytes) bytes = list ? g_bytes_new(list, strlen(list)) : NULL;

    return clock_new(settings, bytes, NULL);
}

/* "2026-11-20 18:42" in that zone; of two such moments the first. */
static gint64 moment(const char *zone, const char *text)
{
    g_autoptr(GTimeZone) named = g_time_zone_new_identifier(zone);
    g_autofree char *iso = g_strdelimit(g_strconcat(text, ":00", NULL), " ", 'T');
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(iso, named);

    g_assert_nonnull(time);
    return g_date_time_to_unix(time);
}

static char *shown(const char *zone, gint64 at)
{
    g_autoptr(GTimeZone) named = g_time_zone_new_identifier(zone);
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(at);
    g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, named);

    return g_date_time_format(local, "%Y-%m-%d %H:%M");
}

/* -- by the table -- */

#define TOKYO "Asia/Tokyo"
#define HOLIDAYS                                                                                               \
    "国民の祝日・休日月日,国民の祝日・休日名称\n2026/1/1,元日\n2026/9/21,敬老の日\n" \
    "2026/9/22,休日\n2026/9/23,秋分の日\n2026/11/23,勤労感謝の日\n"
static char new_year[] = "12-29..01-03";
static char *japan_closed[] = {new_year, NULL};

static const struct {
    const char *at, *span, *opens, *due;
} rows[] = {
    {"2026-11-20 10:00", "4h", "2026-11-20 10:00", "2026-11-20 14:00"},
    {"2026-11-20 10:00", "1d", "2026-11-20 10:00", "2026-11-24 10:00"}, /* over a long weekend */
    {"2026-11-20 18:42", "1d", "2026-11-24 09:00", "2026-11-24 17:00"},
    {"2026-11-20 17:00", "30m", "2026-11-24 09:00", "2026-11-24 09:30"}, /* not at the end */
    {"2026-11-20 08:59", "30m", "2026-11-20 09:00", "2026-11-20 09:30"},
    {"2026-09-18 16:00", "2h", "2026-09-18 16:00", "2026-09-24 10:00"}, /* a bridging holiday */
    {"2026-09-22 12:00", "1d", "2026-09-24 09:00", "2026-09-24 17:00"},
    {"2025-12-26 16:30", "1h", "2025-12-26 16:30", "2026-01-05 09:30"}, /* over the year's end */
    {"2025-12-31 23:59", "1d", "2026-01-05 09:00", "2026-01-05 17:00"},
    {"2028-02-28 12:00", "1d", "2028-02-28 12:00", "2028-02-29 12:00"}, /* a leap day */
    {"2028-02-29 12:00", "1d", "2028-02-29 12:00", "2028-03-01 12:00"},
    {"2026-11-20 10:00", "none", "2026-11-20 10:00", "2026-11-20 10:00"},
};

static void test_rows(void)
{
    struct settings settings = settings_of(TOKYO, "mon-fri", "09:00", "17:00");
    g_autoptr(mado_clock) clock = NULL;

    settings.hours.closed = japan_closed;
    clock = clock_with(&settings, HOLIDAYS);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        gint64 at = moment(TOKYO, rows[i].at), opens, due;
        g_autofree char *shown_opens = NULL, *shown_due = NULL;
        g_assert_true(clock_next_open(clock, at, &opens));
        g_assert_true(clock_add(clock, at, clock_span(clock, rows[i].span), &due));
        shown_opens = shown(TOKYO, opens);
        shown_due = shown(TOKYO, due);
        g_assert_cmpstr(shown_opens, ==, rows[i].opens);
        g_assert_cmpstr(shown_due, ==, rows[i].due);
        g_assert_cmpint(clock_is_open(clock, at), ==, at == opens);
    }
}

/* A day of business as long as the clock on the wall says, and so as long as it is. */
static void test_days_of_other_lengths(void)
{
    static const struct {
        const char *zone, *midnight;
        int hours;
    } cases[] = {{"Europe/Berlin", "2026-03-29 00:00", 23},
        {"Europe/Berlin", "2026-10-25 00:00", 25}, {"America/New_York", "2026-03-08 00:00", 23},
        {"Asia/Tokyo", "2026-03-29 00:00", 24}};

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct settings settings = settings_of(cases[i].zone, "sun", "00:00", "24:00");
        g_autoptr(mado_clock) clock = clock_with(&settings, NULL);
        gint64 at = moment(cases[i].zone, cases[i].midnight), end = at + cases[i].hours * 3600;
        g_assert_true(clock_is_open(clock, at));
        g_assert_false(clock_is_open(clock, at - 1));
        g_assert_true(clock_is_open(clock, end - 1));
        g_assert_false(clock_is_open(clock, end));
    }
}

static void test_always_open(void)
{
    struct settings settings = settings_of("Europe/Berlin", "mon-sun", "00:00", "24:00");
    g_autoptr(mado_clock) clock = clock_with(&settings, NULL);
    gint64 at = moment("Europe/Berlin", "2026-10-24 13:00"), due;

    g_assert_true(clock_add(clock, at, clock_span(clock, "2d"), &due));
    g_assert_cmpint(due - at, ==, 2 * DAY);
    for (int i = 0; i < 5000; i++)
        g_assert_true(
            clock_is_open(clock, at + (gint64)g_test_rand_int_range(-2000, 2000) * 86399));
}

static char whole_year[] = "01-01..12-31";
static char *all_closed[] = {whole_year, NULL};

static void test_a_clock_that_never_opens_says_so(void)
{
    struct settings settings = settings_of(TOKYO, "mon-sun", "09:00", "17:00");
    g_autoptr(mado_clock) clock = NULL;
    gint64 when = 7;

    settings.hours.closed = all_closed;
    clock = clock_with(&settings, NULL);
    g_assert_false(clock_next_open(clock, moment(TOKYO, "2026-11-20 10:00"), &when));
    g_assert_cmpint(when, ==, 0);
    g_assert_false(clock_add(clock, moment(TOKYO, "2026-11-20 10:00"), 1, &when));
}

/* More than there is within the limit. */
static void test_an_endless_span(void)
{
    struct settings settings = settings_of(TOKYO, "mon-fri", "09:00", "17:00");
    g_autoptr(mado_clock) clock = clock_with(&settings, NULL);
    gint64 due;

    g_assert_false(clock_add(clock, moment(TOKYO, "2026-11-20 10:00"), G_MAXINT64 / 2, &due));
    g_assert_true(clock_add(clock, moment(TOKYO, "2026-11-20 10:00"), 999 * 8 * 3600, &due));
}

/* -- closing days -- */

static void test_closing_days(void)
{
    static const struct {
        const char *closed, *at;
        gboolean open;
    } cases[] = {{"12-29..01-03", "2026-12-28 10:00", TRUE},
        {"12-29..01-03", "2026-12-29 10:00", FALSE}, {"12-29..01-03", "2027-01-01 10:00", FALSE},
        {"12-29..01-03", "2030-01-03 10:00", FALSE}, {"12-29..01-03", "2027-01-04 10:00", TRUE},
        {"08-13", "2026-08-13 10:00", FALSE}, {"08-13", "2026-08-14 10:00", TRUE},
        {"2026-08-13", "2026-08-13 10:00", FALSE}, {"2026-08-13", "2027-08-13 10:00", TRUE},
        {"2026-12-29..2027-01-05", "2027-01-05 10:00", FALSE},
        {"2026-12-29..2027-01-05", "2027-12-30 10:00", TRUE}, {"02-29", "2028-02-29 10:00", FALSE},
        {"02-29", "2027-02-28 10:00", TRUE}, {"02-27..03-01", "2028-02-29 10:00", FALSE}};

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct settings settings = settings_of(TOKYO, "mon-sun", "09:00", "17:00");
        char *closed[] = {(char *)cases[i].closed, NULL};
        g_autoptr(mado_clock) clock = NULL;
        settings.hours.closed = closed;
        clock = clock_with(&settings, NULL);
        g_test_message("%s at %s", cases[i].closed, cases[i].at);
        g_assert_cmpint(clock_is_open(clock, moment(TOKYO, cases[i].at)), ==, cases[i].open);
    }
}

/* -- lists -- */

#define NEW_YEAR_IN_SJIS "2026/1/1,\x8c\xb3\x93\xfa\r\n"
static const struct {
    const char *name, *list, *closed, *open, *problems;
} lists[] = {
    {"as published", HOLIDAYS, "2026-11-23", "2026-11-24", ""},
    {"Shift_JIS",
        "\x8d\x91\x96\xaf\x82\xcc\x8f\x6a\x93\xfa,\x96\xbc\x8f\xcc\r\n" NEW_YEAR_IN_SJIS
        "2026/1/12,\x90\xac\x90\x6c\x82\xcc\x93\xfa\r\n",
        "2026-01-12", "2026-01-13", ""},
    {"a mark of the byte order",
        "\xef\xbb\xbf"
        "2026/1/1,元日\n",
        "2026-01-01", "2026-01-02", ""},
    {"ISO dates", "2026-01-01,New Year\n2026-01-12\n", "2026-01-12", "2026-01-02", ""},
    {"the name first, and in quotes", "\"元日\",\"2026/1/1\"\n", "2026-01-01", "2026-01-02", ""},
    {"years side by side", "名称,月日,名称,月日\n元日,2026/1/1,元日,2027/1/1\n", "2027-01-01",
        "2026-01-02", ""},
    {"wide figures", "２０２６年１月１日（木）,元日\n", "2026-01-01", "2026-01-02", ""},
    {"wide figures in Shift_JIS",
        "\x82\x51\x82\x4f\x82\x51\x82\x55\x94\x4e\x82\x50\x8c\x8e\x82\x50\x93\xfa,"
        "\x8c\xb3\x93\xfa\n",
        "2026-01-01", "2026-01-02", ""},
    {"digits alone", "20260101\n", "2026-01-01", "2026-01-02", ""},
    {"comments and blanks", "# ours\n\n  2026/1/1 , x\n", "2026-01-01", "2026-01-02", ""},
    {"a slip", "date,name\n2026/1/1,a\nsoon,b\n2026/2/30,c\n2026/1/12,d\n", "2026-01-12",
        "2026-03-02",
        "line 3: there is no date in it: \"soon,b\"\n"
        "line 4: there is no such date: \"2026/2/30,c\""},
    {"two digits of a year", "2026/1/1,a\n26/1/12,b\n", "2026-01-01", "2026-01-12",
        "line 2: there is no such date: \"26/1/12,b\""},
    {"nothing", "", NULL, "2026-01-01", "there is no date in it at all"},
    {"no list at all", "\x89PNG\x0d\x0a\x1a\x0a", NULL, "2026-01-01",
        "there is no date in it at all"},
};

static void test_list(gconstpointer data)
{
    gsize i = GPOINTER_TO_SIZE(data);
    struct settings settings = settings_of(TOKYO, "mon-sun", "09:00", "17:00");
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GBytes) bytes = g_bytes_new(lists[i].list, strlen(lists[i].list));
    g_autoptr(mado_clock) clock = clock_new(&settings, bytes, problems);
    g_autofree char *told = NULL;

    for (int open = 0; open < 2; open++) {
        const char *day = open ? lists[i].open : lists[i].closed;
        g_autofree char *text = g_strconcat(day ? day : "2026-01-01", " 10:00", NULL);
        if (day)
            g_assert_cmpint(clock_is_open(clock, moment(TOKYO, text)), ==, open);
    }
    g_ptr_array_add(problems, NULL);
    told = g_strjoinv("\n", (char **)problems->pdata);
    g_assert_cmpstr(told, ==, lists[i].problems);
}

static void test_the_end_of_the_list(void)
{
    struct settings settings = settings_of(TOKYO, "mon-fri", "09:00", "17:00");
    g_autoptr(mado_clock) clock = clock_with(&settings, HOLIDAYS);
    g_autoptr(mado_clock) without = clock_with(&settings, NULL);
    g_autofree char *last = NULL;
    gint64 begins;

    g_assert_true(clock_last_holiday(clock, &begins));
    last = shown(TOKYO, begins);
    g_assert_cmpstr(last, ==, "2026-11-23 00:00");
    g_assert_false(clock_last_holiday(without, &begins));
}

/* Whatever the bytes are. */
static void test_any_list_is_survived(void)
{
    struct settings settings = settings_of(TOKYO, "mon-fri", "09:00", "17:00");
    static const char letters[] = "0123456789/-.,\n\r\t \x82\x4f\xe5\xb9\xb4\x94\xfc\0";

    for (int round = 0; round < 2000; round++) {
        g_autoptr(GByteArray) text = g_byte_array_new();
        g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(GBytes) bytes = NULL;
        g_autoptr(mado_clock) clock = NULL;
        for (int i = g_test_rand_int_range(0, 60); i > 0; i--)
            g_byte_array_append(
                text, (const guint8 *)letters + g_test_rand_int_range(0, sizeof letters - 1), 1);
        bytes = g_bytes_new(text->data, text->len);
        clock = clock_new(&settings, bytes, problems);
        g_assert_true(clock || problems->len);
    }
}

/* The list that is shipped. */
static void test_the_list_of_japan(void)
{
    struct settings settings = settings_of(TOKYO, "mon-fri", "09:00", "17:00");
    g_autofree char *path =
        g_build_filename(g_getenv("MADO_SOURCE"), "etc/mado/holidays-jp.csv", NULL);
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(mado_clock) clock = NULL;
    static const char *const closed[] = {"2026-05-06", "2026-09-22", "2027-03-22", "2027-09-23"};
    char *text;
    gsize length;

    g_assert_true(g_file_get_contents(path, &text, &length, NULL));
    bytes = g_bytes_new_take(text, length);
    clock = clock_new(&settings, bytes, problems);
    g_assert_cmpuint(problems->len, ==, 0);
    for (gsize i = 0; i < G_N_ELEMENTS(closed); i++) {
        g_autofree char *noon = g_strconcat(closed[i], " 12:00", NULL);
        g_assert_false(clock_is_open(clock, moment(TOKYO, noon)));
    }
}

/* -- words -- */

static void test_words(void)
{
    static const struct {
        const char *days, *from, *to, *list, *en, *ja;
    } cases[] = {
        {"mon-fri", "09:00", "17:00", HOLIDAYS, "Mon-Fri 09:00-17:00 JST, except public holidays",
            "月-金 09:00-17:00 JST (祝日を除く)"},
        {"mon-wed,fri", "09:00", "17:30", NULL, "Mon-Wed, Fri 09:00-17:30 JST",
            "月-水, 金 09:00-17:30 JST"},
        {"sat-sun,tue", "00:00", "24:00", NULL, "Tue, Sat, Sun 00:00-24:00 JST",
            "火, 土, 日 00:00-24:00 JST"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct settings settings = settings_of(TOKYO, cases[i].days, cases[i].from, cases[i].to);
        g_autoptr(mado_clock) clock = clock_with(&settings, cases[i].list);
        gint64 at = moment(TOKYO, "2026-11-24 17:05");
        g_autofree char *en = clock_tell_hours(clock, at, "en");
        g_autofree char *ja = clock_tell_hours(clock, at, "ja");
        g_autofree char *then = clock_tell(clock, at, "en"), *sore = clock_tell(clock, at, "ja");
        g_assert_cmpstr(en, ==, cases[i].en);
        g_assert_cmpstr(ja, ==, cases[i].ja);
        g_assert_cmpstr(then, ==, "Tue 24 Nov 2026 17:05 JST");
        g_assert_cmpstr(sore, ==, "2026-11-24 (火) 17:05 JST");
    }
}

/* -- against a count of every minute -- */

enum { WINDOW = 40 * 24 * 60 };

struct trial {
    const char *zone;
    struct settings settings;
    gint64 begin;
    gboolean open[WINDOW];
};

struct minute {
    int date, weekday, of_day, month, day;
};

static struct minute minute_at(GTimeZone *zone, gint64 at)
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(at);
    g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, zone);
    int month = g_date_time_get_month(local), day = g_date_time_get_day_of_month(local);

    return (struct minute){g_date_time_get_year(local) * 10000 + month * 100 + day,
        g_date_time_get_day_of_week(local) - 1,
        g_date_time_get_hour(local) * 60 + g_date_time_get_minute(local), month, day};
}

/* What the words say: from the first minute of the day that shows `from` or more, to the last that
 * shows less than `to`. */
static void count_minutes(struct trial *trial, unsigned days, int from, int to, int closed)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_identifier(trial->zone);

    for (int begin = 0, end; begin < WINDOW; begin = end) {
        struct minute first = minute_at(zone, trial->begin + begin * MINUTE);
        int opens = -1, closes = -1;
        for (end = begin; end < WINDOW; end++) {
            struct minute now = minute_at(zone, trial->begin + end * MINUTE);
            if (now.date != first.date)
                break;
            if (now.of_day >= from && opens < 0)
                opens = end;
            if (now.of_day < to)
                closes = end + 1;
        }
        for (int i = opens; opens >= 0 && i < closes; i++)
            trial->open[i] = (days >> first.weekday & 1) && first.day != closed;
    }
}

static void check_against(const struct trial *trial, const struct clock *clock)
{
    enum { MARGIN = 3 * 24 * 60 }; /* the window may begin or end within a day */

    for (int i = MARGIN; i < WINDOW - MARGIN; i++)
        g_assert_cmpint(clock_is_open(clock, trial->begin + i * MINUTE), ==, trial->open[i]);
    for (int round = 0; round < 60; round++) {
        int at = g_test_rand_int_range(MARGIN, WINDOW - MARGIN), next = at, due;
        int minutes = g_test_rand_int_range(1, 3000), left = minutes;
        gint64 found;
        while (next < WINDOW && !trial->open[next])
            next++;
        if (next >= WINDOW - MARGIN)
            continue;
        g_assert_true(clock_next_open(clock, trial->begin + at * MINUTE, &found));
        g_assert_cmpint(found, ==, trial->begin + (gint64)next * MINUTE);
        for (due = at; due < WINDOW && left > 0; due++)
            left -= trial->open[due];
        if (due >= WINDOW - MARGIN)
            continue;
        g_assert_true(clock_add(clock, trial->begin + at * MINUTE, minutes * MINUTE, &found));
        g_assert_cmpint(found, ==, trial->begin + (gint64)due * MINUTE);
    }
}

static const struct {
    const char *zone, *begin; /* of a window with something in it */
} windows[] = {
    {"Asia/Tokyo", "2026-12-10 00:00"},
    {"Asia/Tokyo", "2028-02-10 00:00"},
    {"Europe/Berlin", "2026-03-10 00:00"},
    {"Europe/Berlin", "2026-10-08 00:00"},
    {"America/New_York", "2026-02-20 00:00"},
    {"America/New_York", "2026-10-15 00:00"},
    {"Australia/Lord_Howe", "2026-03-20 00:00"},
    {"Australia/Lord_Howe", "2026-09-20 00:00"},
    {"America/Havana", "2026-10-15 00:00"},
    {"America/Havana", "2026-02-20 00:00"},
    {"America/Sao_Paulo", "2018-10-20 00:00"},
    {"America/Sao_Paulo", "2018-02-02 00:00"},
    {"Pacific/Apia", "2011-12-12 00:00"},
    {"Asia/Kathmandu", "2027-12-15 00:00"},
};

static void try_window(gsize i, int from, int to)
{
    static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    g_autofree char *opens = g_strdup_printf("%02d:%02d", from / 60, from % 60);
    g_autofree char *closes = g_strdup_printf("%02d:%02d", to / 60, to % 60);
    g_autofree struct trial *trial = g_new0(struct trial, 1);
    g_autoptr(GString) list = g_string_new(NULL), days = g_string_new(NULL);
    unsigned mask = (unsigned)g_test_rand_int_range(1, 128);
    int closed = g_test_rand_int_range(1, 29);
    g_autoptr(mado_clock) clock = NULL;

    for (int day = 0; day < 7; day++)
        if (mask >> day & 1)
            g_string_append_printf(days, "%s%s", days->len ? "," : "", names[day]);
    for (int year = 2011; year <= 2028; year++)
        for (int month = 1; month <= 12; month++)
            g_string_append_printf(list, "%d/%d/%d,x\n", year, month, closed);
    trial->zone = windows[i].zone;
    trial->begin = moment(windows[i].zone, windows[i].begin);
    trial->settings = settings_of(windows[i].zone, days->str, opens, closes);
    clock = clock_with(&trial->settings, list->str);
    g_test_message("%s from %s: %s %s-%s, never on the %d.", windows[i].zone, windows[i].begin,
        days->str, opens, closes, closed);
    count_minutes(trial, mask, from, to, closed);
    check_against(trial, clock);
}

static void test_a_count_of_every_minute(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(windows); i++) {
        int from = g_test_rand_int_range(0, 24 * 60 - 1);
        try_window(i, 0, 24 * 60);
        try_window(i, from, g_test_rand_int_range(from + 1, 24 * 60 + 1));
        from = g_test_rand_int_range(0, 180); /* where zones change */
        try_window(i, from, g_test_rand_int_range(from + 1, 200));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/clock/table", test_rows);
    g_test_add_func("/clock/23 and 25 hours", test_days_of_other_lengths);
    g_test_add_func("/clock/always open", test_always_open);
    g_test_add_func("/clock/never open", test_a_clock_that_never_opens_says_so);
    g_test_add_func("/clock/endless span", test_an_endless_span);
    g_test_add_func("/clock/closing days", test_closing_days);
    for (gsize i = 0; i < G_N_ELEMENTS(lists); i++) {
        g_autofree char *name = g_strdup_printf("/clock/list/%s", lists[i].name);
        g_test_add_data_func(name, GSIZE_TO_POINTER(i), test_list);
    }
    g_test_add_func("/clock/list/its end", test_the_end_of_the_list);
    g_test_add_func("/clock/list/any bytes", test_any_list_is_survived);
    g_test_add_func("/clock/list/of Japan", test_the_list_of_japan);
    g_test_add_func("/clock/words", test_words);
    g_test_add_func("/clock/every minute", test_a_count_of_every_minute);
    return g_test_run();
}
