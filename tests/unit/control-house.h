/* The operators' socket with a real store behind it, and the clients that ask there. */
#pragma once
#include "conf.h"
#include "control.h"
#include "ctl.h"
#include "error.h"
#include "folder.h"
#include "number.h"
#include "socket.h"
#include "store.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PATIENCE = 10 };

struct house {
    char *folder, *path;
    struct settings *settings;
    struct store *store;
    struct control_context context;
    struct control *control;
};

static inline void tell_facts(gpointer data, struct status_facts *facts)
{
    const struct source_facts inbox = {.name = "inbox",
        .type = "maildir",
        .state = "watching",
        .well = TRUE,
        .since = 1795131060,
        .proof = ""};

    facts->started_at = 1;
    status_facts_add_source(facts, &inbox);
    facts->reader = g_strdup("ready");
    facts->keys_role = g_strdup("2 at work");
    facts->courier = g_strdup("ready");
    facts->courier_proof = g_strdup("");
    facts->reader_well = facts->keys_role_well = facts->courier_well = TRUE;
}

static inline void house_open(struct house *house, guint idle_seconds)
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
        control_new(socket_listen(house->path, SOCK_STREAM, NULL, &error), &house->context);
    g_assert_no_error(error);
    control_start(house->control);
}

static inline void house_close(struct house *house)
{
    control_free(house->control);
    store_close(house->store);
    conf_free(house->settings);
    g_bytes_unref(house->context.token_secret);
    folder_remove(house->folder);
    g_free(house->path);
}

static inline void open_tickets(struct house *house, int count)
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
static inline int reach(const struct house *house)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(address.sun_path, house->path, sizeof address.sun_path);
    g_assert_cmpint(connect(fd, (struct sockaddr *)&address, sizeof address), ==, 0);
    g_assert_cmpint(fcntl(fd, F_SETFL, O_NONBLOCK), ==, 0);
    return fd;
}

static inline void say(int fd, const void *bytes, gsize size)
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
static inline gssize hear(int fd, char *bytes, gsize size)
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

static inline gboolean ends(const GString *answer)
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
static inline json_t *listen_to(int fd)
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
static inline json_t *ask_at(int fd, const char *command, const char *args)
{
    g_autofree char *line =
        g_strdup_printf("{\"schema\":\"mado/1\",\"command\":\"%s\",\"args\":%s}\n", command, args);
    say(fd, line, strlen(line));
    return listen_to(fd);
}

static inline json_t *ask(const struct house *house, const char *command, const char *args)
{
    int fd = reach(house);
    json_t *rows = ask_at(fd, command, args);
    close(fd);
    return rows;
}

static inline int error_code(const json_t *rows)
{
    const json_t *last = json_array_get(rows, json_array_size(rows) - 1);
    return (int)json_integer_value(json_object_get(json_object_get(last, "error"), "code"));
}
