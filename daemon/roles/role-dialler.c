/*
 * dialler: a connection to one mail server
 *
 * SECURITY: trusts the desk, which names one host and one port when it starts. Holds no password,
 * no mail and no key; opens the resolver's files and no other, for reading. It may connect, and so
 * reads nothing from the server: it hands the connection over as it is. What the name servers say
 * is read by a child that lives for one connection. Whoever breaks it can lead mado to another host
 * (which TLS then refuses) and speak with any host that the network lets it reach: by UDP, and by
 * TCP on that port and on that of name servers (on any, where the kernel's Landlock knows no
 * ports). Only IPAddressAllow of systemd, or a packet filter, holds that.
 */
#include "roles.h"
#include "now.h"
#include "servant.h"
#include <mado/limits.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

enum { ADDRESSES_AT_MOST = 8 };

struct dialler {
    const char *host;
    gint64 port;
    guint wall;     /* seconds for everything */
    char *where;    /* "imap.sakura.example:993" */
    char *resolver; /* which files it was when we were locked in */
};

/* -- one address -- */

/* How long a silent server, or a way to it that is gone, goes unnoticed: two minutes. */
static const struct {
    int level, name, value;
} options_of_connection[] = {
    {IPPROTO_TCP, TCP_NODELAY, 1},
    {SOL_SOCKET, SO_KEEPALIVE, 1},
    {IPPROTO_TCP, TCP_KEEPIDLE, 60},
    {IPPROTO_TCP, TCP_KEEPINTVL, 15},
    {IPPROTO_TCP, TCP_KEEPCNT, 4},
    {IPPROTO_TCP, TCP_USER_TIMEOUT, 120 * 1000},
};

static void set_options(int fd)
{
    for (gsize i = 0; i < G_N_ELEMENTS(options_of_connection); i++)
        setsockopt(fd, options_of_connection[i].level, options_of_connection[i].name,
            &options_of_connection[i].value, sizeof options_of_connection[i].value);
}

/* Until it is connected or `until` (monotonic); errno says why not. */
static gboolean finish_connecting(int fd, gint64 until)
{
    struct pollfd on = {fd, POLLOUT, 0};
    socklen_t size = sizeof errno;
    int status = 0;

    if (poll(&on, 1, now_milliseconds_to(until)) <= 0)
        status = ETIMEDOUT;
    else
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &status, &size);
    errno = status;
    return status == 0;
}

/* The connection, which does not block; or -1, and errno says why. */
static int connect_to(const struct addrinfo *address, gint64 until)
{
    int why, fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    set_options(fd);
    if (connect(fd, address->ai_addr, address->ai_addrlen) == 0 ||
        (errno == EINPROGRESS && finish_connecting(fd, until)))
        return fd;
    why = errno;
    close(fd);
    errno = why;
    return -1;
}

/* -- all of them -- */

static guint count(const struct addrinfo *address)
{
    guint found = 0;

    for (; address && found < ADDRESSES_AT_MOST; address = address->ai_next)
        found++;
    return found;
}

/* The first that answers; each has its share of the time that is left. */
static int connect_to_any(const struct addrinfo *address, gint64 until)
{
    int fd = -1;

    for (guint left = count(address); left && fd < 0; left--, address = address->ai_next) {
        gint64 now = g_get_monotonic_time();
        gint64 share = (until - now) / left;
        fd = connect_to(
            address, now + MIN(share, LIMIT_DIAL_ADDRESS_SECONDS * (gint64)G_USEC_PER_SEC));
    }
    return fd;
}

static int resolve(const struct dialler *dialler, struct addrinfo **found)
{
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    g_autofree char *port = g_strdup_printf("%" G_GINT64_FORMAT, dialler->port);

    return getaddrinfo(dialler->host, port, &wanted, found);
}

static char *sentence(const struct dialler *dialler, const char *why, guint addresses)
{
    g_autofree char *lower = g_strdup(why);

    *lower = g_ascii_tolower(*lower);
    return addresses > 1
               ? g_strdup_printf("%s: none of %u addresses: %s", dialler->where, addresses, lower)
               : g_strdup_printf("%s: %s", dialler->where, lower);
}

static void dial(gpointer role, int with, int answer)
{
    const struct dialler *dialler = role;
    /* before our own clock ends us, so that there is a better answer */
    gint64 until = g_get_monotonic_time() + dialler->wall * (gint64)(G_USEC_PER_SEC / 10 * 9);
    struct addrinfo *found = NULL;
    g_autofree char *why_not = NULL;
    int fd = -1, status = resolve(dialler, &found);

    if (status == 0)
        fd = connect_to_any(found, until);
    if (fd < 0)
        why_not = sentence(dialler,
            status == 0 || status == EAI_SYSTEM ? g_strerror(errno) : gai_strerror(status),
            count(found));
    servant_say(answer, NEED_CONNECTION, fd, why_not ? why_not : "");
}

/* -- the resolver -- */

/* So it knows files and DNS. A name service that is a library of its own cannot be loaded by a role
 * that is confined; glibc passes it over like one that is not installed. */
static const char *const resolver_files[] = {"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf",
    "/etc/gai.conf", "/etc/host.conf", "/etc/services"};

/* Which files they are: a place is bound to a file, not to its name. */
static char *resolver_state(void)
{
    GString *state = g_string_new(NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(resolver_files); i++) {
        struct stat is = {0};
        if (stat(resolver_files[i], &is) < 0)
            is.st_ino = 0;
        g_string_append_printf(state, "%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT " ",
            (guint64)is.st_dev, (guint64)is.st_ino);
    }
    return g_string_free(state, FALSE);
}

/* A file that was replaced is one that we may not read: then another dialler takes our place. */
static gboolean resolver_is_the_same(gpointer role)
{
    const struct dialler *dialler = role;
    g_autofree char *state = resolver_state();

    return g_str_equal(state, dialler->resolver);
}

static gboolean lock_in(const struct dialler *dialler, GError **error)
{
    struct confine_place places[G_N_ELEMENTS(resolver_files) + 1] = {{NULL, CONFINE_READ}};

    for (gsize i = 0; i < G_N_ELEMENTS(resolver_files); i++)
        places[i] = (struct confine_place){resolver_files[i], CONFINE_READ};
    return role_lock_in(
        &(struct confinement){
            .kind = CONFINE_DIALLER, .places = places, .port = (guint16)dialler->port},
        error);
}

static int serve(struct dialler *dialler)
{
    g_autofree char *too_late =
        g_strdup_printf("%s: no name server answers in time", dialler->where);
    g_autofree char *broken =
        g_strdup_printf("%s: looking it up was ended; it is tried again", dialler->where);
    const struct servant servant = {
        .what = NEED_CONNECTION,
        .wall = dialler->wall,
        .errand = dial,
        .still_fits = resolver_is_the_same,
        .too_late = too_late,
        .broken = broken,
        .role = dialler,
    };

    role_tell_ready();
    return servant_serve(&servant);
}

int role_dialler(const struct options *options)
{
    g_autoptr(GVariantDict) settings = role_settings();
    g_autoptr(GError) error = NULL;
    struct dialler dialler = {0};

    if (!settings || !g_variant_dict_lookup(settings, "host", "&s", &dialler.host) ||
        !g_variant_dict_lookup(settings, "port", "x", &dialler.port) ||
        !g_variant_dict_lookup(settings, "wall", "u", &dialler.wall))
        return EX_OK;
    dialler.where = g_strdup_printf(
        strchr(dialler.host, ':') ? "[%s]:%d" : "%s:%d", dialler.host, (int)dialler.port);
    dialler.resolver = resolver_state();
    return lock_in(&dialler, &error) ? serve(&dialler) : role_give_up("dialler-trouble", error);
}
