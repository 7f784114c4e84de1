/* The only door out: may this go to them, and how? Pure functions over tables; every answer names
 * its rule. Asked when a letter is written and again when it is sent. */
#pragma once
#include <glib.h>

enum gate_way {
    GATE_CLEAR,  /* signed if we have a key, readable by all */
    GATE_SEAL,   /* signed and encrypted to the keys named */
    GATE_HOLD,   /* stays here until a person, or a key, changes something */
    GATE_REFUSE, /* never, as things are */
    GATE_WAYS
};
const char *gate_way_name(enum gate_way way);

/* What a letter is, as far as the gate cares. */
enum gate_kind {
    GATE_ACK,    /* by a fixed template, of mail that we can read or not: nothing of the report */
    GATE_OWN,    /* to operators or to ourselves: number, state, severity, label */
    GATE_PERSON, /* written by a person */
    GATE_KINDS
};

/* A key of the recipient that a person has pinned. */
struct gate_key {
    const char *fingerprint;
    gboolean cms;
    gint64 expires; /* it, or all of it that encrypts; 0: never */
    gboolean revoked, can_encrypt;
    gboolean encrypts; /* it has a part for that, though it may have ended */
};

/* Whose address it is. All empty: nobody's that we know. */
struct gate_contact {
    const char *name;      /* NULL or "": we know nobody there */
    const char *relation;  /* "inside", "client", ...; "" for not known */
    const char *clearance; /* the strictest label that may go there; "": by the relation */
    gboolean verified;     /* a person made sure who they are */
    gboolean always_seal;
};

/* Files that go with it. */
struct gate_attachments {
    guint count;   /* all of them */
    guint tainted; /* came sealed */
    guint bare;    /* came from strangers, and nothing is wrapped around them */
    guint wrapped; /* came from strangers, and open with a password alone */
};

/* What the configuration says. */
struct gate_policy {
    const char *unverified; /* the strictest label that goes to who is not verified */
    const char *clear;      /* the strictest that goes in clear, when its writer confirms that */
    guint red;              /* how many others approve what is TLP:RED; at least one does */
    const char *const *approve, *const *approve_twice; /* purposes; NULL: none */
};

struct gate_question {
    enum gate_kind kind;
    const char *recipient;
    struct gate_contact contact;
    const GPtrArray *keys;             /* const struct gate_key, of that contact */
    gboolean answers_sealed;           /* the mail that it answers came encrypted */
    gboolean we_have_pgp, we_have_cms; /* a key of ours that signs */
    const char *text;                  /* what it says, subject included */
    const GPtrArray *tainted;          /* const char *: texts that came sealed, of this incident */
    const GPtrArray *released;         /* const char *: facts that may go */
    gint64 now;
    gboolean is_sealed; /* to them, before: what is asked is whether it may go at all */

    /* Of what a person writes alone. */
    const char *label;   /* the strictest of what goes out; what is no label counts as TLP:RED */
    const char *ticket;  /* its number, for the next command; NULL: it is of none */
    gboolean is_source;  /* they told us what it is about, and nobody else did something stricter */
    gboolean others_too; /* others told us something as well, no more strictly */
    gboolean is_named;   /* they are named for this incident */
    const char *named;   /* all who are, to say so; NULL or "": nobody */
    const char *purpose; /* "reply", "coord", ... */
    const char *writer;  /* user name; NULL: not known */
    const GPtrArray *approvals; /* const char *: user names of those who approved; NULL: nobody */
    gboolean confirmed;         /* its writer knows that it goes in clear, and wants that */
    struct gate_attachments attachments;
    const struct gate_policy *policy; /* NULL: the strictest there is */
};

struct gate_answer {
    enum gate_way way;
    const char *rule; /* name of the row that decided */
    char *why;        /* a sentence for the operator, with what to do next where it stays here */
    char *said;       /* the same in the language of who asks */
    char **to;        /* full fingerprints, of one kind only; for GATE_SEAL */
    gboolean cms;
    /* Whichever row decided: what is asked of people yet. */
    guint approvals;  /* of others than its writer */
    gboolean confirm; /* that it goes in clear */
    gboolean clear;   /* nothing asks for a seal: once it goes, it goes in clear */
};
void gate_answer_free(struct gate_answer *answer);
struct gate_answer *gate_decide(const struct gate_question *question);
/* May a letter go now that was held? One that had to be sealed never goes in clear. */
gboolean gate_lets_go(const struct gate_answer *answer, gboolean had_to_be_sealed);

/* -- taint.c: text that came sealed leaves sealed -- */
/* The runs of LIMIT_TAINT_RUN characters and more in `text` that stand in a tainted text too, but
 * for what was released: the caller frees the array of strings. Compared without regard to case,
 * width (NFKC), blanks, line ends, quoting marks, and whether addresses are masked. */
GPtrArray *taint_find(const char *text, const GPtrArray *tainted, const GPtrArray *released);
/* Is that a piece of one of them, compared likewise? FALSE for what has no characters that count.
 */
gboolean taint_stands_in(const char *fact, const GPtrArray *tainted);

/* Does that stand in the text, and is no piece of a longer word or number there? */
gboolean taint_has_whole(const char *text, const char *value);

/* Has it enough characters that count? What is shorter stands in every text. */
gboolean taint_is_fact(const char *text);

typedef struct gate_answer mado_gate_answer;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_gate_answer, gate_answer_free)
