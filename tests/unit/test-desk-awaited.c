/* What waits for somebody, and who ends that: every row is one sentence of the specification. */
#include "desk-case.h"
#include <mado/crypto.h>

#define TO "it waited for "

/* A proven part of an incident. */
static const struct awaited_case {
    const char *sentence;
    const char *state, *waits_for;
    gboolean asked, coordinated;
    const char *contact, *organisation, *signed_by; /* of the sender; "" */
    enum machine machine;
    const char *why; /* it goes on; NULL: it waits on */
} cases[] = {
    {"its reporter's answer", "waiting", "reporter", TRUE, FALSE, "", "", "", MACHINE_NO,
        TO "its reporter"},
    {"a reporter whom an operator has named", "waiting", "reporter: Hanako", TRUE, FALSE, "", "",
        "", MACHINE_NO, TO "its reporter"},
    {"another party's mail is no reporter's", "waiting", "reporter", FALSE, FALSE, "Peer", "", "",
        MACHINE_NO, NULL},
    {"a list is no reporter", "waiting", "reporter", TRUE, FALSE, "", "", "", MACHINE_LIST, NULL},
    {"a feedback report is no answer", "waiting", "reporter", TRUE, FALSE, "", "", "",
        MACHINE_FEEDBACK, NULL},
    {"an automatic reply is none", "waiting", "reporter", TRUE, FALSE, "", "", "",
        MACHINE_AUTO_REPLY, NULL},
    {"a bounce is none", "waiting", "reporter", TRUE, FALSE, "", "", "", MACHINE_BOUNCE, NULL},
    {"what is open is open", "open", "", TRUE, FALSE, "", "", "", MACHINE_NO, NULL},
    {"what is new stays so until somebody has looked", "new", "", TRUE, FALSE, "", "", "",
        MACHINE_NO, NULL},
    {"an embargo ends by nobody's mail", "embargo", "", TRUE, FALSE, "", "", "", MACHINE_NO, NULL},
    {"what waits for nobody who is named waits on", "waiting", "", TRUE, FALSE, "ACME", "", "",
        MACHINE_NO, NULL},
    {"the vendor's", "waiting", "vendor: ACME", FALSE, FALSE, "ACME", "", "", MACHINE_NO,
        TO "a vendor"},
    {"whatever case and width it is written in", "waiting", "vendor:ａｃｍｅ", FALSE, FALSE, "ACME",
        "", "", MACHINE_NO, TO "a vendor"},
    {"a person's of the vendor", "waiting", "vendor: ACME", FALSE, FALSE, "Jiro", "ACME", "",
        MACHINE_NO, TO "a vendor"},
    {"from another address, but signed by the vendor", "waiting", "vendor: ACME", FALSE, FALSE, "",
        "", "ACME", MACHINE_NO, TO "a vendor"},
    {"a vendor who reported it themselves", "waiting", "vendor: ACME", TRUE, FALSE, "ACME", "", "",
        MACHINE_NO, TO "a vendor"},
    {"another vendor's ends nothing", "waiting", "vendor: ACME", FALSE, FALSE, "Umbrella", "", "",
        MACHINE_NO, NULL},
    {"nor does the reporter's", "waiting", "vendor: ACME", TRUE, FALSE, "", "", "", MACHINE_NO,
        NULL},
    {"a vendor's machine ends nothing", "waiting", "vendor: ACME", FALSE, FALSE, "ACME", "", "",
        MACHINE_LIST, NULL},
    {"of a vendor without a name any contact's", "waiting", "vendor", FALSE, FALSE, "ACME", "", "",
        MACHINE_NO, TO "a vendor"},
    {"but not the reporter's, who is a contact too", "waiting", "vendor", TRUE, FALSE, "Yamabuki",
        "", "", MACHINE_NO, NULL},
    {"nor a stranger's", "waiting", "vendor", FALSE, FALSE, "", "", "", MACHINE_NO, NULL},
    {"a peer's", "waiting", "peer: Momiji", FALSE, FALSE, "Momiji", "", "", MACHINE_NO,
        TO "a peer"},
    {"as long as others were not asked", "waiting", "peer: Momiji", FALSE, TRUE, "Momiji", "", "",
        MACHINE_NO, NULL},
};

static void arrive(const struct awaited_case *row, struct message *message, struct history *history)
{
    struct known_incident *incident;

    put_list(&message->references, OURS);
    result(message, "mx.sakura.example", "pass");
    message->machine = row->machine;
    know(history, "2026-0042-K7", TRUE, TRUE);
    incident = history->incidents->pdata[0];
    put(&incident->state, row->state);
    put(&incident->waits_for, row->waits_for);
    incident->asked = row->asked;
    incident->coordinated = row->coordinated;
    put(&history->contact, row->contact);
    put(&history->organisation, row->organisation);
}

static void test_what_ends_it(gconstpointer data)
{
    const struct awaited_case *row = data;
    struct settings settings = team();
    g_autoptr(mado_message) message = report_from("hanako@yamabuki.example", "SAKURA#2026-0042-K7");
    g_autoptr(mado_history) history = asked();
    g_autoptr(mado_question) question = NULL;
    g_autoptr(mado_plan) plan = NULL;
    const struct action *set;

    arrive(row, message, history);
    question = desk_ask(message, NULL, &settings);
    put(&question->signed_by, row->signed_by);
    plan = desk_decide(message, NULL, question, history, &settings);
    set = plan_find(plan, ACTION_SET);
    g_assert_cmpint(set != NULL, ==, row->why != NULL);
    if (!set)
        return;
    g_assert_cmpstr(set->value[0], ==, "state");
    g_assert_cmpstr(set->value[1], ==, "open");
    g_assert_true(g_str_has_prefix(set->why, row->why));
}

/* What is signed and sent again is not from who signed it. */
static void test_what_is_sent_again_ends_nothing(void)
{
    const struct awaited_case row = {
        "", "waiting", "vendor: ACME", FALSE, FALSE, "", "", "ACME", MACHINE_NO, NULL};
    struct settings settings = team();
    g_autoptr(mado_message) message = report_from("hanako@yamabuki.example", "SAKURA#2026-0042-K7");
    g_autoptr(mado_history) history = asked();
    g_autoptr(mado_question) question = NULL;
    g_autoptr(mado_plan) plan = NULL;

    arrive(&row, message, history);
    history->replay_of = 7;
    question = desk_ask(message, NULL, &settings);
    put(&question->signed_by, row.signed_by);
    plan = desk_decide(message, NULL, question, history, &settings);
    g_assert_nonnull(plan_find(plan, ACTION_JOIN));
    g_assert_cmpstr(value_of(plan, ACTION_SET, 0), ==, "flag");
}

/* A claim without proof leaves the incident as it is. */
static void test_a_claim_ends_nothing(void)
{
    g_autoptr(mado_message) message = report_from("hanako@yamabuki.example", "SAKURA#2026-0042-K7");
    g_autoptr(mado_history) history = asked();
    g_autoptr(mado_plan) plan = NULL;
    struct known_incident *incident;

    know(history, "2026-0042-K7", FALSE, TRUE);
    incident = history->incidents->pdata[0];
    put(&incident->state, "waiting");
    put(&incident->waits_for, "reporter");
    incident->asked = TRUE;
    plan = decide(message, history);
    g_assert_cmpint(plan->ledger, ==, LEDGER_PENDING);
    g_assert_null(plan_find(plan, ACTION_SET));
}

/* An operator has said that it is the answer. */
static void test_what_an_operator_attaches_ends_it(void)
{
    g_autoptr(mado_message) message = report();
    g_autoptr(mado_history) history = asked();
    g_autoptr(mado_plan) plan = NULL;

    know(history, "2026-0042-K7", FALSE, TRUE);
    history->target = g_ptr_array_steal_index(history->incidents, 0);
    put(&history->target->state, "waiting");
    put(&history->target->waits_for, "reporter");
    history->target->asked = TRUE;
    history->sorting = g_new0(struct sorted, 1);
    history->sorting->as = g_strdup("attach");
    history->sorting->actor = g_strdup("tanaka");
    history->sorting->reason = g_strdup("");
    history->sorting->target = 42;
    plan = decide(message, history);
    g_assert_cmpstr(value_of(plan, ACTION_JOIN, 1), ==, "operator");
    g_assert_cmpstr(value_of(plan, ACTION_SET, 1), ==, "open");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_rows("awaited", cases, sizeof *cases, G_N_ELEMENTS(cases), test_what_ends_it);
    g_test_add_func(
        "/awaited/what is sent again ends nothing", test_what_is_sent_again_ends_nothing);
    g_test_add_func("/awaited/a claim ends nothing", test_a_claim_ends_nothing);
    g_test_add_func(
        "/awaited/what an operator attaches ends it", test_what_an_operator_attaches_ends_it);
    return g_test_run();
}
