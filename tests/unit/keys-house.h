/* A keyring of ours beside the homes of other people, in a folder of its own; the shell makes what
 * they send. The folder's path is short: sockets stand in it. */
#pragma once
#include "error.h"
#include "folder.h"
#include "keys.h"
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define US "Window <us@ours.example>"

struct house {
    char *folder, *home;
    char *us; /* fingerprint */
    struct keyring *keyring;
};

/* Says it, and goes on with the next row. */
#define house_fail(...) (g_test_message(__VA_ARGS__), g_test_fail_printf(__VA_ARGS__))

/* With $D the folder, $O our home and $P a peer's; stops the test if it fails. */
static inline char *house_run(const struct house *house, const char *script)
{
    g_autofree char *begin = g_strdup_printf(
        "set -e; D=%s; O=$D/o; P=$D/p; cd $D; export GNUPGHOME=$P; exec 2>$D/said\n",
        house->folder);
    g_autofree char *all = g_strconcat(begin, script, NULL);
    const char *const argv[] = {"/bin/sh", "-c", all, NULL};
    g_autoptr(GError) error = NULL;
    char *out = NULL;
    int status = 0;

    if (!g_spawn_sync(NULL, (char **)argv, NULL, 0, NULL, NULL, &out, NULL, &status, &error))
        g_error("%s", error->message);
    if (status != 0) {
        g_autofree char *path = g_build_filename(house->folder, "said", NULL);
        g_autofree char *said = NULL;
        g_file_get_contents(path, &said, NULL, NULL);
        g_error("%s\nfailed: %s", script, said);
    }
    return g_strchomp(out);
}

static inline GBytes *house_file(const struct house *house, const char *name)
{
    g_autofree char *path = g_build_filename(house->folder, name, NULL);
    char *text;
    gsize size;

    g_assert_true(g_file_get_contents(path, &text, &size, NULL));
    return g_bytes_new_take(text, size);
}

static inline void house_write(const struct house *house, const char *name, GBytes *bytes)
{
    g_autofree char *path = g_build_filename(house->folder, name, NULL);

    g_assert_true(g_file_set_contents(
        path, g_bytes_get_data(bytes, NULL), (gssize)g_bytes_get_size(bytes), NULL));
}

static inline GVariant *house_bytes(GBytes *bytes)
{
    return g_variant_new_from_bytes(G_VARIANT_TYPE_BYTESTRING, bytes, TRUE);
}

/* Takes the floating `argument`; NULL with `error`, and then its code is one of the two. */
static inline GVariant *house_try(
    struct house *house, enum keys_op op, GVariant *argument, GError **error)
{
    g_autoptr(GVariant) job = g_variant_ref_sink(argument);
    GVariant *result = keyring_do(house->keyring, op, job, error);

    if (result)
        g_assert_true(g_variant_is_of_type(result, G_VARIANT_TYPE(keys_result(op))));
    else
        g_assert_true(g_error_matches(*error, MADO_ERROR, MADO_E_KEYS_LATER) ||
                      g_error_matches(*error, MADO_ERROR, MADO_E_KEYS_REFUSED));
    return result;
}

static inline GVariant *house_do(struct house *house, enum keys_op op, GVariant *argument)
{
    g_autoptr(GError) error = NULL;
    GVariant *result = house_try(house, op, argument, &error);

    if (!result)
        g_error("%s: %s", keys_op_name(op), error->message);
    return result;
}

static inline GPtrArray *house_keys(struct house *house, enum keys_op op, GVariant *argument)
{
    g_autoptr(GVariant) result = house_do(house, op, argument);
    GPtrArray *infos = key_infos_from_variant(result);

    g_assert_nonnull(infos);
    return infos;
}

static inline GPtrArray *house_import(
    struct house *house, const char *file, const char *fingerprint, gboolean secret)
{
    g_autoptr(GBytes) bytes = house_file(house, file);
    const char *const named[] = {fingerprint, NULL};

    return house_keys(
        house, KEYS_IMPORT, g_variant_new("(@ay^asb)", house_bytes(bytes), named, secret));
}

/* A key of the peer's home comes to us; its fingerprint. */
static inline char *house_meet(struct house *house, const char *name)
{
    g_autofree char *script = g_strdup_printf(
        "gpg --export '=%s' >met; gpg --with-colons -k '=%s' | awk -F: '/^fpr/{print $10;exit}'",
        name, name);
    char *fingerprint = house_run(house, script);
    g_autoptr(GPtrArray) infos = house_import(house, "met", fingerprint, FALSE);

    g_assert_cmpuint(infos->len, ==, 1);
    return fingerprint;
}

/* NULL with `error`: not now. */
static inline struct opened *house_try_open(
    struct house *house, enum layer_kind kind, GBytes *payload, GBytes *signature, GError **error)
{
    g_autoptr(mado_layer) layer = layer_new();
    g_autoptr(GVariant) result = NULL;
    struct opened *opened;

    layer->kind = kind;
    layer->whole = TRUE;
    layer->payload = g_bytes_ref(payload);
    layer->signature = signature ? g_bytes_ref(signature) : NULL;
    result = house_try(house, KEYS_OPEN, layer_to_variant(layer), error);
    if (!result)
        return NULL;
    opened = opened_from_variant(result);
    g_assert_nonnull(opened);
    g_assert_true((opened->state == OPENED_DONE) || !opened->content ||
                  g_bytes_get_size(opened->content) == 0);
    return opened;
}

/* `signature` may be NULL. */
static inline struct opened *house_open(
    struct house *house, enum layer_kind kind, const char *payload, const char *signature)
{
    g_autoptr(GBytes) one = house_file(house, payload);
    g_autoptr(GBytes) two = signature ? house_file(house, signature) : NULL;
    g_autoptr(GError) error = NULL;
    struct opened *opened = house_try_open(house, kind, one, two, &error);

    if (!opened)
        g_test_fail_printf("%s: %s", payload, error->message);
    return opened;
}

static inline void house_build_with(struct house *house, const char *passphrase)
{
    g_autoptr(GError) error = NULL;

    *house = (struct house){g_dir_make_tmp("k-XXXXXX", NULL)};
    house->home = g_build_filename(house->folder, "o", NULL);
    g_free(house_run(house, "mkdir -m 700 $P; printf 'Hello\\r\\n' >text"));
    house->keyring = keyring_open(house->home, passphrase, &error);
    g_assert_no_error(error);
}

static inline void house_forget(gpointer folder)
{
    folder_remove(folder);
}

static GHashTable *house_workshops; /* script -> folder */

static inline void house_end(void)
{
    g_hash_table_unref(house_workshops);
}

/* What `script` makes of files and of keys of the peer's, made once for all houses: keys take time.
 */
static inline const char *house_kept(const char *script)
{
    struct house workshop = {0};

    if (!house_workshops) {
        house_workshops = g_hash_table_new_full(NULL, NULL, NULL, house_forget);
        atexit(house_end);
    }
    if (!g_hash_table_contains(house_workshops, script)) {
        workshop.folder = g_dir_make_tmp("k-XXXXXX", NULL);
        g_free(house_run(&workshop, "mkdir -m 700 $P; printf 'Hello\\r\\n' >text"));
        g_free(house_run(&workshop, script));
        g_free(house_run(&workshop, "gpgconf --kill all; rm -f $P/S.*"));
        g_hash_table_insert(house_workshops, (gpointer)script, workshop.folder);
    }
    return g_hash_table_lookup(house_workshops, script);
}

/* Before there is anything else in the peer's home. */
static inline void house_furnish(struct house *house, const char *script)
{
    g_autofree char *copy = g_strdup_printf("cp -a %s/. .", house_kept(script));

    g_free(house_run(house, copy));
}

/* With a key of ours, and what `script` makes, if it is not NULL. */
static inline void house_build_furnished(struct house *house, const char *script)
{
    g_autoptr(GPtrArray) infos = NULL;

    house_build_with(house, NULL);
    if (script)
        house_furnish(house, script);
    infos = house_keys(
        house, KEYS_MAKE, g_variant_new("(ssx)", "Window", "us@ours.example", (gint64)0));
    house->us = g_strdup(((struct key_info *)infos->pdata[0])->fingerprint);
    g_free(house_run(house, "gpg --homedir $O --export >ours; gpg -q --import ours"));
}

static inline void house_build(struct house *house)
{
    house_build_furnished(house, NULL);
}

static inline gboolean house_has_temporary(const struct house *house)
{
    g_autofree char *found = house_run(house, "ls -d $O/t-* 2>/dev/null | wc -l");

    return strcmp(found, "0") != 0;
}

static inline void house_leave(struct house *house)
{
    keyring_close(house->keyring);
    g_assert_false(house_has_temporary(house));
    g_free(house_run(house, "for h in */; do gpgconf --homedir $D/$h --kill all || true; done"));
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
    folder_remove(house->folder);
    g_free(house->home);
    g_free(house->us);
}
