/* Mail that stays closed: a ticket of its own, and one polite word to who sent it. When it can be
 * opened later it belongs to that ticket. */
#include "matter.h"
#include "say.h"

static gboolean is_closed(const struct matter *matter)
{
    return matter->crypto && matter->crypto->left != OPENED_DONE;
}

static gboolean is_quiet(const struct matter *matter)
{
    return matter->crypto && matter->crypto->quiet;
}

/* The sealed text may say more; what the outside proves is said to people only. */
static void relate(const struct matter *matter, struct plan *plan)
{
    if (join_is_proven(matter))
        plan_add(plan, ACTION_RELATE, join_proof(matter->proof)->why, matter->incident->number,
            join_proof(matter->proof)->by, NULL);
}

/* Where it would be if it had been opened: who sent it sees by its number, or by an answer that
 * does not come, where it went. */
static gboolean settle_quietly(const struct matter *matter, const char *why, struct plan *plan)
{
    if (!is_quiet(matter) || !(join_settle(matter, plan) || pending_settle(matter, plan)))
        return FALSE;
    plan_add(plan, ACTION_SET, why, "flag", "unreadable", NULL);
    return TRUE;
}

gboolean unreadable_settle(const struct matter *matter, struct plan *plan)
{
    static const char *const why[OPENED_STATES] = {
        [OPENED_NO_KEY] = N_("it is encrypted, and no key of ours opens it"),
        [OPENED_BROKEN] = N_("it could not be opened: it is damaged, or not what it says"),
        [OPENED_PASSWORD] = N_("it is encrypted with a password, and no key of ours opens it"),
        [OPENED_TOO_LARGE] = N_("it could not be opened: what comes out of it is too large"),
        [OPENED_UNKNOWN] = N_("it could not be opened: it is made in a way that is not known here"),
    };
    g_autofree char *label = NULL;

    if (!is_closed(matter))
        return FALSE;
    label = label_for_new(matter, TRUE);
    if (!settle_quietly(matter, why[matter->crypto->left], plan)) {
        plan_add(plan, ACTION_OPEN, why[matter->crypto->left], "other", "medium", label, NULL);
        label_flag(matter, plan);
        relate(matter, plan);
    }
    plan->ledger = LEDGER_UNREADABLE;
    return TRUE;
}

gboolean retried_settle(const struct matter *matter, struct plan *plan)
{
    const char *number = matter->history->own_ticket;

    if (!*number)
        return FALSE;
    if (is_closed(matter)) {
        plan->ledger = LEDGER_UNREADABLE;
        plan_add(plan, ACTION_RELATE, "it was tried again, and still cannot be opened", number,
            "retry", NULL);
        plan_add(plan, ACTION_NO_ACK, "its sender was answered when it came", NULL);
        return TRUE;
    }
    plan->ledger = LEDGER_INCIDENT;
    if (matter->history->own_ticket_is_older) {
        plan_add(plan, ACTION_JOIN, "it could be opened at last", number, "earlier", NULL);
        label_raise(matter, matter->history->own_label, plan);
    } else {
        plan_add(plan, ACTION_JOIN, "it could be opened at last", number, "retry", NULL);
        triage_change(matter, plan);
    }
    if (is_quiet(matter))
        plan_add(plan, ACTION_NO_ACK,
            "S/MIME that was sealed to us: its sender is not to learn whether it could be opened",
            NULL);
    return TRUE;
}

gboolean unreadable_is_retried(const struct matter *matter)
{
    return *matter->history->own_ticket != '\0';
}
