/*
 * A mail's way
 *
 *   take    the bytes are kept; the source is told behind the commit
 *   feed    the attempt is counted, then a reader gets the mail
 *   facts   what the reader says; or that its child died
 *   open    (opening.c) what is signed or sealed, until it is plain
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
#include "open.h"
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

/* It is told behind the commit of this turn. */
static void tell_reader(
    struct peer *reader, const struct reader_question *asked, int fd, guint64 size)
{
    reader->weight += size;
    g_queue_push_tail(reader->work, g_memdup2(&asked->mail, sizeof asked->mail));
    peer_expect_word(reader);
    if (asked->wanted)
        peer_tell(
            reader, IPC_CUT, g_variant_new("(tbs)", asked->mail, asked->inner, asked->wanted), fd);
    else
        peer_tell(reader, IPC_READ, g_variant_new("(tb)", asked->mail, asked->inner), fd);
}

gboolean pipeline_ask_reader(
    struct desk *desk, const struct reader_question *question, GBytes *document)
{
    struct peer *reader = free_reader(desk);
    g_autoptr(GError) error = NULL;
    int fd = reader ? fd_new_memory("document", &error) : -1;
    guint64 size;

    if (!reader)
        return FALSE;
    if (fd < 0 ||
        !fd_write_all(fd, g_bytes_get_data(document, NULL), g_bytes_get_size(document), &error) ||
        !fd_seal(fd, G_MAXINT64, &size, &error))
        desk_give_up(error); /* a shortage of ours */
    tell_reader(reader, question, fd, size);
    return TRUE;
}

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
    g_hash_table_add(desk->in_hand, g_memdup2(&mail, sizeof mail));
    tell_reader(reader, &(struct reader_question){mail, FALSE, NULL}, fd, size);
}

void pipeline_feed(struct desk *desk)
{
    g_autoptr(GArray) waiting = NULL;
    g_autoptr(GError) error = NULL;
    struct peer *reader;

    opening_feed(desk);
    saving_feed(desk);
    if (desk->draining || !desk->look_for_mail || !free_reader(desk) || opening_has_enough(desk))
        return;
    waiting = (desk->rebuild ? store_unread_mails : store_waiting_mails)(desk->store,
        FEED_AT_ONCE + g_hash_table_size(desk->in_hand) + opening_count_resting(desk), &error);
    if (!waiting)
        desk_give_up(error);
    desk->look_for_mail = FALSE;
    for (guint i = 0; i < waiting->len; i++) {
        guint64 mail = g_array_index(waiting, guint64, i);
        if (g_hash_table_contains(desk->in_hand, &mail) || opening_rests(desk, mail))
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

static gboolean decide(struct desk *desk, const struct reading *reading, GError **error)
{
    g_autoptr(mado_question) question = NULL;
    g_autoptr(mado_history) history = NULL;
    g_autoptr(mado_plan) plan = NULL;
    struct reading sorted = *reading;

    desk_leave_out(reading->message, desk->settings);
    if (!coordinating_find_numbers(desk, reading->message, error))
        return FALSE;
    question = desk_ask(reading->message, reading->crypto, desk->settings);
    question->mail = reading->mail;
    history = store_consult(desk->store, question, desk->token_secret, now_seconds(), error);
    if (!history)
        return FALSE;
    plan = desk_decide(reading->message, reading->crypto, question, history, desk->settings);
    sorted.time = history->sorting ? history->sorting->times : 0;
    return apply_to_mail(desk, &sorted, plan, question->text_sha256, error) &&
           store_keep_alike(desk->store, reading->mail, question->alike, error) &&
           (!reading->offers || !reading->offers->len ||
               directory_offer(desk, reading->mail, reading->offers, error));
}

static void quarantine(struct desk *desk, guint64 mail, const char *why)
{
    g_autoptr(mado_message) nothing = message_new();
    g_autoptr(mado_plan) plan = desk_quarantine(why, desk->settings);
    g_autoptr(GError) error = NULL;

    log_event(LOG_LEVEL_ALARM, mail, "quarantine", "%s", why);
    if (desk->rebuild) {
        rebuild_leave(desk, mail);
        return;
    }
    if (!apply_to_mail(desk, &(struct reading){.mail = mail, .message = nothing}, plan, "", &error))
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

static gboolean keep_decision(struct desk *desk, const struct reading *reading, GError **error)
{
    if (desk->rebuild) {
        rebuild_keep(desk, reading);
        return TRUE;
    }
    if (decide(desk, reading, error))
        return TRUE;
    if (g_error_matches(*error, MADO_ERROR, MADO_E_STORE_WRITE))
        desk_give_up(*error); /* a full disk is not the mail's doing */
    return FALSE;
}

void pipeline_settle(struct desk *desk, const struct reading *reading)
{
    g_autoptr(GError) error = NULL;

    desk_change(desk);
    if (!keep_decision(desk, reading, &error)) {
        desk_undo(desk);
        desk_change(desk);
        attempt_failed(desk, reading->mail, error->message);
    }
    desk_keep(desk);
    g_hash_table_remove(desk->in_hand, &reading->mail);
    desk->look_for_mail = desk->look_for_letters = TRUE;
}

/* Takes the mail out of the reader's hand; FALSE: it is not the one that it has to speak of. */
static gboolean take_from_hand(struct peer *reader, guint64 mail)
{
    guint64 *expected = g_queue_peek_head(reader->work);

    if (!expected || *expected != mail)
        return FALSE;
    g_free(g_queue_pop_head(reader->work));
    return TRUE;
}

/* What the reader says, or NULL and why there is nothing. */
static struct facts *take_facts(
    const struct ipc_message *message, enum read_outcome outcome, const char *death, char **why)
{
    g_autoptr(GVariant) facts = NULL;
    g_autoptr(GError) error = NULL;
    struct facts *read = NULL;

    if (outcome == READ_DONE && message->fd >= 0 &&
        (facts = ipc_read_variant(message->fd, FACTS_TYPE, LIMIT_FACTS_BYTES, &error)))
        read = facts_from_variant(facts);
    if (!read)
        *why = g_strdup(outcome == READ_DIED ? death
                        : error              ? error->message
                                             : "its facts were malformed");
    return read;
}

static void begin_opening(struct desk *desk, guint64 mail, struct facts *facts)
{
    g_autoptr(GError) error = NULL;
    gint64 arrived;

    if (!store_mail_arrived(desk->store, mail, &arrived, &error))
        desk_give_up(error);
    opening_begin(desk, mail, facts, arrived);
}

static void reading_failed(struct desk *desk, guint64 mail, const char *why)
{
    desk_change(desk);
    attempt_failed(desk, mail, why);
    desk_keep(desk);
    g_hash_table_remove(desk->in_hand, &mail);
}

static const char not_given[] = "it spoke of a mail that it was not given";

void pipeline_facts(struct peer *peer, const struct ipc_message *message)
{
    struct desk *desk = peer->desk;
    g_autoptr(mado_facts) read = NULL;
    g_autofree char *why = NULL;
    guint64 mail;
    guint32 outcome;
    const char *death;

    g_variant_get(message->body, "(tu&s)", &mail, &outcome, &death);
    if (outcome >= READ_OUTCOMES || saving_wants_file(desk, mail) || !take_from_hand(peer, mail)) {
        peer_kill(peer, not_given);
        return;
    }
    read = take_facts(message, outcome, death, &why);
    if (saving_has(desk, mail))
        saving_read(desk, mail, g_steal_pointer(&read));
    else if (opening_has(desk, mail))
        opening_read(desk, mail, g_steal_pointer(&read), why);
    else if (!read)
        reading_failed(desk, mail, why);
    else if (!opening_is_plain(read))
        begin_opening(desk, mail, g_steal_pointer(&read));
    else
        pipeline_settle(desk,
            &(struct reading){.mail = mail, .message = read->message, .offers = read->offers});
}

void pipeline_piece(struct peer *peer, const struct ipc_message *message)
{
    guint64 mail;
    guint32 outcome;
    const char *death;

    g_variant_get(message->body, "(tu&s)", &mail, &outcome, &death);
    if (outcome >= READ_OUTCOMES || !saving_wants_file(peer->desk, mail) ||
        !take_from_hand(peer, mail))
        peer_kill(peer, not_given);
    else
        saving_piece(peer->desk, mail, outcome == READ_DONE ? message->fd : -1);
}

static void lost_with_reader(struct desk *desk, guint64 mail, gboolean had_it)
{
    g_autoptr(GError) error = NULL;

    if (saving_has(desk, mail)) {
        saving_reader_lost(desk, mail, had_it);
        return;
    }
    if (opening_has(desk, mail)) {
        opening_reader_lost(desk, mail, had_it);
        return;
    }
    if (had_it) {
        reading_failed(desk, mail, "the reader ended while it had this mail");
        return;
    }
    desk_change(desk);
    if (!store_forgive_attempt(desk->store, mail, &error))
        desk_give_up(error);
    desk_keep(desk);
    g_hash_table_remove(desk->in_hand, &mail);
}

/* The first in hand is the one that it was reading; the others have done nothing. */
void pipeline_reader_lost(struct peer *peer)
{
    struct desk *desk = peer->desk;
    gboolean first = TRUE;
    guint64 *mail;

    while ((mail = g_queue_pop_head(peer->work))) {
        lost_with_reader(desk, *mail, first && !desk->draining);
        g_free(mail);
        first = FALSE;
    }
    desk->look_for_mail = TRUE;
}
