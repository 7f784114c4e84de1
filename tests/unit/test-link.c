/* Bytes and time: what a server can do with its lines, and that it holds up nobody. */
#include "error.h"
#include "link-parts.h"
#include "link-peer.h"
#include <arpa/inet.h>
#include <mado/limits.h>
#include <netinet/in.h>

#define MILLISECONDS(n) ((n)*G_TIME_SPAN_MILLISECOND)

/* A server and the link to it, without TLS and with it: each case is tried both ways. */
struct visit {
    struct house *house;
    struct identity good;
    struct link_server *server;
    struct link *link;
};

static void visit_begin(struct visit *visit, gboolean tls, peer_script script)
{
    g_autoptr(GError) error = NULL;

    visit->house = house_new();
    visit->good = identity_make(&wish_good, &visit->house->authority);
    visit->server = server_make(visit->house, &(struct described){.tls = tls ? "tls" : "none"});
    peer_start(
        visit->house, &(struct serving){.identity = tls ? &visit->good : NULL, .script = script});
    visit->link = link_open(visit->server, &error);
    g_assert_no_error(error);
}

/* What the server has to tell. */
static int visit_end(struct visit *visit)
{
    int told;

    link_free(visit->link);
    told = peer_end(visit->house);
    link_server_free(visit->server);
    identity_clear(&visit->good);
    house_free(visit->house);
    return told;
}

static void set_deadline(struct visit *visit, gint64 microseconds)
{
    visit->link->deadline = g_get_monotonic_time() + microseconds;
}

/* The next line is none; and after that there is nothing any more. */
static void expect_death(struct visit *visit, const char *because)
{
    g_autoptr(GError) error = NULL, again = NULL;
    enum link_news news;
    char byte;

    g_assert_null(link_read_line(visit->link, NULL, &error));
    g_assert_error(error, MADO_ERROR, MADO_E_LINK);
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, because));
    g_assert_false(link_write(visit->link, "x", 1, &again));
    g_assert_cmpstr(again->message, ==, error->message);
    g_assert_cmpint(link_read(visit->link, &byte, 1, NULL), ==, -1);
    g_assert_false(link_wait(visit->link, G_MAXINT64, &news, NULL));
    g_assert_false(link_has_more(visit->link));
}

/* -- lines -- */

#define LINES "* OK hello\r\n\r\nbare\nwith \xe5\xb1\xb1\r\n"

static int says_lines(struct peer *peer)
{
    peer_says(peer, LINES, strlen(LINES));
    return peer_counts(peer);
}

static int says_bytes(struct peer *peer)
{
    for (const char *at = LINES; *at; at++)
        peer_says(peer, at, 1);
    return peer_counts(peer);
}

static void test_lines_come_whole(gconstpointer tls)
{
    static const char *const lines[] = {"* OK hello", "", "bare", "with \xe5\xb1\xb1"};
    const peer_script scripts[] = {says_lines, says_bytes};

    for (gsize i = 0; i < G_N_ELEMENTS(scripts); i++) {
        struct visit visit;
        g_autoptr(GError) error = NULL;
        visit_begin(&visit, tls != NULL, scripts[i]);
        for (gsize k = 0; k < G_N_ELEMENTS(lines); k++) {
            gsize length;
            g_assert_cmpstr(link_read_line(visit.link, &length, &error), ==, lines[k]);
            g_assert_cmpuint(length, ==, strlen(lines[k]));
        }
        g_assert_false(link_has_more(visit.link));
        g_assert_true(link_print(visit.link, &error, "%s %d\r\n", "a", 1));
        g_assert_cmpint(visit_end(&visit), ==, 5);
    }
}

static int stops_in_a_line(struct peer *peer)
{
    peer_says(peer, "* OK he", 7);
    return 0;
}

static int says_nul(struct peer *peer)
{
    peer_says(peer, "* OK \0 hello\r\n", 14);
    return peer_counts(peer);
}

static int says_a_long_line(struct peer *peer)
{
    g_autofree char *line = g_strnfill(LIMIT_LINE_BYTES, 'x');

    peer_says(peer, line, LIMIT_LINE_BYTES);
    peer_says(peer, "\r\n", 2);
    return peer_counts(peer);
}

static int says_an_endless_line(struct peer *peer)
{
    g_autofree char *part = g_strnfill(LIMIT_LINE_BYTES, 'x');

    while (peer_says(peer, part, LIMIT_LINE_BYTES))
        ;
    return 0;
}

static void test_bad_lines_end_it(gconstpointer tls)
{
    static const struct {
        peer_script script;
        const char *because;
    } rows[] = {{stops_in_a_line, "closed the connection"}, {says_nul, "NUL"},
        {says_a_long_line, "a line of more than 65536 bytes"},
        {says_an_endless_line, "a line of more than 65536 bytes"}};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct visit visit;
        visit_begin(&visit, tls != NULL, rows[i].script);
        expect_death(&visit, rows[i].because);
        g_assert_cmpint(visit_end(&visit), ==, 0);
    }
}

static int says_the_longest_line(struct peer *peer)
{
    g_autofree char *line = g_strnfill(LIMIT_LINE_BYTES, 'x');

    memcpy(line + LIMIT_LINE_BYTES - 2, "\r\n", 2);
    peer_says(peer, line, LIMIT_LINE_BYTES);
    return peer_counts(peer);
}

static void test_longest_line_is_taken(gconstpointer tls)
{
    struct visit visit;
    gsize length = 0;

    visit_begin(&visit, tls != NULL, says_the_longest_line);
    g_assert_nonnull(link_read_line(visit.link, &length, NULL));
    g_assert_cmpuint(length, ==, LIMIT_LINE_BYTES - 2);
    visit_end(&visit);
}

/* -- a budget -- */

static void test_budget_holds(gconstpointer tls)
{
    struct visit visit;
    char data[100];
    gssize got, sum = 0;
    g_autoptr(GError) error = NULL;

    visit_begin(&visit, tls != NULL, says_an_endless_line);
    link_set_budget(visit.link, 250);
    while ((got = link_read(visit.link, data, sizeof data, &error)) > 0)
        sum += got;
    g_assert_cmpint(sum, ==, 250);
    g_assert_nonnull(strstr(error->message, "more than 250 bytes"));
    expect_death(&visit, "more than 250 bytes");
    visit_end(&visit);
}

static void test_budget_is_for_lines_too(gconstpointer tls)
{
    struct visit visit;

    visit_begin(&visit, tls != NULL, says_lines);
    link_set_budget(visit.link, 12);
    g_assert_cmpstr(link_read_line(visit.link, NULL, NULL), ==, "* OK hello");
    expect_death(&visit, "more than 12 bytes");
    visit_end(&visit);
}

/* -- time -- */

/* A byte now and then, for ever. */
static int drips(struct peer *peer)
{
    struct pollfd on = {peer->fd, POLLIN, 0};

    while (poll(&on, 1, 5) >= 0 && !(on.revents & (POLLHUP | POLLERR)) && peer_says(peer, "x", 1))
        ;
    return 0;
}

static void test_who_drips_gains_nothing(gconstpointer tls)
{
    struct visit visit;
    gint64 began;

    visit_begin(&visit, tls != NULL, drips);
    began = g_get_monotonic_time();
    set_deadline(&visit, MILLISECONDS(150));
    expect_death(&visit, "was not done within");
    g_assert_cmpint(g_get_monotonic_time() - began, >=, MILLISECONDS(150));
    g_assert_cmpint(g_get_monotonic_time() - began, <, MILLISECONDS(1000));
    visit_end(&visit);
}

/* However fast it comes. */
static void test_who_floods_gains_nothing(gconstpointer tls)
{
    struct visit visit;
    gint64 began;
    char data[1000];

    visit_begin(&visit, tls != NULL, says_an_endless_line);
    link_set_budget(visit.link, G_MAXUINT64);
    began = g_get_monotonic_time();
    set_deadline(&visit, MILLISECONDS(50));
    while (link_read(visit.link, data, sizeof data, NULL) > 0)
        g_assert_cmpint(g_get_monotonic_time() - began, <, MILLISECONDS(1000));
    expect_death(&visit, "was not done within");
    visit_end(&visit);
}

static int waits_for_the_end(struct peer *peer)
{
    peer_waits(peer);
    return 0;
}

static void test_who_takes_nothing_gains_nothing(gconstpointer tls)
{
    struct visit visit;
    g_autofree char *much = g_strnfill(1 << 24, 'x');
    gint64 began;
    g_autoptr(GError) error = NULL;

    visit_begin(&visit, tls != NULL, waits_for_the_end);
    began = g_get_monotonic_time();
    set_deadline(&visit, MILLISECONDS(100));
    g_assert_false(link_write(visit.link, much, 1 << 24, &error));
    g_assert_nonnull(strstr(error->message, "was not done within"));
    g_assert_cmpint(g_get_monotonic_time() - began, <, MILLISECONDS(1500));
    g_assert_cmpint(write(visit.house->signal[1], "g", 1), ==, 1);
    visit_end(&visit);
}

/* Takes it in pieces, and tells whether it was right and all. */
static int takes_slowly(struct peer *peer)
{
    char data[1000];
    gsize sum = 0;

    for (gssize got; (got = peer_hears(peer, data, sizeof data)) > 0; sum += (gsize)got)
        for (gssize i = 0; i < got; i++)
            if (data[i] != (char)((sum + (gsize)i) % 251))
                return 1;
    return sum == 1 << 20 ? 0 : 2;
}

static void test_all_is_written(gconstpointer tls)
{
    struct visit visit;
    g_autofree char *much = g_malloc(1 << 20);
    g_autoptr(GError) error = NULL;

    for (gsize i = 0; i < 1 << 20; i++)
        much[i] = (char)(i % 251);
    visit_begin(&visit, tls != NULL, takes_slowly);
    g_assert_true(link_write(visit.link, much, 1 << 20, &error));
    g_assert_no_error(error);
    g_assert_cmpint(visit_end(&visit), ==, 0);
}

/* Writing to a server that has gone is an error, not a signal. */
static int goes(struct peer *peer)
{
    return 0;
}

static void test_server_that_goes_ends_nobody(gconstpointer tls)
{
    struct visit visit;
    g_autoptr(GError) error = NULL;

    visit_begin(&visit, tls != NULL, goes);
    while (link_write(visit.link, "x", 1, &error))
        ;
    g_assert_error(error, MADO_ERROR, MADO_E_LINK);
    visit_end(&visit);
}

/* -- the desk -- */

/* Says nothing until the desk was heard, which is passed on to it. */
static int says_after_the_desk(struct peer *peer)
{
    peer_waits(peer);
    peer_says(peer, "* OK\r\n", 6);
    return peer_counts(peer);
}

static void test_desk_is_heard_while_the_server_is_silent(gconstpointer tls)
{
    struct visit visit;

    visit_begin(&visit, tls != NULL, says_after_the_desk);
    visit.house->signals = TRUE;
    g_assert_cmpint(send(visit.house->channel[1], "p", 1, 0), ==, 1);
    g_assert_cmpstr(link_read_line(visit.link, NULL, NULL), ==, "* OK");
    g_assert_cmpuint(visit.house->heard, ==, 1);
    visit_end(&visit);
}

static void test_desk_is_heard_while_the_server_talks(gconstpointer tls)
{
    struct visit visit;
    char data[1000];

    visit_begin(&visit, tls != NULL, says_an_endless_line);
    link_set_budget(visit.link, G_MAXUINT64);
    g_assert_cmpint(send(visit.house->channel[1], "p", 1, 0), ==, 1);
    while (!visit.house->heard)
        g_assert_cmpint(link_read(visit.link, data, sizeof data, NULL), >, 0);
    visit_end(&visit);
}

/* Takes nothing until the desk was heard. */
static int takes_after_the_desk(struct peer *peer)
{
    peer_waits(peer);
    return peer_counts(peer);
}

static void test_desk_is_heard_while_the_server_takes_nothing(gconstpointer tls)
{
    struct visit visit;
    g_autofree char *much = g_strnfill(1 << 22, 'x');

    visit_begin(&visit, tls != NULL, takes_after_the_desk);
    visit.house->signals = TRUE;
    g_assert_cmpint(send(visit.house->channel[1], "p", 1, 0), ==, 1);
    g_assert_true(link_write(visit.link, much, 1 << 22, NULL));
    g_assert_cmpint(visit_end(&visit), ==, 100);
}

static void test_without_a_desk_it_gives_up(gconstpointer tls)
{
    struct visit visit;

    visit_begin(&visit, tls != NULL, waits_for_the_end);
    close(visit.house->channel[1]);
    visit.house->channel[1] = -1;
    expect_death(&visit, "the desk is gone");
    g_assert_cmpint(write(visit.house->signal[1], "g", 1), ==, 1);
    visit_end(&visit);
}

/* -- waiting -- */

static enum link_news wait_for(struct visit *visit, gint64 microseconds)
{
    enum link_news news;
    g_autoptr(GError) error = NULL;

    g_assert_true(link_wait(visit->link, g_get_monotonic_time() + microseconds, &news, &error));
    g_assert_no_error(error);
    return news;
}

static void test_waiting_tells_who_spoke(gconstpointer tls)
{
    struct visit visit;

    visit_begin(&visit, tls != NULL, says_after_the_desk);
    g_assert_cmpint(wait_for(&visit, MILLISECONDS(10)), ==, LINK_TIME);
    g_assert_cmpint(wait_for(&visit, -1), ==, LINK_TIME);
    visit.house->signals = TRUE;
    g_assert_cmpint(send(visit.house->channel[1], "p", 1, 0), ==, 1);
    g_assert_cmpint(wait_for(&visit, G_TIME_SPAN_MINUTE), ==, LINK_DESK);
    g_assert_cmpint(wait_for(&visit, G_TIME_SPAN_MINUTE), ==, LINK_SERVER);
    g_assert_true(link_has_more(visit.link));
    /* what is here already is no reason to wait */
    g_assert_cmpint(wait_for(&visit, G_TIME_SPAN_MINUTE), ==, LINK_SERVER);
    g_assert_cmpstr(link_read_line(visit.link, NULL, NULL), ==, "* OK");
    g_assert_false(link_has_more(visit.link));
    visit_end(&visit);
}

static void test_waiting_ends_with_server_or_desk(gconstpointer tls)
{
    struct visit visit;
    enum link_news news;

    visit_begin(&visit, tls != NULL, goes);
    g_assert_false(link_wait(visit.link, G_MAXINT64, &news, NULL));
    visit_end(&visit);
    visit_begin(&visit, tls != NULL, waits_for_the_end);
    close(visit.house->channel[1]);
    visit.house->channel[1] = -1;
    g_assert_false(link_wait(visit.link, G_MAXINT64, &news, NULL));
    g_assert_cmpint(write(visit.house->signal[1], "g", 1), ==, 1);
    visit_end(&visit);
}

/* -- without TLS -- */

/* A connection to that address; nothing is sent, it is of datagrams. -1: this host has no way. */
static int connection_to(const char *address)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(9)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(9)};
    gboolean is_v4 = inet_pton(AF_INET, address, &v4.sin_addr) == 1;
    int fd = socket(is_v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (!is_v4)
        g_assert_cmpint(inet_pton(AF_INET6, address, &v6.sin6_addr), ==, 1);
    if (fd < 0 || connect(fd, is_v4 ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6,
                      is_v4 ? sizeof v4 : sizeof v6) == 0)
        return fd;
    close(fd);
    return -1;
}

static void test_plain_words_stay_on_this_host(void)
{
    static const struct {
        const char *address;
        gboolean here;
    } rows[] = {{"127.0.0.1", TRUE}, {"127.9.9.9", TRUE}, {"::1", TRUE}, {"::ffff:127.0.0.1", TRUE},
        {"192.0.2.1", FALSE}, {"2001:db8::1", FALSE}, {"::ffff:192.0.2.1", FALSE}};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct house *house = house_new();
        struct link_server *server = server_make(house, &(struct described){.tls = "none"});
        g_autoptr(GError) error = NULL;
        struct link *link;
        house->connection = connection_to(rows[i].address);
        if (house->connection < 0)
            g_test_message("%s: no way there", rows[i].address);
        else {
            link = link_open(server, &error);
            g_assert_cmpint(link != NULL, ==, rows[i].here);
            g_assert_true(rows[i].here || strstr(error->message, "another host"));
            link_free(link);
        }
        link_server_free(server);
        house_free(house);
    }
}

/* Whatever it is: what does not say that it is here is not here. */
static void test_plain_words_go_to_nobody_unknown(void)
{
    struct house *house = house_new();
    struct link_server *server = server_make(house, &(struct described){.tls = "none"});
    g_autoptr(GError) error = NULL;

    house->connection = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    g_assert_null(link_open(server, &error));
    g_assert_error(error, MADO_ERROR, MADO_E_LINK);
    link_server_free(server);
    house_free(house);
}

static void test_without_a_connection_there_is_no_link(void)
{
    struct house *house = house_new();
    struct link_server *server = server_make(house, &(struct described){0});
    g_autoptr(GError) error = NULL;

    g_assert_null(link_open(server, &error));
    g_assert_cmpstr(error->message, ==, "nobody answers");
    link_server_free(server);
    house_free(house);
}

static void add_both(const char *name, GTestDataFunc test)
{
    g_autofree char *plain = g_strdup_printf("/link/plain/%s", name);
    g_autofree char *tls = g_strdup_printf("/link/over TLS/%s", name);

    g_test_add_data_func(plain, NULL, test);
    g_test_add_data_func(tls, GINT_TO_POINTER(TRUE), test);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_both("lines come whole", test_lines_come_whole);
    add_both("bad lines end it", test_bad_lines_end_it);
    add_both("the longest line is taken", test_longest_line_is_taken);
    add_both("a budget holds", test_budget_holds);
    add_both("a budget is for lines, too", test_budget_is_for_lines_too);
    add_both("who drips gains nothing", test_who_drips_gains_nothing);
    add_both("who floods gains nothing", test_who_floods_gains_nothing);
    add_both("who takes nothing gains nothing", test_who_takes_nothing_gains_nothing);
    add_both("all is written", test_all_is_written);
    add_both("a server that goes ends nobody", test_server_that_goes_ends_nobody);
    add_both("the desk is heard while the server is silent",
        test_desk_is_heard_while_the_server_is_silent);
    add_both("the desk is heard while the server talks", test_desk_is_heard_while_the_server_talks);
    add_both("the desk is heard while the server takes nothing",
        test_desk_is_heard_while_the_server_takes_nothing);
    add_both("without a desk it gives up", test_without_a_desk_it_gives_up);
    add_both("waiting tells who spoke", test_waiting_tells_who_spoke);
    add_both("waiting ends with server or desk", test_waiting_ends_with_server_or_desk);
    g_test_add_func("/link/here/plain words stay on this host", test_plain_words_stay_on_this_host);
    g_test_add_func(
        "/link/here/plain words go to nobody unknown", test_plain_words_go_to_nobody_unknown);
    g_test_add_func("/link/here/without a connection there is no link",
        test_without_a_connection_there_is_no_link);
    return g_test_run();
}
