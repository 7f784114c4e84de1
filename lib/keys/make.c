/* Keys of our own. A key that gpg generates in a home has its own signatures checked again at each
 * run of gpg there (half the speed), one that is imported has not: so it is generated elsewhere. */
#include "keys-parts.h"
#include "now.h"
#include "text.h"
#include <string.h>

#define NAME_BYTES 200

static gboolean is_safe_name(const char *name)
{
    if (strlen(name) > NAME_BYTES || strpbrk(name, "<>()@\\\""))
        return FALSE;
    for (const char *at = name; *at; at = g_utf8_next_char(at))
        if (text_is_dangerous(g_utf8_get_char(at)))
            return FALSE;
    return TRUE;
}

static gboolean check_expiry(gint64 expires, GError **error)
{
    gint64 now = g_get_real_time() / G_USEC_PER_SEC;

    if (expires == 0 || (expires > now && expires < G_MAXUINT32))
        return TRUE;
    failure_refuse(error, "A key cannot expire at that time: it is over, or after the year 2105. "
                          "Nothing was changed");
    return FALSE;
}

static unsigned long seconds_until(gint64 expires)
{
    return expires == 0 ? 0 : (unsigned long)(expires - g_get_real_time() / G_USEC_PER_SEC);
}

static char *generate(struct home *home, const char *user_id, gint64 expires, GError **error)
{
    gpgme_ctx_t context = home_context(home, GPGME_PROTOCOL_OpenPGP, error);
    unsigned flags =
        (expires == 0 ? GPGME_CREATE_NOEXPIRE : 0) | (home->passphrase ? 0 : GPGME_CREATE_NOPASSWD);
    gpgme_genkey_result_t result;
    struct ended ended;
    gpgme_error_t failed;

    if (!context)
        return NULL;
    failed = gpgme_op_createkey(
        context, user_id, "future-default", 0, seconds_until(expires), NULL, flags);
    result = failed ? NULL : gpgme_op_genkey_result(context);
    if (result && result->fpr)
        return g_strdup(result->fpr);
    ended = ended_ask(GPGME_PROTOCOL_OpenPGP);
    failure_tell(error, "make a key", failed, &ended);
    return NULL;
}

static gboolean bring_over(
    struct keyring *keyring, struct home *from, const char *fingerprint, GError **error)
{
    g_autoptr(GBytes) bytes = keys_export(from, GPGME_PROTOCOL_OpenPGP, fingerprint, TRUE, error);

    return bytes && keys_take(keyring->home, GPGME_PROTOCOL_OpenPGP, bytes, NULL, error);
}

GVariant *do_make(struct keyring *keyring, GVariant *argument, GError **error)
{
    const char *name, *address;
    gint64 expires;
    g_autofree char *user_id = NULL, *fingerprint = NULL;
    g_autoptr(mado_home) home = NULL;

    g_variant_get(argument, "(&s&sx)", &name, &address, &expires);
    if (!is_safe_name(name) || !text_is_safe_address(address)) {
        failure_refuse(error,
            "A key needs a plain name and one address, such as \"CSIRT Sakura\" and "
            "csirt@sakura.example. Nothing was changed");
        return NULL;
    }
    if (!check_expiry(expires, error))
        return NULL;
    user_id = *name ? g_strdup_printf("%s <%s>", name, address) : g_strdup(address);
    home = home_open_temporary(keyring->home, error);
    fingerprint = home ? generate(home, user_id, expires, error) : NULL;
    if (!fingerprint || !bring_over(keyring, home, fingerprint, error))
        return NULL;
    return keys_tell(keyring, GPGME_PROTOCOL_OpenPGP, (const char *[]){fingerprint, NULL}, error);
}

GVariant *do_extend(struct keyring *keyring, GVariant *argument, GError **error)
{
    const char *fingerprint;
    gint64 expires;
    GError *cause = NULL;
    gpgme_key_t key;
    gpgme_ctx_t context;
    gpgme_error_t failed;

    g_variant_get(argument, "(&sx)", &fingerprint, &expires);
    if (!check_expiry(expires, error))
        return NULL;
    key = known_find_own(keyring->known, GPGME_PROTOCOL_OpenPGP, fingerprint, &cause);
    if (cause || !key || !is_fingerprint(fingerprint)) {
        if (cause)
            g_propagate_error(error, cause);
        else
            failure_refuse(error,
                "We have no secret OpenPGP key %s, so it cannot be extended. Nothing was changed",
                fingerprint);
        return NULL;
    }
    context = home_context(keyring->home, GPGME_PROTOCOL_OpenPGP, error);
    if (!context)
        return NULL;
    failed = gpgme_op_setexpire(context, key, seconds_until(expires), NULL, 0);
    if (!failed)
        failed = gpgme_op_setexpire(context, key, seconds_until(expires), "*", 0);
    if (failed) {
        struct ended ended = ended_ask(GPGME_PROTOCOL_OpenPGP);
        home_forget_context(keyring->home, GPGME_PROTOCOL_OpenPGP);
        failure_tell(error, "extend a key", failed, &ended);
        return NULL;
    }
    return keys_tell(keyring, GPGME_PROTOCOL_OpenPGP, (const char *[]){fingerprint, NULL}, error);
}
