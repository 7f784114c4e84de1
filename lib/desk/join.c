/* Does a mail belong to an incident of ours? What it says, and what that is worth. */
#include "matter.h"
#include "number.h"
#include "say.h"
#include "text.h"
#include "token.h"
#include <mado/limits.h>
#include <string.h>

enum { CLAIMS_MAX = 20, REFERENCES_MAX = 10 };

/* -- the question -- */

static gboolean is_known_claim(
    const GPtrArray *claims, int year, int sequence, gboolean check_ok, const char *token)
{
    for (guint i = 0; i < claims->len; i++) {
        const struct claim *claim = g_ptr_array_index(claims, i);
        if (claim->year == year && claim->sequence == sequence && claim->check_ok == check_ok &&
            g_strcmp0(claim->token, token) == 0)
            return TRUE;
    }
    return FALSE;
}

static void add_claim(
    GPtrArray *claims, int year, int sequence, gboolean check_ok, const char *token)
{
    g_autofree char *number = number_format(year, sequence);

    if (claims->len < CLAIMS_MAX && !is_known_claim(claims, year, sequence, check_ok, token))
        g_ptr_array_add(claims, claim_new(year, sequence, number, check_ok, token));
}

static void claim_review(struct question *question, int review, const char *token)
{
    question->review = review;
    g_free(question->review_token);
    question->review_token = g_strdup(token);
}

static void claim_by_references(struct question *question, char **references, const char *domain)
{
    for (char **id = references; *id; id++) {
        g_autofree char *token = NULL;
        int year, sequence;
        if (!token_parse_message_id(*id, domain, &year, &sequence, &token))
            continue;
        if (year == TOKEN_OF_REVIEW)
            claim_review(question, sequence, token);
        else
            add_claim(question->claims, year, sequence, TRUE, token);
    }
}

static void claim_by_address(
    GPtrArray *claims, const char *address, const struct settings *settings)
{
    g_autofree char *token = NULL;
    int year, sequence;
    gboolean found =
        token_parse_plus_address(address, settings->team.address, &year, &sequence, &token);

    for (char **alias = settings->team.aliases; !found && alias && *alias; alias++)
        found = token_parse_plus_address(address, *alias, &year, &sequence, &token);
    if (found)
        add_claim(claims, year, sequence, TRUE, token);
}

static void claim_by_recipients(
    GPtrArray *claims, const struct message *message, const struct settings *settings)
{
    for (guint i = 0; i < message->to->len; i++) {
        const struct mailbox *to = g_ptr_array_index(message->to, i);
        claim_by_address(claims, to->addr, settings);
    }
    for (char **to = message->delivered_to; *to; to++)
        claim_by_address(claims, *to, settings);
}

static void claim_by_subject(GPtrArray *claims, const char *subject, const char *tag)
{
    gsize at = 0;
    int year, sequence;
    gboolean check_ok;

    while (claims->len < CLAIMS_MAX && number_find(subject, tag, &at, &year, &sequence, &check_ok))
        add_claim(claims, year, sequence, check_ok, NULL);
}

/* The single From address in lower case; "" if there is none, more than one, or an unsafe one. */
static char *single_address(const struct message *message)
{
    const struct mailbox *from;

    if (message->from->len != 1)
        return g_strdup("");
    from = g_ptr_array_index(message->from, 0);
    return text_is_safe_address(from->addr) ? g_ascii_strdown(from->addr, -1) : g_strdup("");
}

/* A copy is not answered: so what is quiet is a copy of what is the same from outside. */
static char *quiet_digest(const struct crypto *crypto)
{
    g_autofree char *all = g_strdup_printf("%s\n%s", crypto->outer_subject, crypto->sealed_sha256);
    return g_compute_checksum_for_string(G_CHECKSUM_SHA256, all, -1);
}

static char *text_digest(const struct message *message, const struct crypto *crypto)
{
    GChecksum *checksum;
    char *digest;

    if (crypto && crypto->quiet)
        return quiet_digest(crypto);
    checksum = g_checksum_new(G_CHECKSUM_SHA256);

    /* the NUL between them keeps "ab" + "c" apart from "a" + "bc" */
    g_checksum_update(
        checksum, (const guchar *)message->subject, (gssize)strlen(message->subject) + 1);
    g_checksum_update(checksum, (const guchar *)message->text, (gssize)strlen(message->text));
    /* the same words with another file are no copy: the file may be all that was sent */
    for (guint i = 0; i < message->attachments->len; i++) {
        const struct attachment *file = g_ptr_array_index(message->attachments, i);
        g_checksum_update(checksum, (const guchar *)file->sha256, (gssize)strlen(file->sha256) + 1);
    }
    digest = g_strdup(g_checksum_get_string(checksum));
    g_checksum_free(checksum);
    return digest;
}

static const char *domain_of(const char *address)
{
    const char *at = strrchr(address, '@');
    return at ? at + 1 : "";
}

/* The letter comes back with the bounce, or the bounce answers it. */
static void ask_for_letters(struct question *question, const struct message *message)
{
    char **const lists[] = {message->returned_ids, message->references};
    g_autoptr(GPtrArray) ids = g_ptr_array_new();

    question->bounce = message->machine == MACHINE_BOUNCE;
    for (gsize i = 0; question->bounce && i < G_N_ELEMENTS(lists); i++)
        for (char **id = lists[i]; *id && ids->len < LIMIT_RETURNED_IDS; id++)
            if (!g_ptr_array_find_with_equal_func(ids, *id, g_str_equal, NULL))
                g_ptr_array_add(ids, *id);
    g_ptr_array_add(ids, NULL);
    g_strfreev(question->returned_ids);
    question->returned_ids = g_strdupv((char **)ids->pdata);
}

/* Who has a signed mail of somebody, from a list or from years ago, can send it to us under any
 * number: what may have been passed on shows who wrote the words, and not who sent them. */
static const char *signer_of(const struct crypto *crypto)
{
    gboolean counts = crypto && !crypto->quiet && !crypto->passed_on && crypto->signed_by;

    return counts ? crypto->signed_by : "";
}

/* Of quiet mail nobody learns from an answer what was inside of it, so nothing of it counts. */
static void ask_for_sender(struct question *question, const struct message *message,
    const struct crypto *crypto, const struct settings *settings)
{
    gboolean quiet = crypto && crypto->quiet;
    const GPtrArray *tickets = message->report->tickets;
    g_autoptr(GStrvBuilder) ids = g_strv_builder_new();

    for (guint i = 0; !quiet && i < MIN(tickets->len, REFERENCES_MAX); i++)
        g_strv_builder_add(ids, ((const struct ticket_ref *)tickets->pdata[i])->id);
    g_strfreev(question->references);
    question->references = g_strv_builder_end(ids);
    g_free(question->signed_by);
    question->signed_by = g_strdup(signer_of(crypto));
    question->reopen_for = settings->tickets.reopen_for;
}

/* What is no report of whom it names gathers no reports of others, either. */
static gboolean is_forged(const struct message *message, const struct settings *settings)
{
    return g_ascii_strcasecmp(own_dmarc(message, settings), "fail") == 0;
}

struct question *desk_ask(
    const struct message *message, const struct crypto *crypto, const struct settings *settings)
{
    struct question *question = question_new();

    question->address = single_address(message);
    question->domain = g_strdup(domain_of(question->address));
    question->message_id = g_strdup(message->message_id ?: "");
    question->text_sha256 = text_digest(message, crypto);
    claim_by_references(question, message->references, domain_of(settings->team.address));
    claim_by_recipients(question->claims, message, settings);
    claim_by_subject(question->claims,
        crypto && crypto->quiet ? crypto->outer_subject : message->subject, settings->tickets.tag);
    ask_for_letters(question, message);
    ask_for_sender(question, message, crypto, settings);
    g_free(question->payload_sha256);
    question->payload_sha256 = g_strdup(crypto ? crypto->payload_sha256 : "");
    g_free(question->sealed_sha256);
    question->sealed_sha256 = g_strdup(crypto ? crypto->sealed_sha256 : "");
    g_free(question->alike);
    question->alike = *question->address && !is_forged(message, settings)
                          ? alike_digest(message, crypto, settings->handling.default_in)
                          : g_strdup("");
    question->alike_within = settings->duplicates.within;
    return question;
}

/* -- what the answer is worth -- */

/* How a plan tells it. What joins says by what; the others go to a person. */
static const struct proof_words proofs[PROOF_KINDS] = {
    [PROOF_TOKEN] = {"token", N_("it carries the token made for this incident and this address")},
    [PROOF_SIGNATURE] = {"signature",
        N_("it names this incident, and is signed with a pinned key of a correspondent")},
    [PROOF_NUMBER] = {"number",
        N_("the number is right, the address is a correspondent's, and our own server's DMARC "
           "check passed")},
    [PROOF_REFERENCE] = {"reference", N_("it has the number under which its sender's own tracker "
                                         "has this incident, and the sender "
                                         "is proven")},
    [PROOF_COLLEAGUE] = {"colleague", N_("a colleague has written it outside mado")},
    [PROOF_OPERATOR] = {"operator", N_("an operator has said that it belongs here")},
    [PROOF_NOT_ASKED] = {NULL, N_("it claims an incident, and the daemon was not asked about it")},
    [PROOF_SEVERAL] = {NULL, N_("it claims several incidents")},
    [PROOF_NOT_HERE] = {NULL, N_("it claims an incident that is not in the store")},
    [PROOF_FOREIGN_TOKEN] = {NULL, N_("it answers a letter of ours that went to another address")},
    [PROOF_NO_DMARC] = {NULL,
        N_("it quotes a number from a correspondent's address, but no DMARC pass of our own server "
           "proves the address")},
    [PROOF_STRANGER] = {NULL, N_("it claims an incident with which its sender has nothing to do")},
    [PROOF_NO_COLLEAGUE] = {NULL, N_("it quotes a number from a colleague's address, but neither a "
                                     "signature nor a DMARC pass "
                                     "of our own server proves the address")},
    [PROOF_BARE_REFERENCE] = {NULL,
        N_("it has a number of its sender's own tracker that belongs to an incident, but neither a "
           "signature nor a DMARC pass of our own server proves the sender")},
};

const struct proof_words *join_proof(enum proof proof)
{
    return &proofs[proof];
}

/* A result about another domain than the mail's own From says nothing of it, and one that names no
 * domain proves nothing. */
static gboolean is_about(const struct auth_result *result, const struct message *message)
{
    const struct mailbox *from = message->from->len ? message->from->pdata[0] : NULL;
    const char *at = from ? strrchr(from->addr, '@') : NULL;

    if (!*result->from_domain)
        return g_ascii_strcasecmp(result->dmarc, "pass") != 0;
    return at && g_ascii_strcasecmp(at + 1, result->from_domain) == 0;
}

/* Only the topmost field of our own server counts: whatever is below it a stranger may have
 * written (RFC 8601 section 5). */
const char *own_dmarc(const struct message *message, const struct settings *settings)
{
    const char *ours = settings->intake.authserv_id;

    for (guint i = 0; ours && *ours && i < message->auth_results->len; i++) {
        const struct auth_result *result = g_ptr_array_index(message->auth_results, i);
        if (g_ascii_strcasecmp(result->authserv_id, ours) == 0)
            return is_about(result, message) ? result->dmarc : "";
    }
    return "";
}

static gboolean is_address_or_plus(const char *address, const char *ours)
{
    gsize local = strcspn(ours, "@");

    if (g_ascii_strncasecmp(address, ours, local) != 0)
        return FALSE;
    if (address[local] == '+')
        return g_ascii_strcasecmp(address + strcspn(address, "@"), ours + local) == 0;
    return g_ascii_strcasecmp(address + local, ours + local) == 0;
}

gboolean is_our_address(const char *address, const struct settings *settings)
{
    gboolean ours = is_address_or_plus(address, settings->team.address);

    for (char **alias = settings->team.aliases; !ours && alias && *alias; alias++)
        ours = is_address_or_plus(address, *alias);
    return ours;
}

gboolean join_has_mistyped(const struct matter *matter)
{
    for (guint i = 0; i < matter->question->claims->len; i++) {
        const struct claim *claim = g_ptr_array_index(matter->question->claims, i);
        if (!claim->check_ok)
            return TRUE;
    }
    return FALSE;
}

/* What a colleague has sent to others asks nothing of us, and what an operator attaches they know
 * of. */
static gboolean opens_again(const struct matter *matter)
{
    return join_is_proven(matter) && matter->proof <= PROOF_REFERENCE &&
           matter->message->machine == MACHINE_NO && state_is_over(matter->incident->state);
}

gboolean join_is_late(const struct matter *matter)
{
    return opens_again(matter) && !matter->incident->reopens;
}

/* What goes on where something strict was closed is as strict, until a person has read it. */
static void keep_label(const struct matter *matter, struct plan *plan)
{
    struct action *open = (struct action *)plan_find(plan, ACTION_OPEN);
    const char *label = matter->incident->label;

    if (!label || !*label || !label_is_stricter(label, open->value[2]))
        return;
    g_free(open->value[2]);
    open->value[2] = g_strdup(label);
}

static void settle_late(const struct matter *matter, struct plan *plan)
{
    triage_open(matter, plan);
    keep_label(matter, plan);
    plan_add(plan, ACTION_RELATE,
        "it belongs to an incident that was closed too long ago (tickets.reopen_for)",
        matter->incident->number, "closed", NULL);
}

static void join(const struct matter *matter, struct plan *plan)
{
    g_autofree char *colleague = matter->proof == PROOF_COLLEAGUE ? colleague_words(matter) : NULL;

    plan_add(plan, ACTION_JOIN, colleague ?: proofs[matter->proof].why, matter->incident->number,
        proofs[matter->proof].by, NULL);
    if (colleague)
        plan_add(plan, ACTION_NO_ACK, "a colleague has written it, not a reporter", NULL);
}

/* A closed incident is opened again by a person who has proven to belong to it, never by a machine.
 */
gboolean join_settle(const struct matter *matter, struct plan *plan)
{
    const char *goes_on;

    if (!join_is_proven(matter))
        return FALSE;
    plan->ledger = LEDGER_INCIDENT;
    if (join_is_late(matter)) {
        settle_late(matter, plan);
        return TRUE;
    }
    join(matter, plan);
    if (opens_again(matter))
        plan_add(plan, ACTION_SET, "its correspondent wrote again", "state", "open", NULL);
    goes_on = awaited_answer(matter);
    if (goes_on)
        plan_add(plan, ACTION_SET, goes_on, "state", "open", NULL);
    label_raise(matter, matter->incident->label ? matter->incident->label : "", plan);
    rules_tell(matter, plan);
    return TRUE;
}

static void list_number(GString *list, const char *number)
{
    if (!strstr(list->str, number))
        g_string_append_printf(list, "%s%s", list->len ? ", " : "", number);
}

static char *list_claims(const struct matter *matter)
{
    const GPtrArray *claims = matter->question->claims, *referred = matter->history->referred;
    GString *list = g_string_new(NULL);

    for (guint i = 0; i < claims->len; i++) {
        const struct claim *claim = g_ptr_array_index(claims, i);
        if (claim->check_ok)
            list_number(list, claim->number);
    }
    for (guint i = 0; !list->len && i < referred->len; i++)
        list_number(list, ((const struct known_incident *)referred->pdata[i])->number);
    return g_string_free(list, FALSE);
}

gboolean pending_settle(const struct matter *matter, struct plan *plan)
{
    g_autofree char *claims = NULL;

    if (matter->proof < PROOF_NOT_ASKED)
        return FALSE;
    claims = list_claims(matter);
    plan->ledger = LEDGER_PENDING;
    plan_add(plan, ACTION_PENDING, proofs[matter->proof].why, claims, NULL);
    return TRUE;
}
