/* The inside of lib/keys. */
#pragma once
#include "keys.h"
#include <gpgme.h>

static inline gpgme_protocol_t protocol_of(gboolean cms)
{
    return cms ? GPGME_PROTOCOL_CMS : GPGME_PROTOCOL_OpenPGP;
}

/* -- status.c: what gpg says while it works, on its own channel (never stderr) -- */

/* GPGME does not look at gpg's exit status, and says "No data" of a gpg that was killed. So we see
 * the status lines ourselves; status.c has the table of those that count. */
struct said {
    char *key; /* primary fingerprint of the key of ours that decrypted, or NULL */
    unsigned decryptions, ends, okays, refusals, plaintexts, no_data, no_key, password;
    unsigned outside;     /* signatures that were not inside of what was decrypted */
    gboolean unprotected; /* somebody can have changed what was encrypted */
    gboolean strange;     /* a packet that gpg does not know */
    gboolean inside;      /* between the begin and the end of a decryption */
    gpgme_error_t error;  /* of the last private operation */
};
void said_clear(struct said *said);
gpgme_error_t said_hear(void *said, const char *keyword, const char *rest);

/* -- wait.c: an operation from its start to its end -- */

struct waiting {
    GPtrArray *watches;
    gboolean done;
    gpgme_error_t failed;
    guint turn;
    gboolean at_one_go;
};
/* `bytes` go in. */
void wait_begin(struct waiting *waiting, gpgme_ctx_t context, gsize bytes);
/* `started` is what gpgme_op_..._start said. */
gpgme_error_t wait_end(struct waiting *waiting, gpgme_ctx_t context, gpgme_error_t started);

/* How the programs ended that GPGME started. */
struct ended {
    gboolean killed; /* by a signal */
    gboolean by_cpu; /* that one says that it used too much processor time */
    gboolean failed; /* gave up, by itself */
    gboolean gone;   /* any of them ended, in whatever way */
};
/* Forgets what has ended until now. */
void ended_forget(void);
/* Of gpg: waits, not long, for it to end. Of gpgsm, which stays until it is told to go, only what
 * is known. */
struct ended ended_ask(gpgme_protocol_t protocol);

/* -- home.c: folders in which gpg keeps keys -- */

struct home {
    char *path;
    const char *passphrase; /* of our keys, or NULL; the keyring's */
    gboolean thrown_away;   /* with its folder, when it is closed */
    int lock;               /* of such a folder: held while it is in use; else -1 */
    struct said said;       /* of the last operation */
    gpgme_ctx_t contexts[2];
    char *agent; /* its socket; NULL: not asked yet */
};
struct home *home_open(const char *path, const char *passphrase, GError **error);
/* An empty one inside of `outer`. */
struct home *home_open_temporary(const struct home *outer, GError **error);
/* Another one, with our certificates in it, and without an agent: what gpgsm finds in a stranger's
 * mail it stores, and that is not to be among ours. */
struct home *home_open_copy(const struct home *outer, GError **error);
void home_close(struct home *home);
/* Made when first asked for, owned by the home, ready for one operation. NULL with `error`. */
gpgme_ctx_t home_context(struct home *home, gpgme_protocol_t protocol, GError **error);
/* After a failure: the next operation gets a new one. */
void home_forget_context(struct home *home, gpgme_protocol_t protocol);
typedef struct home mado_home;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_home, home_close)

/* What gpg.conf and the others say, as of now. */
gboolean home_set_up(const char *path, GError **error);
/* What gpg.conf says in all of them. */
char *home_options(void);

/* agent.c: where the agent listens, owned by the home, or NULL; which one it is that answers, 0 for
 * none; it takes its list of trusted roots anew. */
const char *agent_socket(struct home *home);
gint64 agent_number(struct home *home);
void agent_read_list_again(struct home *home);

/* -- capped.c: bytes into and out of GPGME -- */

struct sink {
    GByteArray *bytes;
    gsize limit;
    gboolean over; /* there was more: nothing of it may be used */
};

void data_free(gpgme_data_t *data);
#define g_auto_data __attribute__((cleanup(data_free))) gpgme_data_t
/* Both are released with data_free; `bytes` and `sink` must live longer. NULL: out of memory. */
gpgme_data_t data_from(GBytes *bytes);
gpgme_data_t data_into(struct sink *sink, gsize limit);
void sink_clear(struct sink *sink);
GBytes *sink_steal(struct sink *sink);

/* -- known.c: keys of a home, remembered until its files change -- */

struct known;
struct known *known_new(struct home *home);
void known_free(struct known *known);
/* The key with this fingerprint or long id, of it or of one of its subkeys; NULL: there is none.
 * Owned by `known` until the next call of known_fresh. */
gpgme_key_t known_find(
    struct known *known, gpgme_protocol_t protocol, const char *id, GError **error);
/* The key of ours with this id, its own or a subkey's; NULL: it is not ours. Likewise owned. */
gpgme_key_t known_find_own(
    struct known *known, gpgme_protocol_t protocol, const char *id, GError **error);
/* Does any key of ours have a private part? */
gboolean known_has_own(struct known *known, gpgme_protocol_t protocol, GError **error);
/* Forgets everything if the files of the home have changed. */
void known_fresh(struct known *known);
void known_forget(struct known *known);
/* Another one whenever the files of the home have changed. */
char *known_stamp(const struct home *home);
const char *key_fingerprint(gpgme_key_t key);
gboolean key_is(gpgme_key_t key, const char *fingerprint); /* in full */
gboolean is_fingerprint(const char *id);                   /* by its length */
gboolean key_has_id(gpgme_key_t key, const char *id);

/* -- hot.c: the keys of late, where gpg finds them at once -- */

struct hot;
/* `outer` must live longer. */
struct hot *hot_new(struct home *outer);
void hot_free(struct hot *hot);
/* For opening and sealing only: a home with copies of these keys and the whole ring behind them, or
 * `outer` itself. Holds until the next call of any of these. gpg starts no agent there, so what
 * fails without one must be tried again in `outer`. */
struct home *hot_choose(struct hot *hot);
/* A key of `outer` had to be found: its primary fingerprint. */
void hot_used(struct hot *hot, const char *fingerprint);
/* After a failure. */
void hot_forget(struct hot *hot);

/* -- and what is made of them -- */

struct keyring {
    char *passphrase;
    struct home *home;
    struct known *known;
    struct hot *hot;
};

/* failure.c: does an error say that gpg or its agent is not well? Then it says nothing of the mail.
 */
gboolean failure_is_passing(gpgme_error_t error);
void failure_later(GError **error, const char *what, gpgme_error_t why);
void failure_refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* One or the other. */
void failure_tell(GError **error, const char *what, gpgme_error_t why, const struct ended *ended);

/* run.c: one run of gpg or gpgsm over a layer, and all that it said; the next run forgets it. */
struct claim {         /* a signature, as GPGME tells of it */
    char *fingerprint; /* of the subkey, or only its id */
    gpgme_error_t status;
    gint64 at;
    gpgme_hash_algo_t hash;
    gboolean wrong_use;
};
struct run {
    gpgme_error_t failed;
    struct ended ended; /* if it failed, or was to verify */
    struct said said;
    struct sink out;
    GPtrArray *ids;    /* of the keys to which it is encrypted */
    GPtrArray *claims; /* struct claim */
    gboolean unprotected, wrong_use, unsupported;
};
enum run_what { RUN_DECRYPT, RUN_VERIFY, RUN_VERIFY_DETACHED };
/* FALSE with `error`: it did not run. The caller clears `run` in any case. */
gboolean run_gpg(struct home *home, enum run_what what, const struct layer *layer, struct run *run,
    GError **error);
void run_clear(struct run *run);
typedef struct run mado_run;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(mado_run, run_clear)

/* open-pgp.c, open-cms.c, open.c */
/* One try; `tried`: so many before. FALSE with `error`, or without one: once more. */
gboolean open_pgp(struct keyring *keyring, const struct layer *layer, struct opened *opened,
    int tried, GError **error);
gboolean open_cms(struct keyring *keyring, const struct layer *layer, struct opened *opened,
    int tried, GError **error);
/* The ids to which it is encrypted, and which keys of ours they are. FALSE with `error`. */
gboolean open_take_recipients(struct keyring *keyring, gpgme_protocol_t protocol,
    const struct run *run, struct opened *opened, GError **error);
void open_fail(struct opened *opened, enum opened_state state, const char *why);
/* judge.c: into opened->signatures. FALSE with `error`: not now. */
gboolean judge_pgp(
    struct keyring *keyring, const struct run *run, struct opened *opened, GError **error);
gboolean judge_cms(
    struct keyring *keyring, const struct run *run, struct opened *opened, GError **error);
gboolean judge_is_weak(gpgme_hash_algo_t hash);

/* info.c: the caller frees it with key_info_free. */
struct key_info *info_of_key(gpgme_key_t key);

/* look.c: a file of keys, into a home that is empty. */
gpgme_protocol_t look_protocol(GBytes *file);
/* struct key_info with `bytes`; NULL with `error`. The caller unrefs it. */
GPtrArray *look_at(struct home *home, GBytes *file, gpgme_protocol_t protocol, GError **error);

/* certificates.c: what X.509 needs beyond a certificate alone. */
/* Those that it hangs from, as far as they are in `home`: fingerprints, the last one its root. */
char **certificate_chain(struct home *home, const char *fingerprint, GError **error);
/* gpgsm encrypts to what hangs from that root; and the agent is told. */
gboolean certificate_trust(struct home *home, const char *root, GError **error);
/* PKCS#12: GPGME cannot give gpgsm a passphrase. */
gboolean certificate_is_bundle(GBytes *file);
gboolean certificate_take_bundle(struct home *home, GBytes *file, GError **error);

/* home-keys.c: the keys of a home, as lists and as files. */
/* struct key_info of all keys of a home, no `bytes`. */
gboolean keys_list(struct home *home, gpgme_protocol_t protocol, GPtrArray *infos, GError **error);
/* One key as small as may be, in the form in which it is imported. */
GBytes *keys_export(struct home *home, gpgme_protocol_t protocol, const char *fingerprint,
    gboolean secret, GError **error);
/* All keys of a file into a home. `secret`: fingerprints whose secret part came along; may be NULL.
 */
gboolean keys_take(
    struct home *home, gpgme_protocol_t protocol, GBytes *file, GHashTable *secret, GError **error);
/* What our home has of these, as an array for the answer. */
GVariant *keys_tell(struct keyring *keyring, gpgme_protocol_t protocol,
    const char *const *fingerprints, GError **error);

/* The jobs: see enum keys_op. */
GVariant *do_open(struct keyring *keyring, GVariant *argument, GError **error);
GVariant *do_seal(struct keyring *keyring, GVariant *argument, GError **error);
GVariant *do_look(struct keyring *keyring, GVariant *argument, GError **error);
GVariant *do_import(struct keyring *keyring, GVariant *argument, GError **error);
GVariant *do_list(struct keyring *keyring, GVariant *argument, GError **error);
GVariant *do_make(struct keyring *keyring, GVariant *argument, GError **error);
GVariant *do_extend(struct keyring *keyring, GVariant *argument, GError **error);
GVariant *do_export(struct keyring *keyring, GVariant *argument, GError **error);
