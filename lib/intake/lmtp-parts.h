/* Between the files of lmtp.h alone. */
#pragma once
#include "dots.h"
#include "lmtp.h"

/* Replies with which a mail is refused, before its bytes or behind them. */
#define TOO_LARGE "552 5.3.4 larger than is taken here"
#define NO_ROOM "452 4.3.1 too much mail in hand, try again later"
#define NO_MEMORY "451 4.3.0 no memory for it, try again later"
#define PAUSED "452 4.3.1 nothing is taken now, try again later"

/* -- lmtp-body.c: what comes behind DATA -- */

struct lmtp_body {
    struct lmtp_house *house;
    enum dots at;
    int fd;              /* -1: none */
    guint64 size;        /* bytes in it */
    const char *refusal; /* the reply to its end, if it cannot be taken */
};

/* The mail begins with `head`. FALSE: there is no memory for it. */
gboolean lmtp_body_begin(struct lmtp_body *body, struct lmtp_house *house, const GString *head);
/* How many bytes were used; all, unless the end is among them (AT_END). */
gsize lmtp_body_feed(struct lmtp_body *body, const guint8 *data, gsize size);
/* The file, which is the caller's now; its bytes count until lmtp_body_clear(). */
int lmtp_body_take(struct lmtp_body *body);
void lmtp_body_clear(struct lmtp_body *body);

/* -- lmtp-address.c: paths and whose they are -- */

/* The address in the <> of `text` (source routes left out, RFC 5321 4.1.2), and where the
 * parameters begin; NULL if there is none that may stand in a header. The caller frees it. */
char *address_in_path(const char *text, const char **rest);
/* One of `ours`, with a +tag or without, or the postmaster there (RFC 5321 4.5.1). */
gboolean address_is_ours(const char *address, char *const *ours);
