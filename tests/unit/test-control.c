/* The operators' socket against a real store: who is answered, with what, and who is not. */
#include "conf.h"
#include "control.h"
#include "ctl.h"
#include "error.h"
#include "number.h"
#include "store.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <mado/limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534, PATIENCE = 10 };

struct house {
    char *folder, *path;
    struct settings *settings;
    struct store *store;
    struct control_context context;
    struct control *control;
};

static void tell_facts(gpointer data, struct status_facts *facts)
{
    const struct source_facts inbox = {"inbox", "maildir", "watching", TRUE, 0};

    facts->started_at = 1;
    status_facts_add_source(facts, &inbox);
    facts->reader = g_strdup("ready");
    facts->courier = g_strdup("ready");
    facts->reader_well = facts->courier_well = TRUE;
}

static void house_open(struct house *house, guint idle_seconds)
{
    g_autofree char *file = NULL;
    g_autoptr(GError) error = NULL;

    *house = (struct house){.folder = g_dir_make_tmp("mado-XXXXXX", NULL)};
    file = g_build_filename(house->folder, "mado.db", NULL);
    house->path = g_build_filename(house->folder, "control.sock", NULL);
    house->settings = conf_defaults();
    house->store = store_open(file, &error);
    g_assert_no_error(error);
    house->context = (struct control_context){.store = house->store,
        .settings = house->settings,
        .token_secret = g_bytes_new_static("secret", 6),
        .idle_seconds = idle_seconds,
        .facts = tell_facts};
    house->control =
        control_new(control_listen(house->path, SOCK_STREAM, NULL, &error), &house->context);
    g_assert_no_error(error);
    control_start(house->control);
}

static void house_close(struct house *house)
{
    const char *name;
    GDir *dir;

    control_free(house->control);
    store_close(house->store);
    conf_free(house->settings);
    g_bytes_unref(house->context.token_secret);
    dir = g_dir_open(house->folder, 0, NULL);
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *file = g_build_filename(house->folder, name, NULL);
        g_unlink(file);
    }
    g_dir_close(dir);
    g_rmdir(house->folder);
    g_free(house->folder);
    g_free(house->path);
}

static void open_tickets(struct house *house, int count)
{
    g_assert_true(store_begin(house->store, NULL));
    for (int i = 0; i < count; i++) {
        const struct new_incident wanted = {2026, "high", "phishing", "TLP:AMBER", "a subject",
            "Hanako", "hanako@yamabuki.example", 1795131060 + i};
        guint64 incident;
        int sequence;
        g_autofree char *number = NULL;
        g_autoptr(GError) error = NULL;
        store_open_incident(
            house->store, &wanted, number_format, &incident, &sequence, &number, &error);
        g_assert_no_error(error);
        store_journal(house->store, wanted.at, "mado", "opened", incident, 0, "a report", &error);
        g_assert_no_error(error);
    }
    g_assert_true(store_commit(house->store, NULL));
}

/* A client's end that never blocks the loop it talks to. */
static int reach(const struct house *house)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(address.sun_path, house->path, sizeof address.sun_path);
    g_assert_cmpint(connect(fd, (struct sockaddr *)&address, sizeof address), ==, 0);
    g_assert_cmpint(fcntl(fd, F_SETFL, O_NONBLOCK), ==, 0);
    return fd;
}

static void say(int fd, const void *bytes, gsize size)
{
    for (gsize done = 0; done < size;) {
        gssize put = send(fd, (const char *)bytes + done, size - done, MSG_NOSIGNAL);
        if (put > 0)
            done += (gsize)put;
        else if (errno != EAGAIN)
            return;
        while (g_main_context_iteration(NULL, FALSE))
            ;
    }
}

/* Runs the daemon's loop until there is something to read; 0: the daemon has hung up. */
static gssize hear(int fd, char *bytes, gsize size)
{
    gint64 until = g_get_monotonic_time() + PATIENCE * G_USEC_PER_SEC;
    struct pollfd ready = {.fd = fd, .events = POLLIN};

    while (g_get_monotonic_time() < until) {
        gssize got = recv(fd, bytes, size, 0);
        if (got >= 0 || errno != EAGAIN)
            return MAX(got, 0);
        if (!g_main_context_iteration(NULL, FALSE))
            poll(&ready, 1, 5);
    }
    g_error("the daemon is silent");
}

static gboolean ends(const GString *answer)
{
    const char *last = answer->str;
    json_t *line, *next;
    gboolean end;

    if (answer->len == 0 || answer->str[answer->len - 1] != '\n')
        return FALSE;
    for (const char *at = answer->str; at + 1 < answer->str + answer->len; at++)
        if (*at == '\n')
            last = at + 1;
    line = json_loads(last, 0, NULL);
    end = ctl_sort_line(line, &next, NULL) != CTL_LINE_ROW;
    json_decref(line);
    return end;
}

/* All lines of one answer; fewer if the daemon hangs up. */
static json_t *listen_to(int fd)
{
    g_autoptr(GString) answer = g_string_new(NULL);
    g_auto(GStrv) lines = NULL;
    json_t *rows = json_array();
    char block[4096];
    gssize got;

    while (!ends(answer) && (got = hear(fd, block, sizeof block)) > 0)
        g_string_append_len(answer, block, got);
    lines = g_strsplit(answer->str, "\n", -1);
    for (char **line = lines; *line; line++)
        if (**line)
            json_array_append_new(rows, json_loads(*line, 0, NULL));
    return rows;
}

/* `args` in JSON. */
static json_t *ask_at(int fd, const char *command, const char *args)
{
    g_autofree char *line =
        g_strdup_printf("{\"schema\":\"mado/1\",\"command\":\"%s\",\"args\":%s}\n", command, args);
    say(fd, line, strlen(line));
    return listen_to(fd);
}

static json_t *ask(const struct house *house, const char *command, const char *args)
{
    int fd = reach(house);
    json_t *rows = ask_at(fd, command, args);
    close(fd);
    return rows;
}

static int error_code(const json_t *rows)
{
    const json_t *last = json_array_get(rows, json_array_size(rows) - 1);
    return (int)json_integer_value(json_object_get(json_object_get(last, "error"), "code"));
}

static gboolean mentions(const json_t *rows, const char *words)
{
    g_autofree char *text = ctl_dump(rows);
    return strstr(text, words) != NULL;
}

/* What is answered ---------------------------------------------------------------------------- */

static void check_fields(const char *command, const json_t *row, int form)
{
    g_auto(GStrv) forms = g_strsplit(ctl_find(command)->fields, "; ", -1);
    g_autofree char *expected = g_strconcat("schema ", forms[form], NULL);
    g_autoptr(GString) keys = g_string_new(NULL);
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)row, key, value)
        g_string_append_printf(keys, "%s%s", keys->len ? " " : "", key);
    g_assert_cmpstr(keys->str, ==, expected);
}

static void test_rows_have_the_fields_of_the_table(void)
{
    static const struct {
        const char *command, *args;
    } rows[] = {
        {"status", "{}"},
        {"list", "{}"},
        {"show", "{\"id\":\"1\"}"},
        {"history", "{\"id\":\"1\"}"},
        {"ledger", "{}"},
        {"doctor", "{}"},
        {"config show", "{}"},
        {"audit verify", "{}"},
    };
    struct house house;

    house_open(&house, 0);
    open_tickets(&house, 1);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        json_t *answer = ask(&house, rows[i].command, rows[i].args);
        g_assert_cmpint(error_code(answer), ==, 0);
        check_fields(rows[i].command, json_array_get(answer, 0), 0);
        json_decref(answer);
    }
    house_close(&house);
}

static gsize count_listed(struct house *house, const char *severity)
{
    g_autofree char *args = g_strdup_printf("{\"severity\":\"%s\"}", severity);
    json_t *answer = ask(house, "list", args);
    gsize rows = json_array_size(answer) - 1;

    g_assert_cmpint(error_code(answer), ==, 0);
    json_decref(answer);
    return rows;
}

static void test_a_list_is_of_one_severity_or_of_all_above_it(void)
{
    static const char *const severities[] = {"critical", "high", "medium", "low"};
    static const struct {
        const char *wanted;
        gsize rows;
    } rows[] = {{"high", 1}, {">=critical", 1}, {">=high", 2}, {">=medium", 3}, {">=low", 4}};
    struct house house;

    house_open(&house, 0);
    open_tickets(&house, 4);
    g_assert_true(store_begin(house.store, NULL));
    for (gsize i = 0; i < G_N_ELEMENTS(severities); i++)
        g_assert_true(
            store_set_incident(house.store, i + 1, "severity", severities[i], 1795131060, NULL));
    g_assert_true(store_commit(house.store, NULL));
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpuint(count_listed(&house, rows[i].wanted), ==, rows[i].rows);
    house_close(&house);
}

static void test_a_long_story_says_that_it_goes_on(void)
{
    struct house house;

    house_open(&house, 0);
    open_tickets(&house, 1);
    for (int events = 1; events <= 101; events++) {
        json_t *answer = ask(&house, "show", "{\"id\":\"1\"}");
        json_t *row = json_array_get(answer, 0);
        g_assert_cmpuint(json_array_size(json_object_get(row, "events")), ==, MIN(events, 100));
        g_assert_cmpint(json_is_true(json_object_get(row, "events_left_out")), ==, events > 100);
        json_decref(answer);
        g_assert_true(store_begin(house.store, NULL));
        g_assert_true(store_journal(house.store, 1795131061, "mado", "ack", 1, 0, "x", NULL));
        g_assert_true(store_commit(house.store, NULL));
    }
    house_close(&house);
}

static void test_a_long_list_comes_in_pages(void)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *args = g_strdup("{}");
    struct house house;
    int pages = 0;
    gboolean more = TRUE;

    house_open(&house, 0);
    open_tickets(&house, 250);
    for (; more; pages++) {
        json_t *rows = ask(&house, "list", args);
        json_t *last = json_array_get(rows, json_array_size(rows) - 1);
        g_autofree char *next = NULL;
        for (gsize i = 0; i + 1 < json_array_size(rows); i++)
            g_assert_true(g_hash_table_add(seen,
                g_strdup(json_string_value(json_object_get(json_array_get(rows, i), "ticket")))));
        more = json_object_get(last, "next") != NULL;
        next = ctl_dump(json_object_get(last, "next"));
        g_free(args);
        args = g_strdup_printf("{\"page\":%s}", next);
        json_decref(rows);
    }
    g_assert_cmpuint(g_hash_table_size(seen), ==, 250);
    g_assert_cmpint(pages, ==, 3);
    house_close(&house);
}

static void test_a_ticket_is_found_by_what_people_type(void)
{
    struct house house;
    g_autofree char *number = number_format(2026, 1);
    const char *forms[] = {"1", "2026-1", number, "Re: [%s#%s] a subject"};

    house_open(&house, 0);
    open_tickets(&house, 1);
    for (gsize i = 0; i < G_N_ELEMENTS(forms); i++) {
        g_autofree char *id =
            i < 3 ? g_strdup(forms[i])
                  : g_strdup_printf("Re: [%s#%s] a subject", house.settings->tickets.tag, number);
        g_autofree char *args = g_strdup_printf("{\"id\":\"%s\"}", id);
        json_t *rows = ask(&house, "show", args);
        g_assert_cmpstr(
            json_string_value(json_object_get(json_array_get(rows, 0), "ticket")), ==, number);
        json_decref(rows);
    }
    house_close(&house);
}

static void test_bad_arguments_are_refused_with_a_reason(void)
{
    static const struct {
        const char *command, *args;
        int code;
        const char *words;
    } rows[] = {
        {"show", "{\"id\":\"9\"}", MADO_E_NO_SUCH, "There is no ticket 9"},
        {"show", "{\"id\":\"2026-0001-XX\"}", MADO_E_NO_SUCH, "mistyped"},
        {"show", "{\"id\":\"mail:9\"}", MADO_E_NO_SUCH, "There is no mail 9"},
        {"show", "{\"id\":\"hello\"}", MADO_E_USAGE, "no ticket number"},
        {"show", "{\"id\":7}", MADO_E_USAGE, "wrong type"},
        {"show", "{\"id\":\"1\\u0000\"}", MADO_E_BAD_DATA, "not a request"},
        {"show", "{\"idd\":\"7\"}", MADO_E_USAGE, "did you mean \\\"id\\\"?"},
        {"show", "{}", MADO_E_USAGE, "no ticket number"},
        {"list", "{\"state\":\"nwe\"}", MADO_E_USAGE, "there are: new, open"},
        {"list", "{\"severity\":\"x\"}", MADO_E_USAGE, "critical, high"},
        {"list", "{\"severity\":\">=x\"}", MADO_E_USAGE, "critical, high"},
        {"list", "{\"severity\":\"\"}", MADO_E_USAGE, "critical, high"},
        {"list", "{\"all\":\"yes\"}", MADO_E_USAGE, "wrong type"},
        {"ledger", "{\"place\":\"x\"}", MADO_E_USAGE, "no place"},
        {"outbox", "{\"state\":\"x\"}", MADO_E_USAGE, "queued"},
        {"search", "{}", MADO_E_USAGE, "No words"},
        {"consult", "{\"question\":{}}", MADO_E_BAD_DATA, "no question"},
    };
    struct house house;

    house_open(&house, 0);
    open_tickets(&house, 1);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        json_t *answer = ask(&house, rows[i].command, rows[i].args);
        g_assert_cmpint(error_code(answer), ==, rows[i].code);
        if (!mentions(answer, rows[i].words))
            g_test_fail_printf(
                "%s %s: not a word of \"%s\"", rows[i].command, rows[i].args, rows[i].words);
        g_assert_cmpuint(json_array_size(answer), ==, 1);
        json_decref(answer);
    }
    house_close(&house);
}

static void test_explain_may_ask_for_history(void)
{
    struct house house;
    json_t *rows;
    struct history *history;

    house_open(&house, 0);
    rows = ask(&house, "consult",
        "{\"question\":{\"address\":\"a@x.example\",\"domain\":\"x.example\",\"message_id\":\"\","
        "\"text_sha256\":\"\",\"claims\":[]}}");
    history = ctl_history_from_json(json_object_get(json_array_get(rows, 0), "history"));
    g_assert_nonnull(history);
    g_assert_true(history->consulted);
    history_free(history);
    json_decref(rows);
    house_close(&house);
}

static void test_the_journal_is_verified(void)
{
    struct house house;
    json_t *rows;

    house_open(&house, 0);
    open_tickets(&house, 7);
    rows = ask(&house, "audit verify", "{}");
    g_assert_true(json_is_true(json_object_get(json_array_get(rows, 0), "intact")));
    g_assert_cmpint(json_integer_value(json_object_get(json_array_get(rows, 0), "checked")), ==, 7);
    json_decref(rows);
    house_close(&house);
}

/* Who is not answered ------------------------------------------------------------------------- */

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
    g_autofree char *flood = g_strnfill(LIMIT_CONTROL_REQUEST + 1, 'x');
    char block[16];
    json_t *rows;
    int fd;

    house_open(&house, 0);
    fd = reach(&house);
    say(fd, flood, LIMIT_CONTROL_REQUEST + 1);
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

/* The socket ----------------------------------------------------------------------------------- */

static void test_a_dead_daemons_socket_is_replaced_a_live_ones_not(void)
{
    g_autofree char *folder = g_dir_make_tmp("mado-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "s", NULL);
    g_autoptr(GError) error = NULL;
    struct stat is;
    int first = control_listen(path, SOCK_SEQPACKET, NULL, NULL);

    g_assert_cmpint(first, >=, 0);
    g_assert_cmpint(stat(path, &is), ==, 0);
    g_assert_cmpint(is.st_mode & 0777, ==, 0600);
    g_assert_cmpint(control_listen(path, SOCK_SEQPACKET, NULL, &error), ==, -1);
    g_assert_error(error, MADO_ERROR, MADO_E_ROLE);
    close(first);
    first = control_listen(path, SOCK_SEQPACKET, NULL, NULL);
    g_assert_cmpint(first, >=, 0);
    close(first);
    g_unlink(path);
    g_rmdir(folder);
}

static void test_a_socket_that_cannot_be_is_said(void)
{
    g_autofree char *name = g_strnfill(120, 'x');
    g_autofree char *path = g_strconcat("/tmp/", name, NULL);
    g_autoptr(GError) too_long = NULL;
    g_autoptr(GError) no_group = NULL;
    g_autoptr(GError) no_socket = NULL;

    g_assert_cmpint(control_listen(path, SOCK_STREAM, NULL, &too_long), ==, -1);
    g_assert_nonnull(strstr(too_long->message, "107"));
    g_assert_cmpint(control_listen("/tmp/s", SOCK_STREAM, "no-such-group", &no_group), ==, -1);
    g_assert_nonnull(strstr(no_group->message, "group"));
    g_assert_cmpint(control_listen("/etc/passwd", SOCK_STREAM, NULL, &no_socket), ==, -1);
    g_assert_true(g_file_test("/etc/passwd", G_FILE_TEST_EXISTS));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/control/fields of the table", test_rows_have_the_fields_of_the_table);
    g_test_add_func("/control/list/severity", test_a_list_is_of_one_severity_or_of_all_above_it);
    g_test_add_func("/control/show/left out", test_a_long_story_says_that_it_goes_on);
    g_test_add_func("/control/pages", test_a_long_list_comes_in_pages);
    g_test_add_func("/control/ids", test_a_ticket_is_found_by_what_people_type);
    g_test_add_func("/control/bad arguments", test_bad_arguments_are_refused_with_a_reason);
    g_test_add_func("/control/consult", test_explain_may_ask_for_history);
    g_test_add_func("/control/audit", test_the_journal_is_verified);
    g_test_add_func("/control/in turn", test_requests_in_one_go_are_answered_in_turn);
    g_test_add_func("/control/half a line", test_half_a_line_hinders_nobody);
    g_test_add_func("/control/longest request", test_a_request_has_a_longest_length);
    g_test_add_func("/control/random bytes", test_random_bytes_do_nothing);
    g_test_add_func("/control/too many", test_too_many_are_turned_away);
    g_test_add_func("/control/the silent", test_the_silent_are_cut_off);
    g_test_add_func("/control/a stranger", test_a_stranger_is_refused_and_remembered);
    g_test_add_func(
        "/control/socket/dead and live", test_a_dead_daemons_socket_is_replaced_a_live_ones_not);
    g_test_add_func("/control/socket/cannot be", test_a_socket_that_cannot_be_is_said);
    return g_test_run();
}
