/* What the keys role is asked to do, and what a key is. */
#pragma once
#include <glib.h>

#define FINGERPRINT_DIGITS 40 /* of a key, and of a certificate as gpgsm has it */

/* Each takes a variant of its argument's type and gives one of its result's; see keys_argument().
 * The desk is the only one that asks. */
enum keys_op {
    KEYS_OPEN,   /* decrypts or verifies one layer */
    KEYS_SEAL,   /* signs, or signs and encrypts, an entity */
    KEYS_LOOK,   /* what keys are in this file? In a home that is thrown away */
    KEYS_IMPORT, /* these fingerprints of a file, secret parts too if so asked, into our home */
    KEYS_LIST,   /* the keys of our home */
    KEYS_MAKE,   /* a new key of ours */
    KEYS_EXTEND, /* a key of ours lives until then */
    KEYS_EXPORT, /* the public part of one key, as small as may be */
    KEYS_OPS
};
const char *keys_op_name(enum keys_op op);    /* "open", "seal", ... for the log */
gboolean keys_op_is_private(enum keys_op op); /* may use a private key of ours */
gboolean keys_op_is_once(enum keys_op op);    /* a second time does something else */
const char *keys_argument(enum keys_op op);   /* variant types */
const char *keys_result(enum keys_op op);

/* How a job ended. */
enum keys_outcome {
    KEYS_DONE,    /* here is the result */
    KEYS_REFUSED, /* it cannot be done; `why` is a sentence for the operator */
    KEYS_LATER,   /* not now: gpg or its agent ended, or the hour's cap is reached */
    KEYS_OUTCOMES
};
const char *keys_outcome_name(enum keys_outcome outcome); /* "done", ... for the log */

/* Of KEYS_SEAL. `data` is an entity with CRLF line ends, signed exactly so. The result, "ays", is
 * the detached signature and its micalg, or with `to` the ciphertext of signed and encrypted data
 * (OpenPGP: armoured, signed inside; CMS: DER, and what is encrypted is the multipart/signed). */
struct seal_job {
    gboolean cms;
    char *signer; /* fingerprint of ours */
    char **to;    /* full fingerprints; empty: sign only */
    GBytes *data;
    gboolean archive; /* to be kept: made smaller, and not armoured */
};
struct seal_job *seal_job_new(void);
void seal_job_free(struct seal_job *job);
#define SEAL_JOB_TYPE "(bsasayb)"
GVariant *seal_job_to_variant(const struct seal_job *job);
struct seal_job *seal_job_from_variant(GVariant *variant);
#define SEALED_TYPE "(ays)"

/* Of KEYS_LOOK ("ay"), KEYS_IMPORT ("(ayasb)": file, fingerprints, with secret keys too) and
 * KEYS_LIST ("()"): an array of these. */
struct key_info {
    char *fingerprint; /* primary, in full, upper case; CMS: SHA-1 of the certificate, as gpgsm */
    gboolean cms;
    char **user_ids;         /* as the key says; a stranger's claim, made harmless */
    char **addresses;        /* addr-specs out of them, lower case; likewise */
    char *algorithm;         /* "ed25519/cv25519", "rsa4096" */
    gint64 created, expires; /* expires 0: never */
    gboolean revoked, expired, can_sign, can_encrypt;
    gboolean encrypts;                  /* it has a part for that, though it may have ended */
    gint64 encrypts_until, signs_until; /* end of the last part that does; 0: never, or none */
    gboolean secret;                    /* we have the private part */
    GBytes *bytes; /* of this key alone, as KEYS_IMPORT takes it; empty in KEYS_LIST */
};
struct key_info *key_info_new(void);
void key_info_free(gpointer info);
#define KEY_INFO_TYPE "(sbasassxxbbbbbxxbay)"
#define KEY_INFOS_TYPE "a" KEY_INFO_TYPE
GVariant *key_infos_to_variant(const GPtrArray *infos);
GPtrArray *key_infos_from_variant(GVariant *variant); /* NULL if it is none, or too long */

/* KEYS_MAKE: "(ssx)": name, address, expires (0: never) -> the array of key_infos, one element.
 * KEYS_EXTEND: "(sx)": fingerprint, expires -> likewise. KEYS_EXPORT: "s" -> "ay", binary. */

typedef struct seal_job mado_seal_job;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_seal_job, seal_job_free)
