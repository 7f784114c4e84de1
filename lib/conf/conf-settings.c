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

static gboolean rows_equal(const struct conf_row *rows, gconstpointer a, gconstpointer b);

static gboolean elements_equal(
    const struct conf_element *element, const GPtrArray *a, const GPtrArray *b)
{
    gboolean equal = a->len == b->len;

    for (guint i = 0; equal && i < a->len; i++)
        equal = rows_equal(element->rows, a->pdata[i], b->pdata[i]);
    return equal;
}

static gboolean row_equal(const struct conf_row *row, gconstpointer a, gconstpointer b)
{
    g_auto(GStrv) words_a = NULL, words_b = NULL;

    if (row->element)
        return elements_equal(row->element, *(GPtrArray **)conf_row_field(row, a),
            *(GPtrArray **)conf_row_field(row, b));
    words_a = conf_row_words(row, a);
    words_b = conf_row_words(row, b);
    return g_strv_equal((const char *const *)words_a, (const char *const *)words_b);
}

static gboolean rows_equal(const struct conf_row *rows, gconstpointer a, gconstpointer b)
{
    for (const struct conf_row *row = rows; row->name; row++)
        if (!row_equal(row, a, b))
            return FALSE;
    return TRUE;
}

char **conf_changed_fixed(const struct settings *before, const struct settings *after)
{
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();

    for (const struct conf_row *row = conf_rows; row->name; row++)
        if ((row->flags & CONF_FIXED) && !row_equal(row, before, after))
            g_strv_builder_add(names, row->name);
    return g_strv_builder_end(names);
}
