/* What becomes of a letter behind an attempt: a pure function. */
#pragma once
#include "ipc.h"
#include <mado/settings.h>

enum { OUTBOX_LONGEST_PAUSE = 70 * 60 }; /* seconds between two attempts */

/* How an attempt ended, as the desk sees it; the first are what the courier says. */
enum attempt_end {
    END_DONE = SEND_DONE,
    END_DEFERRED = SEND_DEFERRED,
    END_FAILED = SEND_FAILED,
    END_UNKNOWN = SEND_UNKNOWN,
    END_NOT_TRIED = SEND_NOT_TRIED,
    END_LOST_BEFORE = SEND_OUTCOMES, /* the courier ended, and had not told of the dot */
    END_LOST_BEHIND,                 /* the courier ended behind the dot */
    END_NOT_LOOKED_AT,               /* the courier had it in hand behind others, and ended */
    END_FOUND,                       /* at the start, in "sending": nobody knows how far it came */
    ENDS
};

struct attempt {
    enum attempt_end end;
    const char *kind;    /* of the letter */
    gboolean repeatable; /* of the transport: a second attempt makes no second letter */
    int number;          /* counts from 1 */
    gint64 give_up;      /* seconds */
};
struct verdict {
    const char *state; /* of the outbox */
    gint64 wait;       /* seconds until the next attempt; for "queued" and "deferred" */
    gboolean counts;   /* as an attempt of the letter's */
};
struct verdict outbox_judge(const struct attempt *attempt);

/* Does nobody miss a second copy, or does it annoy? What no person has written is sent once. */
gboolean outbox_is_automatic(const char *kind);

/* The envelope sender of what a person writes: outgoing.bounces, or else the team's address with
 * the token of the incident and recipient, so that a bounce names its letter (VERP). The caller
 * frees it. */
char *outbox_human_sender(
    const struct settings *settings, int year, int sequence, const char *token);
