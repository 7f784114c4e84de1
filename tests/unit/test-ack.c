/* Who is answered, and what no plan may ever do. */
#include "desk-case.h"

/* -- who is answered -- */

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
    question = desk_ask(message, NULL, &settings);
    plan = desk_decide(message, NULL, question, history, &settings);
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
    } cases[] = {{"ja", "ja"}, {"en", "en"}, {"fr", "ja en"}, {"", "ja en"}};

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(mado_message) message = report();
        g_autoptr(mado_history) history = asked();
        g_autoptr(mado_plan) plan = NULL;
        put(&message->language, cases[i].mail);
        plan = decide(message, history);
        g_assert_cmpstr(value_of(plan, ACTION_ACK, 1), ==, cases[i].answer);
    }
}

/* -- the promises of every plan --- */

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
    if (g_str_equal(value_of(plan, ACTION_JOIN, 1), "colleague")) {
        g_assert_cmpuint(message->auth_results->len, >, 0);
        g_assert_null(plan_find(plan, ACTION_ACK));
        return;
    }
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
        g_autoptr(mado_question) question = desk_ask(message, NULL, &settings);
        g_autoptr(mado_plan) plan = desk_decide(message, NULL, question, history, &settings);

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
        g_autoptr(mado_question) question = desk_ask(message, NULL, &settings);
        enum machine kind = message->machine;
        g_autoptr(mado_plan) plan = desk_decide(message, NULL, question, history, &settings);
        g_autoptr(mado_plan) as_person = NULL;
        message->machine = MACHINE_NO;
        as_person = desk_decide(message, NULL, question, history, &settings);
        if (kind != MACHINE_NO)
            g_assert_null(plan_find(plan, ACTION_ACK));
        if (plan_find(plan, ACTION_ACK))
            g_assert_nonnull(plan_find(as_person, ACTION_ACK));
        if (plan_find(plan, ACTION_JOIN))
            g_assert_nonnull(plan_find(as_person, ACTION_JOIN));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_rows("ack", ack_cases, sizeof *ack_cases, G_N_ELEMENTS(ack_cases), test_ack);
    g_test_add_func("/ack/in the mail's language", test_language_is_the_mails_if_it_is_ours);
    g_test_add_func("/promises/of every plan", test_every_plan_keeps_its_promises);
    g_test_add_func("/promises/recognition only suppresses", test_recognition_only_suppresses);
    return g_test_run();
}
