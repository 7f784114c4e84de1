/* A bounce and the letters of ours: what changes, and what a stranger cannot change. */
#include "desk-case.h"
#include <mado/limits.h>

static const struct bounce_case {
    const char *sentence;
    const char *recipient; /* of the first bounce; NULL: it names none */
    enum outcome outcome;
    const char *other; /* a second recipient, or NULL */
    enum outcome of_other;
    gboolean ours;       /* the store knows the letter */
    const char *number;  /* of its incident; "" for none */
    const char *related; /* to which incident; NULL: none */
    guint deliveries;
    const char *reply; /* of the letter that has failed; NULL: none has */
} cases[] = {
    {"a letter that comes back has failed", "hanako@yamabuki.example", OUTCOME_FAILED, NULL,
        OUTCOME_FAILED, TRUE, "2026-0042-K7", "2026-0042-K7", 1,
        "came back: userunknown 550 5.1.1 for hanako@yamabuki.example"},
    {"a letter of no incident too", "hanako@yamabuki.example", OUTCOME_FAILED, NULL, OUTCOME_FAILED,
        TRUE, "", NULL, 1, "came back: userunknown 550 5.1.1 for hanako@yamabuki.example"},
    {"a letter that is still tried has not", "hanako@yamabuki.example", OUTCOME_DELAYED, NULL,
        OUTCOME_FAILED, TRUE, "2026-0042-K7", "2026-0042-K7", 1, NULL},
    {"a letter that has arrived has not", "hanako@yamabuki.example", OUTCOME_DELIVERED, NULL,
        OUTCOME_FAILED, TRUE, "2026-0042-K7", "2026-0042-K7", 1, NULL},
    {"an address that passes its mail on speaks for the letter", "elsewhere@hinode.example",
        OUTCOME_FAILED, NULL, OUTCOME_FAILED, TRUE, "2026-0042-K7", "2026-0042-K7", 1,
        "came back: userunknown 550 5.1.1 for elsewhere@hinode.example"},
    {"the letter's own recipient decides", "Hanako@Yamabuki.example", OUTCOME_DELIVERED,
        "elsewhere@hinode.example", OUTCOME_FAILED, TRUE, "2026-0042-K7", "2026-0042-K7", 2, NULL},
    {"in any order", "elsewhere@hinode.example", OUTCOME_FAILED, "hanako@yamabuki.example",
        OUTCOME_DELAYED, TRUE, "2026-0042-K7", "2026-0042-K7", 2, NULL},
    {"of others one that failed is enough", "a@hinode.example", OUTCOME_DELIVERED,
        "b@hinode.example", OUTCOME_FAILED, TRUE, "2026-0042-K7", "2026-0042-K7", 2,
        "came back: userunknown 550 5.1.1 for b@hinode.example"},
    {"a bounce that names nobody changes nothing", NULL, OUTCOME_FAILED, NULL, OUTCOME_FAILED, TRUE,
        "2026-0042-K7", "2026-0042-K7", 0, NULL},
    {"a bounce of a letter that is not ours changes nothing", "hanako@yamabuki.example",
        OUTCOME_FAILED, NULL, OUTCOME_FAILED, FALSE, "", NULL, 0, NULL},
};

static void bounced(struct message *message, const char *recipient, enum outcome outcome)
{
    struct bounce *bounce;

    if (!recipient)
        return;
    bounce = bounce_new(recipient, "5.1.1", "550", "userunknown");
    bounce->outcome = outcome;
    bounce->permanent = outcome == OUTCOME_FAILED;
    g_ptr_array_add(message->bounces, bounce);
}

static guint deliveries(const struct plan *plan)
{
    guint count = 0;

    for (guint i = 0; i < plan->actions->len; i++)
        count += ((const struct action *)plan->actions->pdata[i])->kind == ACTION_DELIVERY;
    return count;
}

static void test_case(gconstpointer data)
{
    const struct bounce_case *row = data;
    g_autoptr(mado_message) message = report_from("MAILER-DAEMON@mx.example", "failure notice");
    g_autoptr(mado_history) history = asked();
    g_autoptr(mado_plan) plan = NULL;

    message->machine = MACHINE_BOUNCE;
    put_list(&message->returned_ids, "any@sakura.example");
    bounced(message, row->recipient, row->outcome);
    bounced(message, row->other, row->of_other);
    if (row->ours)
        g_ptr_array_add(
            history->letters, known_letter_new(12, row->number, "hanako@yamabuki.example", "sent"));
    plan = decide(message, history);
    g_assert_cmpint(plan->ledger, ==, LEDGER_BOUNCE);
    g_assert_cmpuint(deliveries(plan), ==, row->deliveries);
    g_assert_cmpstr(value_of(plan, ACTION_RELATE, 0), ==, row->related);
    g_assert_cmpstr(value_of(plan, ACTION_RETURNED, 1), ==, row->reply);
    if (row->reply)
        g_assert_cmpstr(value_of(plan, ACTION_RETURNED, 0), ==, "12");
    g_assert_null(plan_find(plan, ACTION_OPEN));
    assert_no_ack(plan, "a bounce is never answered");
}

static void test_what_is_noted(void)
{
    static const char *const expected[] = {"12", "2026-0042-K7", "hanako@yamabuki.example",
        "failed", "yes", "5.1.1", "550", "userunknown"};
    g_autoptr(mado_message) message = report_from("MAILER-DAEMON@mx.example", "failure notice");
    g_autoptr(mado_history) history = asked();
    g_autoptr(mado_plan) plan = NULL;

    message->machine = MACHINE_BOUNCE;
    bounced(message, "hanako@yamabuki.example", OUTCOME_FAILED);
    g_ptr_array_add(
        history->letters, known_letter_new(12, "2026-0042-K7", "hanako@yamabuki.example", "sent"));
    plan = decide(message, history);
    for (int i = 0; i < (int)G_N_ELEMENTS(expected); i++)
        g_assert_cmpstr(value_of(plan, ACTION_DELIVERY, i), ==, expected[i]);
}

static void test_one_bounce_notes_a_few_recipients(void)
{
    g_autoptr(mado_message) message = report_from("MAILER-DAEMON@mx.example", "failure notice");
    g_autoptr(mado_history) history = asked();
    g_autoptr(mado_plan) plan = NULL;

    message->machine = MACHINE_BOUNCE;
    for (int i = 0; i < LIMIT_BOUNCES - 1; i++) {
        g_autofree char *recipient = g_strdup_printf("%d@hinode.example", i);
        bounced(message, recipient, OUTCOME_FAILED);
    }
    bounced(message, "hanako@yamabuki.example", OUTCOME_FAILED);
    g_ptr_array_add(
        history->letters, known_letter_new(12, "2026-0042-K7", "hanako@yamabuki.example", "sent"));
    plan = decide(message, history);
    g_assert_cmpuint(deliveries(plan), ==, 11);
    g_assert_cmpstr(value_of(plan, ACTION_RETURNED, 1), ==,
        "came back: userunknown 550 5.1.1 for hanako@yamabuki.example");
}

/* Who only looks like a bounce fails no letter, whatever is known of letters. */
static void test_only_a_bounce_brings_letters_back(void)
{
    static const enum machine kinds[] = {MACHINE_NO, MACHINE_AUTO_REPLY, MACHINE_FEEDBACK,
        MACHINE_MDN, MACHINE_LIST, MACHINE_NOTIFICATION};
    struct settings settings = team();

    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autoptr(mado_message) message = report();
        g_autoptr(mado_history) history = asked();
        g_autoptr(mado_question) question = NULL;
        g_autoptr(mado_plan) plan = NULL;
        message->machine = kinds[i];
        put_list(&message->returned_ids, "any@sakura.example");
        bounced(message, "hanako@yamabuki.example", OUTCOME_FAILED);
        g_ptr_array_add(history->letters,
            known_letter_new(12, "2026-0042-K7", "hanako@yamabuki.example", "sent"));
        question = desk_ask(message, NULL, &settings);
        g_assert_false(question->bounce);
        g_assert_null(question->returned_ids[0]);
        plan = decide(message, history);
        g_assert_null(plan_find(plan, ACTION_DELIVERY));
        g_assert_null(plan_find(plan, ACTION_RETURNED));
    }
}

static void test_which_letters_are_asked_for(void)
{
    struct settings settings = team();
    g_autoptr(mado_message) message = report_from("MAILER-DAEMON@mx.example", "failure notice");
    g_autoptr(GPtrArray) many = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(mado_question) question = NULL;

    for (int i = 0; i < 3 * LIMIT_RETURNED_IDS; i++)
        g_ptr_array_add(many, g_strdup_printf("%d@sakura.example", i % 2 ? i : 0));
    g_ptr_array_add(many, NULL);
    message->machine = MACHINE_BOUNCE;
    put_list(&message->returned_ids, "1@sakura.example");
    g_strfreev(message->references);
    message->references = g_strdupv((char **)many->pdata);
    question = desk_ask(message, NULL, &settings);
    g_assert_true(question->bounce);
    g_assert_cmpuint(g_strv_length(question->returned_ids), ==, LIMIT_RETURNED_IDS);
    g_assert_cmpstr(question->returned_ids[0], ==, "1@sakura.example");
    g_assert_cmpstr(question->returned_ids[1], ==, "0@sakura.example");
    g_assert_cmpstr(question->returned_ids[2], ==, "3@sakura.example");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_rows("desk/bounce", cases, sizeof *cases, G_N_ELEMENTS(cases), test_case);
    g_test_add_func("/desk/bounces/what is noted", test_what_is_noted);
    g_test_add_func("/desk/bounces/a few", test_one_bounce_notes_a_few_recipients);
    g_test_add_func(
        "/desk/bounces/only a bounce brings letters back", test_only_a_bounce_brings_letters_back);
    g_test_add_func("/desk/bounces/which letters", test_which_letters_are_asked_for);
    return g_test_run();
}
