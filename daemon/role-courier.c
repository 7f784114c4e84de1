/*
 * courier: letters to the relay
 *
 * SECURITY: trusts the desk. Holds one way out (for a Maildir: that folder) and nothing else; sees
 * the finished letter only. It can open no socket and start no program. Whoever breaks it can lose
 * or copy letters on their way, and claim that they were sent.
 */
#include "roles.h"
#include "confine.h"
#include "error.h"
#include "fault.h"
#include "ipc.h"
#include "log.h"
#include "send.h"
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

/* What comes in is made durable before anything goes out, when there is too much of both. */
enum { BEHIND_INTAKE = 10 };

static gboolean send_letter(
    const struct transport *transport, gpointer way, const struct ipc_message *message)
{
    struct letter_out letter = {.fd = message->fd};
    struct send_result result = {SEND_DEFERRED, NULL};
    gboolean told;

    g_variant_get(message->body, "(t&s&s)", &letter.id, &letter.from, &letter.to);
    fault_pass("courier_send");
    transport->send(way, &letter, &result);
    fault_pass("courier_sent");
    told = ipc_send(CHANNEL, IPC_SENT,
        g_variant_new("(tus)", letter.id, (guint32)result.outcome, result.reply), -1, NULL);
    g_free(result.reply);
    return told;
}

static int serve(const struct transport *transport, gpointer way)
{
    struct ipc_message message;
    gboolean more = TRUE;

    while (more && ipc_receive(CHANNEL, &message, NULL)) {
        more = message.kind == IPC_SEND ? send_letter(transport, way, &message)
                                        : role_answers_ping(message.kind);
        ipc_message_clear(&message);
    }
    return EX_OK;
}

static int fail(const GError *error)
{
    log_event(LOG_LEVEL_WARN, 0, "transport-trouble", "%s", error->message);
    ipc_send(CHANNEL, IPC_TROUBLE, g_variant_new("(s)", error->message), -1, NULL);
    return error_exit_status(error);
}

int role_courier(const struct options *options)
{
    g_autoptr(GVariantDict) settings = role_settings();
    g_autoptr(GError) error = NULL;
    const struct transport *transport;
    struct confine_place places[] = {{NULL, CONFINE_WRITE}, {NULL, CONFINE_READ}};
    const char *name, *path;
    gpointer way;

    if (!settings || !g_variant_dict_lookup(settings, "transport", "&s", &name) ||
        !g_variant_dict_lookup(settings, "path", "&s", &path) ||
        !(transport = transport_find(name)))
        return EX_OK;
    places[0].path = path;
    setpriority(PRIO_PROCESS, 0, BEHIND_INTAKE);
    way = transport->open(path, &error);
    if (!way ||
        !role_lock_in(&(struct confinement){.kind = CONFINE_COURIER, .places = places}, &error))
        return fail(error);
    ipc_send(CHANNEL, IPC_READY, g_variant_new("()"), -1, NULL);
    return serve(transport, way);
}
