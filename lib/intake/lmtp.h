/*
 * One client that hands mail over by LMTP (RFC 2033): bytes in, replies out.
 *
 * Nothing here touches a socket or a clock; the only file is the memory file of a mail's body.
 * A recipient hears 250 only after lmtp_answer(): until then no byte behind the mail is used.
 * What clients send is never an error: it is answered, and too much nonsense ends the session.
 */
#pragma once
#include <glib.h>

/* What all clients of one listener share. */
struct lmtp_house {
    const char *host;    /* how we call ourselves */
    char **addresses;    /* ours; mail to others is refused. Empty: all is taken */
    guint64 max_message; /* bytes of a mail, with the lines that we put before it */
    guint64 max_memory;  /* bytes of all mails that are here; one alone may have more */
    guint64 memory;      /* bytes that they have */
    gboolean paused;     /* nothing is taken now */
};

enum lmtp_state {
    LMTP_COMMANDS, /* between commands */
    LMTP_BODY,     /* behind DATA */
    LMTP_WAITING,  /* a whole mail waits for lmtp_answer() */
    LMTP_OVER,     /* when the replies are sent the connection is closed */
};

enum lmtp_verdict { LMTP_TAKEN, LMTP_REFUSED, LMTP_VERDICTS };

struct lmtp;

/* The greeting is a first reply. `house` outlives it. The caller frees it. */
struct lmtp *lmtp_new(struct lmtp_house *house);
void lmtp_free(struct lmtp *lmtp);
enum lmtp_state lmtp_state(const struct lmtp *lmtp);
/* How many bytes were used: not all where a mail waits for its answer, where the session is over,
 * or where many replies wait to be sent. The rest is given again. */
gsize lmtp_feed(struct lmtp *lmtp, const void *data, gsize size);
/* What is to be sent; the caller erases what was. */
GString *lmtp_replies(struct lmtp *lmtp);
/* The mail for which LMTP_WAITING stands, once: an unsealed memory file that the caller closes. */
int lmtp_take_mail(struct lmtp *lmtp);
/* For each recipient of that mail. */
void lmtp_answer(struct lmtp *lmtp, enum lmtp_verdict verdict);
/* The caller ends the session: it took too long, or there is no room for it. */
void lmtp_end(struct lmtp *lmtp, const char *why);
