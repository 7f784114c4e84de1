/* Between the files of pop3.c alone. */
#pragma once
#include "intake.h"
#include "link.h"

enum {
    POP3_LINE = 64 * 1024, /* bytes of one answer; RFC 2449 4 allows 512 */
    POP3_AHEAD = 16,       /* commands that are said before the first is answered */
};

enum pop3_reply { POP3_YES, POP3_NO, POP3_DEAD };

/* A mail as the server lists it in this session. */
struct pop3_mail {
    guint number;
    guint64 size;           /* as announced */
    char *uidl;             /* the server's name for it, made proper; NULL: it has none */
    char *name;             /* ours */
    char *why_not;          /* it can be taken; NULL: it can */
    struct pop3_mail *twin; /* another of the same name: the same bytes */
    gboolean by_bytes;      /* so the name cannot become another mail's */
    gboolean deleted;       /* in this session; it is gone behind QUIT */
};

struct pop3 {
    const struct means *means;
    gboolean (*got)(gpointer role, const char *uid, int mail, const char *why_not);
    guint64 max_message;
    gint64 rescan;
    gboolean deletes; /* what was taken */
    struct link_server *server;

    struct link *link; /* NULL: no session */
    guint8 input[16 * 1024];
    gsize start, end; /* of what was received and not yet read */
    gsize since;      /* bytes, since there was new time */
    GString *line;    /* the last one */
    gboolean stls, pipelining, sasl_plain;

    GPtrArray *mails;   /* struct pop3_mail, in the server's order */
    GHashTable *named;  /* name -> struct pop3_mail of `mails` */
    GHashTable *had;    /* names of those whose bytes we had; no session that deletes was between */
    GHashTable *told;   /* of these, those that are to be deleted until they are gone */
    GHashTable *doubts; /* UIDL -> struct doubt of pop3-names.c */
    GHashTable *hard;   /* name -> struct hard_mail of pop3-fetch.c */
    gboolean whole;     /* the look: behind it the role forgets what is not listed */
    gboolean again;     /* a mail is to be fetched under another name, soon */
    gboolean rests;     /* between two looks; `status` knows */
};

/* -- pop3-wire.c -- */

/* A new connection; the one before is forgotten. */
gboolean pop3_connect(struct pop3 *pop3, GError **error);
void pop3_drop(struct pop3 *pop3);
/* Ends the session; always FALSE. The sentence begins with the host. */
gboolean pop3_fail(struct pop3 *pop3, GError **error, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* What is read next is of no more than so many bytes. It has the time of one answer; what is long
 * has it for each part, so that a server which stalls in it is known soon. */
void pop3_expect(struct pop3 *pop3, guint64 bytes);
/* One command; no secrets. */
gboolean pop3_say(struct pop3 *pop3, GError **error, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* A line without its end, in pop3->line until the next. NULL: the session has ended. */
const char *pop3_read_line(struct pop3 *pop3, GError **error);
/* The first line of an answer; with POP3_NO its text is pop3_text(). */
enum pop3_reply pop3_read_reply(struct pop3 *pop3, GError **error);
/* The same of a line that was read already. */
enum pop3_reply pop3_judge(struct pop3 *pop3, GError **error);
const char *pop3_text(const struct pop3 *pop3);
/* A line of an answer of many; NULL without error behind the last. */
const char *pop3_read_item(struct pop3 *pop3, GError **error);
/* Bytes that are here, at least one; the caller says by pop3_use() how many it took. */
const guint8 *pop3_read_bytes(struct pop3 *pop3, gsize *size, GError **error);
void pop3_use(struct pop3 *pop3, gsize size);

/* -- pop3-login.c -- */

/* From the greeting to the mailbox. */
gboolean pop3_login(struct pop3 *pop3, GError **error);

/* -- pop3-list.c -- */

gboolean pop3_list(struct pop3 *pop3, GError **error);
void pop3_mail_free(gpointer mail);

/* -- pop3-names.c -- */

/* What stands for a UIDL; the caller frees it. */
char *pop3_proper_uidl(const char *uidl);
/* Gives each of `mails` its name. */
gboolean pop3_name_mails(struct pop3 *pop3, GError **error);
/* The store knows the name, but it is not sure that it has this mail. */
void pop3_doubt(struct pop3 *pop3, const struct pop3_mail *mail);
/* QUIT has been said: what was deleted is gone, or was not, and its UIDL may become another's. */
void pop3_note_quit(struct pop3 *pop3);
/* What the server does not list any more need not be remembered. */
void pop3_forget_gone(struct pop3 *pop3);
void pop3_doubt_free(gpointer doubt);

/* -- pop3-fetch.c -- */

/* A mail without a name yet, as a memory file; or -1 and why not, which the caller frees. FALSE:
 * the session has ended. */
gboolean pop3_load(
    struct pop3 *pop3, const struct pop3_mail *mail, int *memory, char **why_not, GError **error);
gboolean pop3_fetch(struct pop3 *pop3, const GPtrArray *uids, GError **error);
/* Has the server delete these mails, as soon as the session ends by QUIT. */
gboolean pop3_delete(struct pop3 *pop3, const GPtrArray *mails, GError **error);
