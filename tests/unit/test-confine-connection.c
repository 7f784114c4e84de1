/* A role with a connection speaks to its server, and to nobody else; the dialler connects, and that
 * is all it does. */
#include "confine.h"
#include "log.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

enum { CANNOT_BE_CONFINED = 190, DIED = 191 };

static struct {
    int connection, server;        /* the two ends of what the role was given */
    int elsewhere;                 /* another server, which waits for anybody; does not block */
    struct sockaddr_in other;      /* where that is */
    struct sockaddr_in unfamiliar; /* a third one, at another port */
    int unfamiliar_listener;
} world;

/* -- ways to somebody else; each is 0 or more if it works -- */

static int make_socket(void)
{
    return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int make_datagram_socket(void)
{
    return socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

/* Streams that are no TCP have ports of which Landlock knows nothing. */
static int make_multipath_socket(void)
{
    return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_MPTCP);
}

static int make_pair(void)
{
    int pair[2];
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
}

static int connect_it_again(void)
{
    return connect(world.connection, (struct sockaddr *)&world.other, sizeof world.other);
}

static int disconnect_it(void)
{
    return connect(
        world.connection, &(struct sockaddr){.sa_family = AF_UNSPEC}, sizeof(struct sockaddr));
}

static int disconnect_and_connect(void)
{
    return disconnect_it() < 0 ? -1 : connect_it_again();
}

static int shut_and_connect(void)
{
    shutdown(world.connection, SHUT_RDWR);
    return connect_it_again();
}

static int send_to(void)
{
    return (int)sendto(world.connection, "x", 1, MSG_NOSIGNAL, (struct sockaddr *)&world.other,
        sizeof world.other);
}

static int send_fast(void)
{
    return (int)sendto(world.connection, "x", 1, MSG_NOSIGNAL | MSG_FASTOPEN,
        (struct sockaddr *)&world.other, sizeof world.other);
}

static int send_message(int flags)
{
    struct iovec part = {(void *)(guintptr) "x", 1};
    struct msghdr packet = {.msg_name = &world.other,
        .msg_namelen = sizeof world.other,
        .msg_iov = &part,
        .msg_iovlen = 1};
    return (int)sendmsg(world.connection, &packet, MSG_NOSIGNAL | flags);
}

static int send_message_fast(void)
{
    return send_message(MSG_FASTOPEN);
}

/* A stream passes the address over: it goes where everything goes. */
static int send_message_with_address(void)
{
    return send_message(0);
}

static int send_messages(void)
{
    struct mmsghdr packet = {
        .msg_hdr = {.msg_name = &world.other, .msg_namelen = sizeof world.other}};
    return sendmmsg(world.connection, &packet, 1, MSG_NOSIGNAL);
}

static int connect_fast(void)
{
    return setsockopt(world.connection, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &(int){1}, sizeof(int));
}

static int repair_it(void)
{
    return setsockopt(world.connection, IPPROTO_TCP, TCP_REPAIR, &(int){1}, sizeof(int));
}

static int bind_it(void)
{
    return bind(world.connection, (struct sockaddr *)&world.other, sizeof world.other);
}

static int listen_with_it(void)
{
    return listen(world.connection, 1);
}

/* A ring makes sockets and connects them past any filter of calls. */
static int make_ring(void)
{
    return (int)syscall(SYS_io_uring_setup, 1, NULL);
}

static int take_file_of_another(void)
{
    return (int)syscall(SYS_pidfd_getfd, 0, 0, 0);
}

static const struct way {
    const char *name;
    int (*go)(void);
} ways[] = {{"socket", make_socket}, {"datagram socket", make_datagram_socket},
    {"multipath socket", make_multipath_socket}, {"socket pair", make_pair},
    {"connect", connect_it_again}, {"disconnect", disconnect_it},
    {"disconnect and connect", disconnect_and_connect}, {"shutdown and connect", shut_and_connect},
    {"sendto", send_to}, {"sendto, fast", send_fast}, {"sendmsg, fast", send_message_fast},
    {"sendmmsg", send_messages}, {"fast by option", connect_fast}, {"repair", repair_it},
    {"bind", bind_it}, {"listen", listen_with_it}, {"ring", make_ring},
    {"file of another", take_file_of_another}};

/* -- the world -- */

static int listen_at(struct sockaddr_in *at)
{
    socklen_t size = sizeof *at;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    *at = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    g_assert_cmpint(bind(listener, (struct sockaddr *)at, sizeof *at), ==, 0);
    g_assert_cmpint(getsockname(listener, (struct sockaddr *)at, &size), ==, 0);
    g_assert_cmpint(listen(listener, 8), ==, 0);
    return listener;
}

static void open_world(void)
{
    struct sockaddr_in at;
    int listener = listen_at(&at);

    world.connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(connect(world.connection, (struct sockaddr *)&at, sizeof at), ==, 0);
    world.server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    g_assert_cmpint(world.server, >=, 0);
    close(listener);
    world.elsewhere = listen_at(&world.other);
    world.unfamiliar_listener = listen_at(&world.unfamiliar);
}

static void close_world(void)
{
    close(world.connection);
    close(world.server);
    close(world.elsewhere);
    close(world.unfamiliar_listener);
}

static gboolean has_visitor(int listener)
{
    int visitor = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

    if (visitor >= 0)
        close(visitor);
    return visitor >= 0;
}

/* Runs `go` in a process of that kind: 0, or its errno. Without Landlock it is seccomp alone that
 * is seen (-1). */
static int try_as(enum confine_kind kind, int pretend_abi, int (*go)(void))
{
    static const struct confine_place places[] = {{"/etc/hosts", CONFINE_READ}, {NULL, 0}};
    pid_t child;
    int status;

    fflush(NULL);
    if ((child = fork()) == 0) {
        struct confinement as = {.kind = kind,
            .places = places,
            .port = ntohs(world.other.sin_port),
            .pretend_abi = pretend_abi};
        if (!confine_role(&as, NULL))
            _exit(CANNOT_BE_CONFINED);
        _exit(go() >= 0 ? 0 : errno);
    }
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : DIED;
}

/* -- those who are given a connection -- */

static int use_connection(void)
{
    char answer;

    return send(world.connection, "?", 1, MSG_NOSIGNAL) == 1 &&
                   recv(world.connection, &answer, 1, 0) == 1 && answer == '!'
               ? 0
               : -1;
}

static const enum confine_kind speakers[] = {CONFINE_INTAKE, CONFINE_COURIER, CONFINE_LISTENER};

static void test_a_connection_works(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(speakers); i++) {
        char question;
        open_world();
        g_assert_cmpint(write(world.server, "!", 1), ==, 1);
        g_assert_cmpint(try_as(speakers[i], 0, use_connection), ==, 0);
        g_assert_cmpint(read(world.server, &question, 1), ==, 1);
        close_world();
    }
}

static void test_a_connection_leads_nowhere_else(void)
{
    static const int abis[] = {0, -1};

    for (gsize i = 0; i < G_N_ELEMENTS(speakers) * G_N_ELEMENTS(abis); i++)
        for (gsize way = 0; way < G_N_ELEMENTS(ways); way++) {
            enum confine_kind kind = speakers[i / G_N_ELEMENTS(abis)];
            int outcome;
            open_world();
            outcome = try_as(kind, abis[i % G_N_ELEMENTS(abis)], ways[way].go);
            g_test_message("%s: %s", confine_kind_name(kind), ways[way].name);
            g_assert_cmpint(outcome, ==, EPERM);
            g_assert_false(has_visitor(world.elsewhere));
            close_world();
        }
}

static void test_an_address_in_a_message_is_passed_over(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(speakers); i++) {
        char byte;
        open_world();
        g_assert_cmpint(try_as(speakers[i], 0, send_message_with_address), ==, 0);
        g_assert_cmpint(read(world.server, &byte, 1), ==, 1);
        g_assert_false(has_visitor(world.elsewhere));
        close_world();
    }
}

/* So that it is the confinement that was seen: without it these lead there. */
static void test_the_ways_are_real(void)
{
    open_world();
    g_assert_cmpint(try_as(CONFINE_LAUNCHER, 0, disconnect_and_connect), ==, 0);
    g_assert_true(has_visitor(world.elsewhere));
    g_assert_cmpint(try_as(CONFINE_LAUNCHER, 0, make_socket), ==, 0);
    g_assert_cmpint(try_as(CONFINE_LAUNCHER, 0, connect_fast), !=, EPERM);
    g_assert_cmpint(try_as(CONFINE_LAUNCHER, 0, make_multipath_socket), !=, EPERM);
    close_world();
}

/* -- the one that connects -- */

static int connect_anew(const struct sockaddr_in *to)
{
    int fd = make_socket();

    return fd < 0 ? -1 : connect(fd, (const struct sockaddr *)to, sizeof *to);
}

static int connect_to_its_port(void)
{
    return connect_anew(&world.other);
}

static int connect_to_another_port(void)
{
    return connect_anew(&world.unfamiliar);
}

/* TCP Fast Open connects without a call to connect(2), which is what Landlock sees. */
static int send_anew(const struct sockaddr_in *to)
{
    int fd = make_socket();

    return fd < 0 ? -1
                  : (int)sendto(fd, "x", 1, MSG_NOSIGNAL | MSG_FASTOPEN,
                        (const struct sockaddr *)to, sizeof *to);
}

static int send_fast_to_another_port(void)
{
    return send_anew(&world.unfamiliar);
}

static int send_message_fast_anew(void)
{
    struct iovec part = {(void *)(guintptr) "x", 1};
    struct msghdr packet = {.msg_name = &world.unfamiliar,
        .msg_namelen = sizeof world.unfamiliar,
        .msg_iov = &part,
        .msg_iovlen = 1};
    return (int)sendmsg(make_socket(), &packet, MSG_NOSIGNAL | MSG_FASTOPEN);
}

static int send_messages_fast_anew(void)
{
    struct mmsghdr packet = {
        .msg_hdr = {.msg_name = &world.unfamiliar, .msg_namelen = sizeof world.unfamiliar}};
    return sendmmsg(make_socket(), &packet, 1, MSG_NOSIGNAL | MSG_FASTOPEN);
}

static int make_sctp_socket(void)
{
    return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_SCTP);
}

static int make_packets_in_order(void)
{
    return socket(AF_INET, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
}

static int make_raw_socket(void)
{
    return socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6);
}

static int make_unix_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int make_packet_socket(void)
{
    return socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
}

static int make_route_socket(void)
{
    return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0);
}

static int read_its_file(void)
{
    return open("/etc/hosts", O_RDONLY | O_CLOEXEC);
}

static int read_another_file(void)
{
    return open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static int write_its_file(void)
{
    return open("/etc/hosts", O_WRONLY | O_CLOEXEC);
}

static int empty_its_file(void)
{
    return open("/etc/hosts", O_RDONLY | O_TRUNC | O_CLOEXEC);
}

static int run_program(void)
{
    return execl("/bin/true", "true", NULL);
}

static void test_the_dialler_connects_and_no_more(void)
{
    static const struct {
        int (*go)(void);
        int outcome;
    } rows[] = {
        {connect_to_its_port, 0},
        {make_datagram_socket, 0}, /* to ask name servers */
        {read_its_file, 0},
        {read_another_file, EACCES},
        {write_its_file, EPERM},
        {empty_its_file, EPERM},
        {make_unix_socket, EPERM}, /* the operators' among them */
        {make_packet_socket, EPERM},
        {make_route_socket, EPERM},
        {make_raw_socket, EPERM},
        {make_multipath_socket, EPERM},
        {make_sctp_socket, EPERM},
        {make_packets_in_order, EPERM},
        {send_fast_to_another_port, EPERM},
        {send_message_fast_anew, EPERM},
        {send_messages_fast_anew, EPERM},
        {make_ring, EPERM},
        {connect_fast, EPERM},
        {repair_it, EPERM},
        {bind_it, EPERM},
        {listen_with_it, EPERM},
        {run_program, DIED},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        open_world();
        g_test_message("%u", (guint)i);
        g_assert_cmpint(try_as(CONFINE_DIALLER, 0, rows[i].go), ==, rows[i].outcome);
        g_assert_cmpint(has_visitor(world.elsewhere), ==, rows[i].go == connect_to_its_port);
        g_assert_false(has_visitor(world.unfamiliar_listener));
        close_world();
    }
}

/* Landlock knows ports from ABI 4 on. */
static void test_the_dialler_keeps_to_its_port(void)
{
    int outcome;

    open_world();
    outcome = try_as(CONFINE_DIALLER, 0, connect_to_another_port);
    g_assert_cmpint(has_visitor(world.unfamiliar_listener), ==, outcome == 0);
    g_assert_cmpint(try_as(CONFINE_DIALLER, 3, connect_to_another_port), ==, 0);
    close_world();
    if (outcome == 0)
        g_test_skip("this kernel's Landlock knows no ports");
    else
        g_assert_cmpint(outcome, ==, EACCES);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    log_start("test");
    g_test_add_func("/connection/works", test_a_connection_works);
    g_test_add_func("/connection/nowhere-else", test_a_connection_leads_nowhere_else);
    g_test_add_func("/connection/address", test_an_address_in_a_message_is_passed_over);
    g_test_add_func("/connection/real", test_the_ways_are_real);
    g_test_add_func("/connection/dialler", test_the_dialler_connects_and_no_more);
    g_test_add_func("/connection/port", test_the_dialler_keeps_to_its_port);
    return g_test_run();
}
