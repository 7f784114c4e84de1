#include "fields.h"
#include <string.h>

gboolean field_is(const struct header_field *field, const char *name)
{
    return field->name_length == strlen(name) &&
           !g_ascii_strncasecmp(field->name, name, field->name_length);
}

gboolean field_begins(const struct header_field *field, const char *beginning)
{
    gsize length = strlen(beginning);

    return field->name_length >= length && !g_ascii_strncasecmp(field->name, beginning, length);
}

char *field_raw(const struct header_field *field)
{
    struct header_field copy = *field;
    GArray one = {.data = (char *)&copy, .len = 1};
    g_autofree char *name = g_strndup(field->name, field->name_length);

    return header_raw(&one, name) ?: g_strdup("");
}

GPtrArray *fields_all(const GArray *fields, const char *name)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < fields->len; i++) {
        const struct header_field *field = &g_array_index(fields, struct header_field, i);
        if (field_is(field, name))
            g_ptr_array_add(all, field_raw(field));
    }
    return all;
}

guint fields_count(const GArray *fields, const char *name)
{
    guint count = 0;

    for (guint i = 0; i < fields->len; i++)
        count += field_is(&g_array_index(fields, struct header_field, i), name);
    return count;
}
