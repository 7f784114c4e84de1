/* A layer is given to gpg or gpgsm, and what comes of it to whoever asked. */
#include "keys-parts.h"
#include <mado/limits.h>

#define TRIES 2 /* what fails without a word of gpg, or with doubt, must fail so again */

void open_fail(struct opened *opened, enum opened_state state, const char *why)
{
    opened->state = state;
    g_clear_pointer(&opened->content, g_bytes_unref);
    g_ptr_array_set_size(opened->signatures, 0);
    opened->encrypted = opened->integrity = FALSE;
    g_free(opened->why);
    opened->why = g_strdup(why);
}

gboolean open_take_recipients(struct keyring *keyring, gpgme_protocol_t protocol,
    const struct run *run, struct opened *opened, GError **error)
{
    g_autoptr(GStrvBuilder) ids = g_strv_builder_new(), to = g_strv_builder_new();
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GError *cause = NULL;

    if (run->said.key && g_hash_table_add(seen, g_strdup(run->said.key)))
        g_strv_builder_add(to, run->said.key);
    for (guint i = 0; i < run->ids->len && !cause; i++) {
        gpgme_key_t key = known_find_own(keyring->known, protocol, run->ids->pdata[i], &cause);
        g_strv_builder_add(ids, run->ids->pdata[i]);
        if (key && g_hash_table_add(seen, g_strdup(key_fingerprint(key))))
            g_strv_builder_add(to, key_fingerprint(key));
    }
    g_strfreev(opened->key_ids);
    opened->key_ids = g_strv_builder_end(ids);
    g_strfreev(opened->to);
    opened->to = g_strv_builder_end(to);
    if (cause)
        g_propagate_error(error, cause);
    return !cause;
}

static struct opened *open_layer(struct keyring *keyring, const struct layer *layer, GError **error)
{
    gboolean cms = layer_is_cms(layer->kind), done = FALSE;
    g_autoptr(mado_opened) opened = opened_new();
    GError *cause = NULL;

    for (int tried = 0; tried < TRIES && !done && !cause; tried++)
        done = (cms ? open_cms : open_pgp)(keyring, layer, opened, tried, &cause);
    if (done)
        return g_steal_pointer(&opened);
    home_forget_context(keyring->home, protocol_of(cms));
    hot_forget(keyring->hot);
    if (cause)
        g_propagate_error(error, cause);
    else
        failure_later(error, "open a mail", 0);
    return NULL;
}

GVariant *do_open(struct keyring *keyring, GVariant *argument, GError **error)
{
    g_autoptr(mado_layer) layer = layer_from_variant(argument);
    g_autoptr(mado_opened) opened = NULL;
    gboolean detached =
        layer && (layer->kind == LAYER_PGP_SIGNED || layer->kind == LAYER_CMS_SIGNED);

    if (!layer || layer->kind == LAYER_NONE) {
        failure_refuse(error, "There is no layer to open. Nothing was changed");
        return NULL;
    }
    if (detached &&
        (!layer->signature || g_bytes_get_size(layer->signature) > LIMIT_SIGNATURE_BYTES)) {
        opened = opened_new();
        open_fail(opened, OPENED_BROKEN,
            layer->signature ? "its signature is larger than we take" : "it has no signature");
    } else {
        opened = open_layer(keyring, layer, error);
    }
    return opened ? opened_to_variant(opened) : NULL;
}
