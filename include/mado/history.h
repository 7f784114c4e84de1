/* What the store knows that bears on one mail. `struct question` is asked of it by the desk's pure
 * code, `struct history` is its answer; without a daemon the answer is "not consulted". */
#pragma once
#include <glib.h>

/* A claim, found in the mail, to belong to one of our incidents. */
struct claim {
    int year;
    int sequence;
    char *number;      /* "2026-0042-K7", as we write it */
    gboolean check_ok; /* the check characters are right */
    char *token;       /* the HMAC token that came with it, or NULL for a bare number */
};

struct question {
    guint64 mail;     /* itself, which is no copy of itself; 0: it is not in the store */
    char *address;    /* the single From address in lower case, or "" */
    char *domain;     /* its domain */
    char *message_id; /* of the mail, or "" */
    char
        *text_sha256; /* of subject and text: tells a copy from another text under one Message-ID */
    GPtrArray *claims; /* struct claim, without repeats, strongest first, at most 20 */
    gboolean bounce;   /* it says what became of letters of ours: these ids, or the claimed ones */
    char **returned_ids;  /* at most 20 */
    char *payload_sha256; /* of what is signed; "" */
    char *sealed_sha256;  /* of what is encrypted, as it came; "" */
    char *signed_by;      /* name of the contact who signed it, where that may be said openly; "" */
    char **references;    /* numbers of other trackers, at most 10; none of quiet mail */
    gint64 reopen_for;    /* seconds in which mail opens a closed incident again */
    char *alike;          /* the same for everybody who reports the same; "" for none */
    int review;           /* of a contact, which it answers; 0: none */
    char *review_token;   /* "" */
    gint64 alike_within;  /* seconds in which such reports belong together; 0: never */
};

/* One claimed incident that exists. */
struct known_incident {
    guint64 id;
    char *number;
    char *state;
    char *label;            /* "TLP:AMBER" */
    gboolean token_ok;      /* a token in the mail was made for this incident and this address; of a
                             * bounce: and for an address to which a letter went */
    gboolean correspondent; /* the address has written to, or been written to in, this incident */
    gboolean signer;        /* so has an address of the contact who signed the mail */
    int reopens;            /* it is not closed, or was not so long ago */
    char *waits_for;        /* while it waits: "reporter", "vendor: ACME"; "" */
    gboolean asked;         /* the sender, or somebody of the same contact, has reported it or was
                             * asked about it */
    int coordinated;        /* a party that was asked has not answered yet */
    char *reference;        /* the number of the sender's tracker by which it was found; NULL */
    char *claimed; /* the number by which it was found, of what is a part of it now; NULL */
};

/* What an operator has said a mail is. */
struct sorted {
    char *as;       /* "accept", "attach", "feed", "spam", "reject" */
    char *actor;    /* user name */
    char *reason;   /* in their words; "" */
    int ack;        /* attach: its sender is answered */
    guint64 target; /* attach: the incident; 0 */
    gint64 times;   /* how often the mail was sorted */
};
void sorted_free(gpointer sorting);

/* A letter of ours that the mail brings back: by its Message-ID, which nobody can guess, or by the
 * token in the address to which it was sent back. */
struct known_letter {
    guint64 id;
    char *number;    /* of its incident; "" for none */
    char *recipient; /* of its envelope */
    char *state;
};

/* The review of a contact that the mail answers. */
struct known_review {
    guint64 id;
    char *contact;     /* its name */
    char *state;       /* "asked", ... */
    int theirs;        /* the token is right, and the address is still theirs */
    int changed_since; /* the contact, since it was asked */
};
void known_review_free(struct known_review *review);

struct history {
    gboolean consulted;
    GPtrArray *incidents;   /* struct known_incident, in the order of the claims */
    GPtrArray *referred;    /* struct known_incident: for which the sender, or somebody of the same
                             * organisation, has told such a number of their tracker */
    struct sorted *sorting; /* to be done now; NULL */
    struct known_incident *target; /* of an attach; NULL */
    struct known_review *review;   /* NULL: it answers none that there is */
    GPtrArray *letters;            /* struct known_letter, without repeats; of a bounce alone */
    guint64 copy_of; /* an earlier mail with the same Message-ID, From and text; 0: none */
    gboolean same_id_other_text; /* an earlier mail has its Message-ID, and another text */
    guint64 replay_of; /* another mail, which is no copy, with the same signed bytes; 0: none */
    guint64 sealed_of; /* another mail, from another address, with the same ciphertext; 0: none */
    char *own_ticket;  /* number of the ticket that it has, for it could not be opened; "" */
    char *own_label;   /* of that one; "" */
    gboolean own_ticket_is_older; /* the mail joined it, and did not open it */
    char *language;               /* of the contact with that address; "" */
    char *contact, *organisation; /* likewise: their name, and whose person they are; "" */
    struct known_incident *alike; /* a report that is the same has opened it; or NULL */
    gboolean alike_by_address;    /* ... and the address has reported it before */
    /* Automatic answers so far, for the caps. */
    gint64 new_acks_to_address_today;
    gint64 acks_in_ticket_today; /* follow-ups of the first claimed incident that exists */
    gint64 acks_to_domain_this_hour;
    gint64 acks_this_hour;
};

struct question *question_new(void);
void question_free(struct question *question);
void known_incident_free(gpointer incident);
struct known_letter *known_letter_new(
    guint64 id, const char *number, const char *recipient, const char *state);
void known_letter_free(gpointer letter);
struct claim *claim_new(
    int year, int sequence, const char *number, gboolean check_ok, const char *token);
struct history *history_new(void); /* not consulted, nothing known */
void history_free(struct history *history);

typedef struct question mado_question;
typedef struct history mado_history;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_question, question_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_history, history_free)
