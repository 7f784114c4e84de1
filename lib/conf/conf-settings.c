#include "conf-table.h"
#include <string.h>

struct settings *conf_defaults(void)
{
    struct settings *settings = g_new0(struct settings, 1);

    conf_rows_start(conf_rows, settings);
    settings->team.name = g_strdup("CSIRT");
    settings->team.address = g_strdup("csirt@csirt.invalid"); /* RFC 2606: nobody's */
    conf_rows_complete(conf_rows, settings);
    return settings;
}

void conf_free(struct settings *settings)
{
    if (settings)
        conf_rows_clear(conf_rows, settings);
    g_free(settings);
}

char **conf_changed_fixed(const struct settings *before, const struct settings *after)
{
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();

    for (const struct conf_row *row = conf_rows; row->name; row++)
        if ((row->flags & CONF_FIXED) && !conf_row_equal(row, before, after))
            g_strv_builder_add(names, row->name);
    return g_strv_builder_end(names);
}
