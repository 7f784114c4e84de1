/* A network of the test's own, with a name server that knows a few names. */
#pragma once
#include <arpa/inet.h>
#include <errno.h>
#include <glib.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

enum { NO_NETWORK_OF_ITS_OWN = 77, DNS_HEADER = 12, DNS_A = 1 };

static const struct {
    const char *name;
    const char *address;
    gboolean by_tcp; /* too long for a datagram */
} known_names[] = {
    {"imap.sakura.example", "127.0.0.1", FALSE}, {"long.sakura.example", "127.0.0.1", TRUE},
    {"far.sakura.example", "198.51.100.1", FALSE}, /* no way leads there */
};

/* The labels of a question as text; where it ends. */
static inline gsize question_name(const guint8 *query, gsize size, GString *name)
{
    gsize at = DNS_HEADER;

    while (at < size && query[at]) {
        g_string_append_printf(name, "%s%.*s", name->len ? "." : "", query[at], query + at + 1);
        at += query[at] + 1U;
    }
    return at + 5; /* the root, type and class */
}

/* RFC 1035, 4.1. The size of the answer, 0 for none. */
static inline gsize answer_query(guint8 *packet, gsize size, gboolean by_tcp)
{
    g_autoptr(GString) name = g_string_new(NULL);
    gsize end = question_name(packet, size, name), found = 0;

    if (end > size || g_str_has_prefix(name->str, "silent."))
        return 0;
    while (found < G_N_ELEMENTS(known_names) && !g_str_equal(known_names[found].name, name->str))
        found++;
    memset(packet + 6, 0, 6);
    packet[2] = 0x81;
    packet[3] = found < G_N_ELEMENTS(known_names) ? 0x80 : 0x83; /* no such name */
    if (found == G_N_ELEMENTS(known_names) || packet[end - 3] != DNS_A)
        return end;
    if (known_names[found].by_tcp && !by_tcp) {
        packet[2] |= 0x02;
        return end;
    }
    packet[7] = 1;
    memcpy(packet + end, "\xc0\x0c\0\1\0\1\0\0\0\0\0\4", 12);
    inet_pton(AF_INET, known_names[found].address, packet + end + 12);
    return end + 16;
}

static inline void answer_by_udp(int fd)
{
    guint8 packet[1024];
    struct sockaddr_in from;
    socklen_t from_size = sizeof from;
    ssize_t got = recvfrom(fd, packet, 512, 0, (struct sockaddr *)&from, &from_size);
    gsize size = got > DNS_HEADER ? answer_query(packet, (gsize)got, FALSE) : 0;

    if (size && sendto(fd, packet, size, 0, (struct sockaddr *)&from, from_size) < 0)
        _exit(1);
}

static inline void answer_by_tcp(int listener)
{
    guint8 packet[1024];
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    ssize_t got;

    /* both questions come over one connection, each with its length before it */
    while (read(fd, packet, 2) == 2 && (got = read(fd, packet + 2, packet[1])) > DNS_HEADER) {
        gsize size = answer_query(packet + 2, (gsize)got, TRUE);
        packet[0] = 0;
        packet[1] = (guint8)size;
        if (write(fd, packet, size + 2) < 0)
            break;
    }
    close(fd);
}

static inline int bind_dns(int type)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(53), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

    if (bind(fd, (struct sockaddr *)&at, sizeof at) < 0 ||
        (type == SOCK_STREAM && listen(fd, 8) < 0))
        _exit(1);
    return fd;
}

static inline void start_name_server(void)
{
    int udp = bind_dns(SOCK_DGRAM), tcp = bind_dns(SOCK_STREAM);

    if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) {
            struct pollfd on[] = {{udp, POLLIN, 0}, {tcp, POLLIN, 0}};
            poll(on, 2, -1);
            if (on[0].revents)
                answer_by_udp(udp);
            if (on[1].revents)
                answer_by_tcp(tcp);
        }
    }
    close(udp);
    close(tcp);
}

static inline gboolean have_own_network(void)
{
    struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    gboolean up;
    int fd;

    if (unshare((geteuid() == 0 ? 0 : CLONE_NEWUSER) | CLONE_NEWNET | CLONE_NEWNS) < 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return FALSE;
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    up = ioctl(fd, SIOCSIFFLAGS, &loopback) == 0;
    close(fd);
    return up;
}

/* One file in the place of another. */
static inline void put_over(const char *file, const char *name)
{
    if (mount(file, name, NULL, MS_BIND, NULL) < 0)
        _exit(NO_NETWORK_OF_ITS_OWN);
}

/* Runs `work` where the resolver has these files and that name server, and nothing else is. */
static inline void in_own_network(const char *resolv_conf, const char *hosts, void (*work)(void))
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        if (!have_own_network())
            _exit(NO_NETWORK_OF_ITS_OWN);
        put_over(resolv_conf, "/etc/resolv.conf");
        put_over(hosts, "/etc/hosts");
        start_name_server();
        work();
        _exit(0);
    }
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == NO_NETWORK_OF_ITS_OWN)
        g_test_skip("a network of its own cannot be had here");
    else
        g_assert_cmpint(status, ==, 0);
}
