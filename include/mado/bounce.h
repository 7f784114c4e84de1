/* What a bounce says of one recipient of a letter: a stranger's claim, until our own Message-ID or
 * token ties it to a letter of ours. */
#pragma once
#include <glib.h>

/* What became of the letter (RFC 3464 2.3.3). */
enum outcome {
    OUTCOME_FAILED,    /* given up: it has not arrived, and is not tried again */
    OUTCOME_DELAYED,   /* not yet: it is still being tried */
    OUTCOME_DELIVERED, /* arrived, or handed on to where nothing more is told */
    OUTCOMES
};

struct bounce {
    char *recipient;    /* who was not reached, as the bounce writes it */
    char *status;       /* of RFC 3463: "5.1.1"; "" for none */
    char *reply_code;   /* of SMTP: "550"; "" for none */
    char *reason;       /* a word of ours: "userunknown" */
    gboolean permanent; /* the address itself is no good: the next letter comes back too */
    enum outcome outcome;
};

/* The caller frees it. */
struct bounce *bounce_new(
    const char *recipient, const char *status, const char *reply_code, const char *reason);
void bounce_free(gpointer bounce);

/* The words for a reason, NULL-terminated, in the order of the alphabet. */
extern const char *const bounce_reasons[];
/* Of a word: does the reason lie in the address, so that no later letter arrives either? */
gboolean bounce_reason_is_permanent(const char *reason);
/* "userunknown 550 5.1.1", as letters, tickets and screens say it; the caller frees it. */
char *bounce_words(const char *reason, const char *reply_code, const char *status);

const char *outcome_name(enum outcome outcome); /* "failed", "delayed", "delivered" */
