/* Who we are: passwords from files, and what is said with them. */
#include "error.h"
#include "fd.h"
#include "link-parts.h"
#include "link-peer.h"
#include <fcntl.h>
#include <mado/limits.h>
#include <sys/stat.h>

/* -- passwords -- */

static char *write_secret(struct house *house, const char *name, const char *data, gssize size)
{
    char *path = g_build_filename(house->folder, name, NULL);

    g_assert_true(g_file_set_contents(path, data, size, NULL));
    g_assert_cmpint(chmod(path, 0600), ==, 0);
    return path;
}

static struct link_server *with_file(struct house *house, const char *path, GError **error)
{
    return server_try(
        house, &(struct described){.user = "csirt", .tls = "none", .password_file = path}, error);
}

static void test_password_is_the_first_line(void)
{
    struct house *house = house_new();
    g_autofree char *longest = g_strnfill(LIMIT_SECRET_BYTES, 'x');
    const struct {
        const char *content, *password;
    } rows[] = {{"secret\n", "secret"}, {"secret", "secret"},
        {"sec ret \r\nof nobody\n", "sec ret "}, {"秘密\n", "秘密"}, {longest, longest}};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *path = write_secret(house, "password", rows[i].content, -1);
        struct link_server *server = with_file(house, path, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(server->password, ==, rows[i].password);
        link_server_free(server);
    }
    house_free(house);
}

static void refuse(struct house *house, const char *path, const char *because)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(with_file(house, path, &error));
    g_assert_error(error, MADO_ERROR, MADO_E_CONFIG_REFERENCE);
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, because));
    g_assert_nonnull(strstr(error->message, path));
}

static void test_what_is_no_password_is_refused(void)
{
    struct house *house = house_new();
    g_autofree char *long_line = g_strnfill(LIMIT_SECRET_BYTES + 1, 'x');
    const struct {
        const char *content;
        gssize size;
        const char *because;
    } rows[] = {{"", 0, "empty first line"}, {"\nsecret\n", -1, "empty first line"},
        {"se\0cret\n", 8, "control characters"}, {"se\tcret\n", -1, "control characters"},
        {long_line, -1, "too long"}};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = write_secret(house, "password", rows[i].content, rows[i].size);
        refuse(house, path, rows[i].because);
    }
    house_free(house);
}

static void test_file_that_others_may_read_is_refused(void)
{
    static const mode_t open_to_others[] = {0640, 0660, 0604, 0644, 0601, 0610, 0620, 0602, 0777};
    static const mode_t closed[] = {0600, 0400, 0700};
    struct house *house = house_new();
    g_autofree char *path = write_secret(house, "password", "secret\n", -1);
    g_autofree char *command = g_strconcat("chmod 600 ", path, NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(open_to_others); i++) {
        g_assert_cmpint(chmod(path, open_to_others[i]), ==, 0);
        refuse(house, path, command);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(closed); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_cmpint(chmod(path, closed[i]), ==, 0);
        link_server_free(with_file(house, path, &error));
        g_assert_no_error(error);
    }
    house_free(house);
}

static void test_file_of_another_user_is_refused(void)
{
    struct house *house = house_new();
    g_autofree char *path = write_secret(house, "password", "secret\n", -1);

    if (chown(path, 65534, 65534) < 0)
        g_test_skip("only root can give a file away");
    else
        refuse(house, path, "chown");
    house_free(house);
}

/* Nothing waits for a writer that never comes. */
static void test_what_is_no_file_is_refused(void)
{
    struct house *house = house_new();
    g_autofree char *path = write_secret(house, "password", "secret\n", -1);
    g_autofree char *link = g_build_filename(house->folder, "link", NULL);
    g_autofree char *fifo = g_build_filename(house->folder, "fifo", NULL);
    g_autofree char *nothing = g_build_filename(house->folder, "nothing", NULL);

    g_assert_cmpint(symlink(path, link), ==, 0);
    g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
    refuse(house, link, "symbolic link");
    refuse(house, fifo, "no ordinary file");
    refuse(house, house->folder, "no ordinary file");
    refuse(house, nothing, "cannot be read");
    house_free(house);
}

static struct link_server *with_credential(struct house *house, const char *name, GError **error)
{
    return server_try(house,
        &(struct described){.user = "csirt", .tls = "none", .password_credential = name}, error);
}

static void test_credential_comes_from_systemds_folder(void)
{
    struct house *house = house_new();
    g_autofree char *path = write_secret(house, "imap", "secret\n", -1);
    g_autoptr(GError) error = NULL;
    struct link_server *server;

    g_assert_cmpint(chmod(path, 0440), ==, 0);
    g_unsetenv("CREDENTIALS_DIRECTORY");
    g_assert_null(with_credential(house, "imap", &error));
    g_assert_nonnull(strstr(error->message, "LoadCredential="));
    g_clear_error(&error);
    g_setenv("CREDENTIALS_DIRECTORY", house->folder, TRUE);
    server = with_credential(house, "imap", &error);
    g_assert_no_error(error);
    g_assert_cmpstr(server->password, ==, "secret");
    link_server_free(server);
    g_assert_cmpint(chmod(path, 0444), ==, 0);
    g_assert_null(with_credential(house, "imap", NULL));
    g_unsetenv("CREDENTIALS_DIRECTORY");
    house_free(house);
}

static void test_credential_is_a_name_not_a_path(void)
{
    static const char *const names[] = {"../password", "a/b", "/etc/passwd", "..", "."};
    struct house *house = house_new();
    g_autofree char *inside = g_build_filename(house->folder, "inside", NULL);

    g_free(write_secret(house, "password", "secret\n", -1));
    g_assert_cmpint(g_mkdir(inside, 0700), ==, 0);
    g_setenv("CREDENTIALS_DIRECTORY", inside, TRUE);
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(with_credential(house, names[i], &error));
        g_assert_nonnull(strstr(error->message, "without a slash"));
    }
    g_unsetenv("CREDENTIALS_DIRECTORY");
    house_free(house);
}

static void test_login_needs_a_password(void)
{
    struct house *house = house_new();
    g_autoptr(GError) error = NULL;

    g_assert_null(server_try(house, &(struct described){.user = "csirt"}, &error));
    g_assert_error(error, MADO_ERROR, MADO_E_CONFIG_REFERENCE);
    house_free(house);
}

/* -- logins -- */

static int only_listens(struct peer *peer)
{
    return peer_counts(peer);
}

static void give_token(struct house *house, const char *printed)
{
    house->token = fd_new_memory("token", NULL);
    g_assert_true(fd_write_all(house->token, printed, strlen(printed), NULL));
}

/* The examples of RFC 4616 (by RFC 4954), of Google's page on XOAUTH2, and of RFC 7628, 4.1. */
static const struct {
    struct described server;
    const char *secret, *mechanism, *initial;
} examples[] = {
    {{.user = "tim", .auth = "plain"}, "tanstaaftanstaaf\n", "PLAIN",
        "AHRpbQB0YW5zdGFhZnRhbnN0YWFm"},
    {{.user = "tim", .auth = "login"}, "tanstaaftanstaaf\n", "LOGIN", NULL},
    {{.user = "someuser@example.com", .auth = "xoauth2"},
        "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg\n", "XOAUTH2",
        "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhk"
        "SFJoZG1semRHRXVZMjl0Q2cBAQ=="},
    {{.host = "server.example.com", .port = 143, .user = "user@example.com", .auth = "oauthbearer"},
        "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\n", "OAUTHBEARER",
        "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVy"
        "IHZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB"},
};

/* Logs in at a server without TLS on this host. */
static struct link_secret *log_in(
    struct house *house, const struct described *described, const char *secret, GError **error)
{
    g_autofree char *path = write_secret(house, "password", secret, -1);
    struct described here = *described;
    struct link_server *server;
    struct link *link;
    struct link_secret *login;

    here.tls = "none";
    here.password_file = path;
    server = server_make(house, &here);
    g_assert_cmpstr(link_server_auth(server), ==, here.auth);
    if (house->token < 0)
        give_token(house, secret);
    peer_start(house, &(struct serving){.script = only_listens});
    link = link_open(server, error);
    login = link_login(server, error);
    link_free(link);
    peer_end(house);
    link_server_free(server);
    return login;
}

static void test_logins_are_as_their_rfcs_show_them(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(examples); i++) {
        g_autoptr(GError) error = NULL;
        struct house *house = house_new();
        struct link_secret *login = log_in(house, &examples[i].server, examples[i].secret, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(login->mechanism, ==, examples[i].mechanism);
        g_assert_cmpstr(login->user, ==, examples[i].server.user);
        g_assert_cmpstr(login->initial, ==, examples[i].initial);
        g_assert_cmpstr(login->password, ==,
            login->mechanism[0] == 'P' || login->mechanism[0] == 'L' ? "tanstaaftanstaaf" : NULL);
        link_secret_free(login);
        house_free(house);
    }
}

/* RFC 7628, 3.1; RFC 5801: a name cannot add a field. */
static void test_name_is_escaped_for_oauthbearer(void)
{
    struct house *house = house_new();
    struct link_secret *login =
        log_in(house, &(struct described){.user = "a,b=c", .auth = "oauthbearer"}, "token\n", NULL);
    gsize size;
    g_autofree guchar *said = g_base64_decode(login->initial, &size);

    g_assert_true(g_str_has_prefix((const char *)said, "n,a=a=2Cb=3Dc,\001host=localhost\001"));
    link_secret_free(login);
    house_free(house);
}

static void test_what_is_no_token_is_refused(void)
{
    g_autofree char *long_line = g_strnfill(LIMIT_SECRET_BYTES + 1, 'x');
    const char *const printed[] = {
        "", "\n", "to ken\n", "to\001ken\n", "to\rken\n", "t\xc3\xb6ken\n", long_line};

    for (gsize i = 0; i < G_N_ELEMENTS(printed); i++) {
        struct house *house = house_new();
        g_autoptr(GError) error = NULL;
        give_token(house, printed[i]);
        g_assert_null(
            log_in(house, &(struct described){.user = "a", .auth = "xoauth2"}, "unused\n", &error));
        g_assert_nonnull(error);
        g_test_message("%s", error->message);
        house_free(house);
    }
}

/* Whoever handed the token over can no longer change it while it is read. */
static void test_token_is_sealed_first(void)
{
    struct house *house = house_new();
    int kept;

    give_token(house, "token\n");
    kept = fcntl(house->token, F_DUPFD_CLOEXEC, 0);
    link_secret_free(
        log_in(house, &(struct described){.user = "a", .auth = "xoauth2"}, "unused\n", NULL));
    g_assert_cmpint(pwrite(kept, "x", 1, 0), <, 0);
    close(kept);
    house_free(house);
}

/* Neither before a connection, nor before its certificate is checked, nor when it has ended. */
static void test_no_login_before_the_server_is_known(void)
{
    struct house *house = house_new();
    g_autofree char *path = write_secret(house, "password", "secret\n", -1);
    struct link_server *server = server_make(
        house, &(struct described){.tls = "starttls", .user = "csirt", .password_file = path});
    g_autoptr(GError) error = NULL;
    struct link *link;

    g_assert_null(link_login(server, NULL));
    peer_start(house, &(struct serving){.script = only_listens});
    link = link_open(server, &error);
    g_assert_no_error(error);
    g_assert_null(link_login(server, &error));
    g_assert_error(error, MADO_ERROR, MADO_E_LINK);
    g_clear_error(&error);
    link_free(link);
    g_assert_cmpint(peer_end(house), ==, 0);
    link_server_free(server);
    server = with_file(house, path, &error);
    peer_start(house, &(struct serving){.script = only_listens});
    link = link_open(server, NULL);
    link_secret_free(link_login(server, &error));
    g_assert_no_error(error);
    link_free(link);
    g_assert_null(link_login(server, NULL));
    peer_end(house);
    link_server_free(server);
    house_free(house);
}

static void test_without_a_user_there_is_no_login(void)
{
    struct house *house = house_new();
    struct link_server *server = server_make(house, &(struct described){.auth = "plain"});

    g_assert_cmpstr(link_server_auth(server), ==, "");
    link_server_free(server);
    house_free(house);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/link/secret/is the first line", test_password_is_the_first_line);
    g_test_add_func(
        "/link/secret/what is no password is refused", test_what_is_no_password_is_refused);
    g_test_add_func("/link/secret/a file that others may read is refused",
        test_file_that_others_may_read_is_refused);
    g_test_add_func(
        "/link/secret/a file of another user is refused", test_file_of_another_user_is_refused);
    g_test_add_func("/link/secret/what is no file is refused", test_what_is_no_file_is_refused);
    g_test_add_func("/link/secret/a credential comes from systemd's folder",
        test_credential_comes_from_systemds_folder);
    g_test_add_func(
        "/link/secret/a credential is a name, not a path", test_credential_is_a_name_not_a_path);
    g_test_add_func("/link/secret/a login needs a password", test_login_needs_a_password);
    g_test_add_func(
        "/link/login/logins are as their RFCs show them", test_logins_are_as_their_rfcs_show_them);
    g_test_add_func(
        "/link/login/a name is escaped for OAUTHBEARER", test_name_is_escaped_for_oauthbearer);
    g_test_add_func("/link/login/what is no token is refused", test_what_is_no_token_is_refused);
    g_test_add_func("/link/login/a token is sealed first", test_token_is_sealed_first);
    g_test_add_func("/link/login/no login before the server is known",
        test_no_login_before_the_server_is_known);
    g_test_add_func(
        "/link/login/without a user there is no login", test_without_a_user_there_is_no_login);
    return g_test_run();
}
