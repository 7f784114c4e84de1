/* A role in a process of its own, with the test in the place of the desk. */
#pragma once
#include "fd.h"
#include "ipc.h"
#include "log.h"
#include "roles.h"
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    BOUND_SECONDS = 60, /* beyond it something hangs */
    LEFT_OPEN = 9,      /* a file that the role's libraries have forgotten, say */
};

struct role_child {
    pid_t pid;
    int channel; /* the desk's end */
    int log;     /* a memory file */
};

/* `settings` is consumed. */
static inline void role_start(struct role_child *child, int (*role)(const struct options *),
    const struct options *options, GVariant *settings)
{
    int pair[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), ==, 0);
    child->log = fd_new_memory("log", NULL);
    child->pid = fork();
    if (child->pid == 0) {
        if (dup2(child->log, STDERR_FILENO) < 0 || dup2(pair[1], CHANNEL) < 0 ||
            close_range(CHANNEL + 1, ~0U, 0) < 0 || dup2(STDERR_FILENO, LEFT_OPEN) < 0)
            _exit(1);
        log_start("test");
        _exit(role(options));
    }
    close(pair[1]);
    child->channel = pair[0];
    g_assert_true(ipc_send(child->channel, IPC_SETTINGS, settings, -1, NULL));
}

/* The next message but for pongs, of which it counts; the caller clears it. */
static inline void role_hear(
    const struct role_child *child, struct ipc_message *message, guint *pongs)
{
    for (;;) {
        struct pollfd on = {child->channel, POLLIN, 0};
        g_assert_cmpint(poll(&on, 1, BOUND_SECONDS * 1000), ==, 1);
        g_assert_true(ipc_receive(child->channel, message, NULL));
        if (message->kind != IPC_PONG)
            return;
        if (pongs)
            (*pongs)++;
        ipc_message_clear(message);
    }
}

static inline void role_expect(const struct role_child *child, enum ipc_kind kind)
{
    struct ipc_message message;

    role_hear(child, &message, NULL);
    g_assert_cmpint(message.kind, ==, kind);
    ipc_message_clear(&message);
}

/* Nothing else may come before the answer. */
static inline void role_ping(const struct role_child *child)
{
    struct pollfd on = {child->channel, POLLIN, 0};
    struct ipc_message message;

    g_assert_true(ipc_send(child->channel, IPC_PING, g_variant_new("()"), -1, NULL));
    g_assert_cmpint(poll(&on, 1, BOUND_SECONDS * 1000), ==, 1);
    g_assert_true(ipc_receive(child->channel, &message, NULL));
    g_assert_cmpint(message.kind, ==, IPC_PONG);
    ipc_message_clear(&message);
}

static inline void role_ask(const struct role_child *child, enum ipc_need what)
{
    g_assert_true(
        ipc_send(child->channel, IPC_NEED, g_variant_new("(u)", (guint32)what), -1, NULL));
}

/* What it brings, or -1 and why not; the caller closes and frees. */
static inline int role_answer(
    const struct role_child *child, enum ipc_need what, char **why_not, guint *pongs)
{
    struct ipc_message message;
    guint32 need;
    int fd;

    role_hear(child, &message, pongs);
    g_assert_cmpint(message.kind, ==, IPC_HAVE);
    g_variant_get(message.body, "(us)", &need, why_not);
    g_assert_cmpint(need, ==, what);
    fd = message.fd;
    message.fd = -1;
    ipc_message_clear(&message);
    g_assert_true((fd >= 0) == (**why_not == 0));
    return fd;
}

static inline int role_fetch(const struct role_child *child, enum ipc_need what, char **why_not)
{
    role_ask(child, what);
    return role_answer(child, what, why_not, NULL);
}

/* All of a memory file; the caller frees it. */
static inline char *role_text(int file)
{
    g_autoptr(GString) text = g_string_new(NULL);
    char block[4096];
    ssize_t got;

    while ((got = pread(file, block, sizeof block, (off_t)text->len)) > 0)
        g_string_append_len(text, block, got);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* The desk is gone. Its exit status; the caller frees the log. */
static inline int role_end(struct role_child *child, char **log)
{
    int status;

    close(child->channel);
    g_assert_cmpint(waitpid(child->pid, &status, 0), ==, child->pid);
    if (log)
        *log = role_text(child->log);
    close(child->log);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
