/* Whom we know, and which keys are theirs. */
#pragma once
#include <glib.h>

/* A person, an organisation, a peer (another CSIRT) or a group of these. */
struct contact {
    guint64 id;
    char *kind;         /* "person", "organisation", "peer", "group" */
    char *name;         /* as operators call it; one of a kind */
    char *organisation; /* that a person belongs to; "" for none */
    char *language;     /* "ja", "en"; "" for not known */
    char *seal;         /* "always": nothing goes there in clear; "auto": the rules decide */
    char *note;
    char *relation;    /* "inside", "client", "community", "authority", "provider", "outside"; "" */
    char *clearance;   /* the strictest label that may go there; "": by the relation */
    char *charset;     /* that they can read: "iso-2022-jp"; "" for UTF-8 */
    char *capability;  /* what they can do */
    char *day, *night; /* how to reach them then */
    gint64 verified_at; /* when somebody made sure who they are; 0 for never */
    char *verified_by;  /* user name of that operator; "" */
    char *verified_how; /* in their words; "" */
    gint64 created_at, changed_at;
    char **addresses; /* in lower case; mail goes to the first */
    char **members;   /* of a group: names of contacts */
    char **numbers;   /* what their numbers look like: "ACME-000000" */
    char **deputies;  /* names of contacts who stand in for them */
};
struct contact *contact_new(const char *name); /* an empty person */
struct contact *contact_copy(const struct contact *contact);
void contact_free(struct contact *contact);

/* A key as the store keeps it, without its bytes. Only `pinned` proves or seals anything, only
 * `own` signs. */
struct key {
    char *fingerprint; /* of the primary key, in full, upper case */
    int cms;           /* 1: an X.509 certificate, 0: an OpenPGP key */
    char *place;       /* "offered", "pinned", "unpinned", "own", "own-old" */
    guint64 contact;   /* whose; 0 for nobody's, and for ours */
    char *owner;       /* name of that contact; "" */
    char *user_ids;    /* one a line: what the key says of itself, a claim */
    char *addresses;   /* likewise, lower case */
    char *algorithm;
    gint64 created, expires; /* expires 0: never */
    int revoked, can_sign, can_encrypt;
    int encrypts;                       /* it has a part for that, though it may have ended */
    gint64 encrypts_until, signs_until; /* end of the last part that does; 0: never, or none */
    char *origin;                       /* "mail:17", "suzuki: jpcert.asc", "made here" */
    gint64 came_at;
    gint64 pinned_at; /* 0 for never */
    char *pinned_by, *pinned_how;
};
void key_free(struct key *key);
gboolean key_is_ours(const struct key *key);
/* "0123..CDEF": for lists, where a person compares nothing. The caller frees it. */
char *key_short(const char *fingerprint);
/* "0123 4567 ... CDEF  0123 ...", as gpg shows it, for people who compare it. Likewise. */
char *key_in_groups(const char *fingerprint);
/* 40 hex digits in upper case, of what a person typed with blanks between; NULL: it is no full
 * fingerprint. The caller frees it. */
char *key_full_fingerprint(const char *typed);

typedef struct contact mado_contact;
typedef struct key mado_key;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_contact, contact_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_key, key_free)
