/* Alarms: what begins, what is over, and what the operators are told of now. */
#include "alarm.h"
#include <string.h>

#define NOW G_GINT64_CONSTANT(1790000000)
#define HOUR 3600

static GPtrArray *rows_of(const struct alarm *some)
{
    GPtrArray *rows = g_ptr_array_new();

    for (; some->condition; some++)
        g_ptr_array_add(rows, (gpointer)some);
    return rows;
}

static char *compared(const struct alarm *had, const char *const *holds)
{
    g_autoptr(GPtrArray) rows = rows_of(had);
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify)alarm_found_free);
    g_autoptr(GArray) changes = NULL;
    GString *text = g_string_new(NULL);

    for (; *holds; holds++) {
        g_auto(GStrv) parts = g_strsplit(*holds, "=", 2);
        struct alarm_found *one = g_new0(struct alarm_found, 1);
        one->condition = g_strdup(parts[0]);
        one->text = g_strdup(parts[1]);
        g_ptr_array_add(found, one);
    }
    changes = alarm_compare(rows, found);
    for (guint i = 0; i < changes->len; i++) {
        const struct alarm_change *change = &g_array_index(changes, struct alarm_change, i);
        g_string_append_printf(text, "%s %s;",
            (const char *[]){"begins", "changes", "ends"}[change->step],
            change->row ? change->row->condition : change->found->condition);
    }
    return g_string_free(text, FALSE);
}

static void test_what_holds_is_compared_with_what_is_known(void)
{
    static const struct {
        struct alarm had[3];
        const char *holds[3];
        const char *changes;
    } rows[] = {
        {{{0}}, {NULL}, ""},
        {{{0}}, {"disk=full", NULL}, "begins disk;"},
        {{{.condition = (char *)"disk", .text = (char *)"full"}}, {"disk=full", NULL}, ""},
        {{{.condition = (char *)"disk", .text = (char *)"full"}}, {"disk=fuller", NULL},
            "changes disk;"},
        {{{.condition = (char *)"disk", .text = (char *)"full"}}, {NULL}, "ends disk;"},
        {{{.condition = (char *)"disk", .text = (char *)"full"}}, {"relay=gone", NULL},
            "begins relay;ends disk;"},
        {{{.condition = (char *)"relay", .text = (char *)"gone"},
             {.condition = (char *)"disk", .text = (char *)"full"}},
            {"disk=full", "relay=lost", NULL}, "changes relay;"},
        /* over, and not said to be: it does not end again, but may begin again */
        {{{.condition = (char *)"disk", .text = (char *)"full", .over_at = NOW}}, {NULL}, ""},
        {{{.condition = (char *)"disk", .text = (char *)"full", .over_at = NOW}},
            {"disk=full", NULL}, "begins disk;"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *changes = compared(rows[i].had, rows[i].holds);
        g_assert_cmpstr(changes, ==, rows[i].changes);
    }
}

static void test_no_condition_is_told_twice_in_an_hour(void)
{
    static const struct {
        gint64 last_told, over_at;
        gboolean due;
    } rows[] = {
        {0, 0, TRUE},               /* it has begun */
        {NOW, 0, FALSE},            /* just told */
        {NOW - HOUR + 1, 0, FALSE}, /* not yet again; or begun again within the hour */
        {NOW - HOUR, 0, TRUE},      /* still there */
        {NOW - 30 * HOUR, 0, TRUE}, /* we were not there to tell */
        {NOW + 1, 0, TRUE},         /* the clock was put back */
        {NOW + 90000 * HOUR, 0, TRUE}, {NOW - 1, NOW, TRUE}, /* that it is over is said at once */
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct alarm some[] = {{.condition = (char *)"relay",
                                         .last_told = rows[i].last_told,
                                         .over_at = rows[i].over_at},
            {0}};
        g_autoptr(GPtrArray) all = rows_of(some);
        g_autoptr(GPtrArray) due = alarm_due(all, NOW);
        if ((due->len == 1) != rows[i].due)
            g_test_fail_printf("row %zu", i);
    }
}

/* One that comes and goes every minute, for a day, as the desk would deal with it. */
static void test_what_comes_and_goes_is_told_once_an_hour(void)
{
    gint64 last_told = 0;
    int told = 0;

    for (gint64 now = NOW; now < NOW + 24 * HOUR; now += 120) {
        struct alarm some[] = {{.condition = (char *)"relay", .last_told = last_told}, {0}};
        g_autoptr(GPtrArray) all = rows_of(some);
        g_autoptr(GPtrArray) due = alarm_due(all, now);
        told += due->len;
        last_told = due->len ? now : last_told;
    }
    g_assert_cmpint(told, ==, 24);
}

static void test_all_that_is_due_goes_in_one_letter(void)
{
    static const struct alarm some[] = {
        {.condition = (char *)"source inbox"},
        {.condition = (char *)"disk", .last_told = NOW - 60},
        {.condition = (char *)"relay", .last_told = NOW - HOUR},
        {.condition = (char *)"reader", .last_told = NOW - 60, .over_at = NOW},
        {0},
    };
    g_autoptr(GPtrArray) all = rows_of(some);
    g_autoptr(GPtrArray) due = alarm_due(all, NOW);

    g_assert_cmpuint(due->len, ==, 3);
    g_assert_true(due->pdata[0] == &some[0] && due->pdata[1] == &some[2]);
    g_assert_true(due->pdata[2] == &some[3]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/alarm/compared", test_what_holds_is_compared_with_what_is_known);
    g_test_add_func("/alarm/hourly", test_no_condition_is_told_twice_in_an_hour);
    g_test_add_func("/alarm/comes and goes", test_what_comes_and_goes_is_told_once_an_hour);
    g_test_add_func("/alarm/one letter", test_all_that_is_due_goes_in_one_letter);
    return g_test_run();
}
