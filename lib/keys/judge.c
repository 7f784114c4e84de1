/* What a signature is worth. GPGME calls the run a success whatever the signatures are, so each is
 * looked at, and the key that made it as well. */
#include "keys-parts.h"
#include <mado/limits.h>
#include "now.h"

#define CLOCKS_MAY_DIFFER 600 /* seconds */

static const gpgme_hash_algo_t weak[] = {
    GPGME_MD_MD2,
    GPGME_MD_MD4,
    GPGME_MD_MD5,
    GPGME_MD_SHA1,
    GPGME_MD_RMD160,
    GPGME_MD_TIGER,
    GPGME_MD_HAVAL,
    GPGME_MD_CRC32,
    GPGME_MD_CRC32_RFC1510,
    GPGME_MD_CRC24_RFC2440,
};

gboolean judge_is_weak(gpgme_hash_algo_t hash)
{
    for (gsize i = 0; i < G_N_ELEMENTS(weak); i++)
        if (hash == weak[i])
            return TRUE;
    return FALSE;
}

/* Of the primary key, or of the subkey that signed. */
static gboolean is_revoked(gpgme_key_t key, const char *id)
{
    for (gpgme_subkey_t one = key ? key->subkeys : NULL; one; one = one->next)
        if ((one == key->subkeys || g_strcmp0(one->fpr, id) == 0) && one->revoked)
            return TRUE;
    return key && key->revoked;
}

static gboolean is_expired(gpgme_key_t key, const char *id)
{
    gint64 now = g_get_real_time() / G_USEC_PER_SEC; /* the clock that gpg has */

    for (gpgme_subkey_t one = key ? key->subkeys : NULL; one; one = one->next)
        if ((one == key->subkeys || g_strcmp0(one->fpr, id) == 0) &&
            (one->expired || (one->expires > 0 && one->expires <= now)))
            return TRUE;
    return key && key->expired;
}

static enum signature_state judge(const struct claim *claim, gpgme_key_t key)
{
    gpgme_err_code_t status = gpgme_err_code(claim->status);

    if (status == GPG_ERR_NO_PUBKEY)
        return SIGNATURE_UNKNOWN_KEY;
    if (status == GPG_ERR_BAD_SIGNATURE)
        return SIGNATURE_BAD;
    if (judge_is_weak(claim->hash))
        return SIGNATURE_WEAK;
    if (status == GPG_ERR_CERT_REVOKED || is_revoked(key, claim->fingerprint))
        return SIGNATURE_REVOKED_KEY;
    if (status == GPG_ERR_KEY_EXPIRED || is_expired(key, claim->fingerprint))
        return SIGNATURE_EXPIRED_KEY;
    if (status == GPG_ERR_SIG_EXPIRED)
        return SIGNATURE_EXPIRED;
    /* Without a whole fingerprint gpg has not said that it is valid. */
    if (status || claim->wrong_use || !key || !is_fingerprint(claim->fingerprint))
        return SIGNATURE_ERROR;
    return claim->at > now_seconds() + CLOCKS_MAY_DIFFER ? SIGNATURE_FUTURE : SIGNATURE_GOOD;
}

gboolean judge_pgp(
    struct keyring *keyring, const struct run *run, struct opened *opened, GError **error)
{
    GError *cause = NULL;

    for (guint i = 0; i < run->claims->len && !cause; i++) {
        const struct claim *claim = run->claims->pdata[i];
        gpgme_key_t key =
            known_find(keyring->known, GPGME_PROTOCOL_OpenPGP, claim->fingerprint, &cause);
        if (key)
            hot_used(keyring->hot, key_fingerprint(key));
        g_ptr_array_add(
            opened->signatures, signature_new(key ? key_fingerprint(key) : claim->fingerprint,
                                    judge(claim, key), claim->at));
    }
    if (cause)
        g_propagate_error(error, cause);
    return !cause;
}

/* Which root a certificate comes from says nothing here: the directory has pinned it or not. But it
 * must have been ours before this mail came. */
static enum signature_state judge_certified(const struct claim *claim, gpgme_key_t certificate)
{
    gpgme_err_code_t status = gpgme_err_code(claim->status);

    if (status == GPG_ERR_BAD_SIGNATURE)
        return SIGNATURE_BAD;
    if (status == GPG_ERR_NO_PUBKEY || *claim->fingerprint == '\0')
        return SIGNATURE_UNKNOWN_KEY;
    if (judge_is_weak(claim->hash))
        return SIGNATURE_WEAK;
    if (!certificate)
        return status ? SIGNATURE_ERROR : SIGNATURE_UNKNOWN_KEY;
    if (status == GPG_ERR_CERT_REVOKED || certificate->revoked)
        return SIGNATURE_REVOKED_KEY;
    if (status == GPG_ERR_KEY_EXPIRED || is_expired(certificate, claim->fingerprint))
        return SIGNATURE_EXPIRED_KEY;
    if (status || claim->wrong_use || !is_fingerprint(claim->fingerprint))
        return SIGNATURE_ERROR;
    return claim->at > now_seconds() + CLOCKS_MAY_DIFFER ? SIGNATURE_FUTURE : SIGNATURE_GOOD;
}

gboolean judge_cms(
    struct keyring *keyring, const struct run *run, struct opened *opened, GError **error)
{
    GError *cause = NULL;

    for (guint i = 0; i < run->claims->len && !cause; i++) {
        const struct claim *claim = run->claims->pdata[i];
        gpgme_key_t certificate =
            known_find(keyring->known, GPGME_PROTOCOL_CMS, claim->fingerprint, &cause);
        g_ptr_array_add(opened->signatures,
            signature_new(claim->fingerprint, judge_certified(claim, certificate), claim->at));
    }
    if (cause)
        g_propagate_error(error, cause);
    return !cause;
}
