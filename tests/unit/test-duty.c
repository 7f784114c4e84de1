/* Whose turn it is: shifts of a clock, against tables and against a count of every minute; and the
 * usual order. */
#include "duty.h"
#include "clock.h"
#include <string.h>

enum { MINUTE = 60, DAY = 24 * 60 * 60 };

static char *none[] = {NULL};

static struct settings settings_of(
    const char *zone, const char *days, const char *from, const char *to)
{
    struct settings settings = {0};

    settings.team.timezone = (char *)zone;
    settings.hours.days = (char *)days;
    settings.hours.from = (char *)from;
    settings.hours.to = (char *)to;
    settings.hours.closed = none;
    return settings;
}

static gint64 moment(const char *zone, const char *text)
{
    g_autoptr(GTimeZone) named = g_time_zone_new_identifier(zone);
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, named);

    return g_date_time_to_unix(time);
}

static void test_each_moment_belongs_to_a_shift(void)
{
    static const struct {
        const char *at, *day, *begins, *ends;
        enum shift_kind kind;
    } rows[] = {
        {"2026-11-20T09:00:00", "2026-11-20", "2026-11-20T09:00:00", "2026-11-20T17:30:00",
            SHIFT_DAY},
        {"2026-11-20T17:29:59", "2026-11-20", "2026-11-20T09:00:00", "2026-11-20T17:30:00",
            SHIFT_DAY},
        {"2026-11-20T17:30:00", "2026-11-20", "2026-11-20T17:30:00", "2026-11-21T09:00:00",
            SHIFT_NIGHT},
        {"2026-11-20T08:59:59", "2026-11-19", "2026-11-19T17:30:00", "2026-11-20T09:00:00",
            SHIFT_NIGHT},
        {"2026-11-21T09:00:00", "2026-11-21", "2026-11-21T09:00:00", "2026-11-22T09:00:00",
            SHIFT_HOLIDAY},
        {"2026-11-23T08:59:59", "2026-11-22", "2026-11-22T09:00:00", "2026-11-23T09:00:00",
            SHIFT_HOLIDAY},
        /* a public holiday on a Monday */
        {"2026-11-23T12:00:00", "2026-11-23", "2026-11-23T09:00:00", "2026-11-24T09:00:00",
            SHIFT_HOLIDAY},
    };
    struct settings settings = settings_of("Asia/Tokyo", "mon-fri", "09:00", "17:30");
    g_autoptr(GBytes) list = g_bytes_new_static("2026-11-23,x\n", 13);
    g_autoptr(mado_clock) clock = clock_new(&settings, list, NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct shift shift, same;
        g_autofree char *day = NULL;
        clock_shift(clock, moment("Asia/Tokyo", rows[i].at), &shift);
        day = clock_day_name(shift.day);
        g_assert_cmpstr(day, ==, rows[i].day);
        g_assert_cmpint(shift.kind, ==, rows[i].kind);
        g_assert_cmpint(shift.begins, ==, moment("Asia/Tokyo", rows[i].begins));
        g_assert_cmpint(shift.ends, ==, moment("Asia/Tokyo", rows[i].ends));
        g_assert_true(clock_shift_of(clock, shift.day, shift.kind, &same));
        g_assert_cmpint(same.begins, ==, shift.begins);
    }
}

/* No minute is in none or in two of them, and the office is open in those of the day alone: also
 * where a clock is set back or forward, and for a team that is always there. */
static void test_shifts_follow_each_other_without_a_gap(void)
{
    static const struct {
        const char *zone, *days, *from, *to, *since;
    } teams[] = {
        {"Asia/Tokyo", "mon-fri", "09:00", "17:30", "2026-12-25T00:00:00"},
        {"Europe/Berlin", "mon-sun", "02:15", "03:15", "2026-03-25T00:00:00"},
        {"Europe/Berlin", "mon-sun", "02:15", "24:00", "2026-10-20T00:00:00"},
        {"America/New_York", "mon-sun", "00:00", "24:00", "2026-10-28T00:00:00"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(teams); i++) {
        struct settings settings =
            settings_of(teams[i].zone, teams[i].days, teams[i].from, teams[i].to);
        g_autoptr(mado_clock) clock = clock_new(&settings, NULL, NULL);
        gint64 begin = moment(teams[i].zone, teams[i].since);
        struct shift last = {.ends = 0}, shift;
        for (gint64 at = begin; at < begin + 10 * DAY; at += MINUTE) {
            clock_shift(clock, at, &shift);
            g_assert_true(shift.begins <= at && at < shift.ends);
            g_assert_cmpint(shift.kind == SHIFT_DAY, ==, clock_is_open(clock, at));
            g_assert_true(!last.ends || shift.begins == last.begins || shift.begins == last.ends);
            last = shift;
        }
    }
}

static void test_days_are_read_as_they_are_written(void)
{
    gint64 day;
    g_autofree char *name = NULL;

    g_assert_true(clock_day_of("2028-02-29", &day));
    name = clock_day_name(day);
    g_assert_cmpstr(name, ==, "2028-02-29");
    for (const char *const *one = (const char *const[]){"2026-02-29", "2026-1-1", "", "now", NULL};
         *one; one++)
        g_assert_false(clock_day_of(*one, &day));
}

/* -- the usual order -- */

static char a[] = "a", b[] = "b", c[] = "c", empty[] = "", yes[] = "yes", no[] = "no";
static char *both[] = {a, b, NULL}, *one[] = {a, NULL};

static void test_each_has_a_week_and_the_next_stands_in(void)
{
    struct settings settings = {0};
    gint64 monday = 20780; /* 2026-11-23 */

    settings.duty.day = both;
    settings.duty.night = one;
    settings.duty.deputy = c;
    for (gint64 day = monday; day < monday + 14; day++) {
        const char *first = duty_usual(&settings, SHIFT_DAY, monday);
        const char *now = duty_usual(&settings, SHIFT_DAY, day);
        g_assert_cmpint(g_str_equal(now, first), ==, day < monday + 7);
    }
    g_assert_cmpstr(duty_usual(&settings, SHIFT_HOLIDAY, monday), ==, "a");
    g_assert_cmpstr(duty_deputy(&settings, SHIFT_DAY, "a"), ==, "b");
    g_assert_cmpstr(duty_deputy(&settings, SHIFT_DAY, "b"), ==, "a");
    g_assert_cmpstr(duty_deputy(&settings, SHIFT_DAY, "x"), ==, "b");
    g_assert_cmpstr(duty_deputy(&settings, SHIFT_NIGHT, "a"), ==, "c");
    g_assert_cmpstr(duty_deputy(&settings, SHIFT_NIGHT, "c"), ==, "a");
    settings.duty.deputy = empty;
    g_assert_cmpstr(duty_deputy(&settings, SHIFT_NIGHT, "a"), ==, "");
    settings.duty.holiday = both;
    g_assert_cmpstr(
        duty_usual(&settings, SHIFT_HOLIDAY, monday), ==, duty_usual(&settings, SHIFT_DAY, monday));
}

static void test_who_has_it_keeps_it_until_the_other_accepts(void)
{
    static const struct {
        char *handover;
        const char *now, *planned;
        enum duty_step step;
    } rows[] = {
        {yes, "", "a", DUTY_CHANGES},
        {yes, "a", "a", DUTY_STAYS},
        {yes, "a", "b", DUTY_WAITS},
        {yes, "a", "", DUTY_STAYS},
        {yes, "", "", DUTY_STAYS},
        {no, "a", "b", DUTY_CHANGES},
        {no, "a", "", DUTY_STAYS},
        {no, "a", "a", DUTY_STAYS},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct settings settings = {0};
        settings.duty.handover = rows[i].handover;
        g_assert_cmpint(duty_step(&settings, rows[i].now, rows[i].planned), ==, rows[i].step);
    }
}

static void test_nobody_is_on_duty_where_nobody_has_a_shift(void)
{
    struct settings settings = {0};

    g_assert_false(duty_is_kept(&settings));
    g_assert_cmpstr(duty_usual(&settings, SHIFT_DAY, 20780), ==, "");
    settings.duty.night = one;
    g_assert_true(duty_is_kept(&settings));
    g_assert_cmpstr(duty_usual(&settings, SHIFT_DAY, 20780), ==, "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/duty/each moment belongs to a shift", test_each_moment_belongs_to_a_shift);
    g_test_add_func("/duty/shifts follow each other", test_shifts_follow_each_other_without_a_gap);
    g_test_add_func("/duty/days", test_days_are_read_as_they_are_written);
    g_test_add_func("/duty/each has a week", test_each_has_a_week_and_the_next_stands_in);
    g_test_add_func(
        "/duty/until the other accepts", test_who_has_it_keeps_it_until_the_other_accepts);
    g_test_add_func("/duty/nobody", test_nobody_is_on_duty_where_nobody_has_a_shift);
    return g_test_run();
}
