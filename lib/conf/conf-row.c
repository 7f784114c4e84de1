#include "conf-table.h"
#include <string.h>

#define UNSET G_MININT64

gpointer conf_row_field(const struct conf_row *row, gconstpointer base)
{
    return (char *)base + row->at;
}

static gboolean is_number(const struct conf_row *row)
{
    return row->type && row->type->is_number;
}

void conf_row_set(const struct conf_row *row, gpointer base, const char *const *values)
{
    gpointer field = conf_row_field(row, base);

    if (is_number(row)) {
        row->type->parse(values[0], field);
    } else if (row->flags & CONF_LIST) {
        g_strfreev(*(char ***)field);
        *(char ***)field = g_strdupv((char **)values);
    } else {
        g_free(*(char **)field);
        *(char **)field = g_strdup(values[0]);
    }
}

gboolean conf_row_is_set(const struct conf_row *row, gconstpointer base)
{
    gpointer field = conf_row_field(row, base);
    return is_number(row) ? *(gint64 *)field != UNSET : *(gpointer *)field != NULL;
}

void conf_rows_start(const struct conf_row *rows, gpointer base)
{
    for (const struct conf_row *row = rows; row->name; row++)
        if (is_number(row))
            *(gint64 *)conf_row_field(row, base) = UNSET;
        else
            *(gpointer *)conf_row_field(row, base) = NULL;
}

char **conf_row_default(const struct conf_row *row, gconstpointer base)
{
    char **values;

    if (row->derive) {
        g_autofree char *value = row->derive(base);
        const char *const one[] = {value, NULL};
        return value ? g_strdupv((char **)one) : NULL;
    }
    if (!row->fallback)
        return NULL;
    if (row->flags & CONF_LIST)
        return g_strsplit(row->fallback, " ", -1);
    values = g_new0(char *, 2);
    values[0] = g_strdup(row->fallback);
    return values;
}

GPtrArray *conf_elements_usual(const struct conf_element *element)
{
    return element->usual ? element->usual() : g_ptr_array_new();
}

void conf_rows_complete(const struct conf_row *rows, gpointer base)
{
    for (const struct conf_row *row = rows; row->name; row++) {
        g_auto(GStrv) values = NULL;
        if (conf_row_is_set(row, base))
            continue;
        if (row->element)
            *(GPtrArray **)conf_row_field(row, base) = conf_elements_usual(row->element);
        else if ((values = conf_row_default(row, base)))
            conf_row_set(row, base, (const char *const *)values);
    }
}

void conf_elements_clear(const struct conf_element *element, GPtrArray *members)
{
    for (guint i = 0; members && i < members->len; i++) {
        conf_rows_clear(element->rows, members->pdata[i]);
        g_free(members->pdata[i]);
    }
    if (members)
        g_ptr_array_unref(members);
}

void conf_rows_clear(const struct conf_row *rows, gpointer base)
{
    for (const struct conf_row *row = rows; row->name; row++) {
        gpointer field = conf_row_field(row, base);
        if (is_number(row))
            continue;
        if (row->element)
            conf_elements_clear(row->element, *(GPtrArray **)field);
        else if (row->flags & CONF_LIST)
            g_strfreev(*(char ***)field);
        else
            g_free(*(char **)field);
    }
}

char **conf_row_words(const struct conf_row *row, gconstpointer base)
{
    gpointer field = conf_row_field(row, base);
    char **words;

    if (row->flags & CONF_LIST)
        return g_strdupv(*(char ***)field);
    words = g_new0(char *, 2);
    words[0] = is_number(row) ? row->type->print(*(gint64 *)field) : g_strdup(*(char **)field);
    return words;
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

gboolean conf_row_equal(const struct conf_row *row, gconstpointer a, gconstpointer b)
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
        if (!conf_row_equal(row, a, b))
            return FALSE;
    return TRUE;
}

static gboolean is_usual(const struct conf_element *element, const GPtrArray *members)
{
    GPtrArray *usual = conf_elements_usual(element);
    gboolean equal = elements_equal(element, usual, members);

    conf_elements_clear(element, usual);
    return equal;
}

/* Numbers are compared as numbers: "60s" is "1m". */
gboolean conf_row_is_default(const struct conf_row *row, gconstpointer base)
{
    g_auto(GStrv) usual = row->element ? NULL : conf_row_default(row, base);
    g_auto(GStrv) words = NULL;
    gint64 number;

    if (row->element)
        return is_usual(row->element, *(GPtrArray **)conf_row_field(row, base));
    if (!usual)
        return FALSE;
    if (is_number(row))
        return row->type->parse(usual[0], &number) &&
               number == *(gint64 *)conf_row_field(row, base);
    words = conf_row_words(row, base);
    return g_strv_equal((const char *const *)usual, (const char *const *)words);
}

char *conf_row_group(const struct conf_row *row)
{
    const char *dot = strchr(row->name, '.');
    return dot ? g_strndup(row->name, (gsize)(dot - row->name)) : g_strdup("");
}

const char *conf_row_leaf(const struct conf_row *row)
{
    const char *dot = strchr(row->name, '.');
    return dot ? dot + 1 : row->name;
}
