/*
 * Confinement: each role locks itself in, whoever started it
 *
 * NO_NEW_PRIVS, no core, not dumpable, resource limits, Landlock (which files), seccomp (which
 * system calls). Nothing of it needs a privilege, and none of it can be undone. What each role then
 * may and may not do stands in the table behind confine_promise(); the tests try every cell.
 *
 * What has to be done before, because it cannot be done afterwards:
 *  - sockets: made, bound, connected. Only accepting, sending and receiving go on. (A datagram
 *    socket that is open and not connected can still send anywhere: hold none.)
 *  - names of users and groups (getpwnam, getgrnam: they load libraries). Afterwards a peer is a
 * uid and gids: SO_PEERCRED and SO_PEERGROUPS need no lookup.
 *  - inotify watches (neither Landlock nor seccomp can hold them to one folder).
 *  - log_start(), sqlite3_randomness(), g_random_int(), locales, charsets. SQLite's temporary
 *    tables stay in memory (temp_store). sd_journal_send() and sd_notify() make sockets: never.
 *  - no second thread may exist (g_unix_signal_add and g_child_watch_add make one: use signalfd).
 * A place is bound to the folder or file that is there now, not to its name: a file that an editor
 * replaces is another file. So name the folder it is in.
 */
#pragma once
#include <glib.h>

enum confine_kind {
    CONFINE_LAUNCHER, /* only what its children may inherit: filters survive exec */
    CONFINE_DESK,
    CONFINE_INTAKE,
    CONFINE_READER,       /* may fork, wait and confine its children, no more */
    CONFINE_READER_CHILD, /* of a process that is a CONFINE_READER; one mail */
    CONFINE_COURIER,
    CONFINE_DELIVER,  /* madod --deliver, once it is connected */
    CONFINE_DIALLER,  /* resolves and connects, reads nothing */
    CONFINE_HOOK,     /* runs the one program that the configuration names */
    CONFINE_LISTENER, /* an intake that others connect to */
    CONFINE_KEYS,     /* and gpg, gpgsm and their agent, which it starts */
    CONFINE_KINDS
};

enum confine_access {
    CONFINE_READ,
    CONFINE_WRITE,
    CONFINE_SOCKETS, /* and sockets are made there */
    CONFINE_RUN,     /* programs, and what they load */
};

struct confine_place {
    const char *path; /* a folder with all below it, or one file; NULL ends a list */
    enum confine_access access;
};

struct confinement {
    enum confine_kind kind;
    /* For desk, intake, courier, dialler and keys. What may be read or run need not exist, what may
     * be written must. */
    const struct confine_place *places;
    /* For the reader's child: its only open files, -1 at the end; all others are closed (a child
     * that kept the channel could speak for its parent). Without 2 it has no stderr. */
    const int *keep;
    /* For the dialler: the TCP port to which it connects, beside that of name servers. A kernel
     * whose Landlock knows no ports (before ABI 4) lets it connect to any. */
    guint16 port;
    /* For the reader's child; 0 is the limit of limits.h. */
    guint64 memory;
    guint cpu_seconds, wall_seconds;
    /* For the tests: behave as on a kernel with at most this Landlock ABI; -1 is none, 0 as it is.
     */
    int pretend_abi;
};

/* Cannot be undone, even where it fails: then leave, with the error. CONFINE_READER also makes the
 * filter of its children, which spares each of them 0.1 ms. */
gboolean confine_role(const struct confinement *confinement, GError **error);
/* For a program that is about to be run: all that its user may do with files, but none of these and
 * of what is below them, nor folders above them themselves (what is in those already, it may). TRUE
 * also where this kernel has no Landlock. Cannot be undone. */
gboolean confine_hide(const char *const *paths);
/* What this kernel cannot do of it, as a sentence (static) for the log, or NULL. */
const char *confine_weakness(const struct confinement *confinement);

/* What became of a reader's child, from its wait status, as a sentence (static), or NULL if it left
 * with 0. */
const char *confine_death(int status);

/* What a role may do once it is confined. */
enum confine_deed {
    DEED_OPEN_READABLE, /* a file that everybody may read */
    DEED_OPEN_OWN,      /* write in the folder that is its own */
    DEED_WRITE_OUTSIDE, /* write in another folder that its user may write in */
    DEED_SOCKET_INET,
    DEED_SOCKET_UNIX,
    DEED_CONNECT,
    DEED_ACCEPT, /* on a socket that listens already */
    DEED_EXEC,
    DEED_PTRACE,
    DEED_KILL, /* a signal to another process of its user */
    DEED_FORK,
    DEED_MEMORY_FILE,
    DEEDS
};
enum confine_outcome { OUTCOME_MAY, OUTCOME_EPERM, OUTCOME_EACCES, OUTCOME_KILLED };

enum confine_outcome confine_promise(enum confine_kind kind, enum confine_deed deed);
const char *confine_kind_name(enum confine_kind kind);
const char *confine_deed_name(enum confine_deed deed);
