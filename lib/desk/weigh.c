/* What a mail's claims are worth: which incident it belongs to, and what proves that. */
#include "matter.h"
#include "reason.h"

/* -- the sender -- */

/* What is signed may have been sent again by somebody else, with another subject around it. */
static gboolean is_signed(const struct matter *matter)
{
    return *matter->question->signed_by && !matter->history->replay_of;
}

static gboolean passed_dmarc(const struct matter *matter)
{
    return g_ascii_strcasecmp(own_dmarc(matter->message, matter->settings), "pass") == 0;
}

static gboolean is_sender_proven(const struct matter *matter)
{
    return *matter->question->address && (is_signed(matter) || passed_dmarc(matter));
}

/* -- colleagues -- */

static gboolean has_address(const struct member *member, const char *address)
{
    for (char **one = member->addresses; one && *one; one++)
        if (g_ascii_strcasecmp(*one, address) == 0)
            return TRUE;
    return FALSE;
}

/* As people call them; NULL: the mail is not from a colleague. */
static const char *colleague(const char *address, const struct settings *settings)
{
    const GPtrArray *operators = settings->operators;

    for (guint i = 0; operators && *address && i < operators->len; i++) {
        const struct member *member = g_ptr_array_index(operators, i);
        if (has_address(member, address))
            return member->name;
    }
    return is_our_address(address, settings) ? address : NULL;
}

gboolean desk_is_ours(const char *address, const struct settings *settings)
{
    return colleague(address, settings) != NULL;
}

static gboolean went_to_others(const struct matter *matter)
{
    for (guint i = 0; i < matter->message->to->len; i++) {
        const struct mailbox *to = g_ptr_array_index(matter->message->to, i);
        if (*to->addr && !desk_is_ours(to->addr, matter->settings))
            return TRUE;
    }
    return FALSE;
}

char *colleague_words(const struct matter *matter)
{
    const char *name = colleague(matter->question->address, matter->settings);

    return reason_make(
        went_to_others(matter) ? REASON_SENT_OUTSIDE : REASON_WROTE_TO_US, name, NULL);
}

/* -- the incident -- */

static const struct known_incident *find_incident(const GPtrArray *incidents, const char *number)
{
    for (guint i = 0; i < incidents->len; i++) {
        const struct known_incident *incident = g_ptr_array_index(incidents, i);
        if (g_str_equal(incident->number, number) || g_strcmp0(incident->claimed, number) == 0)
            return incident;
    }
    return NULL;
}

/* The number that it has now: another one, where it became a part of another incident. */
static const char *number_now(const struct matter *matter, const struct claim *claim)
{
    const struct known_incident *known = find_incident(matter->history->incidents, claim->number);

    return known ? known->number : claim->number;
}

/* The claims that may be right, together. */
struct claimed {
    const char *number; /* NULL: none */
    gboolean several, has_token, has_number;
};

static struct claimed sum_up(const struct matter *matter)
{
    const GPtrArray *claims = matter->question->claims;
    struct claimed sum = {0};

    for (guint i = 0; i < claims->len; i++) {
        const struct claim *claim = g_ptr_array_index(claims, i);
        const char *number = number_now(matter, claim);
        if (!claim->check_ok)
            continue;
        sum.several |= sum.number && !g_str_equal(sum.number, number);
        sum.has_token |= claim->token != NULL;
        sum.has_number |= claim->token == NULL;
        sum.number = sum.number ?: number;
    }
    return sum;
}

/* A number that its sender has for one incident only. */
static enum proof weigh_reference(struct matter *matter)
{
    const GPtrArray *referred = matter->history->referred;
    const struct known_incident *first = referred->len ? referred->pdata[0] : NULL;

    if (!first)
        return PROOF_NO_CLAIM;
    for (guint i = 1; i < referred->len; i++)
        if (!g_str_equal(
                first->number, ((const struct known_incident *)referred->pdata[i])->number))
            return PROOF_SEVERAL;
    matter->incident = first;
    return is_sender_proven(matter) ? PROOF_REFERENCE : PROOF_BARE_REFERENCE;
}

/* Strongest first. */
static enum proof weigh_incident(const struct matter *matter, const struct claimed *claimed)
{
    const struct known_incident *incident = matter->incident;

    if (!incident)
        return PROOF_NOT_HERE;
    if (incident->correspondent && incident->token_ok && claimed->has_token)
        return PROOF_TOKEN;
    if (incident->signer && is_signed(matter))
        return PROOF_SIGNATURE;
    if (incident->correspondent && claimed->has_number && passed_dmarc(matter))
        return PROOF_NUMBER;
    if (find_incident(matter->history->referred, incident->number) && is_sender_proven(matter))
        return PROOF_REFERENCE;
    if (!incident->correspondent && colleague(matter->question->address, matter->settings))
        return is_sender_proven(matter) ? PROOF_COLLEAGUE : PROOF_NO_COLLEAGUE;
    if (!claimed->has_number)
        return PROOF_FOREIGN_TOKEN;
    return incident->correspondent ? PROOF_NO_DMARC : PROOF_STRANGER;
}

/* What an operator has said counts, and nothing else does. */
static gboolean weigh_sorting(struct matter *matter)
{
    const struct history *history = matter->history;

    if (!history->sorting)
        return FALSE;
    matter->incident = history->target;
    matter->proof = history->target ? PROOF_OPERATOR : PROOF_NO_CLAIM;
    return TRUE;
}

void join_weigh(struct matter *matter)
{
    const struct claimed claimed = sum_up(matter);

    if (weigh_sorting(matter))
        return;
    if (claimed.number && !claimed.several && matter->history->consulted)
        matter->incident = find_incident(matter->history->incidents, claimed.number);
    if (!claimed.number)
        matter->proof = weigh_reference(matter);
    else if (!matter->history->consulted)
        matter->proof = PROOF_NOT_ASKED;
    else if (claimed.several)
        matter->proof = PROOF_SEVERAL;
    else
        matter->proof = weigh_incident(matter, &claimed);
}

gboolean join_is_proven(const struct matter *matter)
{
    return matter->proof > PROOF_NO_CLAIM && matter->proof < PROOF_NOT_ASKED;
}

/* -- acknowledgements of other trackers -- */

static gboolean is_known(const struct matter *matter, const char *id)
{
    const GPtrArray *referred = matter->history->referred;

    for (guint i = 0; i < referred->len; i++) {
        const struct known_incident *one = g_ptr_array_index(referred, i);
        if (g_str_equal(one->number, matter->incident->number) &&
            g_strcmp0(one->reference, id) == 0)
            return TRUE;
    }
    return FALSE;
}

/* "We have received your report" gives us a number; who is merely out of office quotes what we have
 * written. */
gboolean join_is_acknowledged(const struct matter *matter)
{
    enum machine machine = matter->message->machine;

    if ((machine != MACHINE_AUTO_REPLY && machine != MACHINE_NOTIFICATION) ||
        matter->proof < PROOF_TOKEN || matter->proof > PROOF_NUMBER)
        return FALSE;
    for (char **id = matter->question->references; *id; id++)
        if (!is_known(matter, *id))
            return TRUE;
    return FALSE;
}
