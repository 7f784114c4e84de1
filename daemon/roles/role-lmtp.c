/*
 * intake by LMTP: an MTA hands mail over to us
 *
 * SECURITY: trusts the desk. Holds one listening socket (closed to all but its group, or on a
 * loopback address, open to all users of this host) and the mail that is on its way; it can open no
 * file and no socket, connect to nothing and start no program. It reads commands of the MTA; of a
 * mail it looks for the end alone. Whoever breaks it can withhold or invent mail of this one
 * source.
 *
 * A recipient hears 250 when the desk says "taken", which it says behind the commit. If the desk
 * goes, the connections are closed without an answer and the MTA comes again.
 */
#include "roles.h"
#include "error.h"
#include "listener.h"
#include "log.h"
#include "socket.h"
#include <mado/limits.h>
#include <errno.h>
#include <gio/gio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

enum { IDLE_SECONDS = 300, CROWDED_SECONDS = 10, WHOLE_SECONDS = 900 };

static int fail(int fd, const char *where, GError **error)
{
    g_set_error(error, MADO_ERROR, MADO_E_SOURCE,
        "LMTP cannot wait at %s: %s. No mail comes in by it; it is tried again", where,
        g_strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

/* "127.0.0.1:2424" or "[::1]:2424". */
static int listen_at_port(const char *where, GError **error)
{
    const char *colon = strrchr(where, ':');
    gboolean bracketed = *where == '[';
    g_autofree char *host = g_strndup(where + bracketed, (gsize)(colon - where) - 2 * bracketed);
    g_autoptr(GSocketAddress) address =
        g_inet_socket_address_new_from_string(host, (guint)g_ascii_strtoull(colon + 1, NULL, 10));
    struct sockaddr_storage native;
    gssize size = address ? g_socket_address_get_native_size(address) : 0;
    int fd = -1, yes = 1;

    errno = EINVAL;
    if (size > 0 && g_socket_address_to_native(address, &native, sizeof native, NULL))
        fd = socket(native.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    /* Replies go at once; those who come have the same. */
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) < 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) < 0 ||
        bind(fd, (struct sockaddr *)&native, (socklen_t)size) < 0 ||
        listen(fd, LIMIT_LMTP_CLIENTS) < 0)
        return fail(fd, where, error);
    return fd;
}

/* What the settings say; the strings are the dictionary's. */
struct place {
    const char *path, *listen, *group;
    char **addresses; /* owned */
    gint64 max_message;
};

static int open_listening(const struct place *place, GError **error)
{
    return *place->path ? socket_listen(place->path, SOCK_STREAM, place->group, error)
                        : listen_at_port(place->listen, error);
}

static gboolean read_place(GVariantDict *settings, struct place *place, GError **error)
{
    if (g_variant_dict_lookup(settings, "path", "&s", &place->path) &&
        g_variant_dict_lookup(settings, "listen", "&s", &place->listen) &&
        g_variant_dict_lookup(settings, "group", "&s", &place->group) &&
        g_variant_dict_lookup(settings, "addresses", "^as", &place->addresses) &&
        g_variant_dict_lookup(settings, "max_message", "x", &place->max_message))
        return TRUE;
    g_set_error_literal(error, MADO_ERROR, MADO_E_ROLE, "lmtp got settings it cannot use");
    return FALSE;
}

static struct listener *open_listener(const struct place *place, GError **error)
{
    struct listener_setup setup = {
        .channel = CHANNEL,
        .house = {.host = g_get_host_name(),
            .addresses = place->addresses,
            .max_message = (guint64)place->max_message,
            .max_memory = LIMIT_LMTP_MEMORY},
        .idle = IDLE_SECONDS * G_USEC_PER_SEC,
        .crowded = CROWDED_SECONDS * G_USEC_PER_SEC,
        .whole = WHOLE_SECONDS * G_USEC_PER_SEC,
    };

    setup.socket = open_listening(place, error);
    if (setup.socket < 0)
        return NULL;
    return listener_new(&setup);
}

static void tell_state(const struct place *place)
{
    g_autofree char *state =
        g_strconcat("LMTP, waits at ", *place->path ? place->path : place->listen, NULL);

    role_tell_ready();
    /* Nothing lies anywhere that could be looked at. */
    ipc_send(CHANNEL, IPC_SCANNED, g_variant_new("(t)", (guint64)0), -1, NULL);
    role_tell_state(state);
}

int lmtp_serve(GVariantDict *settings)
{
    g_autoptr(GError) error = NULL;
    struct place place = {0};
    struct listener *listener = NULL;

    if (!read_place(settings, &place, &error) || !(listener = open_listener(&place, &error)) ||
        !role_lock_in(&(struct confinement){.kind = CONFINE_LISTENER}, &error))
        return role_give_up("source-trouble", error);
    tell_state(&place);
    while (listener_turn(listener))
        ;
    listener_free(listener);
    g_strfreev(place.addresses);
    return EX_OK;
}
