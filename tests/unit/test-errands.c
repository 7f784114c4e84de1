/* The desk between those who need a connection or a token and those who fetch them. */
#include "errands-house.h"
#include <poll.h>

/* -- files of all kinds -- */

/* A TCP connection of this host; `*server` is its other end. */
static int connection(int *server)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_assert_cmpint(bind(listener, (struct sockaddr *)&at, sizeof at), ==, 0);
    g_assert_cmpint(listen(listener, 1), ==, 0);
    g_assert_cmpint(getsockname(listener, (struct sockaddr *)&at, &size), ==, 0);
    g_assert_cmpint(connect(client, (struct sockaddr *)&at, sizeof at), ==, 0);
    *server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    close(listener);
    return client;
}

static int a_connection(void)
{
    int server, client = connection(&server);

    close(server);
    return client;
}

static int a_memory_file(void)
{
    int file = fd_new_memory("token", NULL);

    g_assert_true(fd_write_all(file, "secret", 6, NULL));
    return file;
}

static int a_sealed_file(void)
{
    int file = a_memory_file();
    guint64 size;

    g_assert_true(fd_seal(file, 6, &size, NULL));
    return file;
}

/* The server has ended it with a reset. */
static int an_ended_connection(void)
{
    const struct linger at_once = {.l_onoff = 1};
    struct pollfd on = {.events = POLLIN};
    int server;

    on.fd = connection(&server);
    g_assert_cmpint(setsockopt(server, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), ==, 0);
    close(server);
    g_assert_cmpint(poll(&on, 1, 10000), ==, 1);
    return on.fd;
}

static int an_unconnected_socket(void)
{
    return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int a_datagram_socket(void)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(9)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    g_assert_cmpint(connect(fd, (struct sockaddr *)&at, sizeof at), ==, 0);
    return fd;
}

static int a_unix_socket(void)
{
    int pair[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
    close(pair[1]);
    return pair[0];
}

static int a_plain_file(void)
{
    return open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static int nothing(void)
{
    return -1;
}

/* -- the tests -- */

static void test_servants_are_those_of_the_configuration(void)
{
    static const gboolean expected[][2] = {[MAILDIR] = {FALSE, FALSE},
        [IMAP] = {TRUE, TRUE},
        [POP3] = {TRUE, FALSE},
        [COURIER] = {TRUE, FALSE}};
    struct house house;

    house_open(&house);
    for (guint i = 0; i < G_N_ELEMENTS(expected); i++) {
        g_assert_cmpint(peer_of(&house, ROLE_DIALLER, i) != NULL, ==, expected[i][0]);
        g_assert_cmpint(peer_of(&house, ROLE_HOOK, i) != NULL, ==, expected[i][1]);
    }
    house_close(&house);
}

/* Each client by its own servant, and by no other. */
static void test_what_is_needed_goes_there_and_back(void)
{
    static const struct {
        enum role_kind client;
        guint instance;
        enum ipc_need need;
        enum role_kind servant;
        guint its_instance;
        int (*file)(void);
    } rows[] = {
        {ROLE_INTAKE, IMAP, NEED_CONNECTION, ROLE_DIALLER, IMAP, a_connection},
        {ROLE_INTAKE, POP3, NEED_CONNECTION, ROLE_DIALLER, POP3, a_connection},
        {ROLE_COURIER, 0, NEED_CONNECTION, ROLE_DIALLER, COURIER, a_connection},
        {ROLE_INTAKE, IMAP, NEED_TOKEN, ROLE_HOOK, IMAP, a_memory_file},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct house house;
        int client, servant, file = rows[i].file(), got;
        house_open(&house);
        client = start_role(&house, rows[i].client, rows[i].instance);
        servant = start_role(&house, rows[i].servant, rows[i].its_instance);
        for (int again = 0; again < 2; again++) {
            say_need(&house, client, rows[i].need);
            expect_need(servant, rows[i].need);
            say_have(&house, servant, rows[i].need, "", file);
            got = expect_have(client, rows[i].need, "");
            g_assert_cmpint(got, >=, 0);
            close(got);
        }
        say_need(&house, client, rows[i].need);
        expect_need(servant, rows[i].need);
        say_have(&house, servant, rows[i].need, "host:1: connection refused", -1);
        g_assert_cmpint(expect_have(client, rows[i].need, "host:1: connection refused"), ==, -1);
        expect_nothing(client);
        expect_nothing(servant);
        close(file);
        close(client);
        close(servant);
        house_close(&house);
    }
}

static void test_a_servant_that_is_starting_is_asked_when_it_is_ready(void)
{
    struct house house;
    int client, servant;

    house_open(&house);
    client = start_role(&house, ROLE_INTAKE, IMAP);
    say_need(&house, client, NEED_CONNECTION);
    servant = connect_role(&house, ROLE_DIALLER, IMAP);
    turn(&house);
    expect_nothing(servant);
    say(&house, servant, IPC_READY, g_variant_new("()"), -1);
    expect_need(servant, NEED_CONNECTION);
    expect_nothing(servant);
    close(client);
    close(servant);
    house_close(&house);
}

static void test_a_servant_that_dies_is_no_answer_for_ever(void)
{
    struct house house;
    int client, servant;

    house_open(&house);
    client = start_role(&house, ROLE_INTAKE, IMAP);
    servant = start_role(&house, ROLE_DIALLER, IMAP);
    say_need(&house, client, NEED_CONNECTION);
    close(servant);
    turn(&house);
    g_assert_cmpint(expect_have(client, NEED_CONNECTION, "has ended"), ==, -1);
    servant = start_role(&house, ROLE_DIALLER, IMAP);
    expect_nothing(servant); /* the client asks again, or does not */
    say_need(&house, client, NEED_CONNECTION);
    expect_need(servant, NEED_CONNECTION);
    close(client);
    close(servant);
    house_close(&house);
}

static gboolean has_ended(int server)
{
    char byte;

    return recv(server, &byte, 1, MSG_DONTWAIT) == 0;
}

static void test_what_a_dead_client_needed_is_for_nobody_else(void)
{
    struct house house;
    int client, servant, late, server, own;

    house_open(&house);
    client = start_role(&house, ROLE_INTAKE, IMAP);
    servant = start_role(&house, ROLE_DIALLER, IMAP);
    say_need(&house, client, NEED_CONNECTION);
    expect_need(servant, NEED_CONNECTION);
    close(client);
    turn(&house);
    client = start_role(&house, ROLE_INTAKE, IMAP);
    say_need(&house, client, NEED_CONNECTION);
    expect_need(servant, NEED_CONNECTION);
    late = connection(&server);
    say_have(&house, servant, NEED_CONNECTION, "", late);
    close(late);
    expect_nothing(client);
    g_assert_true(has_ended(server)); /* nobody holds it any more */
    own = a_connection();
    say_have(&house, servant, NEED_CONNECTION, "", own);
    close(own);
    own = expect_have(client, NEED_CONNECTION, "");
    g_assert_cmpint(own, >=, 0);
    g_assert_false(was_killed(&house, ROLE_DIALLER, IMAP));
    close(own);
    close(server);
    close(client);
    close(servant);
    house_close(&house);
}

static void test_a_connection_that_has_ended_is_no_fault_of_the_diallers(void)
{
    struct house house;
    int client, servant, ended = an_ended_connection();

    house_open(&house);
    client = start_role(&house, ROLE_INTAKE, IMAP);
    servant = start_role(&house, ROLE_DIALLER, IMAP);
    say_need(&house, client, NEED_CONNECTION);
    expect_need(servant, NEED_CONNECTION);
    say_have(&house, servant, NEED_CONNECTION, "", ended);
    g_assert_cmpint(expect_have(client, NEED_CONNECTION, "ended the connection at once"), ==, -1);
    g_assert_false(was_killed(&house, ROLE_DIALLER, IMAP));
    close(ended);
    close(client);
    close(servant);
    house_close(&house);
}

static void test_a_servant_that_speaks_out_of_turn_is_killed(void)
{
    static const struct {
        enum role_kind servant;
        enum ipc_need asked, brought;
        gboolean nobody_asked;
        const char *why_not;
        int (*file)(void);
    } rows[] = {
        {ROLE_DIALLER, NEED_CONNECTION, NEED_CONNECTION, TRUE, "", a_connection},
        {ROLE_DIALLER, NEED_CONNECTION, NEED_CONNECTION, TRUE, "refused", nothing},
        {ROLE_DIALLER, NEED_CONNECTION, NEED_TOKEN, FALSE, "", a_memory_file},
        {ROLE_DIALLER, NEED_CONNECTION, NEEDS, FALSE, "", a_connection},
        {ROLE_DIALLER, NEED_CONNECTION, NEED_CONNECTION, FALSE, "", nothing},
        {ROLE_DIALLER, NEED_CONNECTION, NEED_CONNECTION, FALSE, "refused", a_connection},
        {ROLE_DIALLER, NEED_CONNECTION, NEED_CONNECTION, FALSE, "", a_memory_file},
        {ROLE_DIALLER, NEED_CONNECTION, NEED_CONNECTION, FALSE, "", an_unconnected_socket},
        {ROLE_DIALLER, NEED_CONNECTION, NEED_CONNECTION, FALSE, "", a_datagram_socket},
        {ROLE_DIALLER, NEED_CONNECTION, NEED_CONNECTION, FALSE, "", a_unix_socket},
        {ROLE_HOOK, NEED_TOKEN, NEED_TOKEN, TRUE, "", a_memory_file},
        {ROLE_HOOK, NEED_TOKEN, NEED_TOKEN, FALSE, "", a_connection},
        {ROLE_HOOK, NEED_TOKEN, NEED_TOKEN, FALSE, "", a_plain_file},
        {ROLE_HOOK, NEED_TOKEN, NEED_TOKEN, FALSE, "", a_sealed_file},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct house house;
        int client, servant, file = rows[i].file();
        house_open(&house);
        client = start_role(&house, ROLE_INTAKE, IMAP);
        servant = start_role(&house, rows[i].servant, IMAP);
        if (!rows[i].nobody_asked) {
            say_need(&house, client, rows[i].asked);
            expect_need(servant, rows[i].asked);
        }
        say_have(&house, servant, rows[i].brought, rows[i].why_not, file);
        g_assert_true(was_killed(&house, rows[i].servant, IMAP));
        g_assert_true(is_cut_off(servant));
        if (!rows[i].nobody_asked)
            g_assert_cmpint(expect_have(client, rows[i].asked, "has ended"), ==, -1);
        expect_nothing(client);
        if (file >= 0)
            close(file);
        close(client);
        close(servant);
        house_close(&house);
    }
}

static void test_a_client_that_asks_out_of_turn_is_killed(void)
{
    static const struct {
        guint instance;
        guint32 needs[2]; /* the first is allowed unless the second is NEEDS */
    } rows[] = {
        {MAILDIR, {NEED_CONNECTION, NEEDS}},
        {POP3, {NEED_TOKEN, NEEDS}},
        {IMAP, {NEEDS, NEEDS}},
        {IMAP, {G_MAXUINT32, NEEDS}},
        {IMAP, {NEED_CONNECTION, NEED_CONNECTION}},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct house house;
        int client;
        house_open(&house);
        client = start_role(&house, ROLE_INTAKE, rows[i].instance);
        say_need(&house, client, rows[i].needs[0]);
        if (rows[i].needs[1] != NEEDS) {
            g_assert_false(was_killed(&house, ROLE_INTAKE, rows[i].instance));
            say_need(&house, client, rows[i].needs[1]);
        }
        g_assert_true(was_killed(&house, ROLE_INTAKE, rows[i].instance));
        g_assert_true(is_cut_off(client));
        close(client);
        house_close(&house);
    }
}

static void test_nobody_says_what_another_role_says(void)
{
    static const struct {
        enum role_kind kind;
        guint instance;
        gboolean need;
    } rows[] = {
        {ROLE_INTAKE, IMAP, FALSE},
        {ROLE_COURIER, 0, FALSE},
        {ROLE_DIALLER, IMAP, TRUE},
        {ROLE_HOOK, IMAP, TRUE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct house house;
        int role;
        house_open(&house);
        role = start_role(&house, rows[i].kind, rows[i].instance);
        if (rows[i].need)
            say_need(&house, role, NEED_CONNECTION);
        else
            say_have(&house, role, NEED_CONNECTION, "none", -1);
        g_assert_true(was_killed(&house, rows[i].kind, rows[i].instance));
        close(role);
        house_close(&house);
    }
}

static int compare_names(char *const *a, char *const *b)
{
    return g_strcmp0(*a, *b);
}

/* The names of what it is told, in order. The caller frees it. */
static char *told_to(struct house *house, enum role_kind kind, guint instance)
{
    struct ipc_message message;
    g_autoptr(GString) names = g_string_new(NULL);
    g_autoptr(GPtrArray) sorted = g_ptr_array_new_with_free_func(g_free);
    int role = start_role(house, kind, instance);
    GVariantIter settings;
    const char *name;

    peer_tell_settings(peer_of(house, kind, instance));
    turn(house);
    g_assert_true(ipc_receive(role, &message, NULL));
    g_assert_cmpint(message.kind, ==, IPC_SETTINGS);
    g_variant_iter_init(&settings, message.body);
    while (g_variant_iter_next(&settings, "{&sv}", &name, NULL))
        g_ptr_array_add(sorted, g_strdup(name));
    g_ptr_array_sort(sorted, (GCompareFunc)compare_names);
    for (guint i = 0; i < sorted->len; i++)
        g_string_append_printf(names, "%s%s", i ? " " : "", (char *)sorted->pdata[i]);
    ipc_message_clear(&message);
    close(role);
    return g_string_free(g_steal_pointer(&names), FALSE);
}

/* No path of a secret to those that do not open it, and no command to anybody. */
static void test_each_is_told_what_it_needs(void)
{
    static const struct {
        enum role_kind kind;
        guint instance;
        const char *names;
    } rows[] = {
        {ROLE_INTAKE, IMAP,
            "addresses after auth ca_file fingerprint folders group has_token_command host idle "
            "listen "
            "max_message "
            "move_to password_credential password_file path port rescan timeout tls type user"},
        {ROLE_COURIER, 0,
            "auth ca_file domain fingerprint has_token_command host password_credential "
            "password_file path port timeout tls transport user"},
        {ROLE_DIALLER, COURIER, "host port wall"},
        {ROLE_HOOK, IMAP, "host user wall"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct house house;
        g_autofree char *names = NULL;
        house_open(&house);
        names = told_to(&house, rows[i].kind, rows[i].instance);
        g_assert_cmpstr(names, ==, rows[i].names);
        house_close(&house);
    }
}

static void test_state_is_kept_for_status_and_hides_no_trouble(void)
{
    static const struct {
        enum role_kind kind;
        const char *after; /* a TROUBLE, then a STATE */
    } rows[] = {{ROLE_INTAKE, "trouble: no way"}, {ROLE_COURIER, "at rest"}};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        guint instance = rows[i].kind == ROLE_INTAKE ? IMAP : 0;
        struct house house;
        struct peer *peer;
        int role;
        house_open(&house);
        role = start_role(&house, rows[i].kind, instance);
        peer = peer_of(&house, rows[i].kind, instance);
        say(&house, role, IPC_STATE, g_variant_new("(s)", "idle"), -1);
        g_assert_cmpstr(peer->state, ==, "idle");
        say(&house, role, IPC_TROUBLE, g_variant_new("(s)", "no way"), -1);
        say(&house, role, IPC_STATE, g_variant_new("(s)", "at rest"), -1);
        g_assert_cmpstr(peer->state, ==, rows[i].after);
        close(role);
        house_close(&house);
    }
}

/* It goes onto terminals and into mail, whatever the role has become. */
static void test_what_a_role_says_is_made_harmless(void)
{
    static const char said[] = "\033[2Jgone\n\xe2\x80\xaeRun this";
    g_autofree char *much = g_strnfill(50000, 'x');
    struct house house;
    struct peer *peer;
    int role;

    house_open(&house);
    role = start_role(&house, ROLE_INTAKE, IMAP);
    peer = peer_of(&house, ROLE_INTAKE, IMAP);
    say(&house, role, IPC_STATE, g_variant_new("(s)", said), -1);
    g_assert_cmpstr(peer->state, ==, "\\x1B[2Jgone\\x0A\\u{202E}Run this");
    say(&house, role, IPC_PROVED, g_variant_new("(s)", said), -1);
    g_assert_cmpstr(peer->proof, ==, "\\x1B[2Jgone\\x0A\\u{202E}Run this");
    say(&house, role, IPC_TROUBLE, g_variant_new("(s)", much), -1);
    g_assert_cmpuint(strlen(peer->state), <, 1000);
    close(role);
    house_close(&house);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/errands/servants", test_servants_are_those_of_the_configuration);
    g_test_add_func("/errands/way", test_what_is_needed_goes_there_and_back);
    g_test_add_func("/errands/starting", test_a_servant_that_is_starting_is_asked_when_it_is_ready);
    g_test_add_func("/errands/servant-dies", test_a_servant_that_dies_is_no_answer_for_ever);
    g_test_add_func("/errands/client-dies", test_what_a_dead_client_needed_is_for_nobody_else);
    g_test_add_func(
        "/errands/ended at once", test_a_connection_that_has_ended_is_no_fault_of_the_diallers);
    g_test_add_func("/errands/servant", test_a_servant_that_speaks_out_of_turn_is_killed);
    g_test_add_func("/errands/client", test_a_client_that_asks_out_of_turn_is_killed);
    g_test_add_func("/errands/roles", test_nobody_says_what_another_role_says);
    g_test_add_func("/errands/settings", test_each_is_told_what_it_needs);
    g_test_add_func("/errands/state", test_state_is_kept_for_status_and_hides_no_trouble);
    g_test_add_func("/errands/words", test_what_a_role_says_is_made_harmless);
    return g_test_run();
}
