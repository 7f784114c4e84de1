/* The pieces of SMTP: what the relay says, how a letter's bytes go, and the session around both. */
#pragma once
#include "link.h"
#include "send.h"

/* -- smtp-reply.c: an answer of one line or several (RFC 5321 4.2) -- */

enum { REPLY_LINES = 100, REPLY_TEXT = 400 };

struct reply {
    int code;         /* 200 to 599; 0 before the first line */
    GPtrArray *lines; /* what stands behind the code, each cut to a bound */
};

void reply_free(struct reply *reply);
/* "550 5.1.1 no such user" for an operator: one harmless line, bounded. The caller frees it. */
char *reply_text(const struct reply *reply);
/* NULL: the link is lost, or what came is no answer of SMTP. The caller frees it. */
struct reply *reply_read(struct link *link, GError **error);

typedef struct reply mado_reply;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_reply, reply_free)

/* -- smtp-body.c: the bytes between DATA and the final dot -- */

/* Whatever ends a line in the letter, CRLF ends it on the wire, and a dot that begins one is
 * doubled (RFC 5321 4.5.2): so nothing in a letter can end it, on this server or the next. */
struct smtp_body {
    gboolean after_cr, in_line;
    gboolean eight_bit;
    guint64 size; /* as SIZE= counts it (RFC 1870): line ends as CRLF, doubled dots once */
};
void smtp_body_add(struct smtp_body *body, const char *bytes, gsize size, GString *wire);
void smtp_body_end(struct smtp_body *body, GString *wire);

/* -- smtp-session.c: from the greeting to the login, and one command at a time -- */

/* Each has its longest wait. */
enum smtp_phase {
    PHASE_GREETING,
    PHASE_EHLO,
    PHASE_STARTTLS,
    PHASE_AUTH,
    PHASE_RSET,
    PHASE_MAIL,
    PHASE_RCPT,
    PHASE_DATA,
    PHASE_BLOCK,
    PHASE_DOT,
    PHASE_QUIT,
    PHASES
};
const char *smtp_phase_name(enum smtp_phase phase);

struct smtp {
    struct link_server *server;
    struct transport_setup setup;
    char *domain;      /* our name for EHLO */
    struct link *link; /* NULL: no connection */
    gboolean used;     /* the connection has carried a letter, or the beginning of one */
    gboolean in_doubt; /* the last transaction has not ended */
    struct {
        gboolean starttls, size, eight_bit, utf8;
        guint64 most; /* of SIZE; 0: not told */
        char *auth;   /* " PLAIN LOGIN " */
    } offers;
};

/* Connection, greeting, TLS, login. FALSE: there is no relay to speak to, and `error` says why. */
gboolean smtp_connect(struct smtp *smtp, GError **error);
void smtp_disconnect(struct smtp *smtp);
/* What follows must be done within the phase's time. */
void smtp_begin(struct smtp *smtp, enum smtp_phase phase);
/* Sends a command (without CRLF; consumed) and returns the answer; NULL: the link is lost. */
struct reply *smtp_ask(struct smtp *smtp, enum smtp_phase phase, char *command, GError **error);
