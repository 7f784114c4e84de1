/*
 * Messages between roles
 *
 * A channel is one end of a SOCK_SEQPACKET pair. A message is a kind, a GVariant of the type that
 * the table in ipc.c gives for that kind, and at most one file descriptor. The receiver checks
 * kind, length, normal form and the number of descriptors; whoever sends anything else
 * has spoken out of turn, and is killed by whoever finds out.
 */
#pragma once
#include <glib.h>

enum ipc_kind {
    IPC_SETTINGS, /* desk -> role, first, and to some when they have changed: a{sv} */
    IPC_READY,    /* role -> desk: confined, and at work */
    IPC_PING,     /* desk -> role: are you alive? */
    IPC_PONG,     /* role -> desk: yes */
    IPC_ASK,      /* intake -> desk: validity, uids: were these taken already? */
    IPC_KNOWN,    /* desk -> intake: one answer for each uid */
    IPC_MAIL,     /* intake, deliver -> desk: seq, validity, uid; fd = the mail */
    IPC_TAKEN,    /* desk -> intake, deliver: seq; committed */
    IPC_REFUSED,  /* desk -> intake, deliver: seq, why; not taken, try again later */
    IPC_SCANNED,  /* intake -> desk: everything was looked at; how many mails stay there untaken */
    IPC_TROUBLE,  /* role -> desk: a sentence for the operators */
    IPC_LEFT,     /* intake -> desk: a mail that stays there untaken, and why */
    IPC_READ,     /* desk -> reader: mail id, is it what came out of a layer?; fd = the bytes */
    IPC_FACTS,    /* reader -> desk: mail id, outcome, why; fd = the facts when outcome is 0 */
    IPC_CUT,      /* desk -> reader: as IPC_READ, and the SHA-256 of a file of it */
    IPC_PIECE,    /* reader -> desk: as IPC_FACTS; fd = that file; empty: there is none */
    IPC_SEND,     /* desk -> courier: outbox id, envelope sender, recipient; fd = the bytes */
    IPC_DOT,      /* courier -> desk: outbox id; from now on it may have gone out */
    IPC_SENT,     /* courier -> desk: outbox id, outcome, reply */
    IPC_NEED,     /* intake, courier -> desk -> dialler, hook: enum ipc_need; fd = an event */
    IPC_HAVE,   /* dialler, hook -> desk -> intake, courier: need, why not; fd = what was needed */
    IPC_STATE,  /* role -> desk: a sentence for `status`; all is well */
    IPC_PAUSE,  /* desk -> intake: why nothing is taken now; "" = go on */
    IPC_PROVE,  /* desk -> intake, courier: does your server answer? */
    IPC_PROVED, /* intake, courier -> desk: why not; "" = it does */
    IPC_WORK,   /* desk -> keys: job, enum keys_op; fd = the argument */
    IPC_WORKED, /* keys -> desk: job, enum keys_outcome, why; fd = the result when it is done */
    IPC_KINDS
};

/* outcome of IPC_FACTS: what became of the child that read the mail */
enum read_outcome { READ_DONE, READ_DIED, READ_OUTCOMES };
/* outcome of IPC_SENT */
enum send_outcome {
    SEND_DONE,
    SEND_DEFERRED,
    SEND_FAILED,
    SEND_UNKNOWN,   /* the dot went, no answer came */
    SEND_NOT_TRIED, /* no relay to speak to: no attempt of this letter's */
    SEND_OUTCOMES
};
/* what the desk fetches for a role that may not fetch it: IPC_NEED, IPC_HAVE */
enum ipc_need {
    NEED_CONNECTION, /* to the role's server, as the configuration names it */
    NEED_TOKEN,      /* what its token_command prints, in a memory file */
    NEEDS,
    NEED_EVENT = NEEDS /* of the desk itself: programs are to be told that; it comes along */
};

struct ipc_message {
    enum ipc_kind kind;
    GVariant *body;
    int fd; /* -1 if the kind carries none */
};

/* Sends; `body` is consumed if floating, `fd` stays the caller's (-1: none). On a non-blocking
 * channel that is full: G_FILE_ERROR_AGAIN. */
gboolean ipc_send(int channel, enum ipc_kind kind, GVariant *body, int fd, GError **error);
/* Receives one message. FALSE without error: the other side is gone. With MADO_E_IPC: it spoke out
 * of turn. The caller clears `message`. */
gboolean ipc_receive(int channel, struct ipc_message *message, GError **error);
void ipc_message_clear(struct ipc_message *message);

/* The facts file of a reader: a serialized variant of `type` in a memory file. */
gboolean ipc_write_variant(int fd, GVariant *variant, GError **error);
/* As g_variant_is_normal_form(), and quick however many bytes it holds. */
gboolean ipc_is_normal(GVariant *variant);
/* Seals and checks; NULL if it is larger than `max`, or not in normal form. */
GVariant *ipc_read_variant(int fd, const char *type, guint64 max, GError **error);
