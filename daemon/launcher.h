/*
 * Between the launcher and the desk: fixed-size notes over a SOCK_SEQPACKET pair, a channel's file
 * descriptor with LAUNCHER_STARTED. The launcher parses nothing else.
 */
#pragma once
#include <glib.h>
#include <mado/limits.h>

enum role_kind {
    ROLE_DESK,
    ROLE_INTAKE,
    ROLE_READER,
    ROLE_COURIER,
    ROLE_DIALLER,
    ROLE_HOOK,
    ROLE_KEYS,
    ROLE_KINDS
};
/* Of one kind, at most: diallers and hooks have the number of their source, one more serves the
 * courier, and one hook more runs the programs of operators. */
enum { ROLE_INSTANCES = LIMIT_SOURCES + 2 };

enum launcher_op {
    /* desk -> launcher */
    LAUNCHER_START,   /* start that instance (after a pause if it keeps dying) */
    LAUNCHER_KILL,    /* it hangs, or spoke out of turn: end it at once */
    LAUNCHER_RUNNING, /* everything is ready */
    LAUNCHER_ALIVE,   /* the desk's loop turns */
    /* launcher -> desk */
    LAUNCHER_STARTED, /* here is its channel */
    LAUNCHER_DRAIN,   /* finish what is in hand, then exit 0 */
    LAUNCHER_RELOAD,  /* read the configuration again */
    LAUNCHER_OPS
};

struct launcher_note {
    guint32 op, kind, instance, reserved;
};

const char *role_name(enum role_kind kind);
/* ROLE_KINDS if there is no such role. */
enum role_kind role_from_name(const char *name);

gboolean launcher_send(int channel, const struct launcher_note *note, int fd);
/* FALSE: the other side is gone, or nothing waits. `*fd` is -1 unless a channel came along; the
 * caller closes it. */
gboolean launcher_receive(int channel, struct launcher_note *note, int *fd);

enum { CHANNEL_FD = 3 }; /* in every role */

/* What a role runs as. */
struct launcher_program {
    char *path; /* its first argument */
    int fd; /* what an upgrade puts in its place has to wait until all of the daemon starts anew */
};
/* Of each role, into `programs`, for as long as the daemon lives; `self` is the path of madod. */
gboolean launcher_open_programs(
    struct launcher_program programs[ROLE_KINDS], const char *self, GError **error);

/* Runs the desk, and through it all roles, until it ends. The daemon's exit status. */
int launcher_run(char **role_arguments);
