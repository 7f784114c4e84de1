/* Keys of a home as gpg lists them. Asking costs a start of gpg, as much as half of what decrypting
 * a mail does, so answers are remembered for as long as the home's files stay the same. */
#include "keys-parts.h"
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#define LONG_ID_DIGITS 16
#define GRIP_DIGITS 40 /* of what names a private key */
#define HEX_DIGITS "0123456789ABCDEFabcdef"
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
           strspn(id, HEX_DIGITS) == strlen(id);
}

/* The only one with that id; NULL if there is none, or more than one. What the listing ended with
 * comes in `failed`. */
static gpgme_key_t find_one(gpgme_ctx_t context, const char *id, gpgme_error_t *failed)
{
    gpgme_key_t found = NULL, key;
    gboolean several = FALSE;

    *failed = gpgme_op_keylist_start(context, id, 0);
    while (!*failed && !(*failed = gpgme_op_keylist_next(context, &key))) {
        several |= found && !key_is(key, key_fingerprint(found));
        if (!found && key_has_id(key, id))
            found = key;
        else
            gpgme_key_unref(key);
    }
    gpgme_op_keylist_end(context);
    if (several)
        g_clear_pointer(&found, gpgme_key_unref);
    return found;
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
    key = find_one(context, id, &failed);
    /* "None" is also what a gpg says that was killed. */
    if (gpgme_err_code(failed) != GPG_ERR_EOF || (!key && ended_ask(protocol).killed)) {
        key_unref(key);
        home_forget_context(known->home, protocol);
        failure_later(error, "look for a key", failed);
        return NULL;
    }
    g_hash_table_insert(found, g_strdup(id), key);
    return key;
}

/* What gpg calls the private keys that are here: "&" and the name of the file. NULL: none. */
static char **name_private_files(struct known *known)
{
    g_autofree char *path = g_build_filename(known->home->path, "private-keys-v1.d", NULL);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    g_autoptr(GStrvBuilder) grips = g_strv_builder_new();
    gboolean any = FALSE;
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *grip = g_strdup_printf("&%.*s", GRIP_DIGITS, name);
        if (strspn(name, HEX_DIGITS) != GRIP_DIGITS || !g_str_equal(name + GRIP_DIGITS, ".key"))
            continue;
        g_strv_builder_add(grips, grip);
        any = TRUE;
    }
    return any ? g_strv_builder_end(grips) : NULL;
}

/* Without `grips` gpg would ask its agent of each key that there is, be it of ours or not. That
 * there is no such key of OpenPGP is no error: it may be one of S/MIME. */
static gboolean is_whole(gpgme_error_t failed)
{
    static const gpgme_err_code_t codes[] = {GPG_ERR_EOF, GPG_ERR_NO_SECKEY, GPG_ERR_NOT_FOUND};

    for (gsize i = 0; i < G_N_ELEMENTS(codes); i++)
        if (gpgme_err_code(failed) == codes[i])
            return TRUE;
    return FALSE;
}

static GPtrArray *list_once(
    struct known *known, gpgme_protocol_t protocol, const char *grips[], GError **error)
{
    g_autoptr(GPtrArray) own = g_ptr_array_new_with_free_func(key_unref);
    gpgme_ctx_t context = home_context(known->home, protocol, error);
    gpgme_error_t failed;
    gpgme_key_t key;

    if (!context)
        return NULL;
    failed = gpgme_op_keylist_ext_start(context, grips, 1, 0);
    while (!failed && !(failed = gpgme_op_keylist_next(context, &key)))
        g_ptr_array_add(own, key);
    gpgme_op_keylist_end(context);
    if (is_whole(failed) && !ended_ask(protocol).killed)
        return g_steal_pointer(&own);
    home_forget_context(known->home, protocol);
    failure_later(error, "list our keys", failed);
    return NULL;
}

/* An agent that is not there has no keys, says gpg. So the one that answers before must be the one
 * that answers after; the first round may have started it. */
static GPtrArray *list_own(struct known *known, gpgme_protocol_t protocol, GError **error)
{
    g_auto(GStrv) grips = name_private_files(known);
    gboolean cms = protocol == GPGME_PROTOCOL_CMS;

    for (int i = 0; i < ROUNDS; i++) {
        gint64 before = agent_number(known->home);
        g_autoptr(GPtrArray) own =
            list_once(known, protocol, cms ? NULL : (const char **)grips, error);
        if (!own)
            return NULL;
        if (!grips || (before && agent_number(known->home) == before))
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
