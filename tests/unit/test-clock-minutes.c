/* Business time with closing days and holidays, in zones whose clocks change, against a count of
 * every minute. Hours where clocks change are in test-clock.c. */
#include "clock.h"
#include <string.h>

enum {
    MINUTE = 60,
    DAYS = 50,
    WINDOW = DAYS * 24 * 60,
    MARGIN = 24 * 60,
    ROUNDS = 40,
    TRIALS = 24
};

static const char *const zones[] = {"Asia/Tokyo", "Europe/Berlin", "America/New_York",
    "Australia/Lord_Howe", "America/Havana", "Asia/Kathmandu", "UTC"};
static const char *const weekdays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

/* What the settings say, as it is looked at minute by minute. */
struct plan {
    GTimeZone *zone;
    gint64 begin;
    int from, to;
    guint days;           /* a bit a weekday */
    char yearly[2][6];    /* "12-29", "01-03": closed from one to the other */
    char once[2][11];     /* likewise, of one year */
    GHashTable *holidays; /* "2028-02-11" */
    gboolean open[WINDOW];
};

/* Around the year's end the second is smaller than the first. */
static gboolean is_between(const char *day, const char *first, const char *last)
{
    if (strcmp(first, last) <= 0)
        return strcmp(day, first) >= 0 && strcmp(day, last) <= 0;
    return strcmp(day, first) >= 0 || strcmp(day, last) <= 0;
}

static gboolean is_day_open(const struct plan *plan, GDateTime *local)
{
    g_autofree char *date = g_date_time_format(local, "%Y-%m-%d");

    return (plan->days >> (g_date_time_get_day_of_week(local) - 1) & 1) &&
           !g_hash_table_contains(plan->holidays, date) &&
           !is_between(date + strlen("2028-"), plan->yearly[0], plan->yearly[1]) &&
           !is_between(date, plan->once[0], plan->once[1]);
}

static void count_minutes(struct plan *plan)
{
    for (int i = 0; i < WINDOW; i++) {
        g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(plan->begin + (gint64)i * MINUTE);
        g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, plan->zone);
        int of_day = g_date_time_get_hour(local) * 60 + g_date_time_get_minute(local);
        plan->open[i] = of_day >= plan->from && of_day < plan->to && is_day_open(plan, local);
    }
}

static void check(const struct plan *plan, const struct clock *clock)
{
    for (int i = MARGIN; i < WINDOW - MARGIN; i += 7)
        g_assert_cmpint(clock_is_open(clock, plan->begin + (gint64)i * MINUTE), ==, plan->open[i]);
    for (int round = 0; round < ROUNDS; round++) {
        int at = g_test_rand_int_range(MARGIN, WINDOW - MARGIN), next = at, due = at;
        int minutes = g_test_rand_int_range(1, 4000);
        gint64 found;
        while (next < WINDOW && !plan->open[next])
            next++;
        if (next < WINDOW - MARGIN) {
            g_assert_true(clock_next_open(clock, plan->begin + (gint64)at * MINUTE, &found));
            g_assert_cmpint(found, ==, plan->begin + (gint64)next * MINUTE);
        }
        for (int left = minutes; due < WINDOW && left > 0; due++)
            left -= plan->open[due];
        if (due < WINDOW - MARGIN) {
            g_assert_true(clock_add(
                clock, plan->begin + (gint64)at * MINUTE, (gint64)minutes * MINUTE, &found));
            g_assert_cmpint(found, ==, plan->begin + (gint64)due * MINUTE);
        }
    }
}

static GDateTime *day_of(const struct plan *plan, int days)
{
    g_autoptr(GDateTime) utc =
        g_date_time_new_from_unix_utc(plan->begin + ((gint64)days * 24 + 12) * 3600);

    return g_date_time_to_timezone(utc, plan->zone);
}

static void name_day(const struct plan *plan, int days, const char *format, char *into, gsize size)
{
    g_autoptr(GDateTime) day = day_of(plan, days);
    g_autofree char *text = g_date_time_format(day, format);

    g_strlcpy(into, text, size);
}

static void choose_days(struct plan *plan, GString *list)
{
    int first = g_test_rand_int_range(2, DAYS - 12), other = g_test_rand_int_range(2, DAYS - 8);

    name_day(plan, first, "%m-%d", plan->yearly[0], sizeof plan->yearly[0]);
    name_day(plan, first + g_test_rand_int_range(0, 10), "%m-%d", plan->yearly[1],
        sizeof plan->yearly[1]);
    name_day(plan, other, "%Y-%m-%d", plan->once[0], sizeof plan->once[0]);
    name_day(
        plan, other + g_test_rand_int_range(0, 6), "%Y-%m-%d", plan->once[1], sizeof plan->once[1]);
    for (int i = 0; i < 5; i++) {
        char date[11];
        name_day(plan, g_test_rand_int_range(0, DAYS), "%Y-%m-%d", date, sizeof date);
        g_hash_table_add(plan->holidays, g_strdup(date));
        g_string_append_printf(list, "%s,holiday\n", date);
    }
}

static char *words_of_days(guint days)
{
    g_autoptr(GString) words = g_string_new(NULL);

    for (guint day = 0; day < G_N_ELEMENTS(weekdays); day++)
        if (days >> day & 1)
            g_string_append_printf(words, "%s%s", words->len ? "," : "", weekdays[day]);
    return g_string_free(g_steal_pointer(&words), FALSE);
}

static struct clock *clock_of(const struct plan *plan, const char *zone, const char *list)
{
    g_autofree char *days = words_of_days(plan->days);
    g_autofree char *from = g_strdup_printf("%02d:%02d", plan->from / 60, plan->from % 60);
    g_autofree char *to = g_strdup_printf("%02d:%02d", plan->to / 60, plan->to % 60);
    g_autofree char *yearly = g_strdup_printf("%s..%s", plan->yearly[0], plan->yearly[1]);
    g_autofree char *once = g_strdup_printf("%s..%s", plan->once[0], plan->once[1]);
    char *closed[] = {yearly, once, NULL};
    g_autoptr(GBytes) bytes = g_bytes_new(list, strlen(list));
    struct settings settings = {0};

    settings.team.timezone = (char *)zone;
    settings.hours.days = days;
    settings.hours.from = from;
    settings.hours.to = to;
    settings.hours.closed = closed;
    g_test_message("%s: %s %s-%s, closed %s and %s", zone, days, from, to, yearly, once);
    return clock_new(&settings, bytes, NULL);
}

/* At any time of years with a leap day, with two ends of years in them. */
static void try_one(const char *zone)
{
    g_autofree struct plan *plan = g_new0(struct plan, 1);
    g_autoptr(GTimeZone) named = g_time_zone_new_identifier(zone);
    g_autoptr(GHashTable) holidays = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GDateTime) begin =
        g_date_time_new(named, 2027, g_test_rand_int_range(1, 13), 1, 0, 0, 0);
    g_autoptr(GString) list = g_string_new(NULL);
    g_autoptr(mado_clock) clock = NULL;

    plan->zone = named;
    plan->holidays = holidays;
    plan->begin = g_date_time_to_unix(begin) +
                  (gint64)g_test_rand_int_range(0, 2) * 366 * 24 * 3600; /* 2027 or 2028 */
    plan->days = (guint)g_test_rand_int_range(1, 128);
    plan->from = g_test_rand_int_range(4 * 60, 20 * 60);
    plan->to = g_test_rand_int_range(plan->from + 1, 24 * 60 + 1);
    choose_days(plan, list);
    count_minutes(plan);
    clock = clock_of(plan, zone, list->str);
    check(plan, clock);
}

static void test_every_minute(void)
{
    for (int i = 0; i < TRIALS; i++)
        try_one(zones[i % (int)G_N_ELEMENTS(zones)]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/clock-minutes/closings and holidays", test_every_minute);
    return g_test_run();
}
