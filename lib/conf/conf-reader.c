#include "conf.h"

void conf_tell_reader(GVariantDict *dict, const struct settings *settings)
{
    GVariantBuilder tickets;

    g_variant_builder_init(&tickets, G_VARIANT_TYPE("a(ss)"));
    for (guint i = 0; settings->tickets.foreign && i < settings->tickets.foreign->len; i++) {
        const struct foreign *one = settings->tickets.foreign->pdata[i];
        g_variant_builder_add(&tickets, "(ss)", one->authority, one->shape);
    }
    g_variant_dict_insert(dict, "tag", "s", settings->tickets.tag);
    g_variant_dict_insert_value(dict, "tickets", g_variant_builder_end(&tickets));
}
