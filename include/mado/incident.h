/* What the store tells about an incident, for lists and screens. */
#pragma once
#include <glib.h>

struct incident {
    guint64 id;
    int year, sequence;
    char *number;   /* "2026-0042-K7" */
    char *state;    /* "new", "open", "waiting", "embargo", "closed", "rejected" */
    char *severity; /* "critical", "high", "medium", "low" */
    char *category;
    char *label;   /* "TLP:AMBER" */
    char *handler; /* "" for nobody */
    char *subject; /* of the first mail, harmless; or "(could not be read)" */
    char *reporter_name;
    char *reporter_addr;
    gint64 opened_at, updated_at;
    char *category_by, *severity_by; /* "rule NAME", "report", "proposal", "default", or a user */
    char *team;                      /* "" for none */
    char *label_by;                  /* "report", "default", or who set it; "" for not known */
    char *subject_by;                /* who set it; "" for a mail */
    char *result;                    /* what came of it; "" for not said */
    gint64 closed_at;                /* or rejected; 0 for not */
    int restricted;                  /* members and commanders alone see it */
    gint64 reply_by;                 /* when its reporter was told to hear from us; 0: never */
    gint64 due;                      /* when the next thing has to be done; 0: never */
    char *waits_for;                 /* "reporter", "peer: NAME", "vendor"; "" for not said */
    gint64 embargo_until;            /* 0: not known, or it is under none */
    guint64 merged_into;             /* it is a part of that one; 0: of none */
    char *kept;                      /* why nothing of it may be purged; "" if it may */
    gint64 purged_at;                /* when all that it said was; 0: it was not */
};
void incident_free(struct incident *incident);
extern const char *const severity_names[]; /* from the highest on; ends with NULL */
/* Its place among them; an unknown word comes last. */
guint severity_rank(const char *severity);

/* Somebody who reported it. */
struct reporter {
    guint64 incident;
    char *address, *name;
    guint64 mail; /* the first of theirs */
    gint64 at;
};
void reporter_free(struct reporter *reporter);

/* One line of a mail's or incident's history. */
struct event {
    guint64 id;
    gint64 at;
    char *actor;      /* "mado" or an operator's user name */
    char *kind;       /* "mail-in", "opened", "joined", "ack", "no-ack", "mail-out", ... */
    guint64 incident; /* 0: none */
    guint64 mail;     /* 0: none */
    char *text;
};
void event_free(struct event *event);

/* A row of the journal as it is chained to the one before it: see lib/store/journal.c. */
struct journal_row {
    guint64 id;
    gint64 at;
    char *actor, *kind;
    guint64 incident, mail;
    int purged; /* its text is gone, and only the hash of it is there */
    char *text;
    char *text_sha256, *hash;
};
void journal_row_free(struct journal_row *row);
/* What its hash has to be behind the row with the hash `before`, "" for none; and what that of a
 * text is. The caller frees them. */
char *journal_row_chain(const char *before, const struct journal_row *row);
char *journal_text_hash(const char *text);

/* A number of another tracker for an incident of ours. */
struct reference {
    guint64 incident;
    char *authority; /* "JPCERT/CC"; "" where nobody knows whose it is */
    char *id;        /* "JPCERT#12345678" */
    char *address;   /* who told it, in lower case; "" for an operator */
    guint64 mail;    /* in which; 0 for none */
    gint64 at;
};
void reference_free(struct reference *reference);

/* One mail as listed. */
struct mail_row {
    guint64 id;
    char *sha256;
    guint64 size;
    gint64 arrived_at;
    char *source;
    char *ledger; /* ledger_name(), or "" while it waits */
    guint64 incident;
    char *claims; /* a number that a stranger quotes; "" */
    char *from_name, *from_addr, *subject, *date, *language;
    char *machine, *machine_why;
    char *problems;         /* one a line */
    GPtrArray *attachments; /* struct attachment; filled by store_mail_show alone */
    char *text;             /* likewise */
};
void mail_row_free(struct mail_row *row);

struct outbox_row {
    guint64 id;
    char *kind;      /* "ack", "unreadable", "notice" */
    char *state;     /* as in the store, and "dropped" */
    char *sender;    /* of the envelope; "" is the null sender */
    char *recipient; /* likewise */
    char *subject;
    char *message_id;
    guint64 incident, mail;
    gint64 created_at, changed_at, next_try;
    gint64 attempts;
    char *reply;                    /* what the server said last; why it is held */
    char *seal;                     /* what is to be done with it first: "sign", "seal"; "" */
    char *sealed_to;                /* fingerprints, one a line; "": in clear */
    char *signed_with;              /* fingerprint of ours; "": unsigned */
    char *dropped_by, *dropped_why; /* "" unless it was dropped */
    gint64 dropped_at;
    /* Of what it is made, where it is made anew when it goes; "" */
    char *template, *languages; /* "ack-new"; with blanks between */
    char *answers;              /* Message-ID of the mail that it answers */
    char *numbers;              /* of the recipient, in its subject, one a line */
};
void outbox_row_free(struct outbox_row *row);

typedef struct outbox_row mado_outbox_row;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_outbox_row, outbox_row_free)

/* A report that came by no mail: what the operator is asked, in its order. */
enum told_answer {
    TOLD_TAKEN,
    TOLD_CALLER,
    TOLD_BACK,
    TOLD_KIND,
    TOLD_WHAT,
    TOLD_HARM,
    TOLD_WANTS,
    TOLD_PROMISED,
    TOLD_PASSED,
    TOLD_ANSWERS
};
struct told {
    guint64 incident;
    char *way, *actor; /* "phone", "visit", "web"; who wrote it down */
    gint64 at;
    int opens; /* the incident was opened for it */
    char *answer[TOLD_ANSWERS];
};
void told_free(struct told *told);
