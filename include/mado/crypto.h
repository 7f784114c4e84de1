/* How a mail is protected, what came of opening it, and what may be said of it. */
#pragma once
#include <mado/message.h>

/* -- what a reader finds: one layer, at the root of what it read -- */

enum layer_kind {
    LAYER_NONE,
    LAYER_PGP_SIGNED,       /* multipart/signed of RFC 3156 */
    LAYER_PGP_ENCRYPTED,    /* multipart/encrypted; a signature may be inside */
    LAYER_INLINE_SIGNED,    /* the whole of a single text part */
    LAYER_INLINE_ENCRYPTED, /* likewise */
    LAYER_CMS_SIGNED,       /* multipart/signed of RFC 8551 */
    LAYER_CMS_OPAQUE,       /* application/pkcs7-mime, signed-data */
    LAYER_CMS_ENCRYPTED,    /* application/pkcs7-mime, enveloped-data */
    LAYER_KINDS
};

struct layer {
    enum layer_kind kind;
    gboolean whole;           /* it is the root; FALSE: a signed part of something larger */
    GBytes *payload;          /* the signed bytes as they were signed (CRLF), or the ciphertext */
    GBytes *signature;        /* detached; NULL if there is none */
    char *header;             /* goes before what comes out, where that is no MIME entity; "" */
    gboolean has_signed_part; /* below the root, beside what `kind` says */
    gboolean has_encrypted_part; /* likewise: never decrypted */
};
struct layer *layer_new(void);
void layer_free(struct layer *layer);
gboolean layer_is_encrypted(enum layer_kind kind);
gboolean layer_is_cms(enum layer_kind kind);
#define LAYER_TYPE "(ubayaysbb)"
GVariant *layer_to_variant(const struct layer *layer);
struct layer *layer_from_variant(GVariant *variant);

/* A file of the mail that is text, decoded. */
struct part_file {
    char *name;     /* "" for none */
    char *type;     /* "application/json" */
    char *text;     /* UTF-8 */
    gboolean shown; /* it is the text of the mail, too: there is no other */
};
struct part_file *part_file_new(const char *name, const char *type, const char *text);
void part_file_free(gpointer file);

/* A reader's whole answer. Of what came out of a layer (not of the mail itself) `message` has the
 * header fields only if that header is a protected one (RFC 9788); then its subject_from is
 * "protected". */
struct facts {
    struct message *message;
    struct layer *layer;
    GPtrArray *offers; /* GBytes: keys that the sender sent along, as they came */
    GPtrArray *parts;  /* struct part_file: for what looks into them, in the same child; not told */
};
struct facts *facts_new(void);
void facts_free(struct facts *facts);
#define FACTS_TYPE "(" MESSAGE_TYPE LAYER_TYPE "aay)"
GVariant *facts_to_variant(const struct facts *facts);
struct facts *facts_from_variant(GVariant *variant);

/* -- what the keys role finds -- */

enum signature_state {
    SIGNATURE_GOOD,
    SIGNATURE_BAD,
    SIGNATURE_EXPIRED_KEY,
    SIGNATURE_REVOKED_KEY,
    SIGNATURE_EXPIRED,
    SIGNATURE_FUTURE,
    SIGNATURE_WEAK, /* its digest is */
    SIGNATURE_UNKNOWN_KEY,
    SIGNATURE_ERROR,
    SIGNATURE_STATES
};
const char *signature_state_name(enum signature_state state); /* "good", "expired-key", ... */

struct signature {
    char
        *fingerprint; /* of the primary key, in full, upper case; of an unknown key what is known */
    enum signature_state state;
    gint64 at;       /* when it was made, as it says; 0: not known */
    char *owner;     /* name of the contact whose key it is; NULL: nobody's */
    gboolean pinned; /* by a person */
    gboolean is_from;
};
struct signature *signature_new(const char *fingerprint, enum signature_state state, gint64 at);
void signature_free(gpointer signature);

/* What became of a layer. Only OPENED_DONE has content. */
enum opened_state {
    OPENED_DONE,
    OPENED_NO_KEY,    /* encrypted, and not to us */
    OPENED_BROKEN,    /* damaged, without integrity protection, or not what it says */
    OPENED_PASSWORD,  /* encrypted with a password only */
    OPENED_TOO_LARGE, /* what comes out is more than we take */
    OPENED_UNKNOWN,   /* a version or method that is not known here */
    OPENED_STATES
};
const char *opened_state_name(enum opened_state state); /* "opened", "no-key", "broken", ... */

struct opened {
    enum opened_state state;
    gboolean encrypted;    /* it was, and we have decrypted it; never by its Content-Type */
    gboolean integrity;    /* the encryption itself shows changes: true of OpenPGP, never of CMS */
    char **to;             /* primary fingerprints of our keys to which it was encrypted */
    char **key_ids;        /* of all keys to which it says it is encrypted */
    GPtrArray *signatures; /* struct signature, without owner, pinned, is_from */
    GBytes *content;       /* NULL: of a detached signature, or none */
    char *why;             /* one clause for the operator; "" */
};
struct opened *opened_new(void);
void opened_free(struct opened *opened);
#define OPENED_TYPE "(ubbasasa(sux)ays)"
GVariant *opened_to_variant(const struct opened *opened);
struct opened *opened_from_variant(GVariant *variant);

/* -- what our directory says of the keys that signed -- */

struct known_key {
    char *fingerprint;
    char *owner;      /* name of the contact */
    char **addresses; /* of that contact, in lower case: never what the key says of itself */
};
struct known_key *known_key_new(const char *fingerprint, const char *owner, char **addresses);
void known_key_free(gpointer key);

/* -- what may be said of the mail -- */

enum extent { EXTENT_NONE, EXTENT_PARTIAL, EXTENT_FULL, EXTENTS };
const char *extent_name(enum extent extent); /* "none", "partial", "full" */

enum integrity { INTEGRITY_NOT_ASKED, INTEGRITY_OK, INTEGRITY_NONE, INTEGRITIES };
const char *integrity_name(enum integrity integrity); /* "n/a", "ok", "none" */

struct crypto {
    enum extent encrypted;
    char **encrypted_to; /* primary fingerprints of ours */
    enum integrity integrity;
    enum extent is_signed;
    GPtrArray *signatures;  /* struct signature */
    char *signed_by;        /* name of the contact; NULL: nobody of whom it may be said */
    char *payload_sha256;   /* of the signed bytes; "" if nothing is signed */
    enum opened_state left; /* of the layer that stayed closed; OPENED_DONE: none did */
    gboolean quiet;         /* its sender is not to learn whether one did */
    gboolean passed_on;     /* the signed words may be another's copy: they are old, or were for
                             * others */
    char **key_ids;         /* of that layer */
    char **problems;        /* for the operator */
    char *outer_subject, *outer_language; /* of what everybody on the way could read */
    char *sealed_sha256; /* of the outermost layer that is encrypted; "" if none is */
};
struct crypto *crypto_new(void);
void crypto_free(struct crypto *crypto);
/* "encrypted full, integrity ok; signed full by Aoki", for the journal; the caller frees it. */
char *crypto_words(const struct crypto *crypto);
/* "...", "[...]", "Encrypted Message": it stands where the subject is protected. */
gboolean subject_is_hidden(const char *subject);

typedef struct layer mado_layer;
typedef struct facts mado_facts;
typedef struct opened mado_opened;
typedef struct crypto mado_crypto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_layer, layer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_facts, facts_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_opened, opened_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_crypto, crypto_free)
