/* Is a value in normal form? GLib asks it of each byte of an array of bytes, which takes seconds
 * with the largest mails, and of a byte there is nothing to ask. So what holds bytes is put
 * together once more from its parts: if that gives other bytes, it was not in normal form. */
#include "ipc.h"
#include <string.h>

static GVariant *put_together(GVariant *variant);

static gboolean add_parts(GVariant *variant, GVariantBuilder *builder)
{
    gsize count = g_variant_n_children(variant);

    for (gsize i = 0; i < count; i++) {
        g_autoptr(GVariant) part = g_variant_get_child_value(variant, i);
        g_autoptr(GVariant) again = put_together(part);
        if (!again)
            return FALSE;
        g_variant_builder_add_value(builder, again);
    }
    return TRUE;
}

/* NULL: some of it is not in normal form. The caller unrefs it. */
static GVariant *put_together(GVariant *variant)
{
    const char *type = g_variant_get_type_string(variant);
    g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE(type));

    if (!strstr(type, "ay"))
        return g_variant_is_normal_form(variant) ? g_variant_ref(variant) : NULL;
    if (g_str_equal(type, "ay"))
        return g_variant_ref(variant);
    return add_parts(variant, &builder) ? g_variant_ref_sink(g_variant_builder_end(&builder))
                                        : NULL;
}

gboolean ipc_is_normal(GVariant *variant)
{
    g_autoptr(GVariant) again = put_together(variant);
    gsize size = g_variant_get_size(variant);

    return again &&
           (again == variant || (g_variant_get_size(again) == size &&
                                    (!size || memcmp(g_variant_get_data(again),
                                                  g_variant_get_data(variant), size) == 0)));
}
