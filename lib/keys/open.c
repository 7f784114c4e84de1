#include "keys-parts.h"
#include <mado/limits.h>

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
        opened = (layer_is_cms(layer->kind) ? open_cms : open_pgp)(keyring, layer, error);
    }
    return opened ? opened_to_variant(opened) : NULL;
}
