/* Files of keys that strangers or operators give, and the keys of our home. A file is looked at in
 * a home that is thrown away, with little processor time: a key with a great many signatures takes
 * minutes. What is imported is made small first. */
#include "keys-parts.h"
#include <mado/limits.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

/* -- processor time -- */

static void nothing(int number)
{
}

struct leash {
    struct rlimit before;
    struct sigaction action;
};

/* gpg inherits the limit; that signal is its end, and only a wink to us. */
static void leash_put(struct leash *leash)
{
    struct sigaction action = {.sa_handler = nothing, .sa_flags = SA_RESTART};
    struct rlimit limit;

    sigaction(SIGXCPU, &action, &leash->action);
    getrlimit(RLIMIT_CPU, &leash->before);
    limit = leash->before;
    if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > LIMIT_KEY_CPU_SECONDS)
        limit.rlim_cur = LIMIT_KEY_CPU_SECONDS;
    setrlimit(RLIMIT_CPU, &limit);
}

static void leash_take(struct leash *leash)
{
    setrlimit(RLIMIT_CPU, &leash->before);
    sigaction(SIGXCPU, &leash->action, NULL);
}

/* -- looking -- */

/* Only gpg may be asked for OpenPGP, only gpgsm for the rest: a file is one of both. */
static gpgme_protocol_t tell_protocol(GBytes *file)
{
    gsize size;
    const guint8 *start = g_bytes_get_data(file, &size);

    if ((size > 0 && start[0] & 0x80) ||
        (size > 0 && g_strstr_len((const char *)start, (gssize)size, "-----BEGIN PGP ")))
        return GPGME_PROTOCOL_OpenPGP;
    return GPGME_PROTOCOL_CMS;
}

static gboolean add_bytes(struct home *home, gpgme_protocol_t protocol, GPtrArray *infos,
    GHashTable *secret, GError **error)
{
    gint64 until = g_get_monotonic_time() + LIMIT_KEY_CPU_SECONDS * G_USEC_PER_SEC;

    for (guint i = 0; i < infos->len; i++) {
        struct key_info *info = infos->pdata[i];
        if (g_get_monotonic_time() > until) {
            failure_refuse(error,
                "The file has more keys than can be looked at in %d seconds. Nothing was changed; "
                "split it",
                LIMIT_KEY_CPU_SECONDS);
            return FALSE;
        }
        info->bytes = keys_export(home, protocol, info->fingerprint,
            protocol == GPGME_PROTOCOL_OpenPGP ? GPGME_EXPORT_MODE_MINIMAL : 0, error);
        info->secret = g_hash_table_contains(secret, info->fingerprint);
        if (!info->bytes)
            return FALSE;
    }
    return TRUE;
}

/* Into a home that is empty; NULL with `error`. */
static GPtrArray *look(struct home *home, GBytes *file, gpgme_protocol_t protocol, GError **error)
{
    g_autoptr(GHashTable) secret = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) infos = g_ptr_array_new_with_free_func(key_info_free);
    struct leash leash;
    gboolean done;

    if (g_bytes_get_size(file) > LIMIT_KEY_FILE_BYTES) {
        failure_refuse(error, "The file is larger than %d KB: no key is. Nothing was changed",
            LIMIT_KEY_FILE_BYTES / 1024);
        return NULL;
    }
    leash_put(&leash);
    done = keys_take(home, protocol, file, secret, error) &&
           keys_list(home, protocol, infos, error) &&
           add_bytes(home, protocol, infos, secret, error);
    leash_take(&leash);
    return done ? g_steal_pointer(&infos) : NULL;
}

GVariant *do_look(struct keyring *keyring, GVariant *argument, GError **error)
{
    g_autoptr(GBytes) file = g_variant_get_data_as_bytes(argument);
    g_autoptr(mado_home) home = home_open_temporary(keyring->home, error);
    g_autoptr(GPtrArray) infos = NULL;

    if (home)
        infos = look(home, file, tell_protocol(file), error);
    return infos ? key_infos_to_variant(infos) : NULL;
}

/* -- importing -- */

static const struct key_info *find_info(const GPtrArray *infos, const char *fingerprint)
{
    for (guint i = 0; i < infos->len; i++) {
        const struct key_info *info = infos->pdata[i];
        if (g_ascii_strcasecmp(info->fingerprint, fingerprint) == 0)
            return info;
    }
    return NULL;
}

/* The public part, and the secret one only if it is asked for. */
static GBytes *take_out(
    struct home *from, const struct key_info *info, gboolean secret, GError **error)
{
    if (!secret)
        return g_bytes_ref(info->bytes);
    if (info->secret)
        return keys_export(from, GPGME_PROTOCOL_OpenPGP, info->fingerprint,
            GPGME_EXPORT_MODE_SECRET | GPGME_EXPORT_MODE_MINIMAL, error);
    failure_refuse(
        error, "The file has no secret part of %s. Nothing was changed", info->fingerprint);
    return NULL;
}

static gboolean import_named(struct keyring *keyring, struct home *from, const GPtrArray *infos,
    GVariant *named, gboolean secret, GError **error)
{
    g_autoptr(GHashTable) unused = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree const char **fingerprints = g_variant_get_strv(named, NULL);

    for (gsize i = 0; fingerprints[i]; i++)
        if (!find_info(infos, fingerprints[i])) {
            failure_refuse(error,
                "The file has no key with the fingerprint %s. Nothing was changed; name one that "
                "it has, in full",
                fingerprints[i]);
            return FALSE;
        }
    for (gsize i = 0; fingerprints[i]; i++) {
        const struct key_info *info = find_info(infos, fingerprints[i]);
        g_autoptr(GBytes) bytes = take_out(from, info, secret, error);
        if (!bytes || !keys_take(keyring->home, GPGME_PROTOCOL_OpenPGP, bytes, unused, error))
            return FALSE;
    }
    return TRUE;
}

GVariant *do_import(struct keyring *keyring, GVariant *argument, GError **error)
{
    g_autoptr(GVariant) file = NULL, named = NULL;
    g_autoptr(mado_home) home = NULL;
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(GPtrArray) infos = NULL;
    g_autofree const char **fingerprints = NULL;
    gpgme_protocol_t protocol;
    gboolean secret;

    g_variant_get(argument, "(@ay@asb)", &file, &named, &secret);
    bytes = g_variant_get_data_as_bytes(file);
    protocol = tell_protocol(bytes);
    fingerprints = g_variant_get_strv(named, NULL);
    home = home_open_temporary(keyring->home, error);
    infos = home ? look(home, bytes, protocol, error) : NULL;
    if (!infos || !import_named(keyring, home, infos, named, secret, error))
        return NULL;
    return keys_tell(keyring, protocol, fingerprints, error);
}

/* -- our home -- */

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
