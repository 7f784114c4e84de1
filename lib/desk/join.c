/* Does a mail belong to an incident of ours? What it says, and what that is worth. */
#include "matter.h"
#include "number.h"
#include "text.h"
#include "token.h"
#include <mado/limits.h>
#include <string.h>

enum { CLAIMS_MAX = 20 };

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

static void claim_by_references(GPtrArray *claims, char **references, const char *domain)
{
    for (char **id = references; *id; id++) {
        g_autofree char *token = NULL;
        int year, sequence;
        if (token_parse_message_id(*id, domain, &year, &sequence, &token))
            add_claim(claims, year, sequence, TRUE, token);
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

struct question *desk_ask(
    const struct message *message, const struct crypto *crypto, const struct settings *settings)
{
    struct question *question = question_new();

    question->address = single_address(message);
    question->domain = g_strdup(domain_of(question->address));
    question->message_id = g_strdup(message->message_id ?: "");
    question->text_sha256 = text_digest(message, crypto);
    claim_by_references(question->claims, message->references, domain_of(settings->team.address));
    claim_by_recipients(question->claims, message, settings);
    claim_by_subject(question->claims,
        crypto && crypto->quiet ? crypto->outer_subject : message->subject, settings->tickets.tag);
    ask_for_letters(question, message);
    g_free(question->payload_sha256);
    question->payload_sha256 = g_strdup(crypto ? crypto->payload_sha256 : "");
    g_free(question->sealed_sha256);
    question->sealed_sha256 = g_strdup(crypto ? crypto->sealed_sha256 : "");
    g_free(question->alike);
    question->alike = *question->address ? alike_digest(message, crypto) : g_strdup("");
    question->alike_within = settings->duplicates.within;
    return question;
}

/* -- what the answer is worth -- */

/* How a plan tells it. What joins says by what; the others go to a person. */
static const struct {
    const char *by;
    const char *why;
} proofs[PROOF_KINDS] = {
    [PROOF_TOKEN] = {"token", "it carries the token made for this incident and this address"},
    [PROOF_NUMBER] = {"number",
        "the number is right, the address is a correspondent's, and our own server's DMARC "
        "check passed"},
    [PROOF_NOT_ASKED] = {NULL, "it claims an incident, and the daemon was not asked about it"},
    [PROOF_SEVERAL] = {NULL, "it claims several incidents"},
    [PROOF_NOT_HERE] = {NULL, "it claims an incident that is not in the store"},
    [PROOF_FOREIGN_TOKEN] = {NULL, "it answers a letter of ours that went to another address"},
    [PROOF_NO_DMARC] = {NULL,
        "it quotes a number from a correspondent's address, but no DMARC pass of our own server "
        "proves the address"},
    [PROOF_STRANGER] = {NULL, "it claims an incident with which its sender has nothing to do"},
};

/* A result about another domain than the mail's own From proves nothing of it. */
static gboolean is_about(const struct auth_result *result, const struct message *message)
{
    const struct mailbox *from = message->from->len ? message->from->pdata[0] : NULL;
    const char *at = from ? strrchr(from->addr, '@') : NULL;

    return !*result->from_domain || (at && g_ascii_strcasecmp(at + 1, result->from_domain) == 0);
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

static const struct known_incident *find_incident(const struct matter *matter, const char *number)
{
    for (guint i = 0; i < matter->history->incidents->len; i++) {
        const struct known_incident *incident = g_ptr_array_index(matter->history->incidents, i);
        if (g_str_equal(incident->number, number))
            return incident;
    }
    return NULL;
}

static enum proof weigh_incident(
    const struct matter *matter, gboolean has_token, gboolean has_number)
{
    const struct known_incident *incident = matter->incident;

    if (!incident)
        return PROOF_NOT_HERE;
    if (incident->correspondent && incident->token_ok && has_token)
        return PROOF_TOKEN;
    if (!has_number)
        return PROOF_FOREIGN_TOKEN;
    if (!incident->correspondent)
        return PROOF_STRANGER;
    if (g_ascii_strcasecmp(own_dmarc(matter->message, matter->settings), "pass") == 0)
        return PROOF_NUMBER;
    return PROOF_NO_DMARC;
}

void join_weigh(struct matter *matter)
{
    const GPtrArray *claims = matter->question->claims;
    const char *claimed = NULL;
    gboolean several = FALSE, has_token = FALSE, has_number = FALSE;

    for (guint i = 0; i < claims->len; i++) {
        const struct claim *claim = g_ptr_array_index(claims, i);
        if (!claim->check_ok)
            continue;
        several |= claimed && !g_str_equal(claimed, claim->number);
        has_token |= claim->token != NULL;
        has_number |= claim->token == NULL;
        claimed = claimed ?: claim->number;
    }
    if (claimed && !several && matter->history->consulted)
        matter->incident = find_incident(matter, claimed);
    if (!claimed)
        matter->proof = PROOF_NO_CLAIM;
    else if (!matter->history->consulted)
        matter->proof = PROOF_NOT_ASKED;
    else if (several)
        matter->proof = PROOF_SEVERAL;
    else
        matter->proof = weigh_incident(matter, has_token, has_number);
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

/* A closed incident is opened again by a person with the right token, not by a machine and not by
 * a number that anybody may have seen. */
gboolean join_settle(const struct matter *matter, struct plan *plan)
{
    if (matter->proof != PROOF_TOKEN && matter->proof != PROOF_NUMBER)
        return FALSE;
    plan->ledger = LEDGER_INCIDENT;
    plan_add(plan, ACTION_JOIN, proofs[matter->proof].why, matter->incident->number,
        proofs[matter->proof].by, NULL);
    if (matter->proof == PROOF_TOKEN && matter->message->machine == MACHINE_NO &&
        g_str_equal(matter->incident->state, "closed"))
        plan_add(plan, ACTION_SET, "its correspondent wrote again", "state", "open", NULL);
    label_raise(matter, matter->incident->label ? matter->incident->label : "", plan);
    rules_tell(matter, plan);
    return TRUE;
}

static char *list_claims(const GPtrArray *claims)
{
    GString *list = g_string_new(NULL);
    const char *last = "";

    for (guint i = 0; i < claims->len; i++) {
        const struct claim *claim = g_ptr_array_index(claims, i);
        if (!claim->check_ok || strstr(list->str, claim->number))
            continue;
        g_string_append_printf(list, "%s%s", last, claim->number);
        last = ", ";
    }
    return g_string_free(list, FALSE);
}

gboolean pending_settle(const struct matter *matter, struct plan *plan)
{
    g_autofree char *claims = NULL;

    if (matter->proof < PROOF_NOT_ASKED)
        return FALSE;
    claims = list_claims(matter->question->claims);
    plan->ledger = LEDGER_PENDING;
    plan_add(plan, ACTION_PENDING, proofs[matter->proof].why, claims, NULL);
    return TRUE;
}
