/* Joining: every combination of evidence against a specification written out here, and the rows
 * that need a reason of their own. */
#include "desk-case.h"
#include <mado/crypto.h>

#define NUMBER "2026-0042-K7"
#define OTHER "2026-0001-1V"
#define NOT_HERE "2026-0009-00"
#define THEIRS "JPCERT#12345678"

enum token { NO_TOKEN, RIGHT_TOKEN, WRONG_TOKEN, TOKENS };
enum number { NO_NUMBER, RIGHT_NUMBER, MISTYPED, TWO_NUMBERS, OTHER_NUMBER, NUMBERS };
enum theirs { NO_FOREIGN, NEW_FOREIGN, KNOWN_FOREIGN, TWICE_FOREIGN, FOREIGNS };
enum sender { STRANGER, CORRESPONDENT, OTHER_ADDRESS, COLLEAGUE, SENDERS };
enum shown { NOTHING, DMARC_PASS, DMARC_FAIL, SIGNED, REPLAYED, SHOWN };
enum state { OPEN, CLOSED, CLOSED_LONG, REJECTED, REJECTED_LONG, STATES };
enum writer { PERSON, AUTO_REPLY, NOTIFICATION, WRITERS };

struct evidence {
    enum token token;
    enum number number;
    enum theirs foreign;
    enum sender sender;
    enum shown shown;
    enum state state;
    enum writer writer;
};

/* What must come of it. */
struct upshot {
    enum ledger ledger;
    const char *joins_by;   /* NULL: joins nothing */
    const char *related_by; /* NULL: is related to nothing */
    gboolean reopens;
};

/* -- the specification -- */

static gboolean is_sender_shown(const struct evidence *e)
{
    return e->shown == DMARC_PASS || e->shown == SIGNED;
}

/* The proof, "pending" for a claim without one, NULL for no claim. */
static const char *specify_proof(const struct evidence *e)
{
    gboolean ours = e->token != NO_TOKEN || e->number == RIGHT_NUMBER;
    gboolean partner = e->sender == CORRESPONDENT || e->sender == OTHER_ADDRESS;

    if (e->number == TWO_NUMBERS || e->number == OTHER_NUMBER)
        return "pending"; /* several, or (without a token) one that does not exist */
    if (!ours && e->foreign == TWICE_FOREIGN)
        return "pending";
    if (!ours && e->foreign == KNOWN_FOREIGN)
        return is_sender_shown(e) ? "reference" : "pending";
    if (!ours)
        return NULL;
    if (e->token == RIGHT_TOKEN && e->sender == CORRESPONDENT)
        return "token";
    if (e->shown == SIGNED && partner)
        return "signature";
    if (e->number == RIGHT_NUMBER && e->shown == DMARC_PASS && e->sender == CORRESPONDENT)
        return "number";
    if (e->foreign >= KNOWN_FOREIGN && is_sender_shown(e))
        return "reference";
    if (e->sender == COLLEAGUE && is_sender_shown(e))
        return "colleague";
    return "pending";
}

/* Whoever holds a right token is told apart, though they are no correspondent any more; what else
 * names one incident may quote it, and is hidden with it. */
static const char *specify_relation(const struct evidence *e)
{
    gboolean clear = e->number != TWO_NUMBERS && e->number != OTHER_NUMBER;
    gboolean ours = e->token != NO_TOKEN || e->number == RIGHT_NUMBER;

    if (e->token == RIGHT_TOKEN && clear)
        return "token";
    return clear && (ours || e->foreign == KNOWN_FOREIGN) ? "claim" : NULL;
}

static gboolean is_one_of(const char *word, const char *const *words)
{
    return word && g_strv_contains(words, word);
}

static struct upshot specify(const struct evidence *e)
{
    static const char *const strong[] = {"token", "signature", "number", NULL};
    static const char *const opening[] = {"token", "signature", "number", "reference", NULL};
    const char *proof = specify_proof(e);
    gboolean acknowledged = e->foreign == NEW_FOREIGN && is_one_of(proof, strong);

    if (e->writer == AUTO_REPLY ||
        (e->writer == NOTIFICATION && (acknowledged || g_strcmp0(proof, "token") == 0)))
        return (struct upshot){
            LEDGER_MACHINE, NULL, acknowledged ? "acknowledged" : specify_relation(e), FALSE};
    if (!proof)
        return (struct upshot){LEDGER_INCIDENT, NULL, NULL, FALSE};
    if (g_str_equal(proof, "pending"))
        return (struct upshot){LEDGER_PENDING, NULL, NULL, FALSE};
    if (e->writer == PERSON && is_one_of(proof, opening) &&
        (e->state == CLOSED_LONG || e->state == REJECTED_LONG))
        return (struct upshot){LEDGER_INCIDENT, NULL, "closed", FALSE};
    return (struct upshot){LEDGER_INCIDENT, proof, NULL,
        e->writer == PERSON && is_one_of(proof, opening) && e->state != OPEN};
}

/* -- the world in which it is decided -- */

static char *tanaka_addresses[] = {(char *)"tanaka@sakura.example", NULL};
static struct member tanaka = {
    (char *)"tanaka", (char *)"田中", (char *)"handler", tanaka_addresses};

struct world {
    struct settings settings;
    GPtrArray *operators;
    struct message *message;
    struct crypto *crypto;
    struct history *history;
};

static void world_clear(struct world *world)
{
    g_ptr_array_unref(world->operators);
    message_free(world->message);
    crypto_free(world->crypto);
    history_free(world->history);
}

static struct known_incident *known(const char *number, const char *state, gboolean reopens)
{
    struct known_incident *incident = g_new0(struct known_incident, 1);

    incident->id = 42;
    incident->number = g_strdup(number);
    incident->state = g_strdup(state);
    incident->label = g_strdup("TLP:GREEN");
    incident->reopens = reopens;
    return incident;
}

static struct world world_new(const char *address, const char *subject)
{
    struct world world = {team(), g_ptr_array_new(), report_from(address, subject), NULL, asked()};

    g_ptr_array_add(world.operators, &tanaka);
    world.settings.operators = world.operators;
    return world;
}

static void sign(struct world *world, const char *name)
{
    world->crypto = crypto_new();
    world->crypto->is_signed = EXTENT_FULL;
    world->crypto->signed_by = g_strdup(name);
}

static struct known_incident *incident_of(const struct evidence *e)
{
    static const char *const states[STATES] = {"open", "closed", "closed", "rejected", "rejected"};

    return known(NUMBER, states[e->state], e->state != CLOSED_LONG && e->state != REJECTED_LONG);
}

static void refer(struct world *world, struct known_incident *incident)
{
    incident->reference = g_strdup(THEIRS);
    g_ptr_array_add(world->history->referred, incident);
}

static void know_foreign(struct world *world, const struct evidence *e)
{
    if (e->foreign == NO_FOREIGN)
        return;
    report_add_ticket(world->message->report, "JPCERT/CC", THEIRS, "subject");
    if (e->foreign >= KNOWN_FOREIGN)
        refer(world, incident_of(e));
    if (e->foreign == TWICE_FOREIGN)
        refer(world, known(OTHER, "open", TRUE));
}

static void know_claimed(struct world *world, const struct evidence *e)
{
    struct known_incident *incident = incident_of(e);

    incident->token_ok = e->token == RIGHT_TOKEN;
    incident->correspondent = e->sender == CORRESPONDENT;
    incident->signer = (e->shown == SIGNED || e->shown == REPLAYED) &&
                       (e->sender == CORRESPONDENT || e->sender == OTHER_ADDRESS);
    g_ptr_array_add(world->history->incidents, incident);
}

static struct world build(const struct evidence *e)
{
    static const char *const addresses[SENDERS] = {"mallory@evil.example",
        "hanako@yamabuki.example", "hanako@home.example", "tanaka@sakura.example"};
    static const char *const subjects[NUMBERS] = {"Re:", "[SAKURA#" NUMBER "]",
        "[SAKURA#2026-0042-K8]", "[SAKURA#" NUMBER "] [SAKURA#" OTHER "]", "[SAKURA#" OTHER "]"};
    static const enum machine machines[WRITERS] = {
        MACHINE_NO, MACHINE_AUTO_REPLY, MACHINE_NOTIFICATION};
    struct world world = world_new(addresses[e->sender], subjects[e->number]);

    world.message->machine = machines[e->writer];
    if (e->token != NO_TOKEN)
        put_list(&world.message->references, OURS);
    if (e->shown == DMARC_PASS || e->shown == DMARC_FAIL)
        result(world.message, "mx.sakura.example", e->shown == DMARC_PASS ? "pass" : "fail");
    if (e->shown == SIGNED || e->shown == REPLAYED)
        sign(&world, "Yamabuki");
    world.history->replay_of = e->shown == REPLAYED ? 7 : 0;
    know_claimed(&world, e);
    know_foreign(&world, e);
    return world;
}

static struct plan *decide_in(const struct world *world)
{
    g_autoptr(mado_question) question = desk_ask(world->message, world->crypto, &world->settings);

    return desk_decide(world->message, world->crypto, question, world->history, &world->settings);
}

static gboolean sets(const struct plan *plan, const char *field, const char *value)
{
    for (guint i = 0; i < plan->actions->len; i++) {
        const struct action *action = plan->actions->pdata[i];
        if (action->kind == ACTION_SET && g_str_equal(action->value[0], field) &&
            g_str_equal(action->value[1], value))
            return TRUE;
    }
    return FALSE;
}

/* -- the product -- */

static void check_answer(
    const struct evidence *e, const struct upshot *expected, const struct plan *plan)
{
    gboolean answered = e->writer == PERSON && e->shown != DMARC_FAIL &&
                        expected->ledger == LEDGER_INCIDENT &&
                        g_strcmp0(expected->joins_by, "colleague") != 0;

    g_assert_cmpint(plan_find(plan, ACTION_ACK) != NULL, ==, answered);
    g_assert_cmpint(plan_find(plan, ACTION_NO_ACK) != NULL, ==, !answered);
    if (answered)
        g_assert_cmpstr(
            value_of(plan, ACTION_ACK, 0), ==, expected->joins_by ? "ack-followup" : "ack-new");
}

static void check(const struct evidence *e)
{
    const struct upshot expected = specify(e);
    struct world world = build(e);
    g_autoptr(mado_plan) plan = decide_in(&world);
    gboolean opens = expected.ledger == LEDGER_INCIDENT && !expected.joins_by;

    if (plan->ledger != expected.ledger ||
        g_strcmp0(value_of(plan, ACTION_JOIN, 1), expected.joins_by) != 0 ||
        g_strcmp0(value_of(plan, ACTION_RELATE, 1), expected.related_by) != 0 ||
        sets(plan, "state", "open") != expected.reopens)
        g_error("token %d number %d foreign %d sender %d shown %d state %d writer %d: %s, joins by "
                "%s, related by %s%s",
            e->token, e->number, e->foreign, e->sender, e->shown, e->state, e->writer,
            ledger_name(plan->ledger), value_of(plan, ACTION_JOIN, 1) ?: "-",
            value_of(plan, ACTION_RELATE, 1) ?: "-",
            sets(plan, "state", "open") ? ", opened again" : "");
    g_assert_cmpint(plan_find(plan, ACTION_OPEN) != NULL, ==, opens);
    g_assert_cmpint(plan_find(plan, ACTION_PENDING) != NULL, ==, expected.ledger == LEDGER_PENDING);
    check_answer(e, &expected, plan);
    world_clear(&world);
}

/* The digits of `i` in mixed bases. */
static struct evidence evidence_of(guint i)
{
    static const guint bases[] = {TOKENS, NUMBERS, FOREIGNS, SENDERS, SHOWN, STATES, WRITERS};
    guint digit[G_N_ELEMENTS(bases)];

    for (gsize k = 0; k < G_N_ELEMENTS(bases); i /= bases[k++])
        digit[k] = i % bases[k];
    return (struct evidence){(enum token)digit[0], (enum number)digit[1], (enum theirs)digit[2],
        (enum sender)digit[3], (enum shown)digit[4], (enum state)digit[5], (enum writer)digit[6]};
}

static void test_every_combination(void)
{
    guint all = TOKENS * NUMBERS * FOREIGNS * SENDERS * SHOWN * STATES * WRITERS;

    for (guint i = 0; i < all; i++) {
        const struct evidence evidence = evidence_of(i);
        check(&evidence);
    }
    g_test_message("%u combinations", all);
}

/* -- rows with a reason -- */

static struct world known_world(const char *address, const char *subject)
{
    struct world world = world_new(address, subject);

    g_ptr_array_add(world.history->incidents, known(NUMBER, "open", TRUE));
    return world;
}

static struct known_incident *first(const struct world *world)
{
    return world->history->incidents->pdata[0];
}

/* Whether it was opened would show in the answer. */
static void test_the_signature_inside_of_quiet_mail_counts_for_nothing(void)
{
    struct world world = known_world("hanako@yamabuki.example", "[SAKURA#" NUMBER "]");
    g_autoptr(mado_question) question = NULL;
    g_autoptr(mado_plan) plan = NULL;

    sign(&world, "Yamabuki");
    world.crypto->quiet = TRUE;
    g_free(world.crypto->outer_subject);
    world.crypto->outer_subject = g_strdup("[SAKURA#" NUMBER "]");
    report_add_ticket(world.message->report, "JPCERT/CC", THEIRS, "text");
    first(&world)->signer = first(&world)->correspondent = TRUE;
    question = desk_ask(world.message, world.crypto, &world.settings);
    g_assert_cmpstr(question->signed_by, ==, "");
    g_assert_null(question->references[0]);
    plan = decide_in(&world);
    g_assert_cmpint(plan->ledger, ==, LEDGER_PENDING);
    world_clear(&world);
}

/* Anybody may have sent it, with the number in the subject, which nobody has signed. */
static void test_signed_words_that_were_passed_on_prove_no_sender(void)
{
    struct world world = known_world("hanako@yamabuki.example", "[SAKURA#" NUMBER "]");
    g_autoptr(mado_question) question = NULL;
    g_autoptr(mado_plan) plan = NULL;

    sign(&world, "Yamabuki");
    world.crypto->passed_on = TRUE;
    first(&world)->signer = first(&world)->correspondent = TRUE;
    question = desk_ask(world.message, world.crypto, &world.settings);
    g_assert_cmpstr(question->signed_by, ==, "");
    plan = decide_in(&world);
    g_assert_cmpint(plan->ledger, ==, LEDGER_PENDING);
    world_clear(&world);
}

static void test_mail_of_a_colleague_says_who_sent_it(void)
{
    static const struct {
        const char *from, *to, *why;
    } rows[] = {
        {"Tanaka@Sakura.example", "hanako@yamabuki.example", "sent by 田中 outside mado"},
        {"tanaka@sakura.example", "soc@sakura.example", "田中, a colleague, wrote to us"},
        {"soc@sakura.example", "isp@net.example", "sent by soc@sakura.example outside mado"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct world world = known_world(rows[i].from, "Re: [SAKURA#" NUMBER "]");
        g_autoptr(mado_plan) plan = NULL;
        g_ptr_array_add(world.message->to, mailbox_new("", rows[i].to));
        result(world.message, "mx.sakura.example", "pass");
        plan = decide_in(&world);
        g_assert_cmpstr(value_of(plan, ACTION_JOIN, 1), ==, "colleague");
        g_assert_cmpstr(plan_find(plan, ACTION_JOIN)->why, ==, rows[i].why);
        assert_no_ack(plan, "colleague");
        world_clear(&world);
    }
}

static void test_a_forged_colleague_is_pending(void)
{
    struct world world = known_world("tanaka@sakura.example", "Re: [SAKURA#" NUMBER "]");
    g_autoptr(mado_plan) plan = decide_in(&world);

    g_assert_cmpint(plan->ledger, ==, LEDGER_PENDING);
    g_assert_nonnull(strstr(plan_find(plan, ACTION_PENDING)->why, "colleague's address"));
    world_clear(&world);
}

/* What goes on after it was closed is not less secret than it was. */
static void test_what_comes_too_late_keeps_the_label(void)
{
    static const struct {
        const char *before, *after;
    } rows[] = {{"TLP:RED", "TLP:RED"}, {"TLP:CLEAR", "TLP:AMBER"}, {"", "TLP:AMBER"}};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct world world = known_world("hanako@yamabuki.example", "Re:");
        g_autoptr(mado_plan) plan = NULL;
        put_list(&world.message->references, OURS);
        first(&world)->token_ok = first(&world)->correspondent = TRUE;
        first(&world)->reopens = FALSE;
        put(&first(&world)->state, "closed");
        put(&first(&world)->label, rows[i].before);
        plan = decide_in(&world);
        g_assert_cmpstr(value_of(plan, ACTION_OPEN, 2), ==, rows[i].after);
        g_assert_cmpstr(value_of(plan, ACTION_RELATE, 0), ==, NUMBER);
        g_assert_cmpstr(value_of(plan, ACTION_NOTICE, 0), ==, "duty@sakura.example");
        world_clear(&world);
    }
}

/* A number that they had told before is no acknowledgement: they are out of office, and quote us.
 */
static void test_only_a_new_number_of_theirs_is_an_acknowledgement(void)
{
    static const struct {
        gboolean known;
        const char *related_by;
    } rows[] = {{FALSE, "acknowledged"}, {TRUE, "token"}};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct world world = known_world("csirt@peer.example", "Re:");
        g_autoptr(mado_plan) plan = NULL;
        put_list(&world.message->references, OURS);
        world.message->machine = MACHINE_AUTO_REPLY;
        first(&world)->token_ok = first(&world)->correspondent = TRUE;
        put(&first(&world)->state, "closed");
        report_add_ticket(world.message->report, "JPCERT/CC", THEIRS, "subject");
        if (rows[i].known)
            refer(&world, known(NUMBER, "closed", TRUE));
        plan = decide_in(&world);
        g_assert_cmpstr(value_of(plan, ACTION_RELATE, 1), ==, rows[i].related_by);
        g_assert_cmpstr(value_of(plan, ACTION_REFERENCE, 1), ==, THEIRS);
        g_assert_cmpint(plan->ledger, ==, LEDGER_MACHINE);
        g_assert_null(plan_find(plan, ACTION_SET));
        assert_no_ack(plan, "never answered");
        world_clear(&world);
    }
}

static void test_pending_by_a_number_of_theirs_tells_ours(void)
{
    struct world world = world_new("csirt@peer.example", "報告 [" THEIRS "]");
    g_autoptr(mado_plan) plan = NULL;

    report_add_ticket(world.message->report, "JPCERT/CC", THEIRS, "subject");
    refer(&world, known(NUMBER, "open", TRUE));
    plan = decide_in(&world);
    g_assert_cmpstr(value_of(plan, ACTION_PENDING, 0), ==, NUMBER);
    assert_no_ack(plan, "a person decides");
    world_clear(&world);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/join/every combination", test_every_combination);
    g_test_add_func("/join/quiet mail", test_the_signature_inside_of_quiet_mail_counts_for_nothing);
    g_test_add_func("/join/passed on", test_signed_words_that_were_passed_on_prove_no_sender);
    g_test_add_func("/join/a colleague", test_mail_of_a_colleague_says_who_sent_it);
    g_test_add_func("/join/a forged colleague", test_a_forged_colleague_is_pending);
    g_test_add_func("/join/too late", test_what_comes_too_late_keeps_the_label);
    g_test_add_func(
        "/join/acknowledged by a peer", test_only_a_new_number_of_theirs_is_an_acknowledgement);
    g_test_add_func(
        "/join/pending by a number of theirs", test_pending_by_a_number_of_theirs_tells_ours);
    return g_test_run();
}
