/* The keys of a home: listed, exported, and taken into it from files. */
#include "keys-parts.h"
#include <mado/limits.h>

gboolean keys_list(struct home *home, gpgme_protocol_t protocol, GPtrArray *infos, GError **error)
{
    gpgme_ctx_t context = home_context(home, protocol, error);
    struct ended ended = {FALSE};
    gpgme_error_t failed;
    gpgme_key_t key;

    if (!context)
        return FALSE;
    failed = gpgme_op_keylist_start(context, NULL, 0);
    while (!failed && infos->len < LIMIT_KEYS && !(failed = gpgme_op_keylist_next(context, &key))) {
        g_ptr_array_add(infos, info_of_key(key));
        gpgme_key_unref(key);
    }
    gpgme_op_keylist_end(context);
    if (infos->len == LIMIT_KEYS) {
        home_forget_context(home, protocol);
        return TRUE;
    }
    if (gpgme_err_code(failed) == GPG_ERR_EOF && !(ended = ended_ask(protocol)).killed)
        return TRUE;
    home_forget_context(home, protocol);
    failure_tell(error, "list keys", failed, &ended);
    return FALSE;
}

GBytes *keys_export(struct home *home, gpgme_protocol_t protocol, const char *fingerprint,
    gboolean secret, GError **error)
{
    gpgme_export_mode_t mode = (secret ? GPGME_EXPORT_MODE_SECRET : 0) |
                               (protocol == GPGME_PROTOCOL_OpenPGP ? GPGME_EXPORT_MODE_MINIMAL : 0);
    gpgme_ctx_t context = home_context(home, protocol, error);
    struct sink sink;
    g_auto_data out = data_into(&sink, LIMIT_KEY_FILE_BYTES);
    gpgme_error_t failed = gpgme_error(GPG_ERR_ENOMEM);
    GBytes *bytes = NULL;

    if (context && out)
        failed = gpgme_op_export(context, fingerprint, mode, out);
    if (!failed && sink.bytes->len > 0 && !sink.over) {
        bytes = sink_steal(&sink);
    } else if (context) {
        struct ended ended = ended_ask(protocol);
        home_forget_context(home, protocol);
        failure_tell(error, "export a key", failed ? failed : gpgme_error(GPG_ERR_NO_DATA), &ended);
    }
    sink_clear(&sink);
    return bytes;
}

static void note_secret(gpgme_import_result_t result, GHashTable *secret)
{
    for (gpgme_import_status_t one = result && secret ? result->imports : NULL; one;
         one = one->next)
        if (one->fpr && one->status & GPGME_IMPORT_SECRET)
            g_hash_table_add(secret, g_ascii_strup(one->fpr, -1));
}

gboolean keys_take(
    struct home *home, gpgme_protocol_t protocol, GBytes *file, GHashTable *secret, GError **error)
{
    gpgme_ctx_t context = home_context(home, protocol, error);
    g_auto_data in = data_from(file);
    gpgme_error_t failed = gpgme_error(GPG_ERR_ENOMEM);
    gpgme_import_result_t result;
    struct waiting waiting;
    struct ended ended;

    if (!context)
        return FALSE;
    if (in) {
        wait_begin(&waiting, context, G_MAXSIZE);
        failed = wait_end(&waiting, context, gpgme_op_import_start(context, in));
    }
    ended = ended_ask(protocol);
    if (failed || ended.killed) {
        home_forget_context(home, protocol);
        failure_tell(error, "import keys", failed, &ended);
        return FALSE;
    }
    result = gpgme_op_import_result(context);
    note_secret(result, secret);
    if (!result || result->no_user_id == 0 || result->imported > 0 || result->unchanged > 0)
        return TRUE;
    failure_refuse(error, "No name on that key is signed by it with a digest that is good today "
                          "(SHA-1 is not). Nothing "
                          "was changed; ask its owner for a newer copy of the key");
    return FALSE;
}

GVariant *keys_tell(struct keyring *keyring, gpgme_protocol_t protocol,
    const char *const *fingerprints, GError **error)
{
    g_autoptr(GPtrArray) infos = g_ptr_array_new_with_free_func(key_info_free);
    GError *cause = NULL;

    known_fresh(keyring->known);
    for (; *fingerprints && !cause; fingerprints++) {
        gpgme_key_t key = known_find(keyring->known, protocol, *fingerprints, &cause);
        struct key_info *info = key ? info_of_key(key) : NULL;
        if (!info)
            continue;
        info->secret = known_find_own(keyring->known, protocol, info->fingerprint, &cause) != NULL;
        g_ptr_array_add(infos, info);
    }
    if (cause) {
        g_propagate_error(error, cause);
        return NULL;
    }
    return key_infos_to_variant(infos);
}

/* -- jobs -- */

GVariant *do_list(struct keyring *keyring, GVariant *argument, GError **error)
{
    g_autoptr(GPtrArray) infos = g_ptr_array_new_with_free_func(key_info_free);
    GError *cause = NULL;

    if (!keys_list(keyring->home, GPGME_PROTOCOL_OpenPGP, infos, error) ||
        !keys_list(keyring->home, GPGME_PROTOCOL_CMS, infos, error))
        return NULL;
    for (guint i = 0; i < infos->len && !cause; i++) {
        struct key_info *info = infos->pdata[i];
        info->secret = known_find_own(keyring->known, protocol_of(info->cms), info->fingerprint,
                           &cause) != NULL;
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
    if (!key || !key_is(key, fingerprint)) {
        failure_refuse(error, "There is no key %s in our folder. Nothing was changed", fingerprint);
        return NULL;
    }
    bytes = keys_export(keyring->home, protocol, fingerprint, FALSE, error);
    return bytes ? g_variant_new_from_bytes(G_VARIANT_TYPE_BYTESTRING, bytes, TRUE) : NULL;
}
