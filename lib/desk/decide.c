#include "duty.h"
#include "matter.h"
#include "say.h"
#include "token.h"
#include <string.h>

enum { MOST_REFERENCES = 10 };

static const char *our_domain(const struct settings *settings)
{
    const char *at = strrchr(settings->team.address, '@');
    return at ? at + 1 : "";
}

static gboolean copy_settle(const struct matter *matter, struct plan *plan)
{
    if (!matter->history->copy_of)
        return FALSE;
    plan->ledger = LEDGER_COPY;
    plan_add(plan, ACTION_NO_ACK,
        "a copy: a mail with the same Message-ID, sender and text came before", NULL);
    return TRUE;
}

/* An acknowledgement or a notice of ours that came back to the mailbox would open an incident, and
 * that a notice, for ever. What a person writes from our address is kept as a report. */
static gboolean own_mail_settle(const struct matter *matter, struct plan *plan)
{
    g_autofree char *token = NULL;
    int year, sequence;

    if (!is_our_address(matter->question->address, matter->settings))
        return FALSE;
    if (matter->message->machine == MACHINE_NO &&
        !token_parse_message_id(
            matter->question->message_id, our_domain(matter->settings), &year, &sequence, &token))
        return FALSE;
    plan->ledger = LEDGER_MACHINE;
    plan_add(plan, ACTION_NO_ACK, "our own mail came back", NULL);
    return TRUE;
}

/* A bounce comes from a mail server, so its token is the one of a letter's recipient. A claim ties
 * nothing; but machines quote what they answer, so who may not see that incident may not see it. */
static void relate(const struct matter *matter, struct plan *plan)
{
    if (join_is_acknowledged(matter))
        plan_add(plan, ACTION_RELATE, "the peer has acknowledged it, under a number of theirs",
            matter->incident->number, "acknowledged", NULL);
    else if (matter->incident && matter->incident->token_ok)
        plan_add(plan, ACTION_RELATE,
            "it carries the token made for this incident and this address",
            matter->incident->number, "token", NULL);
    else if (matter->incident)
        plan_add(plan, ACTION_RELATE, "it claims this incident, and proves nothing",
            matter->incident->number, "claim", NULL);
}

static gboolean machine_settle(const struct matter *matter, struct plan *plan)
{
    static const struct {
        enum ledger ledger;
        gboolean always; /* or only where it answers us */
        const char *why;
    } places[MACHINE_KINDS] = {
        [MACHINE_BOUNCE] = {LEDGER_BOUNCE, TRUE, N_("a bounce is never answered")},
        [MACHINE_AUTO_REPLY] = {LEDGER_MACHINE, TRUE, N_("an automatic reply is never answered")},
        [MACHINE_MDN] = {LEDGER_MACHINE, TRUE, N_("a receipt is never answered")},
        [MACHINE_NOTIFICATION] = {LEDGER_MACHINE, FALSE,
            N_("a machine's answer to our mail is never answered")},
    };
    enum machine kind = matter->message->machine;

    if (places[kind].ledger == LEDGER_NONE ||
        (!places[kind].always && matter->proof != PROOF_TOKEN && !join_is_acknowledged(matter)))
        return FALSE;
    plan->ledger = places[kind].ledger;
    if (kind != MACHINE_BOUNCE || !delivery_settle(matter, plan))
        relate(matter, plan);
    plan_add(plan, ACTION_NO_ACK, places[kind].why, NULL);
    return TRUE;
}

static gboolean open_settle(const struct matter *matter, struct plan *plan)
{
    plan->ledger = LEDGER_INCIDENT;
    triage_open(matter, plan);
    if (join_has_mistyped(matter))
        plan_add(plan, ACTION_SET,
            "it quotes a number of ours without its check characters, or "
            "with wrong ones: a person may know which is meant",
            "flag", "mistyped-number", NULL);
    return TRUE;
}

/* Where a mail ends: the first that settles it decides. */
static gboolean (*const order[])(const struct matter *matter, struct plan *plan) = {
    sorted_settle,     /* an operator has said it */
    retried_settle,    /* it has its ticket already */
    copy_settle,       /* an earlier mail once more */
    own_mail_settle,   /* a loop */
    machine_settle,    /* bounces, automatic replies, receipts: noted with their incident */
    unreadable_settle, /* nobody can read it yet */
    review_settle,     /* what a contact says of itself, when it was asked */
    join_settle,       /* a proven part of an incident of ours */
    pending_settle,    /* claims to be one, without proof */
    rules_settle,      /* a rule keeps it aside */
    alike_settle,      /* what others have reported, too */
    open_settle,       /* everything else is a new incident */
};

/* Other rules than the order say that it is not what it seems. */
static void add_flags(const struct matter *matter, struct plan *plan)
{
    if (matter->history->same_id_other_text && plan->ledger == LEDGER_INCIDENT)
        plan_add(plan, ACTION_SET,
            "an earlier mail has the same Message-ID and another text: one of them may be forged",
            "flag", "same-message-id", NULL);
    if (matter->history->replay_of && plan->ledger != LEDGER_COPY)
        plan_add(plan, ACTION_SET,
            "what is signed in it came before, in another mail: somebody may have sent it again",
            "flag", "replayed", NULL);
    if (matter->history->sealed_of && plan->ledger != LEDGER_COPY)
        plan_add(plan, ACTION_SET,
            "what is encrypted in it came before, from another address: somebody may have taken "
            "it from them, and does not know what is inside",
            "flag", "sealed-by-another", NULL);
}

/* Not of a mail that merely claims an incident, or reports what others have: anybody can. */
static gboolean may_refer(const struct plan *plan)
{
    const struct action *related = plan_find(plan, ACTION_RELATE);
    const struct action *join = plan_find(plan, ACTION_JOIN);

    return plan_find(plan, ACTION_OPEN) || (join && !g_str_equal(join->value[1], "alike")) ||
           (related && (g_str_equal(related->value[1], "token") ||
                           g_str_equal(related->value[1], "acknowledged")));
}

static void add_references(const struct matter *matter, struct plan *plan)
{
    const GPtrArray *tickets = matter->message->report->tickets;

    if (!may_refer(plan))
        return;
    for (guint i = 0; i < MIN(tickets->len, MOST_REFERENCES); i++) {
        const struct ticket_ref *one = g_ptr_array_index(tickets, i);
        plan_add(plan, ACTION_REFERENCE,
            g_str_equal(one->from, "subject")
                ? N_("its subject has the number of another tracker")
                : N_("its text begins with the number of another tracker"),
            one->authority, one->id, NULL);
    }
}

static void add_answer(const struct matter *matter, struct plan *plan)
{
    if (plan_find(plan, ACTION_PENDING))
        plan_add(plan, ACTION_NO_ACK, "a person decides first what it belongs to", NULL);
    else if (!plan_find(plan, ACTION_NO_ACK))
        ack_decide(matter, plan);
}

/* Who wrote from the notice address knows it already; and if a machine reads that address, its
 * answers must not call for ever more notices. */
static void add_notice(const struct settings *settings, const char *from, struct plan *plan)
{
    const char *to = duty_is_kept(settings) ? "who is on duty" : settings->notices.to;

    if (!to || !*to || g_ascii_strcasecmp(from, settings->notices.to ?: "") == 0 ||
        duty_hears(settings, from))
        return;
    if (plan_find(plan, ACTION_OPEN) || plan_find(plan, ACTION_PENDING) ||
        (plan->ledger == LEDGER_UNREADABLE && plan_find(plan, ACTION_JOIN)))
        plan_add(plan, ACTION_NOTICE, "the operators are told of each mail that waits for them", to,
            NULL);
}

struct plan *desk_decide(const struct message *message, const struct crypto *crypto,
    const struct question *question, const struct history *history, const struct settings *settings)
{
    struct matter matter = {.message = message,
        .crypto = crypto,
        .question = question,
        .history = history,
        .settings = settings};
    g_autoptr(mado_ruling) rules = rules_weigh(&matter);
    struct plan *plan = plan_new();

    matter.rules = rules;
    join_weigh(&matter);
    for (gsize i = 0; i < G_N_ELEMENTS(order) && plan->ledger == LEDGER_NONE; i++)
        order[i](&matter, plan);
    add_flags(&matter, plan);
    add_references(&matter, plan);
    add_answer(&matter, plan);
    add_notice(settings, question->address, plan);
    return plan;
}

struct plan *desk_quarantine(const char *why, const struct settings *settings)
{
    struct plan *plan = plan_new();

    plan->ledger = LEDGER_QUARANTINE;
    plan_add(plan, ACTION_OPEN, why, "other", "medium", settings->handling.default_in, NULL);
    plan_add(plan, ACTION_NO_ACK, "a mail that could not be read is not answered", NULL);
    add_notice(settings, "", plan);
    return plan;
}
