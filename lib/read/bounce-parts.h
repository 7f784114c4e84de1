/* The files of bounce*.c among themselves. */
#pragma once
#include <mado/bounce.h>

/* What is said of one recipient, before it is weighed. */
struct mention {
    char *recipient; /* "": a report that names none */
    char *action;    /* of RFC 3464, in lower case; "" for none */
    char *status;    /* the field of RFC 3464; "" for none */
    GString *said;   /* by whoever refused it */
};

/* -- bounce-address.c -- */

/* Places in a text. */
struct place {
    gsize begin, end;
};
/* The first addr-spec at or behind `at`, in ASCII (a text stands close to other scripts). */
gboolean address_find(const char *text, gsize length, gsize at, struct place *found);
/* "rfc822; <a@b.example>" -> "a@b.example"; NULL for a pipe, a file, or what is no address. The
 * caller frees it. */
char *address_of_field(const char *value);
/* The mention of that recipient, added where there is none yet; NULL beyond LIMIT_BOUNCES. */
struct mention *mention_of(GPtrArray *mentions, const char *recipient);
/* The same without adding. */
struct mention *mention_find(const GPtrArray *mentions, const char *recipient);
GPtrArray *mentions_new(void);

/* -- bounce-report.c -- */

/* The groups of fields of RFC 3464 2.3, wherever they stand in a text. */
GPtrArray *report_mentions(const char *text);
/* The fields that say what a notification in JSON says; the caller frees them. */
char *report_of_json(const char *text);
/* The recipients of a feedback report (RFC 5965 3.2) and its type, "" for none; to be freed. */
GPtrArray *report_feedback(const char *text, char **type);

/* -- bounce-text.c -- */

/* Where the letter that comes back begins in a text; its length if it does not. */
gsize text_end_of_notice(const char *text);
/* Recipients and what is said of each, by how the mail systems of the world write it; `own` are
 * addresses that it was sent to. */
GPtrArray *text_mentions(const char *notice, const GPtrArray *own);
/* A forwarded text without one level of "> "; NULL if it is not quoted. The caller frees it. */
char *text_unquote(const char *text);

/* -- bounce-reason.c -- */

/* What speaks for a reason, the strongest first. */
struct evidence {
    const char *action;
    const char *status;  /* the field */
    const char *said;    /* in the report */
    const char *section; /* of the text, under the recipient */
    const char *notice;  /* all of the text */
};
/* The caller frees it. */
struct bounce *reason_weigh(const char *recipient, const struct evidence *evidence);
