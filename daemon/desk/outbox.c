/*
 * Letters out: handed to the courier behind the commit that says "sending", settled by what it
 * answers. The row keeps the exact bytes.
 */
#include "state.h"
#include "error.h"
#include "fd.h"
#include "log.h"
#include "now.h"
#include "outbox-policy.h"
#include "send.h"
#include <inttypes.h>
#include <sys/socket.h>

/* What is in hand of a courier that cannot tell a copy is uncertain if the desk ends: so that is
 * little. */
enum { IN_HAND_REPEATABLE = 16, IN_HAND = 2, FIRST_REST = 10, LONGEST_REST = 5 * 60 };

/* -- the relay as a whole -- */

static gboolean is_repeatable(const struct desk *desk)
{
    return transport_find(desk->settings->outgoing.transport)->repeatable;
}

/* There is no relay to speak to. What is queued waits, however much it is, and costs nothing. */
static void relay_is_away(struct desk *desk, const char *why)
{
    struct relay_rest *rest = &desk->relay;

    if (g_get_monotonic_time() < rest->until)
        return; /* one more letter of the same attempt */
    if (!rest->since) {
        rest->since = now_seconds();
        log_event(LOG_LEVEL_WARN, 0, "relay-away", "%s; letters wait", why);
    }
    rest->seconds = rest->seconds ? MIN(rest->seconds * 2, LONGEST_REST) : FIRST_REST;
    rest->until = g_get_monotonic_time() + rest->seconds * G_USEC_PER_SEC;
}

void outbox_relay_is_back(struct desk *desk)
{
    if (desk->relay.since)
        log_event(LOG_LEVEL_INFO, 0, "relay-back", "away for %" PRIi64 " s",
            MAX(now_seconds() - desk->relay.since, 0));
    desk->relay = (struct relay_rest){0};
    desk->look_for_letters = TRUE;
}

/* -- to the courier -- */

static gboolean give_to_courier(struct desk *desk, const struct due_letter *due, GError **error)
{
    struct peer *courier = desk->courier;
    int fd;
    guint64 size;

    if (!store_letter_sending(desk->store, due->id, error) ||
        (fd = store_letter_fd(desk->store, due->id, error)) < 0)
        return FALSE;
    if (!fd_seal(fd, G_MAXINT64, &size, error))
        return FALSE;
    g_queue_push_tail(courier->work, g_memdup2(&due->id, sizeof due->id));
    peer_tell(courier, IPC_SEND, g_variant_new("(tss)", due->id, due->sender, due->recipient), fd);
    return TRUE;
}

/* It may have waited for days: keys are unpinned, and addresses come to be sealed always. */
static gboolean give_or_hold(struct desk *desk, const struct due_letter *due, GError **error)
{
    struct outbox_row *letter = store_letter_show(desk->store, due->id, error);
    g_autofree char *why = NULL;
    gboolean done =
        letter && asking_may_leave(desk, letter, &why, error) &&
        (why ? sealing_hold(desk, letter, TRUE, why, error) : give_to_courier(desk, due, error));

    outbox_row_free(letter);
    return done;
}

/* While the relay is away, one letter at a time finds out whether it is back. */
static guint most_in_hand(const struct desk *desk)
{
    if (desk->relay.since)
        return 1;
    return is_repeatable(desk) ? IN_HAND_REPEATABLE : IN_HAND;
}

static gboolean may_feed(const struct desk *desk)
{
    return !desk->draining && desk->look_for_letters && desk->courier->ready &&
           g_queue_is_empty(desk->courier->work) && g_get_monotonic_time() >= desk->relay.until;
}

void outbox_feed(struct desk *desk)
{
    g_autoptr(GPtrArray) due = NULL;
    g_autoptr(GError) error = NULL;

    if (!may_feed(desk))
        return;
    due = store_due_letters(desk->store, now_seconds(), most_in_hand(desk), &error);
    if (!due)
        desk_give_up(error);
    desk->look_for_letters = due->len > 0;
    if (!due->len)
        return;
    desk->dot_told = FALSE;
    desk_change(desk);
    for (guint i = 0; i < due->len; i++)
        if (!give_or_hold(desk, due->pdata[i], &error))
            desk_give_up(error);
    desk_keep(desk);
}

/* -- what became of it -- */

static gboolean keep_verdict(struct desk *desk, const struct outbox_row *was,
    const struct verdict *verdict, const char *reply, GError **error)
{
    gint64 now = now_seconds();
    gboolean sent = g_str_equal(verdict->state, "sent");
    g_autofree char *text =
        g_strdup_printf("%s to %s: %s, %s", was->kind, was->recipient, verdict->state, reply);

    if (!verdict->counts)
        return store_letter_not_tried(desk->store, was->id, reply, now, error);
    if (!sent)
        log_event(LOG_LEVEL_WARN, was->mail, "letter", "letter=%" PRIu64 " state=%s: %s", was->id,
            verdict->state, reply);
    return store_letter_settled(
               desk->store, was->id, verdict->state, reply, now + verdict->wait, now, error) &&
           (!(sent || g_str_equal(verdict->state, "unknown")) ||
               coordinating_sent(desk, was->id, now, error)) &&
           (!g_str_equal(verdict->state, "failed") ||
               store_escalation_failed(desk->store, was->id, now, error)) &&
           store_journal(desk->store, now, "mado", sent ? "mail-out" : "mail-not-out",
               was->incident, was->mail, text, error);
}

static void settle(struct desk *desk, guint64 letter, enum attempt_end end, const char *reply)
{
    g_autoptr(GError) error = NULL;
    struct outbox_row *was = store_letter_show(desk->store, letter, &error);
    struct attempt attempt = {.end = end, .repeatable = is_repeatable(desk)};
    struct verdict verdict;

    if (!was)
        desk_give_up(error);
    if (!g_str_equal(was->state, "sending")) {
        log_event(LOG_LEVEL_INFO, was->mail, "letter", "letter=%" PRIu64 " was %s already: %s",
            letter, was->state, reply);
        outbox_row_free(was);
        return;
    }
    attempt.kind = was->kind;
    attempt.number = (int)was->attempts;
    attempt.give_up = desk->settings->outgoing.give_up;
    verdict = outbox_judge(&attempt);
    if (!keep_verdict(desk, was, &verdict, reply, &error))
        desk_give_up(error);
    outbox_row_free(was);
}

static gboolean is_first_in_hand(const struct peer *peer, guint64 letter)
{
    const guint64 *first = g_queue_peek_head(peer->work);
    return first && *first == letter;
}

/* What the courier says of the first letter in its hand; FALSE if it says it of another. */
static gboolean settle_first(struct peer *peer, const struct ipc_message *message)
{
    struct desk *desk = peer->desk;
    guint64 letter;
    guint32 outcome;
    const char *reply;

    g_variant_get(message->body, "(tu&s)", &letter, &outcome, &reply);
    if (outcome >= SEND_OUTCOMES || !is_first_in_hand(peer, letter))
        return FALSE;
    g_free(g_queue_pop_head(peer->work));
    peer->was_lost = desk->dot_told = FALSE;
    if (outcome == SEND_NOT_TRIED)
        relay_is_away(desk, reply);
    else
        outbox_relay_is_back(desk);
    desk_change(desk);
    settle(desk, letter, (enum attempt_end)outcome, reply);
    desk_keep(desk);
    return TRUE;
}

static gboolean mark_dot(struct peer *peer, const struct ipc_message *message)
{
    guint64 letter;

    g_variant_get(message->body, "(t)", &letter);
    peer->desk->dot_told |= is_first_in_hand(peer, letter);
    return is_first_in_hand(peer, letter);
}

static const char spoke_of_another[] = "it spoke of a letter that it was not given";

void outbox_dot(struct peer *peer, const struct ipc_message *message)
{
    if (!mark_dot(peer, message))
        peer_kill(peer, spoke_of_another);
}

void outbox_sent(struct peer *peer, const struct ipc_message *message)
{
    if (!settle_first(peer, message))
        peer_kill(peer, spoke_of_another);
}

/* Before a courier is ended it is not heard any more, so it cannot pass the dot; and what it had
 * said until then is heard. */
void outbox_hear_the_last(struct peer *peer)
{
    struct ipc_message message;

    if (peer->channel < 0)
        return;
    shutdown(peer->channel, SHUT_RD);
    while (ipc_receive(peer->channel, &message, NULL)) {
        if (message.kind == IPC_DOT)
            mark_dot(peer, &message);
        else if (message.kind == IPC_SENT)
            settle_first(peer, &message);
        ipc_message_clear(&message);
    }
}

/* The first in hand may have gone out, if its dot was told; the others were not looked at. */
void outbox_courier_lost(struct peer *peer)
{
    struct desk *desk = peer->desk;
    enum attempt_end end = desk->dot_told ? END_LOST_BEHIND : END_LOST_BEFORE;
    guint64 *letter;

    if (g_queue_is_empty(peer->work))
        return;
    desk_change(desk);
    while ((letter = g_queue_pop_head(peer->work))) {
        settle(desk, *letter, end, "the courier ended on its way");
        g_free(letter);
        end = END_NOT_LOOKED_AT;
    }
    desk->dot_told = FALSE;
    desk_keep(desk);
}

/* The daemon ends, and the courier with it: what it had not sent is sent at the next start. */
void outbox_stop(struct desk *desk)
{
    g_autoptr(GError) error = NULL;

    outbox_hear_the_last(desk->courier);
    outbox_courier_lost(desk->courier);
    if (!store_commit(desk->store, &error))
        desk_give_up(error);
}

gboolean outbox_recover(struct desk *desk, GError **error)
{
    enum { FOUND_AT_MOST = 1000 };
    g_autoptr(GPtrArray) found =
        store_list_letters(desk->store, "sending", NULL, 0, FOUND_AT_MOST, error);

    for (guint i = 0; found && i < found->len; i++)
        settle(desk, ((struct outbox_row *)found->pdata[i])->id, END_FOUND,
            "mado ended while it was on its way");
    return found != NULL;
}
