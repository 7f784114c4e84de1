/* Many clients of LMTP and a desk, played in turns by one process. */
#include "fd.h"
#include "ipc.h"
#include "listener.h"
#include <mado/limits.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ENVELOPE                                                                                   \
    "LHLO mta\r\nMAIL FROM:<a@peer.example>\r\nRCPT TO:<csirt@sakura.example>\r\nDATA\r\n"
#define MAIL ENVELOPE "body\r\n.\r\n"
#define LONG ((gint64)3600 * G_USEC_PER_SEC)

static const char *const addresses[] = {"csirt@sakura.example", NULL};

struct house {
    struct listener *listener;
    struct sockaddr_un at;
    socklen_t size;
    int desk;
};

/* Without a name in any folder: the kernel gives one. */
static int listen_somewhere(struct house *house)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    house->at.sun_family = AF_UNIX;
    house->size = sizeof house->at;
    g_assert_cmpint(bind(fd, (struct sockaddr *)&house->at, sizeof(sa_family_t)), ==, 0);
    g_assert_cmpint(getsockname(fd, (struct sockaddr *)&house->at, &house->size), ==, 0);
    g_assert_cmpint(listen(fd, LIMIT_LMTP_CLIENTS), ==, 0);
    return fd;
}

static void open_house(struct house *house, gint64 idle, gint64 crowded, gint64 whole)
{
    int pair[2];

    memset(house, 0, sizeof *house);
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), ==, 0);
    house->desk = pair[0];
    house->listener = listener_new(&(struct listener_setup){.socket = listen_somewhere(house),
        .channel = pair[1],
        .house = {.host = "host",
            .addresses = (char **)addresses,
            .max_message = 1 << 20,
            .max_memory = 1 << 28},
        .idle = idle,
        .crowded = crowded,
        .whole = whole});
}

static void close_house(struct house *house)
{
    listener_free(house->listener);
    close(house->desk);
}

/* -- clients -- */

static int call_house(struct house *house)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(connect(fd, (struct sockaddr *)&house->at, house->size), ==, 0);
    return fd;
}

static void say(int client, const char *text)
{
    g_assert_cmpint(send(client, text, strlen(text), MSG_NOSIGNAL), ==, (int)strlen(text));
}

static gboolean speaks(int fd)
{
    struct pollfd on = {fd, POLLIN, 0};
    return poll(&on, 1, 0) > 0;
}

/* Turns until that end has something to hear. */
static void turn_until(struct house *house, int fd)
{
    while (!speaks(fd))
        g_assert_true(listener_turn(house->listener));
}

/* All that the client hears until `end` stands in it, or the connection ends. */
static char *hear(struct house *house, int client, const char *end)
{
    GString *heard = g_string_new(NULL);
    char some[4096];
    ssize_t got = 1;

    while (!strstr(heard->str, end) && got > 0) {
        turn_until(house, client);
        got = recv(client, some, sizeof some, MSG_DONTWAIT);
        g_string_append_len(heard, some, MAX(got, 0));
    }
    return g_string_free(heard, FALSE);
}

static void expect(struct house *house, int client, const char *words)
{
    g_autofree char *heard = hear(house, client, words);
    if (!strstr(heard, words))
        g_error("found %s, wanted %s", heard, words);
}

/* -- the desk -- */

static guint64 take_mail(struct house *house, char **uid)
{
    struct ipc_message message;
    guint64 seq;

    turn_until(house, house->desk);
    g_assert_true(ipc_receive(house->desk, &message, NULL));
    g_assert_cmpint(message.kind, ==, IPC_MAIL);
    g_assert_cmpint(message.fd, >=, 0);
    g_variant_get(message.body, "(tts)", &seq, NULL, uid);
    ipc_message_clear(&message);
    return seq;
}

static void tell(struct house *house, enum ipc_kind kind, GVariant *body)
{
    g_assert_true(ipc_send(house->desk, kind, body, -1, NULL));
    g_assert_true(listener_turn(house->listener));
}

static void expect_word(struct house *house, enum ipc_kind kind)
{
    struct ipc_message message;

    g_assert_true(speaks(house->desk));
    g_assert_true(ipc_receive(house->desk, &message, NULL));
    g_assert_cmpint(message.kind, ==, kind);
    ipc_message_clear(&message);
}

/* -- tests -- */

static void test_250_comes_behind_the_commit(void)
{
    struct house house;
    g_autofree char *first = NULL, *second = NULL;
    guint64 seq;
    int client;

    open_house(&house, LONG, LONG, LONG);
    client = call_house(&house);
    say(client, MAIL "NOOP\r\n");
    expect(&house, client, "354");
    seq = take_mail(&house, &first);
    g_assert_false(speaks(client));
    tell(&house, IPC_TAKEN, g_variant_new("(t)", seq + 1)); /* another's */
    g_assert_false(speaks(client));
    tell(&house, IPC_TAKEN, g_variant_new("(t)", seq));
    expect(&house, client, "250 2.0.0 taken for <csirt@sakura.example>\r\n250 2.0.0 nothing done");
    say(client, MAIL);
    tell(&house, IPC_REFUSED, g_variant_new("(ts)", take_mail(&house, &second), "disk"));
    expect(&house, client, "451 4.3.0");
    g_assert_cmpstr(first, !=, second);
    close(client);
    close_house(&house);
}

static void test_clients_do_not_wait_for_each_other(void)
{
    struct house house;
    int clients[LIMIT_LMTP_CLIENTS];
    guint64 seqs[LIMIT_LMTP_CLIENTS];

    open_house(&house, LONG, LONG, LONG);
    for (guint i = 0; i < LIMIT_LMTP_CLIENTS; i++) {
        clients[i] = call_house(&house);
        say(clients[i], MAIL);
        expect(&house, clients[i], "354");
    }
    for (guint i = 0; i < LIMIT_LMTP_CLIENTS; i++)
        seqs[i] = take_mail(&house, NULL);
    for (guint i = LIMIT_LMTP_CLIENTS; i-- > 0;)
        tell(&house, IPC_TAKEN, g_variant_new("(t)", seqs[i]));
    for (guint i = 0; i < LIMIT_LMTP_CLIENTS; i++) {
        expect(&house, clients[i], "250 2.0.0 taken");
        close(clients[i]);
    }
    close_house(&house);
}

static void test_the_65th_hears_421(void)
{
    struct house house;
    int clients[LIMIT_LMTP_CLIENTS], one_more;

    open_house(&house, LONG, LONG, LONG);
    for (guint i = 0; i < LIMIT_LMTP_CLIENTS; i++) {
        clients[i] = call_house(&house);
        expect(&house, clients[i], "220");
    }
    one_more = call_house(&house);
    expect(&house, one_more, "421 4.3.2");
    close(one_more);
    close(clients[0]);
    g_assert_true(listener_turn(house.listener));
    one_more = call_house(&house);
    expect(&house, one_more, "220");
    close(one_more);
    for (guint i = 1; i < LIMIT_LMTP_CLIENTS; i++)
        close(clients[i]);
    close_house(&house);
}

/* Those who say nothing do not keep others out. */
static void test_a_crowd_of_silent_clients_is_cut_sooner(void)
{
    struct house house;
    int clients[LIMIT_LMTP_CLIENTS], other;

    open_house(&house, LONG, G_USEC_PER_SEC / 10, LONG);
    for (guint i = 0; i < LIMIT_LMTP_CLIENTS; i++)
        clients[i] = call_house(&house);
    for (guint i = 0; i < LIMIT_LMTP_CLIENTS; i++)
        expect(&house, clients[i], "220");
    expect(&house, clients[0], "421 4.4.2");
    other = call_house(&house);
    say(other, MAIL);
    tell(&house, IPC_TAKEN, g_variant_new("(t)", take_mail(&house, NULL)));
    expect(&house, other, "250 2.0.0 taken");
    for (guint i = 0; i < LIMIT_LMTP_CLIENTS; i++)
        close(clients[i]);
    close(other);
    close_house(&house);
}

static void test_a_silent_client_is_cut_and_others_are_served(void)
{
    struct house house;
    int silent, other;

    open_house(&house, G_USEC_PER_SEC / 5, LONG, LONG);
    silent = call_house(&house);
    say(silent, ENVELOPE "half a ma");
    expect(&house, silent, "354");
    other = call_house(&house);
    say(other, MAIL);
    tell(&house, IPC_TAKEN, g_variant_new("(t)", take_mail(&house, NULL)));
    expect(&house, other, "250 2.0.0 taken");
    expect(&house, silent, "421 4.4.2");
    g_assert_false(speaks(house.desk));
    close(silent);
    close(other);
    close_house(&house);
}

/* One byte now and then is a word, and yet no mail. */
static void test_a_dripping_client_is_cut(void)
{
    struct house house;
    gint64 start = g_get_monotonic_time();
    int client;

    open_house(&house, LONG, LONG, G_USEC_PER_SEC / 5);
    client = call_house(&house);
    say(client, ENVELOPE);
    expect(&house, client, "354");
    while (!speaks(client)) {
        say(client, "x");
        g_assert_true(listener_turn(house.listener));
    }
    expect(&house, client, "421 4.4.2");
    g_assert_cmpint(g_get_monotonic_time() - start, >=, G_USEC_PER_SEC / 5);
    close(client);
    close_house(&house);
}

/* While the desk has its mail the client waits for us, however long that takes. */
static void test_who_waits_for_the_desk_is_not_cut(void)
{
    struct house house;
    guint64 seq;
    int waiting, silent;

    open_house(&house, G_USEC_PER_SEC / 10, LONG, LONG);
    waiting = call_house(&house);
    say(waiting, MAIL);
    expect(&house, waiting, "354");
    seq = take_mail(&house, NULL);
    silent = call_house(&house);
    expect(&house, silent, "421 4.4.2");
    g_assert_false(speaks(waiting));
    tell(&house, IPC_TAKEN, g_variant_new("(t)", seq));
    expect(&house, waiting, "250 2.0.0 taken");
    close(waiting);
    close(silent);
    close_house(&house);
}

static void test_who_has_gone_disturbs_nobody(void)
{
    struct house house;
    guint64 seq;
    int client, other;

    open_house(&house, LONG, LONG, LONG);
    client = call_house(&house);
    say(client, MAIL);
    expect(&house, client, "354");
    seq = take_mail(&house, NULL);
    close(client);
    g_assert_true(listener_turn(house.listener));
    tell(&house, IPC_TAKEN, g_variant_new("(t)", seq));
    other = call_house(&house);
    expect(&house, other, "220");
    close(other);
    close_house(&house);
}

static void test_who_only_listens_any_more_is_answered(void)
{
    struct house house;
    g_autofree char *rest = NULL;
    int client;

    open_house(&house, LONG, LONG, LONG);
    client = call_house(&house);
    say(client, MAIL);
    shutdown(client, SHUT_WR);
    tell(&house, IPC_TAKEN, g_variant_new("(t)", take_mail(&house, NULL)));
    expect(&house, client, "250 2.0.0 taken");
    rest = hear(&house, client, "nothing more is said");
    g_assert_cmpstr(rest, ==, "");
    close(client);
    close_house(&house);
}

static void test_a_pause_of_the_desk_is_kept(void)
{
    struct house house;
    int client;

    open_house(&house, LONG, LONG, LONG);
    client = call_house(&house);
    tell(&house, IPC_PAUSE, g_variant_new("(s)", "the disk is full"));
    say(client, "LHLO x\r\nMAIL FROM:<>\r\n");
    expect(&house, client, "452 4.3.1");
    tell(&house, IPC_PAUSE, g_variant_new("(s)", ""));
    say(client, "MAIL FROM:<>\r\n");
    expect(&house, client, "250 2.1.0");
    close(client);
    close_house(&house);
}

static void test_the_desk_is_answered(void)
{
    struct house house;

    open_house(&house, LONG, LONG, LONG);
    tell(&house, IPC_PING, g_variant_new("()"));
    expect_word(&house, IPC_PONG);
    tell(&house, IPC_PROVE, g_variant_new("()"));
    expect_word(&house, IPC_PROVED);
    close_house(&house);
}

static void test_without_the_desk_nobody_hears_250(void)
{
    struct house house;
    char some[4096];
    int client;

    open_house(&house, LONG, LONG, LONG);
    client = call_house(&house);
    say(client, MAIL);
    expect(&house, client, "354");
    take_mail(&house, NULL);
    shutdown(house.desk, SHUT_RDWR);
    g_assert_false(listener_turn(house.listener));
    close_house(&house);
    g_assert_cmpint(recv(client, some, sizeof some, 0), ==, 0);
    close(client);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/listener/250 behind the commit", test_250_comes_behind_the_commit);
    g_test_add_func("/listener/64 at once", test_clients_do_not_wait_for_each_other);
    g_test_add_func("/listener/the 65th", test_the_65th_hears_421);
    g_test_add_func("/listener/a crowd", test_a_crowd_of_silent_clients_is_cut_sooner);
    g_test_add_func("/listener/silent", test_a_silent_client_is_cut_and_others_are_served);
    g_test_add_func("/listener/dripping", test_a_dripping_client_is_cut);
    g_test_add_func("/listener/waiting", test_who_waits_for_the_desk_is_not_cut);
    g_test_add_func("/listener/gone", test_who_has_gone_disturbs_nobody);
    g_test_add_func("/listener/half closed", test_who_only_listens_any_more_is_answered);
    g_test_add_func("/listener/pause", test_a_pause_of_the_desk_is_kept);
    g_test_add_func("/listener/desk", test_the_desk_is_answered);
    g_test_add_func("/listener/no desk", test_without_the_desk_nobody_hears_250);
    return g_test_run();
}
