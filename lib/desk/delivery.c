/* A bounce that brings back a letter of ours: noted with its incident, and the letter has failed if
 * that is what the bounce says. Whoever cannot name a letter's Message-ID or token, as a stranger
 * cannot, changes nothing. */
#include "matter.h"
#include "say.h"
#include <inttypes.h>

/* Of one bounce: a letter has one recipient, who may pass it on to a few. */
enum { DELIVERIES_AT_MOST = 10 };

/* Why each outcome is noted. */
static const char *const reasons[OUTCOMES] = {
    [OUTCOME_FAILED] = N_("a letter of ours came back: it has not reached this address"),
    [OUTCOME_DELAYED] = N_("a mail system still tries to deliver a letter of ours"),
    [OUTCOME_DELIVERED] = N_("a letter of ours has arrived, or went on from there"),
};

static void add_delivery(
    const struct known_letter *letter, const struct bounce *bounce, struct plan *plan)
{
    g_autofree char *id = g_strdup_printf("%" PRIu64, letter->id);

    plan_add(plan, ACTION_DELIVERY, reasons[bounce->outcome], id, letter->number, bounce->recipient,
        outcome_name(bounce->outcome), bounce->permanent ? "yes" : "no", bounce->status,
        bounce->reply_code, bounce->reason, NULL);
}

/* Of several recipients (a list's, say) the letter's own decides; the letter of an address that
 * passes its mail on failed with any of those. */
static const struct bounce *decisive(const struct known_letter *letter, const GPtrArray *bounces)
{
    const struct bounce *failed = NULL;

    for (guint i = 0; i < bounces->len; i++) {
        const struct bounce *bounce = g_ptr_array_index(bounces, i);
        if (!g_ascii_strcasecmp(bounce->recipient, letter->recipient))
            return bounce;
        if (!failed || (failed->outcome != OUTCOME_FAILED && bounce->outcome == OUTCOME_FAILED))
            failed = bounce;
    }
    return failed;
}

static void add_returned(
    const struct known_letter *letter, const struct bounce *bounce, struct plan *plan)
{
    g_autofree char *id = g_strdup_printf("%" PRIu64, letter->id);
    g_autofree char *words = bounce_words(bounce->reason, bounce->reply_code, bounce->status);
    g_autofree char *reply = g_strdup_printf("came back: %s for %s", words, bounce->recipient);

    plan_add(plan, ACTION_RETURNED, "a mail system has given this letter up", id, reply, NULL);
}

gboolean delivery_settle(const struct matter *matter, struct plan *plan)
{
    const GPtrArray *bounces = matter->message->bounces;
    const struct known_letter *letter =
        matter->history->letters->len > 0 ? matter->history->letters->pdata[0] : NULL;
    const struct bounce *bounce;

    if (!letter)
        return FALSE;
    if (*letter->number)
        plan_add(plan, ACTION_RELATE, "it brings back a letter of ours about this incident",
            letter->number, "letter", NULL);
    bounce = decisive(letter, bounces);
    for (guint i = 0; i < bounces->len; i++)
        if (i < DELIVERIES_AT_MOST || bounces->pdata[i] == bounce)
            add_delivery(letter, bounces->pdata[i], plan);
    if (bounce && bounce->outcome == OUTCOME_FAILED)
        add_returned(letter, bounce, plan);
    return TRUE;
}
