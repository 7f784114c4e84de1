#include "values.h"

struct values {
    const struct values *outer; /* for what an element of a list does not say itself */
    GHashTable *strings;
    GHashTable *lists; /* of GPtrArray of struct values */
};

struct values *values_new(void)
{
    struct values *values = g_new0(struct values, 1);

    values->strings = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    values->lists =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
    return values;
}

void values_free(struct values *values)
{
    if (!values)
        return;
    g_hash_table_unref(values->strings);
    g_hash_table_unref(values->lists);
    g_free(values);
}

void values_set(struct values *values, const char *name, const char *value)
{
    g_hash_table_replace(values->strings, g_strdup(name), g_utf8_make_valid(value ?: "", -1));
}

struct values *values_add(struct values *values, const char *name)
{
    GPtrArray *list = g_hash_table_lookup(values->lists, name);
    struct values *element = values_new();

    if (!list) {
        list = g_ptr_array_new_with_free_func((GDestroyNotify)values_free);
        g_hash_table_insert(values->lists, g_strdup(name), list);
    }
    element->outer = values;
    g_ptr_array_add(list, element);
    return element;
}

const char *values_string(const struct values *values, const char *name)
{
    const char *value = NULL;

    for (; values && !value; values = values->outer)
        value = g_hash_table_lookup(values->strings, name);
    return value ?: "";
}

const GPtrArray *values_list(const struct values *values, const char *name)
{
    return g_hash_table_lookup(values->lists, name);
}
