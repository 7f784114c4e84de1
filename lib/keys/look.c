/* Files of keys that strangers or operators give: looked at in a home that is thrown away, with
 * little processor time, since a key with a great many signatures takes minutes. */
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
gpgme_protocol_t look_protocol(GBytes *file)
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
        info->bytes = keys_export(home, protocol, info->fingerprint, FALSE, error);
        info->secret = g_hash_table_contains(secret, info->fingerprint);
        if (!info->bytes)
            return FALSE;
    }
    return TRUE;
}

static gboolean take_bundle(struct home *home, GBytes *file, GHashTable *secret, GError **error)
{
    gpgme_ctx_t context = certificate_take_bundle(home, file, error)
                              ? home_context(home, GPGME_PROTOCOL_CMS, error)
                              : NULL;
    gpgme_key_t key;

    if (!context)
        return FALSE;
    if (!gpgme_op_keylist_start(context, NULL, 1))
        while (!gpgme_op_keylist_next(context, &key)) {
            g_hash_table_add(secret, g_ascii_strup(key_fingerprint(key), -1));
            gpgme_key_unref(key);
        }
    gpgme_op_keylist_end(context);
    return TRUE;
}

static gboolean take(
    struct home *home, gpgme_protocol_t protocol, GBytes *file, GHashTable *secret, GError **error)
{
    if (protocol == GPGME_PROTOCOL_CMS && certificate_is_bundle(file))
        return take_bundle(home, file, secret, error);
    return keys_take(home, protocol, file, secret, error);
}

GPtrArray *look_at(struct home *home, GBytes *file, gpgme_protocol_t protocol, GError **error)
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
    done = take(home, protocol, file, secret, error) && keys_list(home, protocol, infos, error) &&
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
        infos = look_at(home, file, look_protocol(file), error);
    return infos ? key_infos_to_variant(infos) : NULL;
}
