/* A mail that answers the review of a contact. Whoever has our letter, and the address to which it
 * went, may say that nothing has changed; whatever else they say is for a person. */
#include "matter.h"
#include "review.h"
#include "say.h"

static gboolean leave_to_person(struct plan *plan, const char *why)
{
    plan->ledger = LEDGER_PENDING;
    plan_add(plan, ACTION_PENDING, why, "", NULL);
    return TRUE;
}

static void answer(
    const struct known_review *review, struct plan *plan, enum review_answer said, const char *why)
{
    g_autofree char *id = g_strdup_printf("%" G_GUINT64_FORMAT, review->id);

    plan_add(plan, ACTION_REVIEW, why, id, review->contact, review_answer_name(said), NULL);
}

/* NULL: it may be taken as it is. */
static const char *why_person(const struct matter *matter)
{
    const struct known_review *review = matter->history->review;

    if (review_read(matter->message->text) == REVIEW_CHANGED)
        return N_("a contact that was reviewed answers more than that nothing has changed");
    if (matter->message->attachments->len)
        return N_("a contact that was reviewed has sent a file along");
    if (review->changed_since)
        return N_("the contact was changed since it was asked, and answers what it was asked then");
    return g_strcmp0(review->state, "changed") == 0
               ? N_("a contact that was reviewed has told of a change before, which waits for a "
                    "person")
               : NULL;
}

/* Each letter is answered once: who has kept one cannot say for ever that all is as it was. */
static gboolean is_answered(const struct known_review *review)
{
    return g_strcmp0(review->state, "unchanged") == 0 || g_strcmp0(review->state, "confirmed") == 0;
}

static void take_unchanged(const struct known_review *review, struct plan *plan)
{
    plan->ledger = LEDGER_FEED;
    if (is_answered(review))
        plan_add(plan, ACTION_NO_ACK, "it says again what was answered before", NULL);
    else {
        answer(review, plan, REVIEW_UNCHANGED, "the contact says that nothing has changed");
        plan_add(plan, ACTION_NO_ACK, "what answers a letter of ours that asks no more", NULL);
    }
}

gboolean review_settle(const struct matter *matter, struct plan *plan)
{
    const struct known_review *review = matter->history->review;
    const char *why;

    if (!matter->question->review || matter->question->claims->len)
        return FALSE;
    if (matter->message->machine != MACHINE_NO) {
        plan->ledger = LEDGER_MACHINE;
        plan_add(plan, ACTION_NO_ACK, "a machine answers no review of a contact", NULL);
        return TRUE;
    }
    if (!review || !review->theirs)
        return leave_to_person(plan,
            "it answers the review of a contact, and does not come from the address that was "
            "asked");
    why = why_person(matter);
    if (!why)
        take_unchanged(review, plan);
    else if (leave_to_person(plan, why))
        answer(review, plan, REVIEW_CHANGED, why);
    return TRUE;
}
