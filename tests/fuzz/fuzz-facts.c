/* What a broken reader may hand over: any bytes in the place of facts. */
#include <mado/crypto.h>

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size);

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size)
{
    g_autoptr(GBytes) copy = g_bytes_new(bytes, size);
    g_autoptr(GVariant) variant =
        g_variant_ref_sink(g_variant_new_from_bytes(G_VARIANT_TYPE(FACTS_TYPE), copy, FALSE));
    g_autoptr(GVariant) normal = g_variant_get_normal_form(variant);

    facts_free(facts_from_variant(variant));
    facts_free(facts_from_variant(normal));
    return 0;
}
