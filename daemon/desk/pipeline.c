/*
 * A mail's way
 *
 *   take    the bytes are kept; the source is told behind the commit
 *   feed    the attempt is counted, then a reader gets the mail
 *   facts   what the reader says; or that its child died
 *   decide  pure: message, what the store knows of it, settings -> a plan with reasons
 *   apply   (apply.c) the plan in one savepoint: incident, acknowledgement, notice, journal, ledger
 *
 * A crash before the commit: it all happens again. Behind it: it has happened.
 */
#include "state.h"
#include "error.h"
#include "fault.h"
#include "fd.h"
#include "log.h"
#include "now.h"
#include <mado/crypto.h>
#include <mado/limits.h>

enum { IN_HAND_OF_A_READER = 32, BYTES_OF_A_READER = 64 << 20, FEED_AT_ONCE = 64 };

/* -- take -- */

void pipeline_ask(struct peer *peer, const struct ipc_message *message)
{
    g_autoptr(GVariantIter) uids = NULL;
    g_autoptr(GError) error = NULL;
    GVariantBuilder answer;
    guint64 validity;
    const char *uid;

    g_variant_builder_init(&answer, G_VARIANT_TYPE("ab"));
    g_variant_get(message->body, "(tas)", &validity, &uids);
    while (g_variant_iter_next(uids, "&s", &uid)) {
        gboolean known;
        if (!store_knows_arrival(
                peer->desk->store, peer_source(peer), validity, uid, &known, &error))
            desk_give_up(error);
        g_variant_builder_add(&answer, "b", known);
    }
    peer_tell(peer, IPC_KNOWN, g_variant_builder_end(&answer), -1);
}

static gboolean keep_mail(
    struct peer *peer, const char *uid, guint64 validity, int fd, guint64 *mail, GError **error)
{
    struct desk *desk = peer->desk;
    struct arrival arrival = {peer_source(peer), validity, uid, now_seconds()};
    g_autofree char *sha256 = NULL;
    guint64 size;
    gboolean again;

    if (!fd_seal(fd, (guint64)desk->settings->intake.max_message, &size, error) ||
        !(sha256 = fd_sha256(fd, size, error)))
        return FALSE;
    return store_take_mail(desk->store, &arrival, fd, size, sha256, mail, &again, error);
}

void pipeline_take(struct peer *peer, const struct ipc_message *message)
{
    struct desk *desk = peer->desk;
    g_autoptr(GError) error = NULL;
    guint64 seq, validity, mail;
    const char *uid;

    g_variant_get(message->body, "(tt&s)", &seq, &validity, &uid);
    pressure_watch(desk);
    if (pressure_why(desk)) {
        peer_tell(peer, IPC_REFUSED, g_variant_new("(ts)", seq, pressure_why(desk)), -1);
        return;
    }
    desk_change(desk);
    if (keep_mail(peer, uid, validity, message->fd, &mail, &error)) {
        desk_keep(desk);
        desk->look_for_mail = TRUE;
        peer_tell(peer, IPC_TAKEN, g_variant_new("(t)", seq), -1);
    } else {
        desk_undo(desk);
        log_event(LOG_LEVEL_ALARM, 0, "mail-refused", "%s", error->message);
        peer_tell(peer, IPC_REFUSED, g_variant_new("(ts)", seq, error->message), -1);
    }
}

/* -- feed -- */

static struct peer *free_reader(struct desk *desk)
{
    struct peer *best = NULL;

    for (guint i = 0; i < desk->readers->len; i++) {
        struct peer *reader = desk->readers->pdata[i];
        guint length = g_queue_get_length(reader->work);
        if (!length)
            reader->weight = 0;
        if (reader->ready && length < IN_HAND_OF_A_READER && reader->weight < BYTES_OF_A_READER &&
            (!best || length < g_queue_get_length(best->work)))
            best = reader;
    }
    return best;
}

static void quarantine(struct desk *desk, guint64 mail, const char *why);

/* The attempt is committed before the reader hears of the mail: peer_tell waits for the commit. */
static void give_to_reader(struct peer *reader, guint64 mail)
{
    struct desk *desk = reader->desk;
    g_autoptr(GError) error = NULL;
    int attempts, fd;
    guint64 size;

    if (!store_count_attempt(desk->store, mail, &attempts, &error))
        desk_give_up(error);
    if (attempts > LIMIT_READ_ATTEMPTS) {
        quarantine(desk, mail, "the daemon ended each time while it had this mail");
        return;
    }
    fd = store_mail_fd(desk->store, mail, &error);
    if (fd < 0 && !g_error_matches(error, MADO_ERROR, MADO_E_STORE_READ))
        desk_give_up(error); /* a shortage of ours is not the mail's doing */
    if (fd < 0) {            /* damaged on the disk; the others are served all the same */
        quarantine(desk, mail, error->message);
        return;
    }
    if (!fd_seal(fd, G_MAXINT64, &size, &error))
        desk_give_up(error);
    reader->weight += size;
    g_queue_push_tail(reader->work, g_memdup2(&mail, sizeof mail));
    g_hash_table_add(desk->in_hand, g_memdup2(&mail, sizeof mail));
    peer_expect_word(reader);
    peer_tell(reader, IPC_READ, g_variant_new("(tb)", mail, FALSE), fd);
}

void pipeline_feed(struct desk *desk)
{
    g_autoptr(GArray) waiting = NULL;
    g_autoptr(GError) error = NULL;
    struct peer *reader;

    if (desk->draining || !desk->look_for_mail || !free_reader(desk))
        return;
    waiting =
        store_waiting_mails(desk->store, FEED_AT_ONCE + g_hash_table_size(desk->in_hand), &error);
    if (!waiting)
        desk_give_up(error);
    desk->look_for_mail = FALSE;
    for (guint i = 0; i < waiting->len; i++) {
        guint64 mail = g_array_index(waiting, guint64, i);
        if (g_hash_table_contains(desk->in_hand, &mail))
            continue;
        desk->look_for_mail = TRUE; /* there may be more */
        if (!(reader = free_reader(desk)))
            return;
        desk_change(desk);
        give_to_reader(reader, mail);
        desk_keep(desk);
    }
}

/* -- facts, decide -- */

static gboolean decide(
    struct desk *desk, guint64 mail, const struct message *message, GError **error)
{
    g_autoptr(mado_question) question = desk_ask(message, desk->settings);
    g_autoptr(mado_history) history =
        store_consult(desk->store, question, desk->token_secret, now_seconds(), error);
    g_autoptr(mado_plan) plan = NULL;

    if (!history)
        return FALSE;
    plan = desk_decide(message, question, history, desk->settings);
    return apply_to_mail(desk, mail, message, plan, question->text_sha256, error);
}

static void quarantine(struct desk *desk, guint64 mail, const char *why)
{
    g_autoptr(mado_message) nothing = message_new();
    g_autoptr(mado_plan) plan = desk_quarantine(why, desk->settings);
    g_autoptr(GError) error = NULL;

    log_event(LOG_LEVEL_ALARM, mail, "quarantine", "%s", why);
    if (!apply_to_mail(desk, mail, nothing, plan, "", &error))
        desk_give_up(error);
}

static void attempt_failed(struct desk *desk, guint64 mail, const char *why)
{
    g_autoptr(GError) error = NULL;
    int deaths;

    if (!store_count_death(desk->store, mail, &deaths, &error))
        desk_give_up(error);
    log_event(LOG_LEVEL_WARN, mail, "not-read", "time=%d why=%s", deaths, why);
    if (deaths >= LIMIT_READER_DEATHS)
        quarantine(desk, mail, why);
    desk->look_for_mail = TRUE;
}

/* Takes the mail out of the reader's hand; FALSE: it is not the one that it has to speak of. */
static gboolean take_from_hand(struct peer *reader, guint64 mail)
{
    guint64 *expected = g_queue_peek_head(reader->work);

    if (!expected || *expected != mail)
        return FALSE;
    g_hash_table_remove(reader->desk->in_hand, &mail);
    g_free(g_queue_pop_head(reader->work));
    return TRUE;
}

static const char *error_text(const GError *error)
{
    return error ? error->message : "its facts were malformed";
}

void pipeline_facts(struct peer *peer, const struct ipc_message *message)
{
    struct desk *desk = peer->desk;
    g_autoptr(GVariant) facts = NULL;
    g_autoptr(mado_facts) read = NULL;
    g_autoptr(GError) error = NULL;
    guint64 mail;
    guint32 outcome;
    const char *why;

    g_variant_get(message->body, "(tu&s)", &mail, &outcome, &why);
    if (outcome >= READ_OUTCOMES || !take_from_hand(peer, mail)) {
        peer_kill(peer, "it spoke of a mail that it was not given");
        return;
    }
    if (outcome == READ_DONE && message->fd >= 0 &&
        (facts = ipc_read_variant(message->fd, FACTS_TYPE, LIMIT_FACTS_BYTES, &error)))
        read = facts_from_variant(facts);
    desk_change(desk);
    if (read && !decide(desk, mail, read->message, &error)) {
        if (g_error_matches(error, MADO_ERROR, MADO_E_STORE_WRITE))
            desk_give_up(error); /* a full disk is not the mail's doing */
        desk_undo(desk);
        desk_change(desk);
    }
    if (!read || error)
        attempt_failed(desk, mail, outcome == READ_DIED ? why : error_text(error));
    desk_keep(desk);
    desk->look_for_mail = desk->look_for_letters = TRUE;
}

/* The first in hand is the one that it was reading; the others have done nothing. */
void pipeline_reader_lost(struct peer *peer)
{
    struct desk *desk = peer->desk;
    g_autoptr(GError) error = NULL;
    gboolean first = TRUE;
    guint64 *mail;

    if (g_queue_is_empty(peer->work))
        return;
    desk_change(desk);
    while ((mail = g_queue_pop_head(peer->work))) {
        g_hash_table_remove(desk->in_hand, mail);
        if (first && !desk->draining)
            attempt_failed(desk, *mail, "the reader ended while it had this mail");
        else if (!store_forgive_attempt(desk->store, *mail, &error))
            desk_give_up(error);
        g_free(mail);
        first = FALSE;
    }
    desk_keep(desk);
    desk->look_for_mail = TRUE;
}
