/*
 * Letters out: queued in the transaction of their cause, handed to the courier behind the commit
 * that says "sending", settled by what it answers. The row keeps the exact bytes.
 */
#include "state.h"
#include "error.h"
#include "fd.h"
#include "log.h"
#include "now.h"
#include "send.h"
#include "text.h"
#include "token.h"
#include <string.h>
#include <unistd.h>

enum {
    IN_HAND_OF_THE_COURIER = 16,
    ATTEMPTS_AT_ONCE = 5,
    FIRST_PAUSE = 5 * 60,
    LONGEST_PAUSE = 70 * 60,
    GIVE_UP_AFTER = 5 * 24 * 3600,
};

/* -- acknowledgements -- */

static const char *time_format(const char *language)
{
    return g_str_equal(language, "ja") ? "%Y-%m-%d %H:%M (%Z)" : "%a %e %b %Y %H:%M %Z";
}

/* The closed list of what an acknowledgement may say: nothing of the report. */
static struct values *ack_values(
    struct desk *desk, const struct acknowledgement *wanted, gint64 arrived)
{
    const struct settings *settings = desk->settings;
    struct values *values = values_new();
    g_autofree char *tag = desk_tagged(desk, wanted->number);
    g_autoptr(GDateTime) time = desk_local_time(desk, arrived);
    g_autofree char *received = g_date_time_format(time, time_format(wanted->language));

    values_set(values, "number", tag);
    values_set(values, "received_at", received);
    values_set(values, "team", settings->team.name);
    values_set(values, "team_ja", settings->team.name_ja);
    values_set(values, "address", settings->team.address);
    values_set(values, "our_fpr", settings->team.key_fingerprint);
    values_set(values, "our_key_url", settings->team.key_url);
    values_set(values, "emergency_phone", settings->team.emergency);
    return values;
}

static const char *team_name(const struct settings *settings, const char *language)
{
    return g_str_equal(language, "ja") ? settings->team.name_ja : settings->team.name;
}

static char *ack_message_id(struct desk *desk, const struct acknowledgement *wanted)
{
    g_autofree char *unique = g_strdup_printf("%08x%08x", g_random_int(), g_random_int());
    g_autofree char *token =
        token_make(desk->token_secret, wanted->year, wanted->sequence, wanted->to);

    return token_message_id(wanted->year, wanted->sequence, token, unique, desk_mail_domain(desk));
}

/* Who reads it has the thread only if the ids are fit to stand in a header of ours. */
static const char *safe_id(const char *id)
{
    return id && text_is_safe_message_id(id) ? id : NULL;
}

gboolean outbox_queue_ack(struct desk *desk, const struct acknowledgement *wanted, GError **error)
{
    g_autoptr(mado_values) values = NULL;
    g_autofree char *subject = NULL, *text = NULL, *id = ack_message_id(desk, wanted);
    g_autofree char *cause = g_strdup_printf("mail:%" G_GUINT64_FORMAT, wanted->mail);
    g_autoptr(GBytes) bytes = NULL;
    gboolean queued;
    gint64 arrived;

    if (!store_mail_arrived(desk->store, wanted->mail, &arrived, error))
        return FALSE;
    values = ack_values(desk, wanted, arrived);
    template_render(templates_get(desk->templates, wanted->template, wanted->language), values,
        &subject, &text);
    bytes = write_letter(
        &(struct letter){
            .from_name = team_name(desk->settings, wanted->language),
            .from_addr = desk->settings->team.address,
            .to_name = "",
            .to_addr = wanted->to,
            .subject = subject,
            .text = text,
            .message_id = id,
            .date = now_seconds(),
            .timezone = desk->settings->team.timezone,
            .in_reply_to = safe_id(wanted->message->message_id),
            .auto_submitted = "auto-replied",
            .language = wanted->language,
        },
        error);
    return bytes && store_queue_letter(desk->store,
                        &(struct new_letter){
                            .kind = "ack",
                            .cause = cause,
                            .sender = "",
                            .recipient = wanted->to,
                            .subject = subject,
                            .message_id = id,
                            .bytes = bytes,
                            .incident = wanted->incident,
                            .mail = wanted->mail,
                            .opens = wanted->opens,
                            .at = now_seconds(),
                        },
                        &queued, error);
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
    peer_expect_word(courier);
    peer_tell(courier, IPC_SEND, g_variant_new("(tss)", due->id, due->sender, due->recipient), fd);
    return TRUE;
}

void outbox_feed(struct desk *desk)
{
    struct peer *courier = desk->courier;
    g_autoptr(GPtrArray) due = NULL;
    g_autoptr(GError) error = NULL;

    if (desk->draining || !desk->look_for_letters || !courier->ready ||
        !g_queue_is_empty(courier->work))
        return;
    due = store_due_letters(desk->store, now_seconds(), IN_HAND_OF_THE_COURIER, &error);
    if (!due)
        desk_give_up(error);
    desk->look_for_letters = due->len > 0;
    if (!due->len)
        return;
    desk_change(desk);
    for (guint i = 0; i < due->len; i++)
        if (!give_to_courier(desk, due->pdata[i], &error))
            desk_give_up(error);
    desk_keep(desk);
}

/* -- what became of it -- */

static const char *const state_of[SEND_OUTCOMES] = {
    [SEND_DONE] = "sent",
    [SEND_DEFERRED] = "deferred",
    [SEND_FAILED] = "failed",
    [SEND_UNKNOWN] = "unknown",
};

/* Only what the other side put off waits; what we did not finish goes again at once. */
static gint64 next_try(const char *state, int attempts)
{
    gboolean waits = g_str_equal(state, "deferred");

    return now_seconds() + (waits ? MIN(FIRST_PAUSE << MIN(attempts, 8), LONGEST_PAUSE) : 0);
}

static gboolean settle_letter(struct desk *desk, const struct outbox_row *was, const char *state,
    const char *reply, GError **error)
{
    gboolean sent = g_str_equal(state, "sent");
    g_autofree char *text =
        g_strdup_printf("%s to %s: %s, %s", was->kind, was->recipient, state, reply);

    if (!sent)
        log_event(LOG_LEVEL_WARN, was->mail, "letter", "letter=%" G_GUINT64_FORMAT " state=%s: %s",
            was->id, state, reply);
    return store_letter_settled(desk->store, was->id, state, reply,
               next_try(state, (int)was->attempts), now_seconds(), error) &&
           store_journal(desk->store, now_seconds(), "mado", sent ? "mail-out" : "mail-not-out",
               was->incident, was->mail, text, error);
}

static void settle(struct desk *desk, guint64 letter, const char *state, const char *reply)
{
    g_autoptr(GError) error = NULL;
    struct outbox_row *was = store_letter_show(desk->store, letter, &error);

    if (was && g_str_equal(state, "deferred") && now_seconds() - was->created_at > GIVE_UP_AFTER)
        state = "failed";
    if (!was || !settle_letter(desk, was, state, reply, &error))
        desk_give_up(error);
    outbox_row_free(was);
}

void outbox_sent(struct peer *peer, const struct ipc_message *message)
{
    guint64 letter, *expected = g_queue_peek_head(peer->work);
    guint32 outcome;
    const char *reply;

    g_variant_get(message->body, "(tu&s)", &letter, &outcome, &reply);
    if (outcome >= SEND_OUTCOMES || !expected || *expected != letter) {
        peer_kill(peer, "it spoke of a letter that it was not given");
        return;
    }
    g_free(g_queue_pop_head(peer->work));
    desk_change(peer->desk);
    settle(peer->desk, letter, state_of[outcome], reply);
    desk_keep(peer->desk);
}

static gboolean is_repeatable(const struct desk *desk)
{
    return transport_find(desk->settings->outgoing.transport)->repeatable;
}

/* A letter that the courier dies of time and again does not hold up the others for ever. */
static const char *state_of_first(struct desk *desk, guint64 letter)
{
    g_autoptr(GError) error = NULL;
    struct outbox_row *was = store_letter_show(desk->store, letter, &error);
    gboolean guilty = was && was->attempts >= ATTEMPTS_AT_ONCE;

    if (!was)
        desk_give_up(error);
    outbox_row_free(was);
    if (!is_repeatable(desk))
        return "unknown";
    return guilty ? "deferred" : "queued";
}

/* The first in hand may have gone out, or not; the others were not looked at. */
void outbox_courier_lost(struct peer *peer)
{
    struct desk *desk = peer->desk;
    gboolean first = TRUE;
    guint64 *letter;

    if (g_queue_is_empty(peer->work))
        return;
    desk_change(desk);
    while ((letter = g_queue_pop_head(peer->work))) {
        settle(desk, *letter, first ? state_of_first(desk, *letter) : "queued",
            "the courier ended on its way");
        g_free(letter);
        first = FALSE;
    }
    desk_keep(desk);
}

gboolean outbox_recover(struct desk *desk, GError **error)
{
    guint64 found;

    if (!store_letters_recover(desk->store, is_repeatable(desk), &found, error))
        return FALSE;
    if (found)
        log_event(LOG_LEVEL_WARN, 0, "outbox",
            "letters on their way at the last end=%" G_GUINT64_FORMAT " now=%s", found,
            is_repeatable(desk) ? "queued" : "unknown");
    return TRUE;
}
