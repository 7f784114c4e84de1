/*
 * Between the files of imap.c alone: imap-wire.c (libetpan on our link), imap-session.c (one
 * connection until it is of use), imap-login.c, imap-list.c, imap-fetch.c, imap-after.c (what is
 * done with a mail that was taken), imap-idle.c.
 */
#pragma once
#include "imap-guard.h"
#include "intake.h"
#include "link.h"
#include <libetpan/libetpan.h>

/* What libetpan reads and writes: whole lines that the guard has let through, and the bytes of
 * mails. It never has more of them than it needs, so that we can speak in between ourselves. */
struct imap_wire {
    struct link *link;
    struct imap_guard guard;
    GString *line;
    gsize done;      /* of `line` */
    guint32 exists;  /* mails in the folder that is selected, as the server counts them */
    gboolean grown;  /* it has said that there are more, since this was last cleared */
    GError *why;     /* it has ended */
    gboolean closed; /* not a word more, not even goodbye */
};

struct imap_place {
    char *folder; /* as the configuration names it */
    char *name;   /* as IMAP does */
    guint32 validity;
    guint32 told; /* up to this uid the mailbox was told; there may be others below */
    guint32 next; /* the uid that a new mail will have, as far as known */
};

enum imap_after { AFTER_LEAVE, AFTER_KEYWORD, AFTER_MOVE };

struct imap {
    const struct means *means;
    gboolean (*got)(gpointer role, const char *uid, int mail, const char *why_not);
    guint64 max_message;
    gint64 rescan, idle; /* seconds: between looks, and for which one IDLE lasts */
    struct link_server *server;
    GPtrArray *places; /* struct imap_place */
    enum imap_after after;
    char *target, *target_name; /* where it is moved to; likewise */
    GHashTable *hard;           /* uid -> struct hard_mail: the connection broke on it */
    const char *note;           /* static: what this server cannot do; NULL if it can all */
    /* Of one connection: */
    struct imap_wire *wire;
    mailimap *session;
    struct imap_place *at; /* the folder that is selected, or NULL */
    gint64 idle_since;     /* 0: not now */
    guint tags;            /* of our own commands */
    gboolean resting;      /* the role wants no more for now; the connection was ended for it */
    char *state;           /* what was told for `status` since the last look */
};

/* -- wire -- */

/* Takes over `link`; the stream is the session's, which closes it. */
mailstream *imap_wire_start(struct imap_wire *wire, struct link *link);
void imap_wire_stop(struct imap_wire *wire); /* frees it */
/* For what we say ourselves: the next line that the guard lets through, or NULL. */
const char *imap_wire_line(struct imap_wire *wire);
gboolean imap_wire_hear(struct imap_wire *wire); /* one line, whatever it is, and forgets it */
gboolean imap_wire_write(struct imap_wire *wire, const char *text, gsize size);

/* -- session -- */

/* Each command has its own time, a multiple of the configured one, and may bring so many bytes. */
enum imap_pace {
    PACE_ANSWER = 1,
    PACE_WORK = 5, /* a server looks through a large folder, or moves mails */
};
enum { SHORT_ANSWER = 256 * 1024, LONG_ANSWER = 1024 * 1024 }; /* bytes */
void imap_begin(struct imap *imap, enum imap_pace pace, guint64 bytes);
/* After a call of libetpan's. TRUE: it was done. FALSE and still connected: the server said no. */
gboolean imap_done(struct imap *imap, int status, const char *what, GError **error);
gboolean imap_can(const struct imap *imap, const char *capability);
gboolean imap_can_login(const struct imap *imap, const char *mechanism);
gboolean imap_connect(struct imap *imap, GError **error);
void imap_drop(struct imap *imap);  /* without a word */
void imap_leave(struct imap *imap); /* with one, which may take two seconds */
/* Drops, and says why: as the wire knows, or `what`. Always FALSE. */
gboolean imap_break(struct imap *imap, const char *what, GError **error);

/* A command of our own: sent with a tag; then lines until its answer. */
gboolean imap_tell(struct imap *imap, const char *command, gsize size, GError **error);
gboolean imap_is_answer(const struct imap *imap, const char *line);
gboolean imap_login(struct imap *imap, GError **error);

/* -- places -- */

gboolean imap_select(struct imap *imap, struct imap_place *place, GError **error);
char *imap_uid_text(const struct imap_place *place, guint32 uid);
guint32 imap_uid_number(const char *uid);
struct mailimap_set *imap_set(const GArray *uids); /* ascending; the caller frees it */
void imap_sort(GArray *uids);                      /* ascending, each once */
/* Sorted. `key` is consumed. NULL: `error`. */
GArray *imap_search(struct imap *imap, struct mailimap_search_key *key, GError **error);
GPtrArray *imap_list(struct imap *imap, gboolean whole, GError **error);

gboolean imap_fetch(struct imap *imap, const GPtrArray *uids, GError **error);
gboolean imap_taken(struct imap *imap, const GArray *uids, GError **error);

/* -- idle -- */

gboolean imap_wait(struct imap *imap, gint64 until, gboolean *news, GError **error);
/* Before any other command. */
gboolean imap_stop_idling(struct imap *imap, GError **error);
