/* The operators' socket: who is answered, when, and who is not. */
#include "control-house.h"
#include <mado/limits.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { NOBODY = 65534 };

static void test_requests_in_one_go_are_answered_in_turn(void)
{
    static const char both[] = "{\"schema\":\"mado/1\",\"command\":\"nothing\",\"args\":{}}\n"
                               "{\"schema\":\"mado/1\",\"command\":\"ledger\",\"args\":{}}\n";
    struct house house;
    int fd;
    g_autoptr(GString) answer = g_string_new(NULL);
    char block[4096];

    house_open(&house, 0);
    fd = reach(&house);
    say(fd, both, sizeof both - 1);
    while (!strstr(answer->str, "{\"end\":true}\n"))
        g_string_append_len(answer, block, hear(fd, block, sizeof block));
    g_assert_true(g_str_has_prefix(answer->str, "{\"error\":{\"code\":102,"));
    g_assert_nonnull(strstr(answer->str, "\"balanced\":true"));
    close(fd);
    house_close(&house);
}

static void test_half_a_line_hinders_nobody(void)
{
    struct house house;
    int half;
    json_t *rows;

    house_open(&house, 0);
    half = reach(&house);
    say(half, "{\"schema\":", 10);
    rows = ask(&house, "ledger", "{}");
    g_assert_cmpint(error_code(rows), ==, 0);
    json_decref(rows);
    say(half, "7}\n", 3);
    rows = listen_to(half);
    g_assert_cmpint(error_code(rows), ==, MADO_E_BAD_DATA);
    json_decref(rows);
    close(half);
    house_close(&house);
}

static void test_a_request_has_a_longest_length(void)
{
    struct house house;
    g_autofree char *flood = g_strnfill(LIMIT_CONTROL_IMPORT + 1, 'x');
    char block[16];
    json_t *rows;
    int fd;

    house_open(&house, 0);
    fd = reach(&house);
    say(fd, flood, LIMIT_CONTROL_IMPORT + 1);
    rows = listen_to(fd);
    g_assert_cmpint(error_code(rows), ==, MADO_E_BAD_DATA);
    g_assert_cmpint(hear(fd, block, sizeof block), ==, 0);
    json_decref(rows);
    close(fd);
    house_close(&house);
}

static void test_random_bytes_do_nothing(void)
{
    struct house house;
    g_autoptr(GRand) dice = g_rand_new_with_seed(17);
    json_t *rows;

    house_open(&house, 0);
    for (int round = 0; round < 50; round++) {
        guint8 bytes[2000];
        char block[4096];
        int fd = reach(&house);
        for (gsize i = 0; i < sizeof bytes; i++)
            bytes[i] = (guint8)g_rand_int_range(dice, 0, 256);
        bytes[sizeof bytes - 1] = '\n';
        say(fd, bytes, sizeof bytes);
        g_assert_cmpint(hear(fd, block, sizeof block), >, 0);
        g_assert_true(g_str_has_prefix(block, "{\"error\":{\"code\":104,"));
        close(fd);
    }
    rows = ask(&house, "audit verify", "{}");
    g_assert_cmpint(json_integer_value(json_object_get(json_array_get(rows, 0), "checked")), ==, 0);
    json_decref(rows);
    house_close(&house);
}

static void test_too_many_are_turned_away(void)
{
    struct house house;
    int fds[65];
    json_t *rows;

    house_open(&house, 0);
    for (gsize i = 0; i < G_N_ELEMENTS(fds); i++) {
        fds[i] = reach(&house);
        while (g_main_context_iteration(NULL, FALSE))
            ;
    }
    rows = listen_to(fds[64]);
    g_assert_cmpint(error_code(rows), ==, MADO_E_BUSY);
    json_decref(rows);
    rows = ask_at(fds[0], "ledger", "{}");
    g_assert_cmpint(error_code(rows), ==, 0);
    json_decref(rows);
    for (gsize i = 0; i < G_N_ELEMENTS(fds); i++)
        close(fds[i]);
    house_close(&house);
}

static void test_the_silent_are_cut_off(void)
{
    struct house house;
    char block[16];
    int fd;

    house_open(&house, 1);
    fd = reach(&house);
    say(fd, "{", 1);
    g_assert_cmpint(hear(fd, block, sizeof block), ==, 0);
    close(fd);
    house_close(&house);
}

/* In a child, because no process gets its user back. Writes what it was told to `result`. */
static G_NORETURN void ask_as_nobody(const struct house *house, int result)
{
    static const char line[] = "{\"schema\":\"mado/1\",\"command\":\"list\",\"args\":{}}\n";
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    char block[4096];
    gssize got;

    g_strlcpy(address.sun_path, house->path, sizeof address.sun_path);
    if (setgid(NOBODY) < 0 || setuid(NOBODY) < 0 ||
        connect(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
        write(fd, line, sizeof line - 1) < 0)
        _exit(1);
    while ((got = read(fd, block, sizeof block)) > 0)
        if (write(result, block, (gsize)got) < 0)
            _exit(1);
    _exit(0);
}

static void test_a_stranger_is_refused_and_remembered(void)
{
    struct house house;
    int pipe[2];
    pid_t child;
    char block[4096] = "";
    json_t *rows;

    if (geteuid() != 0) {
        g_test_skip("only root can become somebody else");
        return;
    }
    house_open(&house, 0);
    open_tickets(&house, 1);
    g_assert_cmpint(chmod(house.folder, 0755), ==, 0);
    g_assert_cmpint(chmod(house.path, 0666), ==, 0);
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pipe), ==, 0);
    child = fork();
    if (child == 0)
        ask_as_nobody(&house, pipe[1]);
    close(pipe[1]);
    g_assert_cmpint(hear(pipe[0], block, sizeof block - 1), >, 0);
    g_assert_nonnull(strstr(block, "\"code\":602"));
    g_assert_null(strstr(block, "subject"));
    g_assert_cmpint(hear(pipe[0], block, sizeof block - 1), ==, 0);
    close(pipe[0]);
    waitpid(child, NULL, 0);
    rows = ask(&house, "audit verify", "{}");
    g_assert_cmpint(json_integer_value(json_object_get(json_array_get(rows, 0), "checked")), ==, 2);
    json_decref(rows);
    house_close(&house);
}

static void test_a_dead_daemons_socket_is_replaced_a_live_ones_not(void)
{
    g_autofree char *folder = g_dir_make_tmp("mado-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "s", NULL);
    g_autoptr(GError) error = NULL;
    struct stat is;
    int first = socket_listen(path, SOCK_SEQPACKET, NULL, NULL);

    g_assert_cmpint(first, >=, 0);
    g_assert_cmpint(stat(path, &is), ==, 0);
    g_assert_cmpint(is.st_mode & 0777, ==, 0600);
    g_assert_cmpint(socket_listen(path, SOCK_SEQPACKET, NULL, &error), ==, -1);
    g_assert_error(error, MADO_ERROR, MADO_E_ROLE);
    close(first);
    first = socket_listen(path, SOCK_SEQPACKET, NULL, NULL);
    g_assert_cmpint(first, >=, 0);
    close(first);
    g_unlink(path);
    g_rmdir(folder);
}

static void test_a_group_that_is_missing_leaves_the_socket_to_us(void)
{
    g_autofree char *folder = g_dir_make_tmp("mado-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "s", NULL);
    int fd = socket_listen(path, SOCK_STREAM, "no-such-group", NULL);
    struct stat is;

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(stat(path, &is), ==, 0);
    g_assert_cmpuint(is.st_mode & 07777, ==, 0600);
    close(fd);
    g_unlink(path);
    g_rmdir(folder);
}

static void test_a_socket_that_cannot_be_is_said(void)
{
    g_autofree char *name = g_strnfill(120, 'x');
    g_autofree char *path = g_strconcat("/tmp/", name, NULL);
    g_autoptr(GError) too_long = NULL;
    g_autoptr(GError) no_socket = NULL;

    g_assert_cmpint(socket_listen(path, SOCK_STREAM, NULL, &too_long), ==, -1);
    g_assert_nonnull(strstr(too_long->message, "107"));
    g_assert_cmpint(socket_listen("/etc/passwd", SOCK_STREAM, NULL, &no_socket), ==, -1);
    g_assert_true(g_file_test("/etc/passwd", G_FILE_TEST_EXISTS));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/control/in turn", test_requests_in_one_go_are_answered_in_turn);
    g_test_add_func("/control/half a line", test_half_a_line_hinders_nobody);
    g_test_add_func("/control/longest request", test_a_request_has_a_longest_length);
    g_test_add_func("/control/random bytes", test_random_bytes_do_nothing);
    g_test_add_func("/control/too many", test_too_many_are_turned_away);
    g_test_add_func("/control/the silent", test_the_silent_are_cut_off);
    g_test_add_func("/control/a stranger", test_a_stranger_is_refused_and_remembered);
    g_test_add_func(
        "/control/socket/dead and live", test_a_dead_daemons_socket_is_replaced_a_live_ones_not);
    g_test_add_func(
        "/control/socket/no group", test_a_group_that_is_missing_leaves_the_socket_to_us);
    g_test_add_func("/control/socket/cannot be", test_a_socket_that_cannot_be_is_said);
    return g_test_run();
}
