/*
 * Bytes and time. Every wait is for the server and for the desk; each has to end by the deadline,
 * which is looked at whether or not bytes come: a server that drips gains nothing.
 */
#include "link-parts.h"
#include "now.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

/* a mapped address in ::ffff:0:0/96 has its four bytes at the end */
enum { MAPPED_FROM = 12, LOOPBACK_NET = 127 };

gboolean stream_hear(struct link *link)
{
    const struct means *means = link->server->means;

    return means->hear(means->role) || link_die(link, "the desk is gone");
}

static gboolean stream_wait(struct link *link, short events)
{
    struct pollfd on[] = {{link->fd, events, 0}, {link->server->means->channel, POLLIN, 0}};

    for (;;) {
        int left = now_milliseconds_to(link->deadline);
        if (left == 0)
            return link_die(link, "the server was not done within %u s. The server is tried again",
                link->seconds);
        if (poll(on, G_N_ELEMENTS(on), left) <= 0)
            continue;
        if (on[1].revents && !stream_hear(link))
            return FALSE;
        if (on[0].revents)
            return TRUE;
    }
}

static gboolean is_passing(int code)
{
    return code == EAGAIN || code == EWOULDBLOCK || code == EINTR;
}

static gssize fail(struct link *link, const char *what)
{
    link_die(link, "%s: %s. The server is tried again", what, g_strerror(errno));
    errno = EIO;
    return -1;
}

gssize stream_receive(struct link *link, void *data, gsize size)
{
    for (;;) {
        ssize_t got;
        if (!link->glance && !stream_wait(link, POLLIN)) {
            errno = EIO;
            return -1;
        }
        got = recv(link->fd, data, size, MSG_DONTWAIT);
        if (got > 0)
            return got;
        if (got == 0) {
            link_die(link, "the server has closed the connection. The server is tried again");
            errno = EIO;
            return -1;
        }
        if (!is_passing(errno))
            return fail(link, "the connection has broken");
        if (link->glance) {
            errno = EAGAIN;
            return -1;
        }
    }
}

gssize stream_send(struct link *link, const void *data, gsize size)
{
    for (;;) {
        ssize_t put;
        if (!stream_wait(link, POLLOUT)) {
            errno = EIO;
            return -1;
        }
        put = send(link->fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (put >= 0)
            return put;
        if (!is_passing(errno))
            return fail(link, "the server takes nothing more");
    }
}

static gboolean is_loopback6(const struct in6_addr *address)
{
    return IN6_IS_ADDR_LOOPBACK(address) ||
           (IN6_IS_ADDR_V4MAPPED(address) && address->s6_addr[MAPPED_FROM] == LOOPBACK_NET);
}

gboolean stream_is_local(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
        struct sockaddr_storage space;
    } peer = {0};
    socklen_t size = sizeof peer;

    if (getpeername(fd, &peer.any, &size) < 0)
        return FALSE;
    return peer.any.sa_family == AF_UNIX ||
           (peer.any.sa_family == AF_INET &&
               ntohl(peer.v4.sin_addr.s_addr) >> IN_CLASSA_NSHIFT == LOOPBACK_NET) ||
           (peer.any.sa_family == AF_INET6 && is_loopback6(&peer.v6.sin6_addr));
}
