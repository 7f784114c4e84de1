#include "conf.h"

static GVariant *forms(const struct settings *settings)
{
    GVariantBuilder list;

    g_variant_builder_init(&list, G_VARIANT_TYPE("a(ssas)"));
    for (guint i = 0; settings->report.forms && i < settings->report.forms->len; i++) {
        const struct form_described *one = settings->report.forms->pdata[i];
        g_variant_builder_add(&list, "(ss^as)", one->name, one->sign, one->fields);
    }
    return g_variant_builder_end(&list);
}

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
    g_variant_dict_insert_value(dict, "forms", forms(settings));
}
