#include "desk.h"
#include "number.h"
#include "token.h"
#include <string.h>

/* -- a team, a mail, a history -------------------------------------------------------------------
 */

static char *aliases[] = {(char *)"soc@sakura.example", NULL};
static char *languages[] = {(char *)"ja", (char *)"en", NULL};
static char *never_to[] = {
    (char *)"robot@hinode.example", (char *)"@silent.example", (char *)"alerts@", NULL};

static struct settings team(void)
{
    struct settings settings = {0};

    settings.team.address = (char *)"csirt@sakura.example";
    settings.team.aliases = aliases;
    settings.team.languages = languages;
    settings.intake.authserv_id = (char *)"mx.sakura.example";
    settings.tickets.tag = (char *)"SAKURA";
    settings.handling.default_in = (char *)"TLP:AMBER";
    settings.acknowledge.mode = (char *)"auto";
    settings.acknowledge.never_to = never_to;
    settings.acknowledge.per_address_daily = 10;
    settings.acknowledge.per_ticket_daily = 1;
    settings.acknowledge.per_domain_hourly = 20;
    settings.acknowledge.hourly = 200;
    settings.notices.to = (char *)"duty@sakura.example";
    return settings;
}

static void put(char **field, const char *value)
{
    g_free(*field);
    *field = g_strdup(value);
}

static void put_list(char ***field, const char *first)
{
    g_strfreev(*field);
    *field = g_new0(char *, 2);
    (*field)[0] = g_strdup(first);
}

static struct message *report_from(const char *address, const char *subject)
{
    struct message *message = message_new();

    g_ptr_array_add(message->from, mailbox_new("山吹 花子", address));
    g_ptr_array_add(message->to, mailbox_new("", "csirt@sakura.example"));
    put(&message->subject, subject);
    put(&message->text, "下記のサイトについてお知らせします。\n");
    put(&message->language, "ja");
    message->message_id = g_strdup("1@yamabuki.example");
    return message;
}

static struct message *report(void)
{
    return report_from("hanako@yamabuki.example", "報告");
}

static struct history *asked(void)
{
    struct history *history = history_new();

    history->consulted = TRUE;
    return history;
}

static void know(
    struct history *history, const char *number, gboolean token_ok, gboolean correspondent)
{
    struct known_incident *incident = g_new0(struct known_incident, 1);

    incident->id = 42;
    incident->number = g_strdup(number);
    incident->state = g_strdup("open");
    incident->token_ok = token_ok;
    incident->correspondent = correspondent;
    g_ptr_array_add(history->incidents, incident);
}

static struct plan *decide(const struct message *message, const struct history *history)
{
    struct settings settings = team();
    g_autoptr(mado_question) question = desk_ask(message, &settings);

    return desk_decide(message, question, history, &settings);
}

static const char *value_of(const struct plan *plan, enum action_kind kind, int field)
{
    const struct action *action = plan_find(plan, kind);
    return action ? action->value[field] : NULL;
}

static void assert_no_ack(const struct plan *plan, const char *why)
{
    const struct action *no_ack = plan_find(plan, ACTION_NO_ACK);

    g_assert_null(plan_find(plan, ACTION_ACK));
    g_assert_nonnull(no_ack);
    if (!strstr(no_ack->why, why))
        g_error("\"%s\" instead of \"%s\"", no_ack->why, why);
}

#define OURS "2026-0042.0123456789abcdef.u1@sakura.example"

/* -- what is asked -------------------------------------------------------------------------------
 */

static void test_question_names_sender_and_text(void)
{
    struct settings settings = team();
    g_autoptr(mado_message) message = report_from("Hanako@Yamabuki.EXAMPLE", "a");
    g_autoptr(mado_message) shifted = report_from("hanako@yamabuki.example", "");
    g_autoptr(mado_question) question = desk_ask(message, &settings);
    g_autoptr(mado_question) other = NULL;

    g_assert_cmpstr(question->address, ==, "hanako@yamabuki.example");
    g_assert_cmpstr(question->domain, ==, "yamabuki.example");
    g_assert_cmpstr(question->message_id, ==, "1@yamabuki.example");
    put(&message->text, "b");
    put(&shifted->text, "ab");
    question_free(question);
    question = desk_ask(message, &settings);
    other = desk_ask(shifted, &settings);
    g_assert_cmpstr(question->text_sha256, !=, other->text_sha256);
}

static void test_unclear_senders_are_nobody(void)
{
    static const char *const unsafe[] = {"", "hanako", "a b@yamabuki.example",
        "a@yamabuki.example\r\nBcc: x@y.example", "a@b@yamabuki.example"};
    struct settings settings = team();

    for (gsize i = 0; i < G_N_ELEMENTS(unsafe); i++) {
        g_autoptr(mado_message) message = report_from(unsafe[i], "報告");
        g_autoptr(mado_question) question = desk_ask(message, &settings);
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
    question = desk_ask(message, &settings);
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
        question = desk_ask(message, &settings);
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
    question = desk_ask(message, &settings);
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
    question = desk_ask(message, &settings);
    g_assert_cmpuint(question->claims->len, ==, 1);
}

/* -- join, or not --------------------------------------------------------------------------------
 */

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
        g_ptr_array_add(message->auth_results, auth_result_new(row->authserv_id, row->dmarc));
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

    g_ptr_array_add(message->auth_results, auth_result_new("mx.relay.example", "pass"));
    g_ptr_array_add(message->auth_results, auth_result_new("mx.sakura.example", "none"));
    g_ptr_array_add(message->auth_results, auth_result_new("mx.sakura.example", "pass"));
    know(history, "2026-0042-K7", FALSE, TRUE);
    plan = decide(message, history);
    g_assert_cmpint(plan->ledger, ==, LEDGER_PENDING);
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

static void test_only_a_person_with_a_token_opens_again(void)
{
    static const struct {
        enum machine machine;
        gboolean token_ok;
        const char *state;
        gboolean opens;
    } cases[] = {
        {MACHINE_NO, TRUE, "closed", TRUE},
        {MACHINE_NO, TRUE, "waiting", FALSE},
        {MACHINE_NO, FALSE, "closed", FALSE},
        {MACHINE_LIST, TRUE, "closed", FALSE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(mado_message) message =
            report_from("hanako@yamabuki.example", "SAKURA#2026-0042-K7");
        g_autoptr(mado_history) history = asked();
        g_autoptr(mado_plan) plan = NULL;
        struct known_incident *incident;
        put_list(&message->references, OURS);
        g_ptr_array_add(message->auth_results, auth_result_new("mx.sakura.example", "pass"));
        message->machine = cases[i].machine;
        know(history, "2026-0042-K7", cases[i].token_ok, TRUE);
        incident = history->incidents->pdata[0];
        put(&incident->state, cases[i].state);
        plan = decide(message, history);
        g_assert_nonnull(plan_find(plan, ACTION_JOIN));
        g_assert_cmpstr(value_of(plan, ACTION_SET, 1), ==, cases[i].opens ? "open" : NULL);
    }
}

/* -- where machines end --------------------------------------------------------------------------
 */

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
    {"an automatic reply with a foreign token is not", MACHINE_AUTO_REPLY, TRUE, FALSE,
        LEDGER_MACHINE, NULL},
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

/* -- who is answered -----------------------------------------------------------------------------
 */

/* One thing is changed in a mail or its history that would be acknowledged. */
static void no_change(struct message *m, struct history *h, struct settings *s)
{
}
static void switch_off(struct message *m, struct history *h, struct settings *s)
{
    s->acknowledge.mode = (char *)"off";
}
static void be_a_list(struct message *m, struct history *h, struct settings *s)
{
    m->machine = MACHINE_LIST;
}
static void be_a_notification(struct message *m, struct history *h, struct settings *s)
{
    m->machine = MACHINE_NOTIFICATION;
}
static void null_path(struct message *m, struct history *h, struct settings *s)
{
    m->return_path = g_strdup("");
}
static void some_path(struct message *m, struct history *h, struct settings *s)
{
    m->return_path = g_strdup("bounces-17@mailer.example");
}
static void list_path(struct message *m, struct history *h, struct settings *s)
{
    m->return_path = g_strdup("owner-abuse@lists.example");
}
static void no_from(struct message *m, struct history *h, struct settings *s)
{
    g_ptr_array_set_size(m->from, 0);
}
static void two_from(struct message *m, struct history *h, struct settings *s)
{
    g_ptr_array_add(m->from, mailbox_new("", "taro@yamabuki.example"));
}
static void from(struct message *m, const char *address)
{
    g_ptr_array_set_size(m->from, 0);
    g_ptr_array_add(m->from, mailbox_new("", address));
}
static void unsafe_from(struct message *m, struct history *h, struct settings *s)
{
    from(m, "hanako@yamabuki.example\nBcc: all@yamabuki.example");
}
static void from_alias(struct message *m, struct history *h, struct settings *s)
{
    from(m, "Soc@Sakura.example");
}
static void from_colleague(struct message *m, struct history *h, struct settings *s)
{
    from(m, "tanaka@sakura.example");
}
static void from_daemon(struct message *m, struct history *h, struct settings *s)
{
    from(m, "MAILER-DAEMON@hinode.example");
}
static void from_request(struct message *m, struct history *h, struct settings *s)
{
    from(m, "abuse-request@hinode.example");
}
static void from_excepted(struct message *m, struct history *h, struct settings *s)
{
    from(m, "Robot@hinode.example");
}
static void from_excepted_domain(struct message *m, struct history *h, struct settings *s)
{
    from(m, "hanako@silent.example");
}
static void from_excepted_local(struct message *m, struct history *h, struct settings *s)
{
    from(m, "alerts@hinode.example");
}
static void from_like_excepted(struct message *m, struct history *h, struct settings *s)
{
    from(m, "hanako@not.silent.example");
}
static void result(struct message *m, const char *server, const char *dmarc)
{
    g_ptr_array_add(m->auth_results, auth_result_new(server, dmarc));
}
static void dmarc_fail(struct message *m, struct history *h, struct settings *s)
{
    result(m, "mx.sakura.example", "fail");
}
static void dmarc_none(struct message *m, struct history *h, struct settings *s)
{
    result(m, "mx.sakura.example", "none");
}
static void dmarc_fail_elsewhere(struct message *m, struct history *h, struct settings *s)
{
    result(m, "mx.hinode.example", "fail");
}
static void dmarc_unset(struct message *m, struct history *h, struct settings *s)
{
    s->intake.authserv_id = (char *)"";
    result(m, "", "fail");
}
static void reply_elsewhere(struct message *m, struct history *h, struct settings *s)
{
    g_ptr_array_add(m->reply_to, mailbox_new("", "victim@hinode.example"));
}
static void cap_address(struct message *m, struct history *h, struct settings *s)
{
    h->new_acks_to_address_today = 10;
}
static void below_cap_address(struct message *m, struct history *h, struct settings *s)
{
    h->new_acks_to_address_today = 9;
    h->acks_in_ticket_today = 99;
}
static void cap_domain(struct message *m, struct history *h, struct settings *s)
{
    h->acks_to_domain_this_hour = 20;
}
static void cap_hour(struct message *m, struct history *h, struct settings *s)
{
    h->acks_this_hour = 200;
}
static void followed(struct message *m, struct history *h, struct settings *s)
{
    put_list(&m->references, OURS);
    know(h, "2026-0042-K7", TRUE, TRUE);
    h->new_acks_to_address_today = 10;
}
static void cap_ticket(struct message *m, struct history *h, struct settings *s)
{
    followed(m, h, s);
    h->acks_in_ticket_today = 1;
}
static void ask_nobody(struct message *m, struct history *h, struct settings *s)
{
    h->consulted = FALSE;
}

static const struct ack_case {
    const char *sentence;
    void (*change)(struct message *, struct history *, struct settings *);
    const char *why_not; /* NULL: answered */
} ack_cases[] = {
    {"a report is", no_change, NULL},
    {"without the daemon, too, as far as one can tell", ask_nobody, NULL},
    {"switched off: nobody is", switch_off, "switched off"},
    {"a list is not", be_a_list, "automatic"},
    {"a notification is not", be_a_notification, "automatic"},
    {"a null return path is not", null_path, "return path"},
    {"any other is", some_path, NULL},
    {"but not that of a list", list_path, "machines use"},
    {"no From is not", no_from, "no From"},
    {"two From are not", two_from, "more than one"},
    {"an unsafe From is not", unsafe_from, "not one that can be written to"},
    {"our alias is not", from_alias, "our own"},
    {"a colleague is", from_colleague, NULL},
    {"a mailer daemon is not", from_daemon, "machines use"},
    {"a -request address is not", from_request, "machines use"},
    {"an excepted address is not", from_excepted, "never_to"},
    {"an excepted domain is not", from_excepted_domain, "never_to"},
    {"an excepted local part is not", from_excepted_local, "never_to"},
    {"a domain below an excepted one is", from_like_excepted, NULL},
    {"a forged From is not", dmarc_fail, "DMARC"},
    {"not known is not failed", dmarc_none, NULL},
    {"another server's result is not known", dmarc_fail_elsewhere, NULL},
    {"no server of ours: not known", dmarc_unset, NULL},
    {"a Reply-To elsewhere changes nothing", reply_elsewhere, NULL},
    {"an address has its cap", cap_address, "per_address_daily"},
    {"below it, it is; other tickets do not count", below_cap_address, NULL},
    {"a domain has its cap", cap_domain, "per_domain_hourly"},
    {"an hour has its cap", cap_hour, "acknowledge.hourly"},
    {"a follow-up is, whatever is new", followed, NULL},
    {"a ticket has its cap", cap_ticket, "per_ticket_daily"},
};

static void test_ack(gconstpointer data)
{
    const struct ack_case *row = data;
    struct settings settings = team();
    g_autoptr(mado_message) message = report();
    g_autoptr(mado_history) history = asked();
    g_autoptr(mado_question) question = NULL;
    g_autoptr(mado_plan) plan = NULL;

    row->change(message, history, &settings);
    question = desk_ask(message, &settings);
    plan = desk_decide(message, question, history, &settings);
    g_assert_cmpint(plan->ledger, ==, LEDGER_INCIDENT);
    if (row->why_not) {
        assert_no_ack(plan, row->why_not);
    } else {
        g_assert_cmpstr(value_of(plan, ACTION_ACK, 0), ==,
            row->change == followed ? "ack-followup" : "ack-new");
        g_assert_cmpstr(value_of(plan, ACTION_ACK, 2), ==, question->address);
        g_assert_cmpstr(value_of(plan, ACTION_ACK, 3), ==, "no");
    }
}

static void test_language_is_the_mails_if_it_is_ours(void)
{
    static const struct {
        const char *mail, *answer;
    } cases[] = {{"ja", "ja"}, {"en", "en"}, {"fr", "ja"}, {"", "ja"}};

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(mado_message) message = report();
        g_autoptr(mado_history) history = asked();
        g_autoptr(mado_plan) plan = NULL;
        put(&message->language, cases[i].mail);
        plan = decide(message, history);
        g_assert_cmpstr(value_of(plan, ACTION_ACK, 1), ==, cases[i].answer);
    }
}

/* -- triage --------------------------------------------------------------------------------------
 */

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

/* -- the whole plan ------------------------------------------------------------------------------
 */

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

#define PICK(list) ((list)[g_test_rand_int_range(0, G_N_ELEMENTS(list))])

static struct message *random_message(void)
{
    static const char *const addresses[] = {"hanako@yamabuki.example", "csirt@sakura.example",
        "soc+x@sakura.example", "tanaka@sakura.example", "MAILER-DAEMON@hinode.example", "",
        "a b@c", "robot@hinode.example", "x@silent.example"};
    static const char *const subjects[] = {"報告", "SAKURA#2026-0042-K7", "SAKURA#2026-0042-K8",
        "SAKURA#2026-0001-1V SAKURA#2026-0042-K7", "phishing", ""};
    static const char *const references[] = {
        OURS, "x@y.example", "2026-0001.0123456789abcdef.u2@sakura.example"};
    static const char *const paths[] = {"", "hanako@yamabuki.example", "owner-x@y.example"};
    static const char *const servers[] = {"mx.sakura.example", "mx.evil.example"};
    static const char *const results[] = {"pass", "fail", "none", ""};
    struct message *message = report_from(PICK(addresses), PICK(subjects));

    message->machine = (enum machine)g_test_rand_int_range(0, MACHINE_KINDS);
    if (g_test_rand_bit())
        message->machine = MACHINE_NO;
    if (g_test_rand_int_range(0, 8) == 0)
        g_ptr_array_add(message->from, mailbox_new("", PICK(addresses)));
    if (g_test_rand_bit())
        put_list(&message->references, PICK(references));
    if (g_test_rand_bit())
        message->return_path = g_strdup(PICK(paths));
    for (int i = g_test_rand_int_range(0, 3); i > 0; i--)
        result(message, PICK(servers), PICK(results));
    return message;
}

static struct history *random_history(void)
{
    struct history *history = history_new();

    history->consulted = g_test_rand_int_range(0, 4) > 0;
    if (g_test_rand_bit())
        know(history, "2026-0042-K7", g_test_rand_bit(), g_test_rand_bit());
    if (g_test_rand_bit())
        know(history, "2026-0001-1V", g_test_rand_bit(), g_test_rand_bit());
    history->copy_of = g_test_rand_int_range(0, 8) == 0;
    history->same_id_other_text = g_test_rand_bit();
    history->new_acks_to_address_today = g_test_rand_int_range(0, 12);
    history->acks_in_ticket_today = g_test_rand_int_range(0, 2);
    history->acks_to_domain_this_hour = g_test_rand_int_range(0, 25);
    history->acks_this_hour = g_test_rand_int_range(0, 210);
    return history;
}

static int count(const struct plan *plan, enum action_kind kind)
{
    int found = 0;

    for (guint i = 0; i < plan->actions->len; i++)
        found += ((const struct action *)plan->actions->pdata[i])->kind == kind;
    return found;
}

static void check_ack(const struct message *message, const struct history *history,
    const struct settings *settings, const struct plan *plan)
{
    const char *to = value_of(plan, ACTION_ACK, 2);

    g_assert_cmpint(plan->ledger, ==, LEDGER_INCIDENT);
    g_assert_cmpint(message->machine, ==, MACHINE_NO);
    g_assert_cmpint(message->from->len, ==, 1);
    g_assert_cmpint(
        g_ascii_strcasecmp(to, ((const struct mailbox *)message->from->pdata[0])->addr), ==, 0);
    g_assert_false(g_str_has_prefix(to, "csirt") || g_str_has_prefix(to, "soc"));
    g_assert_true(!message->return_path || *message->return_path);
    g_assert_cmpint(history->acks_to_domain_this_hour, <, settings->acknowledge.per_domain_hourly);
    g_assert_cmpint(history->acks_this_hour, <, settings->acknowledge.hourly);
    if (plan_find(plan, ACTION_JOIN)) {
        g_assert_cmpint(history->acks_in_ticket_today, <, settings->acknowledge.per_ticket_daily);
    } else {
        g_assert_cmpint(
            history->new_acks_to_address_today, <, settings->acknowledge.per_address_daily);
        g_assert_null(strstr(message->subject, "K7")); /* a stranger who quotes a right number */
    }
}

static const struct known_incident *joined(const struct history *history, const char *number)
{
    for (guint i = 0; i < history->incidents->len; i++) {
        const struct known_incident *incident = history->incidents->pdata[i];
        if (g_str_equal(incident->number, number))
            return incident;
    }
    return NULL;
}

static void check_join(
    const struct message *message, const struct history *history, const struct plan *plan)
{
    const char *number = value_of(plan, ACTION_JOIN, 0);
    const struct known_incident *incident = joined(history, number);

    g_assert_true(history->consulted);
    g_assert_nonnull(incident);
    g_assert_true(incident->correspondent);
    if (g_str_equal(value_of(plan, ACTION_JOIN, 1), "token")) {
        g_assert_true(incident->token_ok);
        g_assert_nonnull(message->references[0]);
    } else {
        g_assert_nonnull(strstr(message->subject, number));
        g_assert_cmpuint(message->auth_results->len, >, 0);
    }
}

static void test_every_plan_keeps_its_promises(void)
{
    struct settings settings = team();
    int acks = 0, joins = 0;

    for (int i = 0; i < 20000; i++) {
        g_autoptr(mado_message) message = random_message();
        g_autoptr(mado_history) history = random_history();
        g_autoptr(mado_question) question = desk_ask(message, &settings);
        g_autoptr(mado_plan) plan = desk_decide(message, question, history, &settings);

        g_assert_cmpint(plan->ledger, >, LEDGER_NONE);
        g_assert_cmpint(count(plan, ACTION_ACK) + count(plan, ACTION_NO_ACK), ==, 1);
        g_assert_cmpint(count(plan, ACTION_OPEN) + count(plan, ACTION_JOIN), ==,
            plan->ledger == LEDGER_INCIDENT);
        g_assert_cmpint(count(plan, ACTION_PENDING), ==, plan->ledger == LEDGER_PENDING);
        if (plan_find(plan, ACTION_ACK))
            check_ack(message, history, &settings, plan);
        if (plan_find(plan, ACTION_JOIN))
            check_join(message, history, plan);
        acks += count(plan, ACTION_ACK);
        joins += count(plan, ACTION_JOIN);
    }
    /* or nothing was tested */
    g_assert_cmpint(acks, >, 100);
    g_assert_cmpint(joins, >, 100);
}

/* Whatever is recognized, an answer goes only where one would have gone to a person. */
static void test_recognition_only_suppresses(void)
{
    struct settings settings = team();

    for (int i = 0; i < 5000; i++) {
        g_autoptr(mado_message) message = random_message();
        g_autoptr(mado_history) history = random_history();
        g_autoptr(mado_question) question = desk_ask(message, &settings);
        enum machine kind = message->machine;
        g_autoptr(mado_plan) plan = desk_decide(message, question, history, &settings);
        g_autoptr(mado_plan) as_person = NULL;
        message->machine = MACHINE_NO;
        as_person = desk_decide(message, question, history, &settings);
        if (kind != MACHINE_NO)
            g_assert_null(plan_find(plan, ACTION_ACK));
        if (plan_find(plan, ACTION_ACK))
            g_assert_nonnull(plan_find(as_person, ACTION_ACK));
        if (plan_find(plan, ACTION_JOIN))
            g_assert_nonnull(plan_find(as_person, ACTION_JOIN));
    }
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
    g_assert_cmpfloat(decisions / g_test_timer_last(), >, 500);
}

/* -- all -----------------------------------------------------------------------------------------
 */

static void add_rows(const char *folder, gconstpointer rows, gsize size, gsize length,
    void (*test)(gconstpointer row))
{
    for (gsize i = 0; i < length; i++) {
        const guint8 *row = (const guint8 *)rows + i * size;
        const char *sentence = *(const char *const *)row; /* the first field */
        g_autofree char *path = g_strdup_printf("/desk/%s/%s", folder, sentence);
        g_test_add_data_func(path, row, test);
    }
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
    add_rows("join", join_cases, sizeof *join_cases, G_N_ELEMENTS(join_cases), test_join);
    g_test_add_func("/desk/join/only the topmost result of our server counts",
        test_only_the_topmost_result_of_our_server_counts);
    g_test_add_func("/desk/join/pending tells what is claimed", test_pending_tells_what_is_claimed);
    g_test_add_func("/desk/join/a mistyped number is a hint", test_mistyped_number_is_a_hint);
    g_test_add_func("/desk/join/only a person with a token opens again",
        test_only_a_person_with_a_token_opens_again);
    add_rows(
        "machine", machine_cases, sizeof *machine_cases, G_N_ELEMENTS(machine_cases), test_machine);
    g_test_add_func("/desk/copy/is answered once", test_copy_is_answered_once);
    g_test_add_func("/desk/copy/same id, other text: worked and flagged",
        test_same_id_with_another_text_is_worked_and_flagged);
    g_test_add_func("/desk/own mail does not loop", test_our_own_mail_does_not_loop);
    add_rows("ack", ack_cases, sizeof *ack_cases, G_N_ELEMENTS(ack_cases), test_ack);
    g_test_add_func("/desk/ack/in the mail's language", test_language_is_the_mails_if_it_is_ours);
    g_test_add_func("/desk/triage/goes by words", test_triage_goes_by_words);
    g_test_add_func(
        "/desk/notice/operators are told", test_operators_are_told_but_not_of_their_own_mail);
    g_test_add_func("/desk/quarantine/a stub", test_quarantine_is_a_stub_that_a_person_sees);
    g_test_add_func("/desk/promises/of every plan", test_every_plan_keeps_its_promises);
    g_test_add_func("/desk/promises/recognition only suppresses", test_recognition_only_suppresses);
    g_test_add_func("/desk/is quick", test_a_decision_is_quick);
    return g_test_run();
}
