/* duty handover, duty accept, duty show: what one tells the next, who has it by accepting. */
#include "control-duty.h"
#include "control-answers.h"
#include "control-query.h"
#include "error.h"
#include "now.h"
#include "text.h"
#include <string.h>

enum { LONGEST_TEXT = 16 * 1024, DAY_SECONDS = 86400 };

/* -- as a row -- */

static json_t *item_row(const struct answer *answer, const struct handover_item *item)
{
    return json_pack("{s:o,s:o,s:o,s:o}", "part", ctl_string(item->part), "ticket",
        answer_ticket_number(answer, item->incident), "due", answer_moment(answer, item->due),
        "text", ctl_string(item->text));
}

/* What the reader may not see is not there for them. */
static json_t *items_of(const struct answer *answer, const GPtrArray *items)
{
    json_t *rows = json_array();

    for (guint i = 0; i < items->len; i++) {
        const struct handover_item *item = items->pdata[i];
        if (answer_sees_incident(answer, item->incident))
            json_array_append_new(rows, item_row(answer, item));
    }
    return rows;
}

/* Their words were for one who may have seen all that they name. */
static json_t *words_of(const struct answer *answer, const struct handover *handover)
{
    return ctl_known(answer_names_hidden(answer, handover->text)
                         ? "they name a ticket that you may not see"
                         : handover->text);
}

static gboolean tell(struct answer *answer, const struct handover *handover, GError **error)
{
    g_autoptr(GPtrArray) items = store_handover_items(answer->context->store, handover->id, error);
    json_t *row = ctl_row();

    answer_set(row, "handover", ctl_string(handover->number));
    answer_set(row, "state", ctl_string(handover->state));
    answer_set(row, "outgoing", ctl_string(handover->outgoing));
    answer_set(row, "incoming", ctl_string(handover->incoming));
    answer_set(row, "since", answer_moment(answer, handover->since));
    answer_set(row, "written", answer_moment(answer, handover->at));
    answer_set(row, "ended", answer_moment(answer, handover->ended_at));
    answer_set(row, "ended_by", ctl_known(handover->ended_by));
    answer_set(row, "text", words_of(answer, handover));
    answer_set(row, "items", items ? items_of(answer, items) : json_array());
    return answer_add_if(answer, row, items != NULL);
}

static gboolean note(
    struct answer *answer, const struct handover *handover, const char *what, GError **error)
{
    g_autofree char *text = g_strdup_printf(
        "%s (%s -> %s): %s", handover->number, handover->outgoing, handover->incoming, what);

    return store_journal(
        answer->context->store, now_seconds(), answer->user, "duty", 0, 0, text, error);
}

/* -- duty handover -- */

/* The days to come without anybody at work. */
static gboolean add_closed_days(
    const struct answer *answer, const struct handover *handover, gint64 until, GError **error)
{
    struct handover_item item = {.part = (char *)"coming"};
    gint64 opens;

    if (!clock_next_open(answer->context->clock, until, &opens) || opens < until + DAY_SECONDS / 2)
        return TRUE;
    item.due = opens;
    item.text = (char *)"the office opens again";
    return store_add_handover_item(answer->context->store, handover->id, &item, error);
}

static gboolean write_sheet(struct answer *answer, struct handover *handover, GError **error)
{
    const struct control_context *context = answer->context;
    gint64 until = handover->at + DAY_SECONDS;
    struct shift shift;

    clock_shift(context->clock, handover->at, &shift);
    return store_write_handover(context->store, handover, when_year(answer, handover->at), error) &&
           store_fill_handover(context->store, handover, until, error) &&
           add_closed_days(answer, handover, shift.ends, error);
}

/* Who is on duty, or who may put others on duty. */
static gboolean may_hand_over(
    const struct answer *answer, const struct duty_now *now, GError **error)
{
    return g_str_equal(now->user, answer->user) || answer->role >= CTL_COMMANDER ||
           answer_refuse(error, MADO_E_FORBIDDEN,
               "%s is on duty, and hands over. Nothing was changed. If they cannot: madoctl duty "
               "set now USER, by a commander",
               *now->user ? now->user : "Nobody");
}

static gboolean find_incoming(
    const struct answer *answer, const struct duty_now *now, char **incoming, GError **error)
{
    const char *typed = answer_string(answer, "to");
    struct duty_turn next = {.user = NULL};

    *incoming = NULL;
    if (typed && !answer_find_operator(answer, typed))
        return answer_refuse(error, MADO_E_BAD_DATA,
            "%s is not among the `operators` of mado.conf. Nothing was changed.", typed);
    if (typed && g_str_equal(typed, now->user))
        return answer_refuse(error, MADO_E_BAD_DATA,
            "%s is on duty already. Nothing was changed. See: madoctl duty", typed);
    if (typed)
        *incoming = g_strdup(typed);
    else if (duty_next(answer->context, now, &next))
        *incoming = g_strdup(next.user);
    duty_turn_clear(&next);
    return *incoming || answer_refuse(error, MADO_E_BAD_DATA,
                            "Nobody else has a shift in the next days. Nothing was changed. Name "
                            "somebody: madoctl duty handover --to USER");
}

static gboolean take_text(const struct answer *answer, char **text, GError **error)
{
    const char *typed = answer_string(answer, "text");

    *text = g_strstrip(text_harmless(typed ? typed : "", "\n\t"));
    return strlen(*text) <= LONGEST_TEXT ||
           answer_refuse(error, MADO_E_BAD_DATA,
               "The text is longer than %d bytes. Nothing was changed. Write a shorter one.",
               LONGEST_TEXT);
}

static gboolean begin(
    struct answer *answer, const struct duty_now *now, struct handover *handover, GError **error)
{
    gint64 at = now_seconds();
    /* of what happened on their turn, and if that was long, of the last three days */
    gint64 since = now->since ? MAX(now->since, at - 3 * DAY_SECONDS) : now->turn.shift.begins;

    handover->outgoing = g_strdup(now->user);
    handover->since = since;
    handover->at = at;
    handover->state = g_strdup("written");
    handover->ended_by = g_strdup("");
    return take_text(answer, &handover->text, error);
}

gboolean answer_duty_handover(struct answer *answer, GError **error)
{
    g_autoptr(mado_handover) handover = g_new0(struct handover, 1);
    struct duty_now now = {0};
    gboolean done = answer_duty_kept(answer, error) &&
                    duty_look(answer->context, now_seconds(), &now, error) &&
                    may_hand_over(answer, &now, error) &&
                    find_incoming(answer, &now, &handover->incoming, error) &&
                    begin(answer, &now, handover, error) && write_sheet(answer, handover, error) &&
                    note(answer, handover, "handed over; waits to be accepted", error) &&
                    tell(answer, handover, error);

    answer->dry_run = answer_flag(answer, "dry_run");
    duty_now_clear(&now);
    return done;
}

/* -- duty accept -- */

static gboolean find_handover(const struct answer *answer, guint64 *id, GError **error)
{
    const char *typed = answer_string(answer, "handover");
    g_autofree char *number = typed ? g_ascii_strup(typed, -1) : NULL;

    if (!store_find_handover(answer->context->store, number, id, error))
        return FALSE;
    return *id || !typed ||
           answer_refuse(error, MADO_E_NO_SUCH,
               "There is no hand-over %s. Nothing was changed. See: madoctl duty", typed);
}

/* Who was named long ago, and never came, does not take it from who is on duty since. */
static gboolean may_accept(const struct answer *answer, const struct duty_now *now,
    const struct handover *handover, GError **error)
{
    if (!g_str_equal(handover->state, "written"))
        return answer_refuse(error, MADO_E_BAD_DATA,
            "%s is %s, by %s. Nothing was changed. See: madoctl duty", handover->number,
            handover->state, handover->ended_by);
    if (g_str_equal(now->turn.user, answer->user) || answer->role >= CTL_COMMANDER)
        return TRUE;
    if (!g_str_equal(handover->incoming, answer->user))
        return answer_refuse(error, MADO_E_FORBIDDEN,
            "%s is for %s. Nothing was changed. %s is on duty until they accept.", handover->number,
            handover->incoming, now->user);
    return g_str_equal(handover->outgoing, now->user) ||
           answer_refuse(error, MADO_E_FORBIDDEN,
               "%s is of %s, who is on duty no more. Nothing was changed. %s is on duty: ask them "
               "to hand over",
               handover->number, handover->outgoing, now->user);
}

static gboolean accept(struct answer *answer, struct handover *handover, GError **error)
{
    const struct control_context *context = answer->context;
    gint64 now = now_seconds();
    const struct duty_begin begin_it = {answer->user, answer->user, handover->id, now};

    g_free(handover->state);
    handover->state = g_strdup("accepted");
    handover->ended_at = now;
    g_free(handover->ended_by);
    handover->ended_by = g_strdup(answer->user);
    return store_end_handover(context->store, handover, error) &&
           store_begin_duty(context->store, &begin_it, error) &&
           note(answer, handover, "accepted", error) && tell(answer, handover, error);
}

/* Nobody wrote one, and their turn has come: what the store knows is told all the same. */
static struct handover *make_own(struct answer *answer, const struct duty_now *now, GError **error)
{
    g_autoptr(mado_handover) handover = g_new0(struct handover, 1);

    if (g_str_equal(now->user, answer->user))
        answer_refuse(error, MADO_E_BAD_DATA,
            "You are on duty already. Nothing was changed. See: madoctl duty");
    else if (!g_str_equal(now->turn.user, answer->user))
        answer_refuse(error, MADO_E_FORBIDDEN,
            "Nobody hands over to you, and the shift that runs is not yours. Nothing was changed. "
            "%s is on duty.",
            *now->user ? now->user : "Nobody");
    else if (begin(answer, now, handover, error)) {
        handover->incoming = g_strdup(answer->user);
        if (write_sheet(answer, handover, error))
            return g_steal_pointer(&handover);
    }
    return NULL;
}

gboolean answer_duty_accept(struct answer *answer, GError **error)
{
    g_autoptr(mado_handover) handover = NULL;
    struct duty_now now = {0};
    guint64 id = 0;
    gboolean done = answer_duty_kept(answer, error) && find_handover(answer, &id, error) &&
                    duty_look(answer->context, now_seconds(), &now, error);

    if (done)
        handover =
            id ? store_handover(answer->context->store, id, error) : make_own(answer, &now, error);
    done = handover && may_accept(answer, &now, handover, error) && accept(answer, handover, error);
    duty_now_clear(&now);
    return done;
}

/* -- duty show -- */

gboolean answer_duty_show(struct answer *answer, GError **error)
{
    g_autoptr(mado_handover) handover = NULL;
    struct on_duty now = {0};
    guint64 id = 0;

    if (!find_handover(answer, &id, error) ||
        (!id && !store_duty(answer->context->store, &now, error)))
        return FALSE;
    id = id ? id : now.handover;
    on_duty_clear(&now);
    if (!id)
        return answer_refuse(error, MADO_E_NO_SUCH,
            "Nobody has handed over yet. Nothing was changed. Write: madoctl duty handover");
    handover = store_handover(answer->context->store, id, error);
    return handover && tell(answer, handover, error);
}
