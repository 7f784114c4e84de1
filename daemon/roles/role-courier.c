/*
 * courier: letters to the relay
 *
 * SECURITY: trusts the desk. Holds one way out (for a Maildir: that folder; for a relay: one
 * connection that the desk hands in, and its password) and nothing else; sees the finished letter
 * only. It can open no socket and start no program. Whoever breaks it can lose or copy letters on
 * their way, and claim that they were sent.
 *
 * The desk is heard while the relay is waited for; what it asks meanwhile waits for its turn.
 */
#include "roles.h"
#include "confine.h"
#include "error.h"
#include "fault.h"
#include "log.h"
#include "send.h"
#include "text.h"
#include <poll.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

enum {
    BEHIND_INTAKE = 10, /* what comes in is made durable before anything goes out */
    REST_AFTER_MS = 5000,
};

struct courier {
    const struct transport *transport;
    gpointer way;
    struct means means;
    GQueue *letters;  /* struct ipc_message: given, not tried yet */
    gboolean proving; /* asked whether the relay answers */
    gboolean resting, desk_gone;
};

static void message_free(gpointer message)
{
    ipc_message_clear(message);
    g_free(message);
}

/* -- what the desk says -- */

static void hear_send(struct courier *courier, struct ipc_message *message)
{
    g_queue_push_tail(courier->letters, g_memdup2(message, sizeof *message));
    *message = (struct ipc_message){.fd = -1};
}

static void hear_have(struct courier *courier, struct ipc_message *message)
{
    role_hears_have(message);
}

static void hear_prove(struct courier *courier, struct ipc_message *message)
{
    courier->proving = TRUE;
}

static void hear_ping(struct courier *courier, struct ipc_message *message)
{
    role_answers_ping(message->kind);
}

static void (*const handlers[IPC_KINDS])(struct courier *, struct ipc_message *) = {
    [IPC_SEND] = hear_send,
    [IPC_HAVE] = hear_have,
    [IPC_PROVE] = hear_prove,
    [IPC_PING] = hear_ping,
};

static gboolean hear(gpointer role)
{
    struct courier *courier = role;
    struct ipc_message message;

    if (courier->desk_gone || !ipc_receive(CHANNEL, &message, NULL)) {
        courier->desk_gone = TRUE;
        return FALSE;
    }
    if (handlers[message.kind])
        handlers[message.kind](courier, &message);
    ipc_message_clear(&message);
    return TRUE;
}

/* FALSE: it said nothing within that time. */
static gboolean hear_within(struct courier *courier, int milliseconds)
{
    struct pollfd on = {CHANNEL, POLLIN, 0};

    return poll(&on, 1, milliseconds) > 0 && hear(courier);
}

/* -- letters -- */

/* For struct transport_setup. */
static gboolean tell_dot(gpointer role, guint64 letter)
{
    return ipc_send(CHANNEL, IPC_DOT, g_variant_new("(t)", letter), -1, NULL);
}

static void tell_sent(struct courier *courier, guint64 letter, const struct send_result *result)
{
    if (!ipc_send(CHANNEL, IPC_SENT,
            g_variant_new("(tus)", letter, (guint32)result->outcome, result->reply), -1, NULL))
        courier->desk_gone = TRUE;
}

/* No relay: what else is in hand would only wait for the same. The desk gives it again. */
static void give_back(struct courier *courier, const struct send_result *result)
{
    struct ipc_message *message;

    role_tell_trouble(result->reply);
    while (hear_within(courier, 0))
        ;
    while ((message = g_queue_pop_head(courier->letters))) {
        guint64 letter;
        g_variant_get(message->body, "(t&s&s)", &letter, NULL, NULL);
        tell_sent(courier, letter, result);
        message_free(message);
    }
}

static void send_next(struct courier *courier)
{
    struct ipc_message *message = g_queue_pop_head(courier->letters);
    struct letter_out letter = {.fd = message->fd};
    struct send_result result = {SEND_DEFERRED, NULL};

    g_variant_get(message->body, "(t&s&s)", &letter.id, &letter.from, &letter.to);
    fault_pass("courier_send");
    courier->transport->send(courier->way, &letter, &result);
    fault_pass("courier_sent");
    tell_sent(courier, letter.id, &result);
    if (result.outcome == SEND_NOT_TRIED)
        give_back(courier, &result);
    courier->resting = FALSE;
    g_free(result.reply);
    message_free(message);
}

static void prove(struct courier *courier)
{
    g_autoptr(GError) error = NULL;
    gboolean well = courier->transport->prove(courier->way, &error);
    g_autofree char *why = text_harmless(well ? "" : error->message, NULL);

    courier->proving = FALSE;
    courier->resting = TRUE;
    ipc_send(CHANNEL, IPC_PROVED, g_variant_new("(s)", why), -1, NULL);
}

/* -- the role -- */

static void wait_for_work(struct courier *courier)
{
    if (hear_within(courier, courier->resting ? -1 : REST_AFTER_MS) || courier->desk_gone)
        return;
    if (!courier->resting)
        courier->transport->rest(courier->way);
    courier->resting = TRUE;
}

static int serve(struct courier *courier)
{
    while (!courier->desk_gone) {
        while (hear_within(courier, 0))
            ;
        if (!g_queue_is_empty(courier->letters))
            send_next(courier);
        else if (courier->proving)
            prove(courier);
        else
            wait_for_work(courier);
    }
    return EX_OK;
}

static gboolean open_way(struct courier *courier, GVariantDict *settings, GError **error)
{
    struct confine_place places[] = {{NULL, CONFINE_WRITE}, {NULL, CONFINE_READ}};
    struct transport_setup setup = {
        .settings = settings, .means = &courier->means, .dot = tell_dot};
    const char *name, *path;

    if (!g_variant_dict_lookup(settings, "transport", "&s", &name) ||
        !g_variant_dict_lookup(settings, "path", "&s", &path) ||
        !(courier->transport = transport_find(name))) {
        g_set_error_literal(error, MADO_ERROR, MADO_E_ROLE, "courier got settings it cannot use");
        return FALSE;
    }
    if (courier->transport == &transport_maildir)
        places[0].path = path;
    setpriority(PRIO_PROCESS, 0, BEHIND_INTAKE);
    courier->way = courier->transport->open(&setup, error);
    return courier->way &&
           role_lock_in(&(struct confinement){.kind = CONFINE_COURIER, .places = places}, error);
}

int role_courier(const struct options *options)
{
    g_autoptr(GVariantDict) settings = role_settings();
    g_autoptr(GError) error = NULL;
    struct courier courier = {.letters = g_queue_new()};

    if (!settings)
        return EX_OK;
    courier.means = role_means(&courier, hear);
    if (!open_way(&courier, settings, &error))
        return role_give_up("transport-trouble", error);
    role_tell_ready();
    return serve(&courier);
}
