/*
 * Errands: what intake and courier need and may not fetch for themselves
 *
 * A client (intake, courier) says what it needs; the servant (dialler, hook) of the same number
 * fetches it; here it is looked at and passed on. Each knows of one server alone, so that nobody
 * gets a connection to, or a token for, another one. A servant answers in the order in which it was
 * asked; what it fetched for a client that has died meanwhile is thrown away.
 */
#include "state.h"
#include "log.h"
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

/* -- who needs what -- */

static const char *const networked[] = {"imap", "pop3", "smtp", NULL};

const struct server *errands_server(const struct desk *desk, guint instance)
{
    const struct settings *settings = desk->settings;
    GPtrArray *sources = settings->intake.sources;
    const struct source *source = instance < sources->len ? sources->pdata[instance] : NULL;
    const char *kind = source ? source->type : settings->outgoing.transport;

    if (!g_strv_contains(networked, kind))
        return NULL;
    return source ? &source->server : &settings->outgoing.server;
}

void errands_make_servants(struct desk *desk)
{
    desk->diallers = g_ptr_array_new_with_free_func((GDestroyNotify)peer_free);
    desk->hooks = g_ptr_array_new_with_free_func((GDestroyNotify)peer_free);
    for (guint i = 0; i <= desk->settings->intake.sources->len; i++) {
        const struct server *server = errands_server(desk, i);
        if (server)
            g_ptr_array_add(desk->diallers, peer_new(desk, ROLE_DIALLER, i));
        if (server && *server->user && *server->token_command)
            g_ptr_array_add(desk->hooks, peer_new(desk, ROLE_HOOK, i));
    }
    hooks_make(desk);
}

static enum ipc_need need_of(const struct peer *servant)
{
    return servant->kind == ROLE_DIALLER ? NEED_CONNECTION : NEED_TOKEN;
}

/* NULL: the configuration names no such thing for this client. */
static struct peer *servant_of(const struct peer *client, enum ipc_need need)
{
    const struct desk *desk = client->desk;
    GPtrArray *const servants[NEEDS] = {
        [NEED_CONNECTION] = desk->diallers, [NEED_TOKEN] = desk->hooks};
    guint instance =
        client->kind == ROLE_COURIER ? desk->settings->intake.sources->len : client->instance;

    for (guint i = 0; i < servants[need]->len; i++) {
        struct peer *servant = servants[need]->pdata[i];
        if (servant->instance == instance)
            return servant;
    }
    return NULL;
}

static struct peer *client_of(const struct peer *servant)
{
    const struct desk *desk = servant->desk;

    return servant->instance < desk->intakes->len ? desk->intakes->pdata[servant->instance]
                                                  : desk->courier;
}

/* -- there -- */

static void ask(struct peer *servant)
{
    peer_tell(servant, IPC_NEED, g_variant_new("(u)", (guint32)need_of(servant)), -1);
}

/* A servant that is still starting is asked when it is ready. */
void errands_need(struct peer *client, const struct ipc_message *message)
{
    guint32 need;
    struct peer *servant;

    g_variant_get(message->body, "(u)", &need);
    servant = need < NEEDS ? servant_of(client, need) : NULL;
    if (!servant || client->needs[need]) {
        peer_kill(client, servant ? "it asks twice" : "it needs what its settings do not name");
        return;
    }
    client->needs[need] = TRUE;
    if (servant->ready)
        ask(servant);
}

void errands_servant_ready(struct peer *servant)
{
    if (servant == servant->desk->announcer)
        return; /* it is asked when something happens */
    if (client_of(servant)->needs[need_of(servant)])
        ask(servant);
}

/* -- and back -- */

static void answer(struct peer *servant, const char *why_not, int fd)
{
    struct peer *client = client_of(servant);
    enum ipc_need need = need_of(servant);

    client->needs[need] = FALSE;
    peer_tell(client, IPC_HAVE, g_variant_new("(us)", (guint32)need, why_not), fd);
}

/* A connection and nothing else: with a socket that is not connected, or a datagram socket, its
 * client could speak to anybody. */
static gboolean is_connection(int fd)
{
    struct sockaddr_storage other = {0};
    socklen_t type_size = sizeof(int), other_size = sizeof other;
    int type;

    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_size) == 0 && type == SOCK_STREAM &&
           getpeername(fd, (struct sockaddr *)&other, &other_size) == 0 &&
           (other.ss_family == AF_INET || other.ss_family == AF_INET6);
}

/* A server may end it before it is looked at: that is no fault of the dialler's, and nothing to
 * hand on. */
static gboolean was_ended(int fd)
{
    socklen_t size = sizeof(int);
    int status;

    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &status, &size) == 0 && status != 0;
}

/* Only what can be sealed, and is not yet: any other file has that seal, or none at all. */
static gboolean is_memory_file(int fd)
{
    return fcntl(fd, F_GET_SEALS) == 0;
}

static gboolean (*const fits[NEEDS])(int) = {
    [NEED_CONNECTION] = is_connection, [NEED_TOKEN] = is_memory_file};

static const char *fault_of(
    const struct peer *servant, guint32 need, const char *why_not, int fd, gboolean ended)
{
    if (need != need_of(servant) || (fd >= 0) == (*why_not != 0))
        return "it brings something else than it was sent for";
    return fd < 0 || ended || fits[need](fd) ? NULL : "it brings another kind of file";
}

static void fetched(struct peer *servant, const struct ipc_message *message)
{
    gboolean awaited = servant->unwanted || client_of(servant)->needs[need_of(servant)];
    gboolean ended = message->fd >= 0 && was_ended(message->fd);
    const char *why_not, *fault;
    guint32 need;
    int fd;

    g_variant_get(message->body, "(u&s)", &need, &why_not);
    fault = awaited ? fault_of(servant, need, why_not, message->fd, ended)
                    : "it brings what nobody asked for";
    if (fault) {
        peer_kill(servant, fault);
    } else if (servant->unwanted) {
        servant->unwanted--; /* the message is cleared, and what came with it closed */
    } else if (message->fd < 0) {
        answer(servant, why_not, -1);
    } else if (ended) {
        answer(servant, "the server has ended the connection at once; it is tried again", -1);
    } else { /* the message keeps its own */
        fd = fcntl(message->fd, F_DUPFD_CLOEXEC, 0);
        answer(servant, fd < 0 ? "the desk has too many files open; it is tried again" : "", fd);
    }
}

void errands_have(struct peer *servant, const struct ipc_message *message)
{
    if (servant == servant->desk->announcer)
        hooks_told(servant, message);
    else
        fetched(servant, message);
}

/* -- endings -- */

void errands_servant_lost(struct peer *servant)
{
    g_autofree char *why_not = g_strdup_printf(
        "the %s has ended before it was done; it is started again", role_name(servant->kind));

    servant->unwanted = 0;
    if (servant == servant->desk->announcer)
        hooks_lost(servant);
    else if (client_of(servant)->needs[need_of(servant)])
        answer(servant, why_not, -1);
}

/* What is on its way is not for the one that is started in its place. */
void errands_client_lost(struct peer *client)
{
    for (enum ipc_need need = 0; need < NEEDS; need++) {
        if (client->needs[need] && servant_of(client, need)->ready)
            servant_of(client, need)->unwanted++;
        client->needs[need] = FALSE;
    }
}
