/* What becomes of a letter behind an attempt: each end, for each kind of letter and of transport.
 */
#include "conf.h"
#include "outbox-policy.h"

#define MINUTE 60
#define DAY (24 * 3600)

static struct verdict judge(enum attempt_end end, const char *kind, gboolean repeatable, int number)
{
    return outbox_judge(&(struct attempt){end, kind, repeatable, number, 5 * DAY});
}

static void check(struct verdict found, const char *state, gint64 wait, gboolean counts)
{
    g_assert_cmpstr(found.state, ==, state);
    g_assert_cmpint(found.wait, ==, wait);
    g_assert_cmpint(found.counts, ==, counts);
}

static const struct {
    enum attempt_end end;
    const char *automatic, *human, *repeatable; /* what becomes of it */
} ends[] = {
    {END_DONE, "sent", "sent", "sent"},
    {END_DEFERRED, "deferred", "deferred", "deferred"},
    {END_FAILED, "failed", "failed", "failed"},
    {END_UNKNOWN, "unknown", "deferred", "queued"},
    {END_NOT_TRIED, "queued", "queued", "queued"},
    {END_LOST_BEFORE, "queued", "queued", "queued"},
    {END_LOST_BEHIND, "unknown", "deferred", "queued"},
    {END_NOT_LOOKED_AT, "queued", "queued", "queued"},
    {END_FOUND, "unknown", "queued", "queued"},
};

static void test_each_end(void)
{
    static const char *const automatic[] = {"ack", "notice", "alarm", "test"};

    g_assert_cmpint(G_N_ELEMENTS(ends), ==, ENDS);
    for (gsize i = 0; i < G_N_ELEMENTS(ends); i++) {
        for (gsize k = 0; k < G_N_ELEMENTS(automatic); k++) {
            g_assert_true(outbox_is_automatic(automatic[k]));
            g_assert_cmpstr(
                judge(ends[i].end, automatic[k], FALSE, 1).state, ==, ends[i].automatic);
            g_assert_cmpstr(
                judge(ends[i].end, automatic[k], TRUE, 1).state, ==, ends[i].repeatable);
        }
        g_assert_false(outbox_is_automatic("coordination"));
        g_assert_cmpstr(judge(ends[i].end, "coordination", FALSE, 1).state, ==, ends[i].human);
    }
}

static void test_what_was_not_tried_is_no_attempt(void)
{
    check(judge(END_NOT_TRIED, "ack", FALSE, 1), "queued", 0, FALSE);
    check(judge(END_NOT_LOOKED_AT, "ack", FALSE, 9), "queued", 0, FALSE);
    check(judge(END_LOST_BEFORE, "ack", FALSE, 1), "queued", 0, TRUE);
}

static void test_the_pauses_double(void)
{
    static const gint64 minutes[] = {5, 10, 20, 40, 70, 70, 70};

    for (int i = 0; i < (int)G_N_ELEMENTS(minutes); i++)
        check(judge(END_DEFERRED, "ack", FALSE, i + 1), "deferred", minutes[i] * MINUTE, TRUE);
    check(judge(END_DEFERRED, "ack", FALSE, 100), "deferred", 70 * MINUTE, TRUE);
    check(judge(END_DEFERRED, "ack", FALSE, 0), "deferred", 5 * MINUTE, TRUE);
}

/* By what was tried and not by the clock, which may have jumped by ten years. */
static void test_it_is_given_up(void)
{
    gint64 waited = 0;
    int number = 1;
    struct verdict verdict;

    while ((verdict = judge(END_DEFERRED, "ack", FALSE, number)).wait) {
        g_assert_cmpint(waited, <=, 5 * DAY);
        waited += verdict.wait;
        number++;
    }
    check(verdict, "failed", 0, TRUE);
    g_assert_cmpint(waited, >, 5 * DAY);
    g_assert_cmpint(waited, <=, 5 * DAY + 70 * MINUTE);
    check(judge(END_DEFERRED, "ack", FALSE, G_MAXINT), "failed", 0, TRUE);
}

static void test_what_couriers_die_of_does_not_hold_up_the_others(void)
{
    check(judge(END_LOST_BEFORE, "ack", TRUE, 4), "queued", 0, TRUE);
    check(judge(END_LOST_BEFORE, "ack", TRUE, 5), "deferred", 70 * MINUTE, TRUE);
    check(judge(END_LOST_BEFORE, "ack", FALSE, 200), "failed", 0, TRUE);
}

static void test_the_uncertain_is_not_repeated_for_ever(void)
{
    check(judge(END_UNKNOWN, "coordination", FALSE, 1), "deferred", 5 * MINUTE, TRUE);
    check(judge(END_UNKNOWN, "coordination", FALSE, 5), "unknown", 0, TRUE);
    check(judge(END_LOST_BEHIND, "coordination", FALSE, 5), "unknown", 0, TRUE);
}

static void test_the_sender_of_what_a_person_writes(void)
{
    struct settings *settings = conf_defaults();
    g_autofree char *with_token = NULL, *own = NULL;

    g_free(settings->team.address);
    settings->team.address = g_strdup("csirt@sakura.example");
    with_token = outbox_human_sender(settings, 2026, 42, "abcdefghjkmnpqrs");
    g_assert_cmpstr(with_token, ==, "csirt+2026-0042.abcdefghjkmnpqrs@sakura.example");
    g_free(settings->outgoing.bounces);
    settings->outgoing.bounces = g_strdup("bounces@sakura.example");
    own = outbox_human_sender(settings, 2026, 42, "abcdefghjkmnpqrs");
    g_assert_cmpstr(own, ==, "bounces@sakura.example");
    conf_free(settings);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/policy/each end", test_each_end);
    g_test_add_func("/policy/no attempt", test_what_was_not_tried_is_no_attempt);
    g_test_add_func("/policy/pauses", test_the_pauses_double);
    g_test_add_func("/policy/given up", test_it_is_given_up);
    g_test_add_func("/policy/deaths", test_what_couriers_die_of_does_not_hold_up_the_others);
    g_test_add_func("/policy/uncertain", test_the_uncertain_is_not_repeated_for_ever);
    g_test_add_func("/policy/sender", test_the_sender_of_what_a_person_writes);
    return g_test_run();
}
