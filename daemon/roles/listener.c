/* Many clients of LMTP at one socket. None waits for another: each has its own mail in hand, so
 * that the desk commits those of all at once. */
#include "listener.h"
#include "roles.h"
#include "fault.h"
#include "log.h"
#include "now.h"
#include <mado/limits.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_AT_ONCE = 64 * 1024, DESK_WORDS_AT_ONCE = 2 * LIMIT_LMTP_CLIENTS };

struct call {
    int fd;
    struct lmtp *lmtp;
    GByteArray *input;    /* not used yet */
    guint64 seq;          /* of the mail that the desk has */
    gint64 heard_at;      /* a word of the client, monotonic */
    gint64 done_at;       /* its last mail, or its beginning */
    gboolean ended, gone; /* it says nothing more; the connection is to be closed */
};

struct listener {
    struct listener_setup setup;
    GPtrArray *calls; /* struct call */
    GArray *on;       /* struct pollfd: the desk, the socket, each call */
    char *session;    /* of this process, in the names of its mails */
    char **addresses; /* that a reload has brought; NULL: those of the setup hold */
    guint64 next_seq;
    gint64 deaf_until; /* no client can be let in */
    gboolean desk_gone;
};

/* -- one client -- */

static void call_free(gpointer data)
{
    struct call *call = data;

    close(call->fd);
    lmtp_free(call->lmtp);
    g_byte_array_unref(call->input);
    g_free(call);
}

static void send_replies(struct call *call)
{
    GString *replies = lmtp_replies(call->lmtp);
    ssize_t sent = 0;

    while (replies->len && sent >= 0) {
        sent = send(call->fd, replies->str, replies->len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0)
            g_string_erase(replies, 0, sent);
    }
    if (sent < 0 && errno != EAGAIN && errno != EINTR)
        call->gone = TRUE;
}

static void hand_over(struct listener *listener, struct call *call)
{
    int mail = lmtp_take_mail(call->lmtp);
    g_autofree char *uid = NULL;

    call->seq = listener->next_seq++;
    uid = g_strdup_printf("%s-%" G_GUINT64_FORMAT, listener->session, call->seq);
    listener->desk_gone |= !ipc_send(listener->setup.channel, IPC_MAIL,
        g_variant_new("(tts)", call->seq, (guint64)0, uid), mail, NULL);
    close(mail);
    fault_pass("lmtp_handed");
}

/* What is here is used as far as it can be. */
static void go_on(struct listener *listener, struct call *call)
{
    gsize used;

    do {
        used = lmtp_feed(call->lmtp, call->input->data, call->input->len);
        if (used)
            g_byte_array_remove_range(call->input, 0, (guint)used);
        if (used && lmtp_state(call->lmtp) == LMTP_WAITING)
            hand_over(listener, call);
        send_replies(call);
    } while (used && !call->gone);
    if (lmtp_replies(call->lmtp)->len || lmtp_state(call->lmtp) == LMTP_WAITING)
        return;
    call->gone |= call->ended || lmtp_state(call->lmtp) == LMTP_OVER;
}

static void read_input(struct call *call)
{
    guint8 block[READ_AT_ONCE];
    ssize_t got = recv(call->fd, block, sizeof block, MSG_DONTWAIT);

    if (got > 0) {
        call->heard_at = g_get_monotonic_time();
        g_byte_array_append(call->input, block, (guint)got);
    } else if (got == 0) {
        call->ended = TRUE;
    } else if (errno != EAGAIN && errno != EINTR) {
        call->gone = TRUE;
    }
}

static gboolean wants_input(const struct call *call)
{
    return !call->ended && !call->input->len && lmtp_state(call->lmtp) < LMTP_WAITING;
}

static void serve(struct listener *listener, struct call *call, short happened)
{
    if (happened & POLLIN)
        read_input(call);
    else if (happened & (POLLHUP | POLLERR | POLLNVAL))
        call->gone = TRUE; /* nobody hears an answer */
    if (happened && !call->gone)
        go_on(listener, call);
}

static void cut(struct call *call, const char *why)
{
    log_event(LOG_LEVEL_WARN, 0, "lmtp-cut", "%s", why);
    lmtp_end(call->lmtp, why);
    send_replies(call);
    call->gone = TRUE;
}

/* -- time -- */

static gboolean is_crowded(const struct listener *listener)
{
    return listener->calls->len >= LIMIT_LMTP_CLIENTS;
}

/* RFC 5321 4.5.3.2: a client is waited for, but not for ever; while the desk has its mail, it waits
 * for us. */
static gint64 deadline_of(const struct listener *listener, const struct call *call)
{
    const struct listener_setup *setup = &listener->setup;
    gint64 silent = is_crowded(listener) ? setup->crowded : setup->idle;

    if (lmtp_state(call->lmtp) == LMTP_WAITING)
        return G_MAXINT64;
    return MIN(call->heard_at + silent, call->done_at + setup->whole);
}

static void cut_late_clients(struct listener *listener)
{
    gint64 now = g_get_monotonic_time();

    for (guint i = 0; i < listener->calls->len; i++) {
        struct call *call = listener->calls->pdata[i];
        if (!call->gone && deadline_of(listener, call) <= now)
            cut(call, "421 4.4.2 this took too long, come again");
    }
}

static int milliseconds_left(const struct listener *listener)
{
    gint64 until = listener->deaf_until ?: G_MAXINT64;

    for (guint i = 0; i < listener->calls->len; i++)
        until = MIN(until, deadline_of(listener, listener->calls->pdata[i]));
    return now_milliseconds_to(until);
}

/* -- coming and going -- */

static void let_in(struct listener *listener, int fd)
{
    struct call *call = g_new0(struct call, 1);

    call->fd = fd;
    call->lmtp = lmtp_new(&listener->setup.house);
    call->input = g_byte_array_new();
    call->heard_at = call->done_at = g_get_monotonic_time();
    if (is_crowded(listener))
        lmtp_end(call->lmtp, "421 4.3.2 too many clients, come again");
    send_replies(call);
    if (is_crowded(listener))
        call_free(call);
    else
        g_ptr_array_add(listener->calls, call);
}

static void accept_client(struct listener *listener)
{
    int fd = accept4(listener->setup.socket, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd >= 0)
        let_in(listener, fd);
    else if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR)
        listener->deaf_until = g_get_monotonic_time() + G_USEC_PER_SEC;
}

static void forget_gone_clients(struct listener *listener)
{
    for (guint i = listener->calls->len; i-- > 0;)
        if (((struct call *)listener->calls->pdata[i])->gone)
            g_ptr_array_remove_index_fast(listener->calls, i);
}

/* -- the desk -- */

/* Whoever has gone meanwhile brings the mail again, and the store knows its bytes. */
static void answer(struct listener *listener, guint64 seq, enum lmtp_verdict verdict)
{
    for (guint i = 0; i < listener->calls->len; i++) {
        struct call *call = listener->calls->pdata[i];
        if (call->seq != seq || lmtp_state(call->lmtp) != LMTP_WAITING)
            continue;
        call->heard_at = call->done_at = g_get_monotonic_time();
        lmtp_answer(call->lmtp, verdict);
        go_on(listener, call);
        return;
    }
}

static void hear_taken(struct listener *listener, GVariant *body)
{
    guint64 seq;

    g_variant_get(body, "(t)", &seq);
    fault_pass("lmtp_taken");
    answer(listener, seq, LMTP_TAKEN);
}

static void hear_refused(struct listener *listener, GVariant *body)
{
    guint64 seq;

    g_variant_get(body, "(ts)", &seq, NULL);
    answer(listener, seq, LMTP_REFUSED);
}

static void hear_pause(struct listener *listener, GVariant *body)
{
    const char *why;

    g_variant_get(body, "(&s)", &why);
    listener->setup.house.paused = *why != '\0';
}

/* Of what can change while we run, ours is to whom mail may come. */
static void hear_settings(struct listener *listener, GVariant *body)
{
    char **addresses;

    if (!g_variant_lookup(body, "addresses", "^as", &addresses))
        return;
    g_strfreev(listener->addresses);
    listener->addresses = listener->setup.house.addresses = addresses;
}

/* Clients come to us: that we hear is all that there is to prove. */
static void hear_prove(struct listener *listener, GVariant *body)
{
    ipc_send(listener->setup.channel, IPC_PROVED, g_variant_new("(s)", ""), -1, NULL);
}

static void hear_ping(struct listener *listener, GVariant *body)
{
    ipc_send(listener->setup.channel, IPC_PONG, g_variant_new("()"), -1, NULL);
}

static void (*const handlers[IPC_KINDS])(struct listener *, GVariant *) = {
    [IPC_TAKEN] = hear_taken,
    [IPC_REFUSED] = hear_refused,
    [IPC_PAUSE] = hear_pause,
    [IPC_SETTINGS] = hear_settings,
    [IPC_PROVE] = hear_prove,
    [IPC_PING] = hear_ping,
};

static gboolean desk_speaks(const struct listener *listener)
{
    struct pollfd on = {listener->setup.channel, POLLIN, 0};
    return poll(&on, 1, 0) > 0;
}

static void hear_desk(struct listener *listener)
{
    struct ipc_message message;

    for (int i = 0; i < DESK_WORDS_AT_ONCE && !listener->desk_gone && desk_speaks(listener); i++) {
        if (!ipc_receive(listener->setup.channel, &message, NULL)) {
            listener->desk_gone = TRUE;
            return;
        }
        if (handlers[message.kind])
            handlers[message.kind](listener, message.body);
        ipc_message_clear(&message);
    }
}

/* -- turns -- */

static void wait_for(struct listener *listener, int fd, short what)
{
    struct pollfd one = {fd, what, 0};
    g_array_append_val(listener->on, one);
}

static void wait_for_news(struct listener *listener)
{
    int left = milliseconds_left(listener);

    g_array_set_size(listener->on, 0);
    wait_for(listener, listener->setup.channel, POLLIN);
    wait_for(listener, listener->deaf_until ? -1 : listener->setup.socket, POLLIN);
    for (guint i = 0; i < listener->calls->len; i++) {
        const struct call *call = listener->calls->pdata[i];
        short in = wants_input(call) ? POLLIN : 0;
        short out = lmtp_replies(call->lmtp)->len ? POLLOUT : 0;
        wait_for(listener, call->fd, in | out);
    }
    if (poll((struct pollfd *)(void *)listener->on->data, listener->on->len, left) < 0)
        for (guint i = 0; i < listener->on->len; i++)
            g_array_index(listener->on, struct pollfd, i).revents = 0;
}

gboolean listener_turn(struct listener *listener)
{
    const struct pollfd *on;

    wait_for_news(listener);
    on = (const struct pollfd *)(void *)listener->on->data;
    for (guint i = 0; i < listener->calls->len; i++)
        serve(listener, listener->calls->pdata[i], on[i + 2].revents);
    if (on[0].revents)
        hear_desk(listener);
    if (listener->deaf_until && listener->deaf_until <= g_get_monotonic_time())
        listener->deaf_until = 0;
    cut_late_clients(listener);
    forget_gone_clients(listener);
    if (on[1].revents)
        accept_client(listener);
    return !listener->desk_gone;
}

struct listener *listener_new(const struct listener_setup *setup)
{
    struct listener *listener = g_new0(struct listener, 1);

    listener->setup = *setup;
    listener->calls = g_ptr_array_new_with_free_func(call_free);
    listener->on = g_array_new(FALSE, FALSE, sizeof(struct pollfd));
    listener->session = g_uuid_string_random();
    listener->next_seq = 1;
    return listener;
}

void listener_free(struct listener *listener)
{
    if (!listener)
        return;
    g_ptr_array_unref(listener->calls);
    g_array_unref(listener->on);
    close(listener->setup.socket);
    g_strfreev(listener->addresses);
    g_free(listener->session);
    g_free(listener);
}
