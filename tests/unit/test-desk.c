#include "desk-case.h"
#include "number.h"
#include "token.h"

/* -- what is asked -- */

static void test_question_names_sender_and_text(void)
{
    struct settings settings = team();
    g_autoptr(mado_message) message = report_from("Hanako@Yamabuki.EXAMPLE", "a");
    g_autoptr(mado_message) shifted = report_from("hanako@yamabuki.example", "");
    g_autoptr(mado_question) question = desk_ask(message, NULL, &settings);
    g_autoptr(mado_question) other = NULL;

    g_assert_cmpstr(question->address, ==, "hanako@yamabuki.example");
    g_assert_cmpstr(question->domain, ==, "yamabuki.example");
    g_assert_cmpstr(question->message_id, ==, "1@yamabuki.example");
    put(&message->text, "b");
    put(&shifted->text, "ab");
    question_free(question);
    question = desk_ask(message, NULL, &settings);
    other = desk_ask(shifted, NULL, &settings);
    g_assert_cmpstr(question->text_sha256, !=, other->text_sha256);
}

static void test_unclear_senders_are_nobody(void)
{
    static const char *const unsafe[] = {"", "hanako", "a b@yamabuki.example",
        "a@yamabuki.example\r\nBcc: x@y.example", "a@b@yamabuki.example"};
    struct settings settings = team();

    for (gsize i = 0; i < G_N_ELEMENTS(unsafe); i++) {
        g_autoptr(mado_message) message = report_from(unsafe[i], "報告");
        g_autoptr(mado_question) question = desk_ask(message, NULL, &settings);
        g_assert_cmpstr(question->address, ==, "");
        g_assert_cmpstr(question->domain, ==, "");
    }
}

static void test_claims_are_collected_strongest_first(void)
{
    struct settings settings = team();
    g_autoptr(mado_message) message =
        report_from("hanako@yamabuki.example", "Re: [SAKURA#2026-0042-K7] [SAKURA#2026-0042-K8]");
    g_autoptr(mado_question) question = NULL;
    const struct claim *claim;

    put_list(&message->references, OURS);
    put_list(&message->delivered_to, "csirt+2026-0007.abcdefghjkmnpqrs@Sakura.example");
    question = desk_ask(message, NULL, &settings);
    g_assert_cmpuint(question->claims->len, ==, 4);
    claim = question->claims->pdata[0];
    g_assert_cmpstr(claim->token, ==, "0123456789abcdef");
    g_assert_cmpstr(claim->number, ==, "2026-0042-K7");
    claim = question->claims->pdata[1];
    g_assert_cmpint(claim->sequence, ==, 7);
    g_assert_cmpstr(claim->token, ==, "abcdefghjkmnpqrs");
    claim = question->claims->pdata[2];
    g_assert_null(claim->token);
    g_assert_true(claim->check_ok);
    claim = question->claims->pdata[3];
    g_assert_false(claim->check_ok);
}

static void test_what_is_not_ours_is_no_claim(void)
{
    static const char *const others[] = {"2026-0042.0123456789abcdef.u1@hinode.example",
        "2026-0042.0123456789abcde.u1@sakura.example", "0123456789abcdef.u1@sakura.example",
        "2026-0000.0123456789abcdef.u1@sakura.example", "2026-0042.0123456789abcdef"};
    static const char *const addresses[] = {"csirt@sakura.example", "csirt+news@sakura.example",
        "csirt+2026-0042.0123456789abcdef@hinode.example",
        "other+2026-0042.0123456789abcdef@sakura.example",
        "csirt+2026-0042.0123456789abcdef.x@sakura.example"};
    struct settings settings = team();

    for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autoptr(mado_message) message =
            report_from("hanako@yamabuki.example", "[HINODE#2026-0042-K7]");
        g_autoptr(mado_question) question = NULL;
        put_list(&message->references, others[i]);
        put_list(&message->delivered_to, addresses[i]);
        question = desk_ask(message, NULL, &settings);
        g_assert_cmpuint(question->claims->len, ==, 0);
    }
}

static void test_claims_are_capped(void)
{
    struct settings settings = team();
    g_autoptr(GString) subject = g_string_new(NULL);
    g_autoptr(mado_message) message = NULL;
    g_autoptr(mado_question) question = NULL;

    for (int i = 1; i < 1000; i++)
        g_string_append_printf(subject, "SAKURA#2026-%04d-K7 ", i);
    message = report_from("hanako@yamabuki.example", subject->str);
    question = desk_ask(message, NULL, &settings);
    g_assert_cmpuint(question->claims->len, ==, 20);
}

static void test_a_plus_address_of_ours_comes_back_as_a_claim(void)
{
    struct settings settings = team();
    g_autofree char *address =
        token_plus_address(2026, 42, "0123456789abcdef", settings.team.aliases[0]);
    g_autoptr(mado_message) message = report();
    g_autoptr(mado_question) question = NULL;

    g_assert_cmpstr(address, ==, "soc+2026-0042.0123456789abcdef@sakura.example");
    g_ptr_array_add(message->to, mailbox_new("", address));
    question = desk_ask(message, NULL, &settings);
    g_assert_cmpuint(question->claims->len, ==, 1);
}

/* -- join, or not -- */

/* The evidence, and where the mail ends. One row is one sentence of the specification. */
static const struct join_case {
    const char *sentence;
    const char *subject;
    const char *reference;
    gboolean token_ok, correspondent; /* of 2026-0042-K7; `known` says whether it exists */
    gboolean known, consulted;
    const char *authserv_id, *dmarc;
    enum ledger ledger;
    const char *by; /* of a join */
} join_cases[] = {
    {"a right token joins", "Re:", OURS, TRUE, TRUE, TRUE, TRUE, NULL, NULL, LEDGER_INCIDENT,
        "token"},
    {"a right token joins whatever DMARC says", "Re:", OURS, TRUE, TRUE, TRUE, TRUE,
        "mx.sakura.example", "fail", LEDGER_INCIDENT, "token"},
    {"a right token of somebody who is no correspondent any more does not", "Re:", OURS, TRUE,
        FALSE, TRUE, TRUE, NULL, NULL, LEDGER_PENDING, NULL},
    {"a token made for another address does not", "Re:", OURS, FALSE, FALSE, TRUE, TRUE, NULL, NULL,
        LEDGER_PENDING, NULL},
    {"nor one with a DMARC pass, without the number", "Re:", OURS, FALSE, TRUE, TRUE, TRUE,
        "mx.sakura.example", "pass", LEDGER_PENDING, NULL},
    {"number, correspondent and DMARC pass join", "[SAKURA#2026-0042-K7]", NULL, FALSE, TRUE, TRUE,
        TRUE, "MX.sakura.example", "pass", LEDGER_INCIDENT, "number"},
    {"a wrong token takes nothing from them", "[SAKURA#2026-0042-K7]", OURS, FALSE, TRUE, TRUE,
        TRUE, "mx.sakura.example", "pass", LEDGER_INCIDENT, "number"},
    {"another server's pass counts for nothing", "[SAKURA#2026-0042-K7]", NULL, FALSE, TRUE, TRUE,
        TRUE, "mx.evil.example", "pass", LEDGER_PENDING, NULL},
    {"no DMARC result: a person looks", "[SAKURA#2026-0042-K7]", NULL, FALSE, TRUE, TRUE, TRUE,
        NULL, NULL, LEDGER_PENDING, NULL},
    {"DMARC none: a person looks", "[SAKURA#2026-0042-K7]", NULL, FALSE, TRUE, TRUE, TRUE,
        "mx.sakura.example", "none", LEDGER_PENDING, NULL},
    {"a stranger's number is pending, DMARC or not", "[SAKURA#2026-0042-K7]", NULL, FALSE, FALSE,
        TRUE, TRUE, "mx.sakura.example", "pass", LEDGER_PENDING, NULL},
    {"a number that was never given out is pending", "[SAKURA#2026-0042-K7]", NULL, FALSE, FALSE,
        FALSE, TRUE, "mx.sakura.example", "pass", LEDGER_PENDING, NULL},
    {"without the daemon nothing joins", "[SAKURA#2026-0042-K7]", OURS, TRUE, TRUE, TRUE, FALSE,
        "mx.sakura.example", "pass", LEDGER_PENDING, NULL},
    {"two incidents: a person looks", "[SAKURA#2026-0001-1V]", OURS, TRUE, TRUE, TRUE, TRUE,
        "mx.sakura.example", "pass", LEDGER_PENDING, NULL},
    {"wrong check characters are no claim", "[SAKURA#2026-0042-K8]", NULL, FALSE, TRUE, TRUE, TRUE,
        "mx.sakura.example", "pass", LEDGER_INCIDENT, NULL},
    {"nor are missing ones", "SAKURA#2026-0042", NULL, FALSE, TRUE, TRUE, TRUE, "mx.sakura.example",
        "pass", LEDGER_INCIDENT, NULL},
    {"nor do they disturb a token", "[SAKURA#2026-0043-K7]", OURS, TRUE, TRUE, TRUE, TRUE, NULL,
        NULL, LEDGER_INCIDENT, "token"},
    {"no claim: a new incident", "報告", NULL, FALSE, TRUE, TRUE, TRUE, NULL, NULL, LEDGER_INCIDENT,
        NULL},
};

static void test_join(gconstpointer data)
{
    const struct join_case *row = data;
    g_autoptr(mado_message) message = report_from("hanako@yamabuki.example", row->subject);
    g_autoptr(mado_history) history = history_new();
    g_autoptr(mado_plan) plan = NULL;

    history->consulted = row->consulted;
    if (row->reference)
        put_list(&message->references, row->reference);
    if (row->known)
        know(history, "2026-0042-K7", row->token_ok, row->correspondent);
    if (row->authserv_id)
        result(message, row->authserv_id, row->dmarc);
    plan = decide(message, history);
    g_assert_cmpstr(ledger_name(plan->ledger), ==, ledger_name(row->ledger));
    g_assert_cmpstr(value_of(plan, ACTION_JOIN, 1), ==, row->by);
    if (row->ledger == LEDGER_PENDING)
        assert_no_ack(plan, "a person decides");
    if (row->ledger == LEDGER_INCIDENT && !row->by)
        g_assert_nonnull(plan_find(plan, ACTION_OPEN));
}

static void test_only_the_topmost_result_of_our_server_counts(void)
{
    g_autoptr(mado_message) message =
        report_from("hanako@yamabuki.example", "[SAKURA#2026-0042-K7]");
    g_autoptr(mado_history) history = asked();
    g_autoptr(mado_plan) plan = NULL;

    result(message, "mx.relay.example", "pass");
    result(message, "mx.sakura.example", "none");
    result(message, "mx.sakura.example", "pass");
    know(history, "2026-0042-K7", FALSE, TRUE);
    plan = decide(message, history);
    g_assert_cmpint(plan->ledger, ==, LEDGER_PENDING);
}

static void test_a_pass_counts_for_the_domain_that_it_names(void)
{
    static const struct {
        const char *domain;
        enum ledger ledger;
    } rows[] = {
        {"yamabuki.example", LEDGER_INCIDENT},
        {"YAMABUKI.example", LEDGER_INCIDENT},
        {"", LEDGER_PENDING},
        {"evil.example", LEDGER_PENDING},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mado_message) message =
            report_from("hanako@yamabuki.example", "[SAKURA#2026-0042-K7]");
        g_autoptr(mado_history) history = asked();
        g_autoptr(mado_plan) plan = NULL;

        g_ptr_array_add(
            message->auth_results, auth_result_new("mx.sakura.example", "pass", rows[i].domain));
        know(history, "2026-0042-K7", FALSE, TRUE);
        plan = decide(message, history);
        g_assert_cmpint(plan->ledger, ==, rows[i].ledger);
    }
}

static void test_pending_tells_what_is_claimed(void)
{
    g_autoptr(mado_message) message = report_from(
        "hanako@yamabuki.example", "SAKURA#2026-0042-K7 SAKURA#2026-0001-1V SAKURA#2026-0009-00");
    g_autoptr(mado_history) history = asked();
    g_autoptr(mado_plan) plan = decide(message, history);

    g_assert_cmpstr(value_of(plan, ACTION_PENDING, 0), ==, "2026-0042-K7, 2026-0001-1V");
    g_assert_cmpstr(value_of(plan, ACTION_NOTICE, 0), ==, "duty@sakura.example");
}

static void test_mistyped_number_is_a_hint(void)
{
    g_autoptr(mado_message) message = report_from("hanako@yamabuki.example", "SAKURA#2026-0042-K8");
    g_autoptr(mado_history) history = asked();
    g_autoptr(mado_plan) plan = decide(message, history);

    g_assert_cmpstr(value_of(plan, ACTION_SET, 0), ==, "flag");
    g_assert_cmpstr(value_of(plan, ACTION_SET, 1), ==, "mistyped-number");
    g_assert_cmpstr(value_of(plan, ACTION_ACK, 0), ==, "ack-new");
}

static void test_only_a_person_opens_again(void)
{
    static const struct {
        enum machine machine;
        gboolean token_ok;
        const char *state;
        gboolean opens;
    } cases[] = {
        {MACHINE_NO, TRUE, "closed", TRUE},
        {MACHINE_NO, TRUE, "waiting", FALSE},
        {MACHINE_NO, FALSE, "closed", TRUE}, /* by the number, and DMARC */
        {MACHINE_NO, FALSE, "rejected", TRUE},
        {MACHINE_LIST, TRUE, "closed", FALSE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(mado_message) message =
            report_from("hanako@yamabuki.example", "SAKURA#2026-0042-K7");
        g_autoptr(mado_history) history = asked();
        g_autoptr(mado_plan) plan = NULL;
        struct known_incident *incident;
        put_list(&message->references, OURS);
        result(message, "mx.sakura.example", "pass");
        message->machine = cases[i].machine;
        know(history, "2026-0042-K7", cases[i].token_ok, TRUE);
        incident = history->incidents->pdata[0];
        put(&incident->state, cases[i].state);
        plan = decide(message, history);
        g_assert_nonnull(plan_find(plan, ACTION_JOIN));
        g_assert_cmpstr(value_of(plan, ACTION_SET, 1), ==, cases[i].opens ? "open" : NULL);
    }
}

/* -- where machines end -- */

static const struct machine_case {
    const char *sentence;
    enum machine machine;
    gboolean answers_us, token_ok;
    enum ledger ledger;
    const char *related_by;
} machine_cases[] = {
    {"a bounce is a bounce", MACHINE_BOUNCE, FALSE, FALSE, LEDGER_BOUNCE, NULL},
    {"a bounce of our letter is tied to its incident", MACHINE_BOUNCE, TRUE, FALSE, LEDGER_BOUNCE,
        "claim"},
    {"an automatic reply is noted", MACHINE_AUTO_REPLY, FALSE, FALSE, LEDGER_MACHINE, NULL},
    {"an automatic reply to us is tied to its incident", MACHINE_AUTO_REPLY, TRUE, TRUE,
        LEDGER_MACHINE, "token"},
    {"an automatic reply with a foreign token claims it", MACHINE_AUTO_REPLY, TRUE, FALSE,
        LEDGER_MACHINE, "claim"},
    {"a receipt is noted", MACHINE_MDN, TRUE, TRUE, LEDGER_MACHINE, "token"},
    {"a notification that answers us opens nothing", MACHINE_NOTIFICATION, TRUE, TRUE,
        LEDGER_MACHINE, "token"},
    {"a notification is a report", MACHINE_NOTIFICATION, FALSE, FALSE, LEDGER_INCIDENT, NULL},
    {"a feedback report is a report", MACHINE_FEEDBACK, FALSE, FALSE, LEDGER_INCIDENT, NULL},
    {"mail of a list is a report", MACHINE_LIST, FALSE, FALSE, LEDGER_INCIDENT, NULL},
};

static void test_machine(gconstpointer data)
{
    const struct machine_case *row = data;
    g_autoptr(mado_message) message = report();
    g_autoptr(mado_history) history = asked();
    g_autoptr(mado_plan) plan = NULL;

    message->machine = row->machine;
    if (row->answers_us) {
        put_list(&message->references, OURS);
        know(history, "2026-0042-K7", row->token_ok, row->token_ok);
    }
    plan = decide(message, history);
    g_assert_cmpstr(ledger_name(plan->ledger), ==, ledger_name(row->ledger));
    g_assert_cmpstr(value_of(plan, ACTION_RELATE, 1), ==, row->related_by);
    g_assert_cmpint(plan_find(plan, ACTION_OPEN) != NULL, ==, row->ledger == LEDGER_INCIDENT);
    g_assert_cmpint(plan_find(plan, ACTION_NOTICE) != NULL, ==, row->ledger == LEDGER_INCIDENT);
    assert_no_ack(plan, "answered");
}

static void test_copy_is_answered_once(void)
{
    g_autoptr(mado_message) message = report();
    g_autoptr(mado_history) history = asked();
    g_autoptr(mado_plan) plan = NULL;

    history->copy_of = 17;
    plan = decide(message, history);
    g_assert_cmpint(plan->ledger, ==, LEDGER_COPY);
    assert_no_ack(plan, "a copy");
}

static void test_the_same_words_with_another_file_are_another_text(void)
{
    struct settings settings = team();
    g_autoptr(mado_message) first = report();
    g_autoptr(mado_message) second = report();
    g_autoptr(mado_question) about_first = NULL;
    g_autoptr(mado_question) about_second = NULL;

    g_ptr_array_add(first->attachments, attachment_new("log.txt", "text/plain", 2, "aa"));
    g_ptr_array_add(second->attachments, attachment_new("log.txt", "text/plain", 2, "bb"));
    about_first = desk_ask(first, NULL, &settings);
    about_second = desk_ask(second, NULL, &settings);
    g_assert_cmpstr(about_first->text_sha256, !=, about_second->text_sha256);
}

static void test_same_id_with_another_text_is_worked_and_flagged(void)
{
    g_autoptr(mado_message) message = report();
    g_autoptr(mado_history) history = asked();
    g_autoptr(mado_plan) plan = NULL;

    history->same_id_other_text = TRUE;
    plan = decide(message, history);
    g_assert_nonnull(plan_find(plan, ACTION_OPEN));
    g_assert_nonnull(plan_find(plan, ACTION_ACK));
    g_assert_cmpstr(value_of(plan, ACTION_SET, 1), ==, "same-message-id");
}

static void test_our_own_mail_does_not_loop(void)
{
    static const struct {
        const char *from, *message_id;
        enum machine machine;
        enum ledger ledger;
    } cases[] = {
        {"csirt@sakura.example", OURS, MACHINE_NO, LEDGER_MACHINE},
        {"SOC@sakura.example", "1@sakura.example", MACHINE_NOTIFICATION, LEDGER_MACHINE},
        {"csirt+x@sakura.example", "1@sakura.example", MACHINE_AUTO_REPLY, LEDGER_MACHINE},
        /* a person wrote from our address: kept as a report, not answered */
        {"csirt@sakura.example", "1@sakura.example", MACHINE_NO, LEDGER_INCIDENT},
        /* anybody can write an id of ours over their mail */
        {"hanako@yamabuki.example", OURS, MACHINE_NO, LEDGER_INCIDENT},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(mado_message) message = report_from(cases[i].from, "報告");
        g_autoptr(mado_history) history = asked();
        g_autoptr(mado_plan) plan = NULL;
        put(&message->message_id, cases[i].message_id);
        message->machine = cases[i].machine;
        plan = decide(message, history);
        g_assert_cmpint(plan->ledger, ==, cases[i].ledger);
        if (g_str_has_suffix(cases[i].from, "sakura.example"))
            assert_no_ack(plan, "our own");
    }
}

/* -- triage -- */

static void test_triage_goes_by_words(void)
{
    static const struct {
        const char *subject, *text, *category, *severity, *where;
    } cases[] = {
        {"フィッシングサイトのご報告", "", "phishing", "medium", "subject"},
        {"ﾌｨｯｼﾝｸﾞ", "", "phishing", "medium", "subject"},
        {"PHISHING of our customers", "", "phishing", "medium", "subject"},
        {"お知らせ", "貴社のサイトが改ざんされています", "defacement", "medium", "text"},
        {"phishing", "scada", "phishing", "medium", "subject"},
        {"制御システムへのスキャン", "", "ics", "high", "subject"},
        {"標的型メール", "", "targeted", "high", "subject"},
        {"顧客情報の漏えいについて", "", "leak", "high", "subject"},
        {"ノートパソコンの紛失", "", "loss", "high", "subject"},
        {"SSH scan from your network", "", "scan", "low", "subject"},
        {"A scandal", "adoption of robotics", "other", "medium", "no word"},
        {"DDoS", "", "dos", "high", "subject"},
        {"[CVE-2026-0001] buffer overflow", "", "vuln-product", "medium", "subject"},
        {"XSS in your shop", "", "vuln-web", "medium", "subject"},
        {"malware distribution", "", "malware-site", "medium", "subject"},
        {"Emotetに感染した端末", "", "infection", "high", "subject"},
        {"取材のお願い", "", "inquiry", "low", "subject"},
        {"", "", "other", "medium", "no word"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(mado_message) message = report();
        g_autoptr(mado_history) history = asked();
        g_autoptr(mado_plan) plan = NULL;
        const struct action *open;
        put(&message->subject, cases[i].subject);
        put(&message->text, cases[i].text);
        plan = decide(message, history);
        open = plan_find(plan, ACTION_OPEN);
        g_test_message("%s / %s", cases[i].subject, cases[i].text);
        g_assert_cmpstr(open->value[0], ==, cases[i].category);
        g_assert_cmpstr(open->value[1], ==, cases[i].severity);
        g_assert_cmpstr(open->value[2], ==, "TLP:AMBER");
        g_assert_nonnull(strstr(open->why, cases[i].where));
    }
}

/* None is a word of a higher row, too; and each has some in both languages. */
static void test_every_word_leads_to_its_category(void)
{
    const struct settings settings = team();

    for (guint i = 0; i < settings.categories->len; i++) {
        const struct category *category = settings.categories->pdata[i];
        guint japanese = 0, english = 0;
        for (char **word = category->words; *word; word++) {
            g_autoptr(mado_message) message = report_from("hanako@yamabuki.example", *word);
            g_autoptr(mado_history) history = asked();
            g_autoptr(mado_plan) plan = decide(message, history);
            if (g_strcmp0(value_of(plan, ACTION_OPEN, 0), category->id) != 0)
                g_test_fail_printf("%s, a word of %s, leads to %s", *word, category->id,
                    value_of(plan, ACTION_OPEN, 0));
            g_assert_cmpstr(value_of(plan, ACTION_OPEN, 3), ==, "proposal");
            *(g_str_is_ascii(*word) ? &english : &japanese) += 1;
        }
        g_assert_true((japanese && english) || g_str_equal(category->id, "other"));
    }
}

/* -- the whole plan -- */

static void test_operators_are_told_but_not_of_their_own_mail(void)
{
    g_autoptr(mado_history) history = asked();
    g_autoptr(mado_message) message = report();
    g_autoptr(mado_message) theirs = report_from("Duty@sakura.example", "報告");
    g_autoptr(mado_plan) plan = decide(message, history);
    g_autoptr(mado_plan) other = decide(theirs, history);

    g_assert_cmpstr(value_of(plan, ACTION_NOTICE, 0), ==, "duty@sakura.example");
    g_assert_null(plan_find(other, ACTION_NOTICE));
}

static void test_quarantine_is_a_stub_that_a_person_sees(void)
{
    struct settings settings = team();
    g_autoptr(mado_plan) plan = desk_quarantine("its reader died three times", &settings);

    g_assert_cmpint(plan->ledger, ==, LEDGER_QUARANTINE);
    g_assert_cmpstr(value_of(plan, ACTION_OPEN, 0), ==, "other");
    g_assert_cmpstr(value_of(plan, ACTION_NOTICE, 0), ==, "duty@sakura.example");
    assert_no_ack(plan, "could not be read");
}

static void test_a_decision_is_quick(void)
{
    g_autoptr(mado_message) message = report();
    g_autoptr(mado_history) history = asked();
    g_autoptr(GString) text = g_string_new(NULL);
    int decisions = 0;

    while (text->len < 4096)
        g_string_append(text, "下記の機器から弊社に不審な通信がありました。Log lines follow. ");
    put(&message->text, text->str);
    g_test_timer_start();
    while (g_test_timer_elapsed() < 0.5) {
        plan_free(decide(message, history));
        decisions++;
    }
    g_test_message("%.0f decisions a second", decisions / g_test_timer_last());
    g_assert_cmpfloat(decisions / g_test_timer_last(), >, 100); /* on a busy machine */
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/desk/ask/sender and text", test_question_names_sender_and_text);
    g_test_add_func("/desk/ask/unclear senders are nobody", test_unclear_senders_are_nobody);
    g_test_add_func("/desk/ask/claims, strongest first", test_claims_are_collected_strongest_first);
    g_test_add_func("/desk/ask/what is not ours is no claim", test_what_is_not_ours_is_no_claim);
    g_test_add_func("/desk/ask/claims are capped", test_claims_are_capped);
    g_test_add_func(
        "/desk/ask/a plus address comes back", test_a_plus_address_of_ours_comes_back_as_a_claim);
    add_rows("desk/join", join_cases, sizeof *join_cases, G_N_ELEMENTS(join_cases), test_join);
    g_test_add_func("/desk/join/a pass counts for the domain that it names",
        test_a_pass_counts_for_the_domain_that_it_names);
    g_test_add_func("/desk/join/only the topmost result of our server counts",
        test_only_the_topmost_result_of_our_server_counts);
    g_test_add_func("/desk/join/pending tells what is claimed", test_pending_tells_what_is_claimed);
    g_test_add_func("/desk/join/a mistyped number is a hint", test_mistyped_number_is_a_hint);
    g_test_add_func("/desk/join/only a person opens again", test_only_a_person_opens_again);
    add_rows("desk/machine", machine_cases, sizeof *machine_cases, G_N_ELEMENTS(machine_cases),
        test_machine);
    g_test_add_func("/desk/copy/is answered once", test_copy_is_answered_once);
    g_test_add_func("/desk/copy/the same words with another file are another text",
        test_the_same_words_with_another_file_are_another_text);
    g_test_add_func("/desk/copy/same id, other text: worked and flagged",
        test_same_id_with_another_text_is_worked_and_flagged);
    g_test_add_func("/desk/own mail does not loop", test_our_own_mail_does_not_loop);
    g_test_add_func("/desk/triage/goes by words", test_triage_goes_by_words);
    g_test_add_func("/desk/triage/every word", test_every_word_leads_to_its_category);
    g_test_add_func(
        "/desk/notice/operators are told", test_operators_are_told_but_not_of_their_own_mail);
    g_test_add_func("/desk/quarantine/a stub", test_quarantine_is_a_stub_that_a_person_sees);
    g_test_add_func("/desk/is quick", test_a_decision_is_quick);
    return g_test_run();
}
