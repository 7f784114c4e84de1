/* The operators' socket: who may ask what, and the answers. Part of the desk's main loop; never
 * blocks. */
#pragma once
#include <mado/settings.h>
#include "checks.h"
#include "gate.h"
#include "store.h"

/* In which mailboxes and relay have to answer when they are asked for proof. */
enum { PROOF_SECONDS = 10 };

/* How one source is, for `status` and `doctor`. */
struct source_facts {
    const char *name, *type;
    const char *state; /* in words: "watching", "cannot be read: No such file or directory" */
    gboolean well;
    guint64 waiting;   /* mails that lie there and could not be taken */
    const char *left;  /* the last of them, and why; NULL for none */
    gint64 since;      /* when it came to be well, or not */
    const char *proof; /* what its server has answered to a proof: why not, or ""; NULL: nothing */
};

/* What only the desk knows at this moment; it fills it when asked. */
struct status_facts {
    gint64 started_at;
    GPtrArray *sources;                 /* copies; status_facts_add_source() */
    char *reader, *keys_role, *courier; /* in words: "2 at work", "starting again" */
    gboolean reader_well, keys_role_well, courier_well;
    gint64 courier_since;
    char *courier_proof;        /* as in source_facts */
    const char *not_taking;     /* why no mail is taken; NULL: it is */
    gboolean hooks, hooks_well; /* there is a folder of programs; the last of them worked */
    const char *hooks_state;    /* why not, else what they do; NULL */
    const char *home_lacks; /* what our home of keys lacks; NULL: nothing, or nobody looked yet */
};
void status_facts_add_source(struct status_facts *facts, const struct source_facts *source);

/* Work of other roles behind a command: it takes a while, so a command begins it and asks again
 * until it is over. */
enum order_kind {
    ORDER_IMPORT, /* keys of a file are offered; `own`: they are ours */
    ORDER_PIN,    /* an offered key is somebody's */
    ORDER_MAKE,   /* a new key of ours */
    ORDER_EXTEND, /* a key of ours lives longer */
    ORDER_EXPORT, /* the public part of one */
    ORDER_CHECK,  /* is everything in our home that the store has? */
    ORDER_SAVE,   /* a file that came with a mail */
    ORDER_BACKUP, /* a sealed copy of the store */
    ORDER_KINDS
};
struct order {
    enum order_kind kind;
    const char *user;                         /* who wants it, for the journal */
    GBytes *file;                             /* import */
    const char *file_name;                    /* as they call it; save: as its sender does */
    gboolean own;                             /* import: with secret keys */
    gboolean keep;                            /* import, make: earlier keys of ours go on signing */
    char fingerprint[FINGERPRINT_DIGITS + 1]; /* pin, extend, export */
    guint64 contact;                          /* pin: whose */
    const char *how;                          /* pin: how they know */
    const char *name, *address;               /* make */
    gint64 until;                             /* make, extend; 0: for ever */
    guint64 mail, incident;                   /* save: with what it came */
    const char *sha256;                       /* save */
    gboolean fetched;                         /* backup: who wants it takes it away */
};
/* What came of one key. */
struct order_line {
    char *fingerprint;
    char *result; /* "offered", "known", "refreshed", "pinned", "own", "restored", "missing", ... */
};
struct order_end {
    gboolean over;
    const GError *error;    /* then nothing was changed; NULL: it is done */
    const GPtrArray *lines; /* struct order_line */
    GBytes *bytes;          /* of an export, of what is saved; NULL: none */
    guint64 mail;           /* of the order */
    const char *path;       /* of a backup, once it is over */
    guint64 size;           /* of it */
    guint64 done, all;      /* how far it is; all 0: nobody knows yet */
    gboolean fetched;       /* of the order */
};

/* A letter that a person writes: first a draft, then what they have made of it. */
struct sheet {
    char *id;      /* 16 hex digits: an order that is repeated is about the same letter */
    char *purpose; /* "reply", "ask", "close", "reject"; of a table */
    char *template;
    char *writer, *writer_name;     /* user name; what their colleagues call them */
    guint64 incident, coordination; /* coordination 0: of none */
    guint64 mail;                   /* that it answers; 0: none */
    char *to, *to_name, *organisation;
    char *language, *charset; /* charset "": UTF-8 */
    char *subject, *text;
    GPtrArray *files;   /* struct enclosure; NULL: none */
    gboolean confirmed; /* its writer knows that it goes in clear */
    /* Of a letter to others than who told us. */
    guint64 contact;    /* whose address it is; 0: nobody's that we know */
    char *party;        /* as operators call them */
    gboolean inside;    /* they belong to our own organisation */
    char *label;        /* stricter than the incident's; NULL: as that one */
    char *shown;        /* why they may know who reported it; NULL: they may not */
    char *target;       /* of an escalation: "management", ...; NULL */
    gint64 due;         /* by when an answer is asked for; 0: never */
    gint64 asked_at;    /* of a reminder to who told us: when we have asked; 0 */
    gboolean evidence;  /* the last of its files is what mado has added */
    gboolean by_itself; /* mado writes it in the name of its writer */
    char *hint;         /* of a draft: what is not in it, and why; NULL: nothing */
};
void sheet_clear(struct sheet *sheet);
/* What the writer has said for a draft. */
struct said {
    const char *text, *result, *reason; /* NULL: nothing */
    char **questions;                   /* NULL-terminated */
    gboolean quote;                     /* what it answers */
};
/* What would become of it as it is. */
struct weighed {
    guint64 last; /* letter to them before it; 0: none */
    struct gate_answer *answer;
    GPtrArray *checks; /* struct check */
    const char *label; /* of what goes out */
    char *sha256;      /* of all that goes out, and of what the gate says */
    char *masked;      /* its text, with nothing that can be clicked on */
};
void weighed_free(struct weighed *weighed);
/* How it goes. */
struct posting {
    gint64 approvals;                        /* that its writer wants */
    const char *state_before, *state_behind; /* of its incident, where it changes that; "" */
};

/* What is told of an incident to others, as a file. */
struct sharing {
    const char *format; /* of lib/share: "csv" */
    char **only;        /* names of kinds of indicators; NULL: all */
    const char *label;  /* stricter than the incident's; NULL: as that one */
};
struct share_count {
    guint indicators, events;
};

/* -- control-enclose.c: files that wait for their letters -- */
struct uploads;
struct uploads *uploads_new(void);
void uploads_free(struct uploads *uploads);

/* Owned by the desk, which may change it between turns (reload, store opened again). */
struct control_context {
    struct store *store;
    const struct settings *settings;
    GBytes *token_secret;
    GTimeZone *zone;           /* of the team; NULL: UTC */
    const struct clock *clock; /* NULL: nobody knows when the team is at work */
    const char *clock_trouble; /* what is wrong with the list of holidays; NULL: nothing */
    guint idle_seconds;        /* 0: 60; tests take less */
    struct uploads *uploads;   /* NULL: no files can be sent */
    void (*facts)(gpointer desk, struct status_facts *facts);
    /* Asks mailboxes and relay for proof (`begin`: unless that is under way); TRUE: done. NULL:
     * they cannot be asked. */
    gboolean (*prove)(gpointer desk, gboolean begin);
    /* An operator has changed something, and it is committed: there may be work. NULL: nobody
     * cares. */
    void (*changed)(gpointer desk);
    /* ... of what held letters wait for: contacts and what may go. Likewise. */
    void (*look_at_held)(gpointer desk);
    /* A mail that stays closed waits again, as if it had just come. */
    gboolean (*retry)(gpointer desk, guint64 mail, GError **error);
    /* Queues a letter of the team to itself; the caller frees the Message-ID. NULL: cannot. */
    gboolean (*send_test)(gpointer desk, char **message_id, GError **error);
    /* What the gate says now of a letter that is held; with a seal it goes (`release`), and else
     * stays. NULL with an error; the caller frees the answer. NULL: cannot. */
    struct gate_answer *(*ask_gate)(
        gpointer desk, guint64 letter, gboolean release, GError **error);
    /* A letter of a person: fills what is empty; tells what would become of it; sends it within the
     * caller's change (`*again`: that was done before, and nothing is changed). NULL: cannot. */
    gboolean (*draft)(gpointer desk, struct sheet *sheet, const struct said *said, GError **error);
    /* What of a ticket may leave though it came sealed: char *; the caller unrefs it. NULL: only
     * what an operator has released. */
    GPtrArray *(*may_leave)(gpointer desk, guint64 incident, GError **error);
    struct weighed *(*weigh)(gpointer desk, const struct sheet *sheet, GError **error);
    gboolean (*post)(gpointer desk, const struct sheet *sheet, const struct weighed *weighed,
        const struct posting *how, guint64 *letter, GError **error);
    /* What others may be told, for the recipient of the sheet, or nobody ("" there); NULL with an
     * error. The caller frees it. NULL: cannot. */
    struct enclosure *(*share)(gpointer desk, const struct sheet *sheet,
        const struct sharing *wanted, struct share_count *count, GError **error);
    /* Begins it, and tells by which number to ask for its end; `order` is copied. NULL: cannot. */
    gboolean (*begin)(gpointer desk, const struct order *order, guint64 *task, GError **error);
    /* FALSE: nobody knows of it (any more), or it is another user's. `end` is borrowed. */
    gboolean (*end)(gpointer desk, guint64 task, const char *user, struct order_end *end);
    /* Something was purged: behind the commit nothing of it may be left. NULL: nobody cares. */
    void (*purged)(gpointer desk);
    /* What is over will not be asked for again. */
    void (*forget)(gpointer desk, guint64 task);
    /* A contact is asked whether what we hold of it is right; in the caller's change. NULL: cannot.
     */
    gboolean (*ask_contact)(gpointer desk, guint64 contact, const char *user, GError **error);
    /* The clock that --now has fixed goes on to that moment, or (`by_hand`) is set to it. NULL:
     * cannot. */
    gboolean (*step)(gpointer desk, gint64 to, gboolean by_hand, GError **error);
    /* What was due by then is done; `*next` is when something is due next, G_MAXINT64: nothing. */
    gboolean (*stepped)(gpointer desk, gint64 *next);
    gpointer desk;
};

/* What ended before that moment may be purged; 0: nothing may. */
gint64 purge_before(const struct settings *settings, enum purge_rule rule);

struct control;
/* Before confinement, because it looks up user and group names. Takes `listening`; `context` must
 * outlive it. NULL without error never happens. */
struct control *control_new(int listening, const struct control_context *context);
/* Serves from now on, in the default main context. */
void control_start(struct control *control);
/* Behind a commit: who watches is told what is new. */
void control_news(struct control *control);
void control_free(struct control *control); /* closes all connections and the socket */
