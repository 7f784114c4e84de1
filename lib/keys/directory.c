/* The keys of our home. */
#include "keys-parts.h"
#include <string.h>

GVariant *do_list(struct keyring *keyring, GVariant *argument, GError **error)
{
    g_autoptr(GPtrArray) infos = g_ptr_array_new_with_free_func(key_info_free);
    GError *cause = NULL;

    if (!keys_list(keyring->home, GPGME_PROTOCOL_OpenPGP, infos, error) ||
        !keys_list(keyring->home, GPGME_PROTOCOL_CMS, infos, error))
        return NULL;
    for (guint i = 0; i < infos->len && !cause; i++) {
        struct key_info *info = infos->pdata[i];
        info->secret =
            known_find_own(keyring->known, info->cms ? GPGME_PROTOCOL_CMS : GPGME_PROTOCOL_OpenPGP,
                info->fingerprint, &cause) != NULL;
    }
    if (cause) {
        g_propagate_error(error, cause);
        return NULL;
    }
    return key_infos_to_variant(infos);
}

GVariant *do_export(struct keyring *keyring, GVariant *argument, GError **error)
{
    const char *fingerprint = g_variant_get_string(argument, NULL);
    gpgme_protocol_t protocol = GPGME_PROTOCOL_OpenPGP;
    GError *cause = NULL;
    gpgme_key_t key = known_find(keyring->known, protocol, fingerprint, &cause);
    g_autoptr(GBytes) bytes = NULL;

    if (!key && !cause) {
        protocol = GPGME_PROTOCOL_CMS;
        key = known_find(keyring->known, protocol, fingerprint, &cause);
    }
    if (cause) {
        g_propagate_error(error, cause);
        return NULL;
    }
    if (!key || strlen(fingerprint) != 40 ||
        g_ascii_strcasecmp(key_fingerprint(key), fingerprint) != 0) {
        failure_refuse(error, "There is no key %s in our folder. Nothing was changed", fingerprint);
        return NULL;
    }
    bytes = keys_export(keyring->home, protocol, fingerprint,
        protocol == GPGME_PROTOCOL_OpenPGP ? GPGME_EXPORT_MODE_MINIMAL : 0, error);
    return bytes ? g_variant_new_from_bytes(G_VARIANT_TYPE_BYTESTRING, bytes, TRUE) : NULL;
}
