/* An opening from inside: what the machine has gathered, for the verdict. */
#pragma once
#include "open.h"

/* A layer that is open, and the document behind it was read (or is being read). */
struct open_layer {
    enum layer_kind kind;
    struct opened *opened; /* its content is in the document */
    char *payload_sha256;  /* of the signed bytes; "" if it has no signature */
};

struct opening {
    gint64 arrived;
    struct facts *outer;     /* of the mail itself */
    struct facts *inner;     /* of the innermost document that was read; NULL: that is the mail */
    GPtrArray *layers;       /* struct open_layer, outermost first */
    GPtrArray *part;         /* struct signature, of one signed part of what is read; or NULL */
    GBytes *document;        /* to be read next */
    gboolean other_from;     /* a protected header names another sender than the mail's */
    gboolean other_to;       /* ... and other recipients */
    enum opened_state left;  /* OPENED_DONE: all is open */
    gboolean left_encrypted; /* it is known that what stays closed is encrypted */
    gboolean quiet;          /* its sender is not to learn whether it could be opened */
    char *sealed_sha256;     /* of the outermost layer that is encrypted; "" */
    char **key_ids;          /* of what stays closed */
    GPtrArray *offers;       /* GBytes */
    GPtrArray *problems;     /* char * */
    char **signers;
};

/* The document of which the text is shown. */
const struct facts *opening_innermost(const struct opening *opening);
/* Does a signature cover all of the innermost document? */
gboolean opening_is_signed(const struct opening *opening);

/* -- payload.c: what a signature covers -- */

/* As every kind of OpenPGP signature covers it; the caller unrefs it. */
GBytes *payload_as_signed(GBytes *payload);
/* By which the same payload is known again; the caller frees it. */
char *payload_digest(GBytes *payload);
/* The same of a ciphertext, whatever its armour has become; the caller frees it. */
char *sealed_digest(GBytes *payload);
/* OpenPGP encrypted to more keys than LIMIT_SESSION_KEYS, or with more bytes of them. */
gboolean sealed_has_too_many_keys(GBytes *payload);
