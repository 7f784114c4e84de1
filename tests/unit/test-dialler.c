/* The dialler: connects to one host and port, and hands the connection over. */
#include "folder.h"
#include "name-server.h"
#include "role-child.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sysexits.h>

static struct {
    char *folder, *resolv_conf, *hosts, *other_hosts, *nsswitch_conf;
} place;

static void start_dialler(struct role_child *dialler, const char *host, int port, guint wall)
{
    static const struct options options;
    g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT(NULL);

    g_variant_dict_insert(&dict, "host", "s", host);
    g_variant_dict_insert(&dict, "port", "x", (gint64)port);
    g_variant_dict_insert(&dict, "wall", "u", wall);
    role_start(dialler, role_dialler, &options, g_variant_dict_end(&dict));
    role_expect(dialler, IPC_READY);
}

/* A socket of this host, and its port. It listens if `backlog` is not negative. */
static int bind_here(int backlog, int *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_assert_cmpint(bind(fd, (struct sockaddr *)&at, sizeof at), ==, 0);
    g_assert_cmpint(getsockname(fd, (struct sockaddr *)&at, &size), ==, 0);
    if (backlog >= 0)
        g_assert_cmpint(listen(fd, backlog), ==, 0);
    *port = ntohs(at.sin_port);
    return fd;
}

/* Says hello first, as mail servers do, and hears the other side. */
static void talk_to_client(int listener, int connection)
{
    int server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    struct pollfd on = {connection, POLLIN, 0};
    char text[8] = "";

    g_assert_cmpint(server, >=, 0);
    g_assert_cmpint(write(server, "hello", 5), ==, 5);
    g_assert_cmpint(poll(&on, 1, BOUND_SECONDS * 1000), ==, 1);
    g_assert_cmpint(read(connection, text, sizeof text), ==, 5);
    g_assert_cmpstr(text, ==, "hello");
    g_assert_cmpint(write(connection, "x", 1), ==, 1);
    g_assert_cmpint(read(server, text, sizeof text), ==, 1);
    close(server);
}

static int option_of(int fd, int level, int name)
{
    int value;
    socklen_t size = sizeof value;

    g_assert_cmpint(getsockopt(fd, level, name, &value, &size), ==, 0);
    return value;
}

/* `host` of this machine leads to a listener. */
static void expect_connection(const char *host)
{
    struct role_child dialler;
    int port, listener = bind_here(8, &port);

    start_dialler(&dialler, host, port, 20);
    for (int i = 0; i < 2; i++) { /* as often as it is asked */
        g_autofree char *why = NULL;
        int fd = role_fetch(&dialler, NEED_CONNECTION, &why);
        g_assert_cmpstr(why, ==, "");
        talk_to_client(listener, fd);
        g_assert_cmpint(fcntl(fd, F_GETFL) & O_NONBLOCK, ==, O_NONBLOCK);
        g_assert_cmpint(option_of(fd, IPPROTO_TCP, TCP_NODELAY), ==, 1);
        g_assert_cmpint(option_of(fd, SOL_SOCKET, SO_KEEPALIVE), ==, 1);
        g_assert_cmpint(option_of(fd, IPPROTO_TCP, TCP_KEEPIDLE), ==, 60);
        g_assert_cmpint(option_of(fd, IPPROTO_TCP, TCP_KEEPINTVL), ==, 15);
        g_assert_cmpint(option_of(fd, IPPROTO_TCP, TCP_KEEPCNT), ==, 4);
        g_assert_cmpint(option_of(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), ==, 120000);
        close(fd);
    }
    g_assert_cmpint(role_end(&dialler, NULL), ==, EX_OK);
    close(listener);
}

static void expect_sentence(const char *host, int port, guint wall, const char *sentence)
{
    struct role_child dialler;
    g_autofree char *why = NULL;
    g_autofree char *expected = g_strdup_printf("%s:%d: %s", host, port, sentence);

    start_dialler(&dialler, host, port, wall);
    g_assert_cmpint(role_fetch(&dialler, NEED_CONNECTION, &why), ==, -1);
    g_assert_cmpstr(why, ==, expected);
    g_assert_cmpint(role_end(&dialler, NULL), ==, EX_OK);
}

static void test_an_address_is_connected_to(void)
{
    expect_connection("127.0.0.1");
    expect_connection("localhost");
}

static void test_a_port_that_refuses(void)
{
    int port, closed = bind_here(-1, &port);
    struct sockaddr_in6 at = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
    int six = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

    expect_sentence("127.0.0.1", port, 20, "connection refused");
    at.sin6_port = htons((guint16)port);
    if (six >= 0 && bind(six, (struct sockaddr *)&at, sizeof at) == 0) {
        struct role_child dialler;
        g_autofree char *why = NULL;
        g_autofree char *expected = g_strdup_printf("[::1]:%d: connection refused", port);
        start_dialler(&dialler, "::1", port, 20);
        g_assert_cmpint(role_fetch(&dialler, NEED_CONNECTION, &why), ==, -1);
        g_assert_cmpstr(why, ==, expected);
        g_assert_cmpint(role_end(&dialler, NULL), ==, EX_OK);
    }
    if (six >= 0)
        close(six);
    close(closed);
}

/* A listener whose queue is full lets further callers wait; so does a host that is switched off. */
static int bind_busy(int *port, int callers[2])
{
    int listener = bind_here(0, port);
    struct sockaddr_in at = {.sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        .sin_port = htons((guint16)*port)};

    for (int i = 0; i < 2; i++) {
        callers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (connect(callers[i], (struct sockaddr *)&at, sizeof at) < 0)
            g_assert_cmpint(errno, ==, EINPROGRESS);
    }
    return listener;
}

static void test_a_host_that_does_not_answer(void)
{
    struct role_child dialler;
    g_autofree char *why = NULL;
    int port, callers[2], listener = bind_busy(&port, callers);
    gint64 start = g_get_monotonic_time();
    guint pongs = 0;

    start_dialler(&dialler, "127.0.0.1", port, 2);
    role_ask(&dialler, NEED_CONNECTION);
    for (int i = 0; i < 3; i++)
        g_assert_true(ipc_send(dialler.channel, IPC_PING, g_variant_new("()"), -1, NULL));
    g_assert_cmpint(role_answer(&dialler, NEED_CONNECTION, &why, &pongs), ==, -1);
    g_assert_true(g_str_has_suffix(why, ": connection timed out"));
    g_assert_cmpint(pongs, ==, 3); /* before it was done */
    g_assert_cmpint(g_get_monotonic_time() - start, >=, G_USEC_PER_SEC);
    g_assert_cmpint(g_get_monotonic_time() - start, <, 30 * G_USEC_PER_SEC);
    g_assert_cmpint(role_end(&dialler, NULL), ==, EX_OK);
    for (int i = 0; i < 2; i++)
        close(callers[i]);
    close(listener);
}

/* -- names -- */

static void look_names_up(void)
{
    expect_connection("imap.sakura.example");
    expect_connection("long.sakura.example");
    expect_sentence("nobody.sakura.example", 993, 20, "name or service not known");
    expect_sentence("far.sakura.example", 993, 20, "network is unreachable");
    expect_sentence("silent.sakura.example", 993, 2, "no name server answers in time");
}

/* Name services that are libraries are passed over, as the resolver does with one that is not
 * there. */
static void look_up_without_libraries(void)
{
    put_over(place.nsswitch_conf, "/etc/nsswitch.conf");
    expect_connection("imap.sakura.example");
    expect_connection("localhost");
}

static void test_other_name_services_are_passed_over(void)
{
    in_own_network(place.resolv_conf, place.hosts, look_up_without_libraries);
}

static void test_names_are_looked_up(void)
{
    in_own_network(place.resolv_conf, place.hosts, look_names_up);
}

static void try_both_addresses(void)
{
    struct role_child dialler;
    g_autofree char *why = NULL;

    expect_connection("both.sakura.example"); /* the first refuses */
    start_dialler(&dialler, "both.sakura.example", 9, 20);
    g_assert_cmpint(role_fetch(&dialler, NEED_CONNECTION, &why), ==, -1);
    g_assert_cmpstr(why, ==, "both.sakura.example:9: none of 2 addresses: connection refused");
    g_assert_cmpint(role_end(&dialler, NULL), ==, EX_OK);
}

static void test_each_address_is_tried(void)
{
    in_own_network(place.resolv_conf, place.hosts, try_both_addresses);
}

/* A file that was replaced is not the one that it may read. */
static void replace_hosts(void)
{
    struct role_child dialler;
    int status;

    start_dialler(&dialler, "moved.sakura.example", 9, 20);
    put_over(place.other_hosts, "/etc/hosts");
    role_ping(&dialler);
    g_assert_cmpint(waitpid(dialler.pid, &status, 0), ==, dialler.pid);
    g_assert_cmpint(status, ==, 0);
    expect_connection("moved.sakura.example");
}

static void test_it_starts_anew_when_the_resolver_is_another(void)
{
    in_own_network(place.resolv_conf, place.hosts, replace_hosts);
}

static char *write_text(const char *name, const char *text)
{
    char *path = g_build_filename(place.folder, name, NULL);

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    return path;
}

int main(int argc, char **argv)
{
    int status;

    g_test_init(&argc, &argv, NULL);
    place.folder = g_dir_make_tmp("mado-dialler-XXXXXX", NULL);
    place.resolv_conf = write_text("resolv.conf", "nameserver 127.0.0.1\n");
    place.hosts = write_text("hosts",
        "127.0.0.1 localhost\n127.0.0.5 both.sakura.example\n127.0.0.1 both.sakura.example\n");
    place.other_hosts =
        write_text("other-hosts", "127.0.0.1 localhost\n127.0.0.1 moved.sakura.example\n");
    g_test_add_func("/dialler/connects", test_an_address_is_connected_to);
    g_test_add_func("/dialler/refused", test_a_port_that_refuses);
    g_test_add_func("/dialler/silent", test_a_host_that_does_not_answer);
    place.nsswitch_conf =
        write_text("nsswitch.conf", "hosts: compat hesiod nothing [!UNAVAIL=return] files dns\n");
    g_test_add_func("/dialler/services", test_other_name_services_are_passed_over);
    g_test_add_func("/dialler/names", test_names_are_looked_up);
    g_test_add_func("/dialler/addresses", test_each_address_is_tried);
    g_test_add_func("/dialler/resolver", test_it_starts_anew_when_the_resolver_is_another);
    status = g_test_run();
    folder_remove(place.folder);
    g_free(place.resolv_conf);
    g_free(place.hosts);
    g_free(place.other_hosts);
    g_free(place.nsswitch_conf);
    return status;
}
