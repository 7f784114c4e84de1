/* Keys of a home as gpg lists them. Asking costs a start of gpg, as much as half of what decrypting
 * a mail does, so answers are remembered for as long as the home's files stay the same. */
#include "keys-parts.h"
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#define LONG_ID_DIGITS 16
#define ROUNDS 3
#define REMEMBERED 10000 /* answers; then we begin again */

struct known {
    struct home *home;
    GHashTable *found[2]; /* id -> gpgme_key_t, or NULL: there is none */
    GPtrArray *own[2];    /* gpgme_key_t with a private part; NULL: not asked yet */
    char *stamp;          /* of the files when we asked */
};

static void key_unref(gpointer key)
{
    if (key)
        gpgme_key_unref(key);
}

void known_forget(struct known *known)
{
    for (int i = 0; i < 2; i++) {
        g_hash_table_remove_all(known->found[i]);
        g_clear_pointer(&known->own[i], g_ptr_array_unref);
    }
}

struct known *known_new(struct home *home)
{
    struct known *known = g_new0(struct known, 1);

    known->home = home;
    for (int i = 0; i < 2; i++)
        known->found[i] = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, key_unref);
    return known;
}

void known_free(struct known *known)
{
    if (!known)
        return;
    known_forget(known);
    for (int i = 0; i < 2; i++)
        g_hash_table_unref(known->found[i]);
    g_free(known->stamp);
    g_free(known);
}

static char *take_stamp(const char *home)
{
    static const char *const names[] = {"pubring.kbx", "private-keys-v1.d"};
    GString *stamp = g_string_new(NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(home, names[i], NULL);
        struct stat file = {0};
        if (stat(path, &file) == 0)
            g_string_append_printf(stamp, "%ju %jd %jd.%09ld ", (uintmax_t)file.st_ino,
                (intmax_t)file.st_size, (intmax_t)file.st_mtim.tv_sec, file.st_mtim.tv_nsec);
    }
    return g_string_free(stamp, FALSE);
}

void known_fresh(struct known *known)
{
    char *stamp = take_stamp(known->home->path);

    if (g_strcmp0(stamp, known->stamp) != 0 ||
        g_hash_table_size(known->found[0]) + g_hash_table_size(known->found[1]) > REMEMBERED)
        known_forget(known);
    g_free(known->stamp);
    known->stamp = stamp;
}

const char *key_fingerprint(gpgme_key_t key)
{
    return key->subkeys && key->subkeys->fpr ? key->subkeys->fpr : "";
}

gboolean is_fingerprint(const char *id)
{
    return strlen(id) == FINGERPRINT_DIGITS;
}

gboolean key_is(gpgme_key_t key, const char *fingerprint)
{
    return is_fingerprint(fingerprint) &&
           g_ascii_strcasecmp(key_fingerprint(key), fingerprint) == 0;
}

/* A whole fingerprint, or a long id: never a part of a name. */
gboolean key_has_id(gpgme_key_t key, const char *id)
{
    for (gpgme_subkey_t one = key->subkeys; one; one = one->next)
        if ((one->fpr && g_ascii_strcasecmp(one->fpr, id) == 0) ||
            (one->keyid && g_ascii_strcasecmp(one->keyid, id) == 0))
            return TRUE;
    return FALSE;
}

static gboolean is_id(const char *id)
{
    return (is_fingerprint(id) || strlen(id) == LONG_ID_DIGITS) &&
           strspn(id, "0123456789ABCDEFabcdef") == strlen(id);
}

gpgme_key_t known_find(
    struct known *known, gpgme_protocol_t protocol, const char *id, GError **error)
{
    GHashTable *found = known->found[protocol == GPGME_PROTOCOL_CMS];
    gpointer key = NULL;
    gpgme_ctx_t context;
    gpgme_error_t failed;

    if (!id || !is_id(id) || g_hash_table_lookup_extended(found, id, NULL, &key))
        return key;
    context = home_context(known->home, protocol, error);
    if (!context)
        return NULL;
    failed = gpgme_get_key(context, id, (gpgme_key_t *)&key, 0);
    if (failed && gpgme_err_code(failed) != GPG_ERR_EOF &&
        gpgme_err_code(failed) != GPG_ERR_AMBIGUOUS_NAME) {
        failure_later(error, "look for a key", failed);
        return NULL;
    }
    if (key && !key_has_id(key, id))
        g_clear_pointer((gpgme_key_t *)&key, gpgme_key_unref);
    /* "None" is also what a gpg says that was killed. */
    if (!key && ended_ask(protocol).killed) {
        failure_later(error, "look for a key", 0);
        return NULL;
    }
    g_hash_table_insert(found, g_strdup(id), key);
    return key;
}

static gboolean has_private_files(struct known *known)
{
    g_autofree char *path = g_build_filename(known->home->path, "private-keys-v1.d", NULL);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);

    return dir && g_dir_read_name(dir);
}

static GPtrArray *list_once(struct known *known, gpgme_protocol_t protocol, GError **error)
{
    g_autoptr(GPtrArray) own = g_ptr_array_new_with_free_func(key_unref);
    gpgme_ctx_t context = home_context(known->home, protocol, error);
    gpgme_error_t failed;
    gpgme_key_t key;

    if (!context)
        return NULL;
    failed = gpgme_op_keylist_start(context, NULL, 1);
    while (!failed && !(failed = gpgme_op_keylist_next(context, &key)))
        g_ptr_array_add(own, key);
    gpgme_op_keylist_end(context);
    if (gpgme_err_code(failed) == GPG_ERR_EOF && !ended_ask(protocol).killed)
        return g_steal_pointer(&own);
    home_forget_context(known->home, protocol);
    failure_later(error, "list our keys", failed);
    return NULL;
}

/* An agent that is not there has no keys, says gpg. So the one that answers before must be the one
 * that answers after; the first round may have started it. */
static GPtrArray *list_own(struct known *known, gpgme_protocol_t protocol, GError **error)
{
    for (int i = 0; i < ROUNDS; i++) {
        gint64 before = agent_number(known->home);
        g_autoptr(GPtrArray) own = list_once(known, protocol, error);
        if (!own)
            return NULL;
        if (!has_private_files(known) || (before && agent_number(known->home) == before))
            return g_steal_pointer(&own);
    }
    failure_later(error, "list our keys", gpgme_error(GPG_ERR_NO_AGENT));
    return NULL;
}

static GPtrArray *get_own(struct known *known, gpgme_protocol_t protocol, GError **error)
{
    GPtrArray **own = &known->own[protocol == GPGME_PROTOCOL_CMS];

    if (!*own)
        *own = list_own(known, protocol, error);
    return *own;
}

gpgme_key_t known_find_own(
    struct known *known, gpgme_protocol_t protocol, const char *id, GError **error)
{
    GPtrArray *own = get_own(known, protocol, error);

    for (guint i = 0; own && i < own->len; i++)
        if (key_has_id(own->pdata[i], id))
            return own->pdata[i];
    return NULL;
}

gboolean known_has_own(struct known *known, gpgme_protocol_t protocol, GError **error)
{
    GPtrArray *own = get_own(known, protocol, error);

    return own && own->len > 0;
}
