/* What becomes of mail that is signed, sealed, or stays closed. */
#include "desk-case.h"

static struct crypto *sealed_crypto(enum opened_state left)
{
    struct crypto *crypto = crypto_new();

    crypto->encrypted = left == OPENED_DONE ? EXTENT_FULL : EXTENT_PARTIAL;
    crypto->left = left;
    return crypto;
}

static struct plan *decide_protected(
    const struct message *message, const struct crypto *crypto, const struct history *history)
{
    struct settings settings = team();
    g_autoptr(mado_question) question = desk_ask(message, crypto, &settings);

    return desk_decide(message, crypto, question, history, &settings);
}

static void assert_value(
    const struct plan *plan, enum action_kind kind, int field, const char *value)
{
    g_assert_cmpstr(value_of(plan, kind, field), ==, value);
}

/* -- what stays closed -- */

static void test_each_reason_opens_a_ticket(void)
{
    for (int left = OPENED_DONE + 1; left < OPENED_STATES; left++) {
        g_autoptr(mado_message) message = report();
        g_autoptr(mado_history) history = asked();
        g_autoptr(mado_crypto) crypto = sealed_crypto(left);
        g_autoptr(mado_plan) plan = decide_protected(message, crypto, history);
        g_assert_cmpint(plan->ledger, ==, LEDGER_UNREADABLE);
        assert_value(plan, ACTION_OPEN, 2, "TLP:AMBER");
        assert_value(plan, ACTION_ACK, 0, "undecryptable");
        assert_value(plan, ACTION_ACK, 3, "yes");
        g_assert_nonnull(plan_find(plan, ACTION_NOTICE));
    }
}

/* -- what is quiet: whether it was opened is what whoever has changed it wants to know -- */

struct quiet_case {
    const char *subject, *reference;
    gboolean token_ok, correspondent;
    const char *dmarc, *state;
    gboolean retried, copied;
    enum action_kind place; /* where it goes, opened or not */
    const char *template;   /* NULL: no answer */
};

static struct plan *decide_quiet(const struct quiet_case *row, enum opened_state left)
{
    g_autoptr(mado_message) message = report_from("hanako@yamabuki.example", row->subject);
    g_autoptr(mado_history) history = asked();
    g_autoptr(mado_crypto) crypto = sealed_crypto(left);

    crypto->quiet = TRUE;
    put(&crypto->outer_subject, row->subject);
    put(&crypto->sealed_sha256, "0123");
    if (row->reference)
        put_list(&message->references, row->reference);
    if (row->dmarc)
        result(message, "mx.sakura.example", row->dmarc);
    know(history, "2026-0042-K7", row->token_ok, row->correspondent);
    put(&((struct known_incident *)history->incidents->pdata[0])->state, row->state);
    if (row->retried)
        put(&history->own_ticket, "2026-0043-AA");
    history->copy_of = row->copied ? 3 : 0;
    if (left == OPENED_DONE) { /* what the sealed text says */
        put(&message->subject, "SAKURA#2026-0042-K7 SAKURA#2026-0001-K7");
        put(&message->text, "It says what another has sealed.");
        put(&message->language, "en");
    } else {
        put(&message->language, "");
    }
    return decide_protected(message, crypto, history);
}

static const struct quiet_case quiet_cases[] = {
    {"報告", NULL, FALSE, FALSE, NULL, "open", FALSE, FALSE, ACTION_OPEN, "ack-new"},
    {"報告", OURS, TRUE, TRUE, NULL, "open", FALSE, FALSE, ACTION_JOIN, "ack-followup"},
    {"報告", OURS, TRUE, TRUE, NULL, "closed", FALSE, FALSE, ACTION_JOIN, "ack-followup"},
    {"報告", OURS, FALSE, TRUE, NULL, "open", FALSE, FALSE, ACTION_PENDING, NULL},
    {"SAKURA#2026-0042-K7", NULL, FALSE, TRUE, "pass", "open", FALSE, FALSE, ACTION_JOIN,
        "ack-followup"},
    {"SAKURA#2026-0042-K7", NULL, FALSE, TRUE, NULL, "open", FALSE, FALSE, ACTION_PENDING, NULL},
    {"SAKURA#2026-0042-K7", NULL, FALSE, FALSE, NULL, "open", FALSE, FALSE, ACTION_PENDING, NULL},
    {"報告", NULL, FALSE, FALSE, NULL, "open", TRUE, FALSE, ACTION_NO_ACK, NULL},
    {"報告", NULL, FALSE, FALSE, NULL, "open", FALSE, TRUE, ACTION_NO_ACK, NULL},
};

static void assert_same_value(
    const struct plan *one, const struct plan *other, enum action_kind kind, int field)
{
    g_assert_cmpint(plan_find(one, kind) != NULL, ==, plan_find(other, kind) != NULL);
    if (plan_find(one, kind))
        g_assert_cmpstr(value_of(one, kind, field), ==, value_of(other, kind, field));
}

static void test_its_sender_sees_the_same(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(quiet_cases); i++) {
        const struct quiet_case *row = &quiet_cases[i];
        g_autoptr(mado_plan) opened = decide_quiet(row, OPENED_DONE);
        g_autoptr(mado_plan) closed = decide_quiet(row, OPENED_BROKEN);
        g_test_message("row %d", (int)i);
        g_assert_nonnull(plan_find(opened, row->place));
        g_assert_nonnull(plan_find(closed, row->place));
        g_assert_cmpint(plan_find(closed, ACTION_ACK) != NULL, ==, row->template != NULL);
        g_assert_cmpint(plan_find(closed, ACTION_NO_ACK) != NULL, ==, row->template == NULL);
        for (int field = 0; field < 3; field++) /* template, language, address */
            assert_same_value(opened, closed, ACTION_ACK, field);
        if (row->template)
            assert_value(closed, ACTION_ACK, 0, row->template);
        if (!row->retried)
            assert_same_value(opened, closed, ACTION_JOIN, 0);
        assert_same_value(opened, closed, ACTION_PENDING, 0);
    }
}

/* And its operators that it was not. */
static void test_its_operators_see_what_stays_closed(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(quiet_cases); i++) {
        g_autoptr(mado_plan) plan = decide_quiet(&quiet_cases[i], OPENED_BROKEN);
        if (quiet_cases[i].copied)
            continue;
        g_assert_cmpint(plan->ledger, ==, LEDGER_UNREADABLE);
        g_assert_cmpint(plan_find(plan, ACTION_NOTICE) != NULL, ==, !quiet_cases[i].retried);
    }
}

/* A copy is not answered: what is inside must not make one. */
static void test_what_is_inside_makes_no_copy(void)
{
    struct settings settings = team();
    g_autoptr(mado_message) message = report();
    g_autoptr(mado_crypto) crypto = sealed_crypto(OPENED_DONE);
    g_autoptr(mado_question) one = NULL, other = NULL, again = NULL;

    crypto->quiet = TRUE;
    put(&crypto->sealed_sha256, "01");
    one = desk_ask(message, crypto, &settings);
    put(&crypto->sealed_sha256, "02");
    other = desk_ask(message, crypto, &settings);
    put(&message->text, "");
    put(&message->subject, "what was hidden");
    again = desk_ask(message, crypto, &settings);
    g_assert_cmpstr(one->text_sha256, !=, other->text_sha256);
    g_assert_cmpstr(again->text_sha256, ==, other->text_sha256);
}

static void test_the_notice_obeys_the_rules_of_acknowledgements(void)
{
    g_autoptr(mado_message) message = report();
    g_autoptr(mado_history) history = asked();
    g_autoptr(mado_crypto) crypto = sealed_crypto(OPENED_NO_KEY);
    g_autoptr(mado_plan) plan = NULL;

    history->new_acks_to_address_today = 10;
    plan = decide_protected(message, crypto, history);
    g_assert_cmpint(plan->ledger, ==, LEDGER_UNREADABLE);
    assert_no_ack(plan, "for today");
}

static void test_machines_are_told_nothing(void)
{
    g_autoptr(mado_message) message = report();
    g_autoptr(mado_history) history = asked();
    g_autoptr(mado_crypto) crypto = sealed_crypto(OPENED_NO_KEY);
    g_autoptr(mado_plan) plan = NULL;

    message->machine = MACHINE_LIST;
    plan = decide_protected(message, crypto, history);
    g_assert_cmpint(plan->ledger, ==, LEDGER_UNREADABLE);
    assert_no_ack(plan, "automatic");
}

/* A number outside proves nothing of what nobody has read. */
static void test_it_joins_nothing(void)
{
    g_autoptr(mado_message) message = report();
    g_autoptr(mado_history) history = asked();
    g_autoptr(mado_crypto) crypto = sealed_crypto(OPENED_NO_KEY);
    g_autoptr(mado_plan) plan = NULL;

    put_list(&message->references, OURS);
    know(history, "2026-0042-K7", TRUE, TRUE);
    plan = decide_protected(message, crypto, history);
    g_assert_cmpint(plan->ledger, ==, LEDGER_UNREADABLE);
    g_assert_null(plan_find(plan, ACTION_JOIN));
    assert_value(plan, ACTION_RELATE, 0, "2026-0042-K7");
    assert_value(plan, ACTION_ACK, 0, "undecryptable");
}

static void test_the_language_is_that_of_the_contact(void)
{
    static const struct {
        const char *mail, *contact, *told;
    } rows[] = {{"ja", "en", "en"}, {"", "en", "en"}, {"ja", "", "ja"}, {"", "", "ja en"},
        {"de", "fr", "ja en"}};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mado_message) message = report();
        g_autoptr(mado_history) history = asked();
        g_autoptr(mado_crypto) crypto = sealed_crypto(OPENED_NO_KEY);
        g_autoptr(mado_plan) plan = NULL;
        put(&message->language, rows[i].mail);
        put(&history->language, rows[i].contact);
        plan = decide_protected(message, crypto, history);
        assert_value(plan, ACTION_ACK, 1, rows[i].told);
    }
}

/* -- and is tried again -- */

static void test_still_closed(void)
{
    g_autoptr(mado_message) message = report();
    g_autoptr(mado_history) history = asked();
    g_autoptr(mado_crypto) crypto = sealed_crypto(OPENED_NO_KEY);
    g_autoptr(mado_plan) plan = NULL;

    put(&history->own_ticket, "2026-0042-K7");
    plan = decide_protected(message, crypto, history);
    g_assert_cmpint(plan->ledger, ==, LEDGER_UNREADABLE);
    g_assert_null(plan_find(plan, ACTION_OPEN));
    g_assert_null(plan_find(plan, ACTION_NOTICE));
    assert_value(plan, ACTION_RELATE, 0, "2026-0042-K7");
    assert_no_ack(plan, "was answered");
}

static void test_opened_at_last(void)
{
    g_autoptr(mado_message) message = report_from("hanako@yamabuki.example", "フィッシング");
    g_autoptr(mado_history) history = asked();
    g_autoptr(mado_crypto) crypto = sealed_crypto(OPENED_DONE);
    g_autoptr(mado_plan) plan = NULL;

    put_list(&message->references, OURS); /* says that it belongs elsewhere */
    know(history, "2026-0007-AA", TRUE, TRUE);
    put(&history->own_ticket, "2026-0042-K7");
    history->copy_of = 3;
    plan = decide_protected(message, crypto, history);
    g_assert_cmpint(plan->ledger, ==, LEDGER_INCIDENT);
    assert_value(plan, ACTION_JOIN, 0, "2026-0042-K7");
    assert_value(plan, ACTION_SET, 0, "category");
    assert_value(plan, ACTION_SET, 1, "phishing");
    assert_value(plan, ACTION_ACK, 0, "ack-new");
    g_assert_null(plan_find(plan, ACTION_OPEN));
}

/* It is one mail of that ticket, and says nothing of what the ticket is. */
static void test_opened_at_last_in_an_older_ticket(void)
{
    g_autoptr(mado_message) message = report_from("hanako@yamabuki.example", "フィッシング");
    g_autoptr(mado_history) history = asked();
    g_autoptr(mado_crypto) crypto = sealed_crypto(OPENED_DONE);
    g_autoptr(mado_plan) plan = NULL;

    put(&history->own_ticket, "2026-0042-K7");
    history->own_ticket_is_older = TRUE;
    plan = decide_protected(message, crypto, history);
    g_assert_cmpint(plan->ledger, ==, LEDGER_INCIDENT);
    assert_value(plan, ACTION_JOIN, 0, "2026-0042-K7");
    assert_value(plan, ACTION_JOIN, 1, "earlier");
    g_assert_null(plan_find(plan, ACTION_SET));
}

/* -- what was signed before -- */

static gboolean has_flag(const struct plan *plan, const char *flag)
{
    for (guint i = 0; i < plan->actions->len; i++) {
        const struct action *action = plan->actions->pdata[i];
        if (action->kind == ACTION_SET && g_str_equal(action->value[1], flag))
            return TRUE;
    }
    return FALSE;
}

static void test_replay(void)
{
    static const struct {
        guint64 replay_of, copy_of;
        gboolean flagged;
    } rows[] = {{0, 0, FALSE}, {7, 0, TRUE}, {7, 7, FALSE}};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mado_message) message = report();
        g_autoptr(mado_history) history = asked();
        g_autoptr(mado_crypto) crypto = crypto_new();
        g_autoptr(mado_plan) plan = NULL;
        crypto->is_signed = EXTENT_FULL;
        history->replay_of = rows[i].replay_of;
        history->copy_of = rows[i].copy_of;
        plan = decide_protected(message, crypto, history);
        g_assert_cmpint(has_flag(plan, "replayed"), ==, rows[i].flagged);
    }
}

static void test_the_ciphertext_of_another(void)
{
    static const struct {
        guint64 sealed_of, copy_of;
        gboolean flagged;
    } rows[] = {{0, 0, FALSE}, {7, 0, TRUE}, {7, 7, FALSE}};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        for (int left = OPENED_DONE; left <= OPENED_NO_KEY; left++) {
            g_autoptr(mado_message) message = report();
            g_autoptr(mado_history) history = asked();
            g_autoptr(mado_crypto) crypto = sealed_crypto((enum opened_state)left);
            g_autoptr(mado_plan) plan = NULL;
            history->sealed_of = rows[i].sealed_of;
            history->copy_of = rows[i].copy_of;
            plan = decide_protected(message, crypto, history);
            g_assert_cmpint(has_flag(plan, "sealed-by-another"), ==, rows[i].flagged);
        }
}

static void test_the_answer_knows_how_the_mail_came(void)
{
    static const enum extent extents[] = {EXTENT_NONE, EXTENT_PARTIAL, EXTENT_FULL};

    for (gsize i = 0; i < G_N_ELEMENTS(extents); i++) {
        g_autoptr(mado_message) message = report();
        g_autoptr(mado_history) history = asked();
        g_autoptr(mado_crypto) crypto = crypto_new();
        g_autoptr(mado_plan) plan = NULL;
        crypto->encrypted = extents[i];
        plan = decide_protected(message, crypto, history);
        assert_value(plan, ACTION_ACK, 3, extents[i] == EXTENT_NONE ? "no" : "yes");
    }
}

static void test_the_question_names_what_was_signed(void)
{
    struct settings settings = team();
    g_autoptr(mado_message) message = report();
    g_autoptr(mado_crypto) crypto = crypto_new();
    g_autoptr(mado_question) question = NULL;

    put(&crypto->payload_sha256, "0123");
    put(&crypto->sealed_sha256, "4567");
    question = desk_ask(message, crypto, &settings);
    g_assert_cmpstr(question->payload_sha256, ==, "0123");
    g_assert_cmpstr(question->sealed_sha256, ==, "4567");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/closed/each reason opens a ticket", test_each_reason_opens_a_ticket);
    g_test_add_func("/closed/the notice obeys the rules of acknowledgements",
        test_the_notice_obeys_the_rules_of_acknowledgements);
    g_test_add_func("/closed/machines are told nothing", test_machines_are_told_nothing);
    g_test_add_func("/closed/it joins nothing", test_it_joins_nothing);
    g_test_add_func("/closed/the language", test_the_language_is_that_of_the_contact);
    g_test_add_func("/closed/still closed", test_still_closed);
    g_test_add_func("/closed/opened at last", test_opened_at_last);
    g_test_add_func("/closed/what was signed before", test_replay);
    g_test_add_func("/closed/opened in an older ticket", test_opened_at_last_in_an_older_ticket);
    g_test_add_func("/closed/quiet/its sender", test_its_sender_sees_the_same);
    g_test_add_func("/closed/quiet/its operators", test_its_operators_see_what_stays_closed);
    g_test_add_func("/closed/quiet/no copy", test_what_is_inside_makes_no_copy);
    g_test_add_func("/closed/the ciphertext of another", test_the_ciphertext_of_another);
    g_test_add_func("/closed/how the mail came", test_the_answer_knows_how_the_mail_came);
    g_test_add_func("/closed/the question", test_the_question_names_what_was_signed);
    return g_test_run();
}
