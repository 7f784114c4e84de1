/* A desk without a store, whose roles are the test itself. */
#pragma once
#include "conf.h"
#include "fd.h"
#include "state.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAILDIR, IMAP, POP3, COURIER, SOURCES = COURIER };

/* A desk whose roles are we ourselves. */
struct house {
    struct desk desk;
    struct settings *settings;
    int launcher; /* the launcher's end */
};

static inline struct source *source_new(
    const char *type, const char *host, const char *token_command)
{
    struct source *source = g_new0(struct source, 1);
    const char *command[] = {token_command, NULL};

    *source = (struct source){.name = g_strdup(type),
        .type = g_strdup(type),
        .path = g_strdup(""),
        .listen = g_strdup(""),
        .after = g_strdup("leave"),
        .move_to = g_strdup(""),
        .folders = g_strsplit("INBOX mado", " ", -1)};
    source->server = (struct server){.host = g_strdup(host),
        .port = 993,
        .tls = g_strdup("tls"),
        .ca_file = g_strdup("/ca.pem"),
        .fingerprint = g_strdup(""),
        .user = g_strdup("csirt"),
        .auth = g_strdup("xoauth2"),
        .password_file = g_strdup(""),
        .password_credential = g_strdup(""),
        .timeout = 60,
        .token_command = g_strdupv((char **)command)};
    return source;
}

static inline void house_open(struct house *house)
{
    int pair[2];

    memset(house, 0, sizeof *house);
    house->settings = conf_defaults();
    g_ptr_array_set_size(house->settings->intake.sources, 0);
    g_ptr_array_add(house->settings->intake.sources, source_new("maildir", "", NULL));
    g_ptr_array_add(house->settings->intake.sources, source_new("imap", "i.example", "/bin/a"));
    g_ptr_array_add(house->settings->intake.sources, source_new("pop3", "p.example", NULL));
    g_free(house->settings->outgoing.transport);
    house->settings->outgoing.transport = g_strdup("smtp");
    g_assert_cmpint(
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), ==, 0);
    house->desk.settings = house->settings;
    house->desk.launcher = pair[0];
    house->launcher = pair[1];
    house->desk.intakes = g_ptr_array_new_with_free_func((GDestroyNotify)peer_free);
    house->desk.readers = g_ptr_array_new();
    house->desk.deliverers = g_ptr_array_new();
    for (guint i = 0; i < SOURCES; i++)
        g_ptr_array_add(house->desk.intakes, peer_new(&house->desk, ROLE_INTAKE, i));
    house->desk.courier = peer_new(&house->desk, ROLE_COURIER, 0);
    errands_make_servants(&house->desk);
    jobs_make_workers(&house->desk);
}

static inline void house_close(struct house *house)
{
    g_ptr_array_unref(house->desk.intakes);
    g_ptr_array_unref(house->desk.readers);
    g_ptr_array_unref(house->desk.deliverers);
    g_ptr_array_unref(house->desk.diallers);
    g_ptr_array_unref(house->desk.hooks);
    jobs_dismiss_workers(&house->desk);
    peer_free(house->desk.courier);
    conf_free(house->settings);
    close(house->desk.launcher);
    close(house->launcher);
}

/* All that was said is heard, and all that is to be said is told. */
static inline void turn(struct house *house)
{
    do
        peers_foreach(&house->desk, peer_flush);
    while (g_main_context_iteration(NULL, FALSE));
    peers_foreach(&house->desk, peer_flush);
}

static inline struct peer *peer_of(struct house *house, enum role_kind kind, guint instance)
{
    GPtrArray *const lists[ROLE_KINDS] = {[ROLE_INTAKE] = house->desk.intakes,
        [ROLE_DIALLER] = house->desk.diallers,
        [ROLE_HOOK] = house->desk.hooks,
        [ROLE_KEYS] = house->desk.keys};

    if (kind == ROLE_COURIER)
        return house->desk.courier;
    for (guint i = 0; i < lists[kind]->len; i++)
        if (((struct peer *)lists[kind]->pdata[i])->instance == instance)
            return lists[kind]->pdata[i];
    return NULL;
}

/* The role's end of its channel. */
static inline int connect_role(struct house *house, enum role_kind kind, guint instance)
{
    int pair[2];

    g_assert_cmpint(
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), ==, 0);
    peer_connect(peer_of(house, kind, instance), pair[0]);
    return pair[1];
}

static inline void say(struct house *house, int role, enum ipc_kind kind, GVariant *body, int fd)
{
    g_assert_true(ipc_send(role, kind, body, fd, NULL));
    turn(house);
}

static inline int start_role(struct house *house, enum role_kind kind, guint instance)
{
    int role = connect_role(house, kind, instance);

    say(house, role, IPC_READY, g_variant_new("()"), -1);
    return role;
}

static inline void say_need(struct house *house, int role, guint32 need)
{
    say(house, role, IPC_NEED, g_variant_new("(u)", need), -1);
}

static inline void say_have(
    struct house *house, int role, guint32 need, const char *why_not, int fd)
{
    say(house, role, IPC_HAVE, g_variant_new("(us)", need, why_not), fd);
}

static inline void expect_nothing(int role)
{
    struct ipc_message message;
    g_autoptr(GError) error = NULL;

    g_assert_false(ipc_receive(role, &message, &error));
    g_assert_nonnull(error); /* nothing waits; without one, the channel would be closed */
}

static inline gboolean is_cut_off(int role)
{
    struct ipc_message message;
    g_autoptr(GError) error = NULL;

    return !ipc_receive(role, &message, &error) && !error;
}

static inline void expect_need(int role, guint32 need)
{
    struct ipc_message message;
    guint32 heard;

    g_assert_true(ipc_receive(role, &message, NULL));
    g_assert_cmpint(message.kind, ==, IPC_NEED);
    g_variant_get(message.body, "(u)", &heard);
    g_assert_cmpint(heard, ==, need);
    ipc_message_clear(&message);
}

/* What came, or -1; and a sentence that has `why` in it. */
static inline int expect_have(int role, guint32 need, const char *why)
{
    struct ipc_message message;
    const char *sentence;
    guint32 heard;
    int fd;

    g_assert_true(ipc_receive(role, &message, NULL));
    g_assert_cmpint(message.kind, ==, IPC_HAVE);
    g_variant_get(message.body, "(u&s)", &heard, &sentence);
    g_assert_cmpint(heard, ==, need);
    g_assert_nonnull(strstr(sentence, why));
    g_assert_true(*why || !*sentence);
    fd = message.fd;
    message.fd = -1;
    ipc_message_clear(&message);
    return fd;
}

/* Was that instance to be ended? Empties what the launcher was told. */
static inline gboolean was_killed(struct house *house, enum role_kind kind, guint instance)
{
    struct launcher_note note;
    gboolean found = FALSE;
    int fd;

    while (launcher_receive(house->launcher, &note, &fd))
        found |= note.op == LAUNCHER_KILL && note.kind == kind && note.instance == instance;
    return found;
}
