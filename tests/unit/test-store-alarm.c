/* Alarms in the store: they last over restarts, and end once. */
#include "store-help.h"

static void begin(struct store *store, const char *condition, gint64 since)
{
    const struct alarm_found found = {(char *)condition, (char *)"it cannot be reached", since};

    MUST(store_alarm_begin(store, &found, &error));
}

static char *now_of(struct store *store)
{
    g_autoptr(GPtrArray) rows = NULL;
    GString *text = g_string_new(NULL);

    MUST(rows = store_alarms_now(store, &error));
    for (guint i = 0; i < rows->len; i++) {
        const struct alarm *one = rows->pdata[i];
        g_string_append_printf(text, "%s+%d told=%s %d times, last %d, over %d;", one->condition,
            (int)(one->since - NOW), one->told, (int)one->times,
            (int)(one->last_told ? one->last_told - NOW : -1),
            (int)(one->over_at ? one->over_at - NOW : -1));
    }
    return g_string_free(text, FALSE);
}

static void check(struct store *store, const char *expected)
{
    g_autofree char *text = now_of(store);

    g_assert_cmpstr(text, ==, expected);
}

static void test_an_alarm_lasts_until_it_was_said_to_be_over(void)
{
    struct place place = place_new();
    struct store *store = place.store;

    MUST(store_begin(store, &error));
    begin(store, "relay", NOW);
    check(store, "relay+0 told= 0 times, last -1, over -1;");
    MUST(store_alarm_told(store, 1, "duty@sakura.example", NOW + 5, &error));
    MUST(store_commit(store, &error));
    place_close(&place);
    place_open(&place);
    store = place.store;
    check(store, "relay+0 told=duty@sakura.example 1 times, last 5, over -1;");
    MUST(store_begin(store, &error));
    MUST(store_alarm_told(store, 1, "duty@sakura.example", NOW + 3605, &error));
    MUST(store_alarm_over(store, 1, NOW + 4000, FALSE, &error));
    check(store, "relay+0 told=duty@sakura.example 2 times, last 3605, over 4000;");
    MUST_FAIL(store_alarm_over(store, 1, NOW + 4001, FALSE, &error), MADO_E_NO_SUCH);
    MUST(store_alarm_told(store, 1, "duty@sakura.example", NOW + 4000, &error));
    check(store, "");
    MUST_FAIL(
        store_alarm_told(store, 1, "duty@sakura.example", NOW + 4000, &error), MADO_E_NO_SUCH);
    place_clear(&place);
}

static void test_what_nobody_heard_of_ends_silently(void)
{
    struct place place = place_new();

    MUST(store_begin(place.store, &error));
    begin(place.store, "relay", NOW);
    MUST(store_alarm_over(place.store, 1, NOW + 1, FALSE, &error));
    check(place.store, "");
    begin(place.store, "disk", NOW);
    MUST(store_alarm_told(place.store, 2, "duty@sakura.example", NOW, &error));
    MUST(store_alarm_over(place.store, 2, NOW + 1, TRUE, &error));
    check(place.store, "");
    place_clear(&place);
}

static void test_one_condition_lasts_once(void)
{
    struct place place = place_new();
    const struct alarm_found again = {(char *)"relay", (char *)"again", NOW + 9};

    MUST(store_begin(place.store, &error));
    begin(place.store, "relay", NOW);
    begin(place.store, "disk", NOW);
    MUST_FAIL(store_alarm_begin(place.store, &again, &error), MADO_E_BAD_DATA);
    place_clear(&place);
}

/* So that what comes and goes is not told each time. */
static void test_a_new_alarm_knows_when_the_condition_was_told_before(void)
{
    struct place place = place_new();

    MUST(store_begin(place.store, &error));
    begin(place.store, "relay", NOW);
    MUST(store_alarm_told(place.store, 1, "a@x.example", NOW + 10, &error));
    MUST(store_alarm_over(place.store, 1, NOW + 20, FALSE, &error));
    MUST(store_alarm_told(place.store, 1, "a@x.example", NOW + 20, &error));
    begin(place.store, "disk", NOW + 30);
    begin(place.store, "relay", NOW + 30);
    check(place.store,
        "disk+30 told= 0 times, last -1, over -1;relay+30 told= 0 times, last 20, over -1;");
    place_clear(&place);
}

static void test_the_history_is_in_pages_newest_first(void)
{
    const struct alarm_found changed = {.text = (char *)"another text"};
    struct place place = place_new();
    g_autoptr(GPtrArray) first = NULL, second = NULL;

    MUST(store_begin(place.store, &error));
    for (int i = 0; i < 5; i++) {
        begin(place.store, "relay", NOW + i);
        MUST(store_alarm_change(place.store, (guint64)i + 1, &changed, &error));
        MUST(store_alarm_over(place.store, (guint64)i + 1, NOW + i, FALSE, &error));
    }
    MUST_FAIL(store_alarm_change(place.store, 1, &changed, &error), MADO_E_NO_SUCH);
    MUST(first = store_alarms(place.store, 0, 3, &error));
    MUST(second = store_alarms(place.store, ((struct alarm *)first->pdata[2])->id, 3, &error));
    g_assert_cmpint(first->len, ==, 3);
    g_assert_cmpint(second->len, ==, 2);
    g_assert_cmpint(((struct alarm *)first->pdata[0])->id, ==, 5);
    g_assert_cmpint(((struct alarm *)second->pdata[1])->id, ==, 1);
    g_assert_cmpstr(((struct alarm *)second->pdata[1])->text, ==, "another text");
    place_clear(&place);
}

static guint64 queue(struct store *store, const char *kind, const char *cause, gint64 at)
{
    return queue_letter(
        store, &(struct new_letter){
                   .kind = kind, .cause = cause, .recipient = "duty@sakura.example", .at = at});
}

static void test_letters_of_alarms_that_wait_are_known(void)
{
    struct place place = place_new();
    gint64 since;
    guint64 first, second;

    MUST(store_begin(place.store, &error));
    queue(place.store, "notice", "notice:1", NOW - 100);
    MUST(store_alarm_letter(place.store, &since, &error));
    g_assert_cmpint(since, ==, 0);
    first = queue(place.store, "alarm", "alarm:1:0", NOW);
    second = queue(place.store, "alarm", "alarm:1:1", NOW + 1);
    MUST(store_alarm_letter(place.store, &since, &error));
    g_assert_cmpint(since, ==, NOW);
    MUST(store_letter_settled(place.store, first, "sent", "250", 0, NOW, &error));
    MUST(store_letter_settled(place.store, second, "deferred", "451", 0, NOW, &error));
    MUST(store_alarm_letter(place.store, &since, &error));
    g_assert_cmpint(since, ==, NOW + 1);
    MUST(store_letter_settled(place.store, second, "failed", "550", 0, NOW, &error));
    MUST(store_alarm_letter(place.store, &since, &error));
    g_assert_cmpint(since, ==, 0);
    place_clear(&place);
}

static void test_lost_letters_count_until_they_are_dropped(void)
{
    static const char *const ends[] = {"failed", "unknown", "sent", "failed"};
    struct place place = place_new();
    gint64 lost;

    MUST(store_begin(place.store, &error));
    for (gsize i = 0; i < G_N_ELEMENTS(ends); i++) {
        guint64 letter = queue(place.store, "ack", (const char *[]){"a", "b", "c", "d"}[i], NOW);
        MUST(store_letter_settled(place.store, letter, ends[i], "", 0, NOW, &error));
    }
    MUST(store_count_lost_letters(place.store, 1000, &lost, &error));
    g_assert_cmpint(lost, ==, 3);
    MUST(store_count_lost_letters(place.store, 2, &lost, &error));
    g_assert_cmpint(lost, ==, 2);
    MUST(statement_run(place.store,
        "INSERT INTO dropped (letter, actor, reason, at) VALUES (1, 'tanaka', 'x', 1)", NULL,
        &error));
    MUST(store_count_lost_letters(place.store, 1000, &lost, &error));
    g_assert_cmpint(lost, ==, 2);
    place_clear(&place);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/alarm/lasts", test_an_alarm_lasts_until_it_was_said_to_be_over);
    g_test_add_func("/alarm/silent", test_what_nobody_heard_of_ends_silently);
    g_test_add_func("/alarm/once", test_one_condition_lasts_once);
    g_test_add_func(
        "/alarm/told before", test_a_new_alarm_knows_when_the_condition_was_told_before);
    g_test_add_func("/alarm/history", test_the_history_is_in_pages_newest_first);
    g_test_add_func("/alarm/letters that wait", test_letters_of_alarms_that_wait_are_known);
    g_test_add_func("/alarm/lost letters", test_lost_letters_count_until_they_are_dropped);
    return g_test_run();
}
