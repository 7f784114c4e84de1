/* The other ends of the desk's channels: what they may say, what they are told and when. */
#include "state.h"
#include "log.h"
#include "now.h"
#include "text.h"
#include <mado/limits.h>
#include <glib-unix.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define TROUBLE "trouble: "
enum { MOST_OF_A_SENTENCE = 600, WORDS_AT_ONCE = 16, WAITING_AT_MOST = 1024, STEADY_SECONDS = 60 };

struct outgoing {
    enum ipc_kind kind;
    GVariant *body;
    int fd;
};

static void outgoing_free(gpointer data)
{
    struct outgoing *outgoing = data;

    g_variant_unref(outgoing->body);
    if (outgoing->fd >= 0)
        close(outgoing->fd);
    g_free(outgoing);
}

struct peer *peer_new(struct desk *desk, enum role_kind kind, guint instance)
{
    struct peer *peer = g_new0(struct peer, 1);

    peer->desk = desk;
    peer->kind = kind;
    peer->instance = instance;
    peer->channel = -1;
    peer->waiting = g_queue_new();
    peer->work = g_queue_new();
    peer->state = g_strdup("starting");
    peer->changed_at = now_seconds();
    peer->changed_on = g_get_monotonic_time();
    return peer;
}

static void peer_disconnect(struct peer *peer)
{
    g_clear_handle_id(&peer->in, g_source_remove);
    g_clear_handle_id(&peer->out, g_source_remove);
    if (peer->channel >= 0)
        close(peer->channel);
    peer->channel = -1;
    peer->ready = peer->answered = peer->proving = FALSE;
    peer->silent_since = 0;
    g_queue_clear_full(peer->waiting, outgoing_free);
}

void peer_free(struct peer *peer)
{
    peer_disconnect(peer);
    g_queue_free(peer->waiting);
    g_queue_free_full(peer->work, g_free);
    g_free(peer->state);
    g_free(peer->proof);
    g_free(peer->left);
    g_free(peer);
}

/* -- what each may say -- */

char *peer_words(const char *sentence)
{
    g_autofree char *harmless = text_harmless(sentence, NULL);

    return text_fit(harmless, MOST_OF_A_SENTENCE);
}

static void set_state(struct peer *peer, const char *state)
{
    char *kept = peer_words(state);

    g_free(peer->state);
    peer->state = kept;
}

static void hear_ready(struct peer *peer, const struct ipc_message *message)
{
    peer->ready = TRUE;
    peer->ready_on = g_get_monotonic_time();
    peer->troubled = peer->scanned = peer->saw_all = FALSE;
    set_state(peer, "ready");
    if (peer->kind == ROLE_INTAKE)
        pressure_greet(peer);
}

static void hear_servant_ready(struct peer *peer, const struct ipc_message *message)
{
    hear_ready(peer, message);
    errands_servant_ready(peer);
}

static void hear_pong(struct peer *peer, const struct ipc_message *message)
{
}

/* The role has logged it; here it is kept for `status`. */
static void hear_trouble(struct peer *peer, const struct ipc_message *message)
{
    const char *sentence;

    g_variant_get(message->body, "(&s)", &sentence);
    peer_complains(peer, sentence);
}

void peer_complains(struct peer *peer, const char *sentence)
{
    g_autofree char *trouble = g_strconcat(TROUBLE, sentence, NULL);

    set_state(peer, trouble);
    peer->troubled = TRUE;
}

/* A stranger can send what cannot be taken: it says nothing of the mailbox. */
static void hear_left(struct peer *peer, const struct ipc_message *message)
{
    const char *sentence;

    g_variant_get(message->body, "(&s)", &sentence);
    if (!peer->left) {
        peer->left_at = now_seconds();
        peer->left_on = g_get_monotonic_time();
    }
    g_free(peer->left);
    peer->left = peer_words(sentence);
}

/* A look that broke off, or for which there was no room, says nothing of the mail that lies there.
 */
static void note_left(struct peer *peer)
{
    if (peer->troubled || peer->desk->room != ROOM_ENOUGH)
        return;
    peer->saw_all = TRUE;
    if (!peer->left_there)
        g_clear_pointer(&peer->left, g_free);
}

static void hear_scanned(struct peer *peer, const struct ipc_message *message)
{
    g_variant_get(message->body, "(t)", &peer->left_there);
    note_left(peer);
    if (!peer->troubled) {
        set_state(peer, "ready");
        peer->answered = TRUE;
        peer->was_lost = FALSE;
    }
    peer->troubled = FALSE;
    peer->scanned = TRUE;
}

/* Of the server. An intake's trouble is over when everything was looked at, and hear_scanned() has
 * said so. */
static void hear_state(struct peer *peer, const struct ipc_message *message)
{
    const char *sentence;

    g_variant_get(message->body, "(&s)", &sentence);
    peer->answered = TRUE;
    if (!peer->troubled && !peer_trouble(peer))
        set_state(peer, sentence);
}

static void hear_courier_state(struct peer *peer, const struct ipc_message *message)
{
    const char *sentence;

    g_variant_get(message->body, "(&s)", &sentence);
    peer_answers(peer, sentence);
}

void peer_answers(struct peer *courier, const char *state)
{
    courier->answered = TRUE;
    courier->troubled = courier->was_lost = FALSE;
    set_state(courier, state);
}

gboolean peer_is_steady(const struct peer *peer)
{
    return !peer->was_lost || (peer->ready && g_get_monotonic_time() - peer->ready_on >=
                                                  STEADY_SECONDS * G_USEC_PER_SEC);
}

gboolean peer_is_well(const struct peer *peer)
{
    return peer->ready && !peer->troubled && !peer_trouble(peer) && peer_is_steady(peer);
}

gboolean peer_is_at_work(const struct peer *peer)
{
    return peer->ready && !peer->troubled;
}

const char *peer_trouble(const struct peer *peer)
{
    return g_str_has_prefix(peer->state, TROUBLE) ? peer->state + strlen(TROUBLE) : NULL;
}

void peer_note_health(struct peer *peer)
{
    gboolean well = peer_is_well(peer);

    if (well == peer->was_well)
        return;
    peer->was_well = well;
    peer->changed_at = now_seconds();
    peer->changed_on = g_get_monotonic_time();
}

/* It says so when what it complained of is over. */
static void hear_keys_state(struct peer *peer, const struct ipc_message *message)
{
    const char *sentence;

    g_variant_get(message->body, "(&s)", &sentence);
    peer->troubled = FALSE;
    set_state(peer, sentence);
}

typedef void (*handler)(struct peer *peer, const struct ipc_message *message);

static const handler handlers[ROLE_KINDS][IPC_KINDS] = {
    [ROLE_INTAKE] =
        {
            [IPC_READY] = hear_ready,
            [IPC_PONG] = hear_pong,
            [IPC_TROUBLE] = hear_trouble,
            [IPC_LEFT] = hear_left,
            [IPC_ASK] = pipeline_ask,
            [IPC_MAIL] = pipeline_take,
            [IPC_SCANNED] = hear_scanned,
            [IPC_PROVED] = proof_heard,
            [IPC_NEED] = errands_need,
            [IPC_STATE] = hear_state,
        },
    [ROLE_READER] =
        {
            [IPC_READY] = hear_ready,
            [IPC_PONG] = hear_pong,
            [IPC_FACTS] = pipeline_facts,
            [IPC_PIECE] = pipeline_piece,
        },
    [ROLE_COURIER] =
        {
            [IPC_READY] = hear_ready,
            [IPC_PONG] = hear_pong,
            [IPC_TROUBLE] = hear_trouble,
            [IPC_DOT] = outbox_dot,
            [IPC_SENT] = outbox_sent,
            [IPC_PROVED] = proof_heard,
            [IPC_NEED] = errands_need,
            [IPC_STATE] = hear_courier_state,
        },
    [ROLE_DIALLER] =
        {
            [IPC_READY] = hear_servant_ready,
            [IPC_PONG] = hear_pong,
            [IPC_TROUBLE] = hear_trouble,
            [IPC_HAVE] = errands_have,
        },
    [ROLE_HOOK] =
        {
            [IPC_READY] = hear_servant_ready,
            [IPC_PONG] = hear_pong,
            [IPC_TROUBLE] = hear_trouble,
            [IPC_HAVE] = errands_have,
        },
    [ROLE_KEYS] =
        {
            [IPC_READY] = hear_ready,
            [IPC_PONG] = hear_pong,
            [IPC_TROUBLE] = hear_trouble,
            [IPC_STATE] = hear_keys_state,
            [IPC_WORKED] = jobs_worked,
        },
};
static const handler deliverer_handlers[IPC_KINDS] = {[IPC_MAIL] = pipeline_take};

static handler handler_of(const struct peer *peer, enum ipc_kind kind)
{
    return peer->is_deliverer ? deliverer_handlers[kind] : handlers[peer->kind][kind];
}

/* -- endings -- */

static void courier_lost(struct peer *peer)
{
    outbox_courier_lost(peer);
    errands_client_lost(peer);
}

static void (*const lost[ROLE_KINDS])(struct peer *peer) = {
    [ROLE_INTAKE] = errands_client_lost,
    [ROLE_READER] = pipeline_reader_lost,
    [ROLE_COURIER] = courier_lost,
    [ROLE_DIALLER] = errands_servant_lost,
    [ROLE_HOOK] = errands_servant_lost,
    [ROLE_KEYS] = jobs_worker_lost,
};

/* The role has ended, or will at once; its work is tried again, and so is the role. */
static void peer_gone(struct peer *peer)
{
    peer_disconnect(peer);
    if (peer->is_deliverer)
        return;
    peer->was_lost = TRUE;
    if (!peer->troubled) /* else its state says why it has to start again */
        set_state(peer, "starting");
    if (lost[peer->kind])
        lost[peer->kind](peer);
    peer_start(peer);
}

void peer_start(struct peer *peer)
{
    struct launcher_note note = {LAUNCHER_START, peer->kind, peer->instance, 0};

    if (!peer->desk->draining)
        launcher_send(peer->desk->launcher, &note, -1);
}

void peer_kill(struct peer *peer, const char *why)
{
    struct launcher_note note = {LAUNCHER_KILL, peer->kind, peer->instance, 0};

    log_event(LOG_LEVEL_WARN, 0, "role-killed", "role=%s instance=%u why=%s",
        peer->is_deliverer ? "deliverer" : role_name(peer->kind), peer->instance, why);
    if (!peer->is_deliverer)
        launcher_send(peer->desk->launcher, &note, -1);
    if (peer->kind == ROLE_COURIER)
        outbox_hear_the_last(peer);
    peer_gone(peer);
}

/* -- hearing -- */

/* One message; FALSE: there is no more for now. */
static gboolean hear_one(struct peer *peer)
{
    struct ipc_message message;
    g_autoptr(GError) error = NULL;
    handler handle;

    if (!ipc_receive(peer->channel, &message, &error)) {
        if (error && g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_AGAIN))
            return FALSE;
        if (error)
            peer_kill(peer, error->message);
        else
            peer_gone(peer);
        return FALSE;
    }
    handle = handler_of(peer, message.kind);
    peer->silent_since = 0;
    if (handle)
        handle(peer, &message);
    else
        peer_kill(peer, "it said what its role does not say");
    /* A courier may wait for its relay, and answers pings meanwhile; a reader works. */
    if (peer->channel >= 0 && peer->kind == ROLE_READER && !g_queue_is_empty(peer->work))
        peer_expect_word(peer);
    ipc_message_clear(&message);
    return peer->channel >= 0;
}

static gboolean hear(gint fd, GIOCondition condition, gpointer data)
{
    struct peer *peer = data;

    for (int i = 0; i < WORDS_AT_ONCE && hear_one(peer); i++)
        ;
    return G_SOURCE_CONTINUE;
}

void peer_connect(struct peer *peer, int channel)
{
    peer_disconnect(peer);
    fcntl(channel, F_SETFL, O_NONBLOCK);
    peer->channel = channel;
    peer->in = g_unix_fd_add(channel, G_IO_IN | G_IO_HUP | G_IO_ERR, hear, peer);
}

void peer_expect_word(struct peer *peer)
{
    if (!peer->silent_since)
        peer->silent_since = g_get_monotonic_time();
}

/* Each role answers a ping when it has nothing else to do; jobs.c looks at those that have a job. A
 * deliverer says one thing and goes; one that does neither takes the place of others. */
void peer_check(struct peer *peer)
{
    gint64 patience = peer->desk->settings->daemon.patience * G_USEC_PER_SEC;

    if (peer->channel < 0 || (peer->kind == ROLE_KEYS && !g_queue_is_empty(peer->work)))
        return;
    if (peer->silent_since && g_get_monotonic_time() - peer->silent_since > patience) {
        peer_kill(peer, "it has been silent for too long");
    } else if (peer->is_deliverer) {
        peer_expect_word(peer);
    } else if (!peer->silent_since && peer->ready) {
        peer_tell(peer, IPC_PING, g_variant_new("()"), -1);
        peer_expect_word(peer);
    }
}

/* -- telling -- */

void peer_tell(struct peer *peer, enum ipc_kind kind, GVariant *body, int fd)
{
    struct outgoing *outgoing = g_new(struct outgoing, 1);

    *outgoing = (struct outgoing){kind, g_variant_ref_sink(body), fd};
    if (peer->channel >= 0 && g_queue_get_length(peer->waiting) >= WAITING_AT_MOST)
        peer_kill(peer, "it does not listen");
    if (peer->channel >= 0)
        g_queue_push_tail(peer->waiting, outgoing);
    else
        outgoing_free(outgoing);
}

static gboolean channel_is_free(gint fd, GIOCondition condition, gpointer data)
{
    /* Only the end of the turn sends: what waits may belong to a commit that is still to come. */
    ((struct peer *)data)->out = 0;
    return G_SOURCE_REMOVE;
}

void peer_flush(struct peer *peer)
{
    struct outgoing *next;

    while (!peer->out && peer->channel >= 0 && (next = g_queue_peek_head(peer->waiting))) {
        g_autoptr(GError) error = NULL;
        if (!ipc_send(peer->channel, next->kind, next->body, next->fd, &error)) {
            if (g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_AGAIN))
                peer->out = g_unix_fd_add(peer->channel, G_IO_OUT, channel_is_free, peer);
            else
                peer_gone(peer);
            return;
        }
        outgoing_free(g_queue_pop_head(peer->waiting));
    }
}

void peers_foreach(struct desk *desk, void (*visit)(struct peer *peer))
{
    GPtrArray *const lists[] = {
        desk->intakes, desk->readers, desk->diallers, desk->hooks, desk->keys, desk->deliverers};

    for (gsize i = 0; i < G_N_ELEMENTS(lists); i++)
        for (guint k = 0; k < lists[i]->len; k++)
            visit(lists[i]->pdata[k]);
    visit(desk->courier);
}
