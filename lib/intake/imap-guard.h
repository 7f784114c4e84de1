/*
 * What of a server's words may reach libetpan's parser.
 *
 * libetpan 1.9.4 breaks on words that nobody asked for: a literal in a greeting, a second
 * BADCHARSET, a MODSEQ behind a search, 60,000 open parentheses. So it is given what belongs to the
 * commands that we send, and nothing else: other answers are left out, other response codes become
 * plain text, and what no server would say ends the connection.
 */
#pragma once
#include <glib.h>

enum imap_verdict {
    IMAP_PASS,
    IMAP_SKIP,   /* nothing that we asked for */
    IMAP_REFUSE, /* `why` says the reason; the connection has to end */
};

struct imap_guard {
    guint64 most_literal; /* bytes of one mail; 0: no mail was asked for */
    gboolean greeted;     /* the first word of the server's is behind us */
    gboolean leaving;     /* BYE is what we asked for */
    gboolean in_fetch;    /* the line goes on behind a literal */
    guint64 literal;      /* how many bytes of a mail follow this line */
    char *why;            /* the guard's, until the next call */
};

/* One line without its end, which may be changed. */
enum imap_verdict imap_guard_line(struct imap_guard *guard, GString *line);
void imap_guard_clear(struct imap_guard *guard);
/* Of what a server said the first `most` bytes, as a person may see them; the caller frees it. */
char *imap_guard_shown(const char *said, gsize most);
