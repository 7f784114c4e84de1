/* Mail that an operator has sorted: settled as they said, by the same rules as other mail. */
#include "matter.h"
#include "reason.h"

static char *sorted_by(const struct matter *matter)
{
    const struct sorted *sorting = matter->history->sorting;

    return *sorting->reason
               ? reason_make(REASON_SORTED_BECAUSE, sorting->actor, sorting->reason, NULL)
               : reason_make(REASON_SORTED, sorting->actor, NULL);
}

static void open_incident(const struct matter *matter, struct plan *plan)
{
    plan->ledger = LEDGER_INCIDENT;
    if (matter->crypto && matter->crypto->left != OPENED_DONE)
        unreadable_settle(matter, plan);
    else
        triage_open(matter, plan);
}

static void attach(const struct matter *matter, struct plan *plan)
{
    g_autofree char *why = sorted_by(matter);

    if (!matter->incident) { /* it is gone, which an operator must see */
        plan->ledger = LEDGER_PENDING;
        plan_add(
            plan, ACTION_PENDING, "the ticket to which it was attached is not there", "", NULL);
        return;
    }
    join_settle(matter, plan);
    if (matter->crypto && matter->crypto->left != OPENED_DONE)
        plan->ledger = LEDGER_UNREADABLE;
    if (!matter->history->sorting->ack)
        plan_add(plan, ACTION_NO_ACK, why, NULL);
}

static void put_aside(const struct matter *matter, enum ledger ledger, struct plan *plan)
{
    g_autofree char *why = sorted_by(matter);

    plan->ledger = ledger;
    plan_add(plan, ACTION_NO_ACK, why, NULL);
}

static void feed(const struct matter *matter, struct plan *plan)
{
    put_aside(matter, LEDGER_FEED, plan);
}

static void spam(const struct matter *matter, struct plan *plan)
{
    put_aside(matter, LEDGER_SPAM, plan);
}

/* Who is told that it is none has a number, by which they can come back. */
static void reject(const struct matter *matter, struct plan *plan)
{
    g_autofree char *why = sorted_by(matter);

    if (ack_forbidden(matter)) {
        spam(matter, plan);
        return;
    }
    open_incident(matter, plan);
    plan_add(plan, ACTION_SET, why, "state", "rejected", NULL);
}

gboolean sorted_settle(const struct matter *matter, struct plan *plan)
{
    static const struct {
        const char *as;
        void (*settle)(const struct matter *matter, struct plan *plan);
    } ways[] = {{"accept", open_incident}, {"attach", attach}, {"feed", feed}, {"spam", spam},
        {"reject", reject}};
    const struct sorted *sorting = matter->history->sorting;

    for (gsize i = 0; sorting && i < G_N_ELEMENTS(ways); i++)
        if (g_str_equal(ways[i].as, sorting->as)) {
            ways[i].settle(matter, plan);
            return TRUE;
        }
    return FALSE;
}
