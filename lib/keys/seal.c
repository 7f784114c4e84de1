/* Signs what we send, and encrypts it to exactly the keys that are named. */
#include "keys-parts.h"
#include <mado/limits.h>
#include <string.h>

static void key_list_free(gpgme_key_t *keys)
{
    for (gpgme_key_t *key = keys; key && *key; key++)
        gpgme_key_unref(*key);
    g_free(keys);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(gpgme_key_t, key_list_free)

static const char *why_not(gpgme_key_t key, const char *fingerprint)
{
    if (!key || !key_is(key, fingerprint))
        return "is not in our folder";
    if (key->revoked)
        return "is revoked";
    if (key->expired ||
        (key->subkeys->expires > 0 && key->subkeys->expires <= g_get_real_time() / G_USEC_PER_SEC))
        return "has expired";
    if (key->disabled || key->invalid)
        return "is not valid";
    return NULL;
}

/* Holds a reference of its own to each: `known` may forget. NULL with `error`. */
static gpgme_key_t *find_recipients(
    struct keyring *keyring, gpgme_protocol_t protocol, char *const *fingerprints, GError **error)
{
    g_autoptr(gpgme_key_t) keys = g_new0(gpgme_key_t, g_strv_length((char **)fingerprints) + 1);

    for (gsize i = 0; fingerprints[i]; i++) {
        GError *cause = NULL;
        gpgme_key_t key = known_find(keyring->known, protocol, fingerprints[i], &cause);
        const char *why = why_not(key, fingerprints[i]);
        if (cause) {
            g_propagate_error(error, cause);
            return NULL;
        }
        if (!why && !key->can_encrypt)
            why = "cannot be encrypted to";
        if (why) {
            failure_refuse(error, "The key %s %s. Nothing was sent; see madoctl key show %s",
                fingerprints[i], why, fingerprints[i]);
            return NULL;
        }
        gpgme_key_ref(key);
        keys[i] = key;
    }
    return g_steal_pointer(&keys);
}

static gpgme_key_t find_signer(
    struct keyring *keyring, gpgme_protocol_t protocol, const char *fingerprint, GError **error)
{
    GError *cause = NULL;
    gpgme_key_t key = known_find_own(keyring->known, protocol, fingerprint, &cause);
    const char *why = why_not(key, fingerprint);

    if (cause) {
        g_propagate_error(error, cause);
        return NULL;
    }
    if (!why && !key->can_sign)
        why = "cannot sign";
    if (!why) {
        gpgme_key_ref(key);
        return key;
    }
    failure_refuse(
        error, "Our key %s %s. Nothing was sent; see madoctl key list", fingerprint, why);
    return NULL;
}

/* -- after it -- */

/* The key that signed is the one that was to sign; its digest by RFC 3156 section 5 (RFC 8551
 * section 3.5.3.2 for CMS). NULL: it is not, or another digest than is wanted. */
static char *name_digest(gpgme_ctx_t context, gpgme_key_t signer, gpgme_protocol_t protocol)
{
    gpgme_sign_result_t result = gpgme_op_sign_result(context);
    gpgme_new_signature_t one = result ? result->signatures : NULL;
    const char *name;
    g_autofree char *lower = NULL;

    if (!one || one->next || result->invalid_signers || !one->fpr ||
        !key_has_id(signer, one->fpr) || judge_is_weak(one->hash_algo))
        return NULL;
    name = gpgme_hash_algo_name(one->hash_algo);
    lower = name ? g_ascii_strdown(name, -1) : NULL;
    if (!lower)
        return NULL;
    if (protocol == GPGME_PROTOCOL_OpenPGP)
        return g_strconcat("pgp-", lower, NULL);
    return g_str_has_prefix(lower, "sha") ? g_strconcat("sha-", lower + 3, NULL) : g_strdup(lower);
}

static void refuse_recipients(gpgme_ctx_t context, gpgme_error_t failed, GError **error)
{
    gpgme_encrypt_result_t result = gpgme_op_encrypt_result(context);
    gpgme_invalid_key_t bad = result ? result->invalid_recipients : NULL;

    if (bad)
        failure_refuse(error,
            "It cannot be encrypted to the key %s: %s. Nothing was sent; see "
            "madoctl key show %s",
            bad->fpr ? bad->fpr : "?", gpgme_strerror(bad->reason), bad->fpr ? bad->fpr : "?");
    else
        failure_later(error, "seal a letter", failed);
}

/* -- and in between -- */

/* A letter is never compressed: its size would tell of what strangers wrote beside our words. */
static gpgme_error_t start(gpgme_ctx_t context, const struct seal_job *job, gpgme_key_t *to,
    gpgme_data_t in, gpgme_data_t out)
{
    gpgme_protocol_t protocol = protocol_of(job->cms);
    gpgme_encrypt_flags_t flags = GPGME_ENCRYPT_ALWAYS_TRUST | GPGME_ENCRYPT_NO_ENCRYPT_TO |
                                  (job->archive ? 0 : GPGME_ENCRYPT_NO_COMPRESS);

    gpgme_set_armor(context, protocol == GPGME_PROTOCOL_OpenPGP && (!job->archive || !to[0]));
    if (!to[0]) /* no recipient at all would be a password */
        return gpgme_op_sign_start(context, in, out, GPGME_SIG_MODE_DETACH);
    if (protocol == GPGME_PROTOCOL_OpenPGP)
        return gpgme_op_encrypt_sign_start(context, to, flags, in, out);
    return gpgme_op_encrypt_start(context, to, flags, in, out);
}

static gpgme_error_t seal(gpgme_ctx_t context, const struct seal_job *job, gpgme_key_t *to,
    gpgme_data_t in, gpgme_data_t out)
{
    struct waiting waiting;

    wait_begin(&waiting, context, g_bytes_get_size(job->data));
    return wait_end(&waiting, context, start(context, job, to, in, out));
}

static GVariant *answer(struct sink *sink, const char *digest)
{
    g_autoptr(GBytes) bytes = sink_steal(sink);

    return g_variant_new(
        "(@ays)", g_variant_new_from_bytes(G_VARIANT_TYPE_BYTESTRING, bytes, TRUE), digest);
}

static void note_keys(struct keyring *keyring, gpgme_key_t signer, gpgme_key_t *to)
{
    hot_used(keyring->hot, key_fingerprint(signer));
    for (; *to; to++)
        hot_used(keyring->hot, key_fingerprint(*to));
}

static GVariant *seal_in(struct home *home, const struct seal_job *job, gpgme_key_t signer,
    gpgme_key_t *to, GError **error)
{
    gpgme_protocol_t protocol = protocol_of(job->cms);
    gpgme_ctx_t context = home_context(home, protocol, error);
    struct sink sink;
    g_auto_data in = data_from(job->data);
    g_auto_data out = data_into(&sink, LIMIT_PLAINTEXT_BYTES);
    g_autofree char *digest = NULL;
    gpgme_error_t failed = gpgme_error(GPG_ERR_ENOMEM);
    GVariant *result = NULL;

    if (context && in && out && !(failed = gpgme_signers_add(context, signer)))
        failed = seal(context, job, to, in, out);
    if (context && !failed)
        digest = job->cms && to[0] ? g_strdup("") : name_digest(context, signer, protocol);
    if (digest && sink.bytes->len > 0 && !sink.over) {
        result = answer(&sink, digest);
    } else if (context) {
        refuse_recipients(context, failed, error);
        home_forget_context(home, protocol);
    }
    sink_clear(&sink);
    return result;
}

/* What fails with the copies may want an agent, which gpg starts in our own home alone. */
static GVariant *seal_to(struct keyring *keyring, const struct seal_job *job, gpgme_key_t signer,
    gpgme_key_t *to, GError **error)
{
    struct home *home = job->cms ? keyring->home : hot_choose(keyring->hot);
    gboolean copied = home != keyring->home;
    GVariant *result = seal_in(home, job, signer, to, copied ? NULL : error);

    if (!result && copied) {
        hot_forget(keyring->hot);
        result = seal_in(keyring->home, job, signer, to, error);
    }
    if (result && !job->cms)
        note_keys(keyring, signer, to);
    return result;
}

GVariant *do_seal(struct keyring *keyring, GVariant *argument, GError **error)
{
    g_autoptr(mado_seal_job) job = seal_job_from_variant(argument);
    g_autoptr(gpgme_key_t) to = NULL;
    gpgme_protocol_t protocol;
    gpgme_key_t signer;
    GVariant *result;

    if (!job || g_strv_length(job->to) > LIMIT_RECIPIENTS) {
        failure_refuse(error, "The letter cannot be sealed: it has too many recipients, or none "
                              "that can be read. Nothing was sent");
        return NULL;
    }
    protocol = protocol_of(job->cms);
    signer = find_signer(keyring, protocol, job->signer, error);
    if (!signer)
        return NULL;
    to = find_recipients(keyring, protocol, job->to, error);
    result = to ? seal_to(keyring, job, signer, to, error) : NULL;
    gpgme_key_unref(signer);
    return result;
}
