/* Keys come into our home one by one, named in full, and made small before: never a file as it is.
 */
#include "keys-parts.h"

static const struct key_info *find_info(const GPtrArray *infos, const char *fingerprint)
{
    for (guint i = 0; i < infos->len; i++) {
        const struct key_info *info = infos->pdata[i];
        if (g_ascii_strcasecmp(info->fingerprint, fingerprint) == 0)
            return info;
    }
    return NULL;
}

/* What is imported, and from where. */
struct import {
    struct keyring *keyring;
    struct home *from;
    GBytes *file;
    gpgme_protocol_t protocol;
    GPtrArray *infos; /* of the file */
    const char **named;
    gboolean secret;
};

static gboolean take_into_ours(const struct import *import, GBytes *bytes, GError **error)
{
    return keys_take(import->keyring->home, import->protocol, bytes, NULL, error);
}

/* With what it hangs from, or gpgsm would not encrypt to it. */
static gboolean import_certificate(
    const struct import *import, const struct key_info *info, GError **error)
{
    g_auto(GStrv) chain = certificate_chain(import->from, info->fingerprint, error);
    guint count = chain ? g_strv_length(chain) : 0;

    if (count == 0)
        return FALSE;
    for (guint i = 0; i < count; i++) {
        const struct key_info *one = find_info(import->infos, chain[i]);
        if (one && !take_into_ours(import, one->bytes, error))
            return FALSE;
    }
    return certificate_trust(import->keyring->home, chain[count - 1], error) &&
           (!import->secret || certificate_take_bundle(import->keyring->home, import->file, error));
}

static gboolean import_key(const struct import *import, const struct key_info *info, GError **error)
{
    g_autoptr(GBytes) bytes = NULL;

    if (!import->secret)
        return take_into_ours(import, info->bytes, error);
    bytes = keys_export(import->from, import->protocol, info->fingerprint, TRUE, error);
    return bytes && take_into_ours(import, bytes, error);
}

/* GPGME 1.18 cannot give gpgsm a passphrase when the key is used. */
static gboolean check_passphrase(const struct import *import, GError **error)
{
    if (import->protocol != GPGME_PROTOCOL_CMS || !import->secret ||
        !import->keyring->home->passphrase)
        return TRUE;
    failure_refuse(error,
        "Private keys of S/MIME cannot be used with a passphrase, and our keys have one. Nothing "
        "was "
        "changed; leave keys.passphrase_file and keys.passphrase_credential empty to use S/MIME");
    return FALSE;
}

static gboolean check_named(const struct import *import, GError **error)
{
    for (const char **name = import->named; *name; name++) {
        const struct key_info *info = find_info(import->infos, *name);
        if (!info || (import->secret && !info->secret)) {
            failure_refuse(error,
                "The file has no %s with the fingerprint %s. Nothing was changed; name one that "
                "it has, in full",
                import->secret ? "secret key" : "key", *name);
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean import_named(const struct import *import, GError **error)
{
    if (!check_passphrase(import, error) || !check_named(import, error))
        return FALSE;
    for (const char **name = import->named; *name; name++) {
        const struct key_info *info = find_info(import->infos, *name);
        if (!(info->cms ? import_certificate : import_key)(import, info, error))
            return FALSE;
    }
    return TRUE;
}

GVariant *do_import(struct keyring *keyring, GVariant *argument, GError **error)
{
    g_autoptr(GVariant) file = NULL, named = NULL;
    g_autoptr(mado_home) home = home_open_temporary(keyring->home, error);
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(GPtrArray) infos = NULL;
    g_autofree const char **names = NULL;
    struct import import = {.keyring = keyring, .from = home};

    if (!home)
        return NULL;
    g_variant_get(argument, "(@ay@asb)", &file, &named, &import.secret);
    import.file = bytes = g_variant_get_data_as_bytes(file);
    import.protocol = look_protocol(bytes);
    import.named = names = g_variant_get_strv(named, NULL);
    import.infos = infos = look_at(home, bytes, import.protocol, error);
    if (!infos || !import_named(&import, error))
        return NULL;
    return keys_tell(keyring, import.protocol, names, error);
}
