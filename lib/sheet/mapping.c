/* Which column is what, and which word means what, as a file that people can read and change. */
#include "error.h"
#include "say.h"
#include "sheet.h"
#include <string.h>

static const char *const kinds[] = {"state", "severity", "category", "handler", NULL};
static const char *const orders[] = {"", "month-first", "day-first", NULL};

struct sheet_mapping *sheet_mapping_new(void)
{
    struct sheet_mapping *mapping = g_new0(struct sheet_mapping, 1);

    mapping->columns = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    mapping->words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    mapping->heads = g_ptr_array_new_with_free_func(g_free);
    mapping->said = g_ptr_array_new_with_free_func(g_free);
    return mapping;
}

void sheet_mapping_free(struct sheet_mapping *mapping)
{
    if (!mapping)
        return;
    g_hash_table_unref(mapping->columns);
    g_hash_table_unref(mapping->words);
    g_ptr_array_unref(mapping->heads);
    g_ptr_array_unref(mapping->said);
    g_free(mapping);
}

/* What signs alone say is compared as it stands. */
static char *key_of(const char *head)
{
    char *folded = sheet_fold(head);

    if (*folded)
        return folded;
    g_free(folded);
    return g_strdup(head);
}

void sheet_mapping_set(struct sheet_mapping *mapping, const char *head, enum sheet_field field)
{
    char *key = key_of(head);

    if (!g_hash_table_contains(mapping->columns, key))
        g_ptr_array_add(mapping->heads, g_strdup(head));
    g_hash_table_insert(mapping->columns, key, GINT_TO_POINTER(field));
}

static char *word_key(const char *kind, const char *word)
{
    g_autofree char *folded = key_of(word);

    return g_strconcat(kind, ":", folded, NULL);
}

void sheet_mapping_say(
    struct sheet_mapping *mapping, const char *kind, const char *word, const char *meaning)
{
    g_hash_table_insert(mapping->words, word_key(kind, word), g_strdup(meaning));
    g_ptr_array_add(mapping->said, g_strdup(kind));
    g_ptr_array_add(mapping->said, g_strdup(word));
    g_ptr_array_add(mapping->said, g_strdup(meaning));
}

const char *sheet_mapping_word(
    const struct sheet_mapping *mapping, const char *kind, const char *word)
{
    g_autofree char *key = word_key(kind, word);

    return g_hash_table_lookup(mapping->words, key);
}

/* -- as a file -- */

static void add_to_list(GKeyFile *file, const char *group, const char *key, const char *value)
{
    g_auto(GStrv) before = g_key_file_get_string_list(file, group, key, NULL, NULL);
    g_autoptr(GPtrArray) all = g_ptr_array_new();

    for (char **one = before; one && *one; one++)
        if (!g_str_equal(*one, value))
            g_ptr_array_add(all, *one);
    g_ptr_array_add(all, (gpointer)value);
    g_key_file_set_string_list(file, group, key, (const char *const *)all->pdata, all->len);
}

char *sheet_mapping_text(const struct sheet_mapping *mapping)
{
    g_autoptr(GKeyFile) file = g_key_file_new();

    if (mapping->order)
        g_key_file_set_string(file, "dates", "order", orders[mapping->order]);
    for (guint i = 0; i < mapping->heads->len; i++) {
        const char *head = mapping->heads->pdata[i];
        g_autofree char *key = key_of(head);
        int field = GPOINTER_TO_INT(g_hash_table_lookup(mapping->columns, key));
        add_to_list(file, "columns", sheet_field_names[field], head);
    }
    for (guint i = 0; i + 2 < mapping->said->len; i += 3)
        add_to_list(file, mapping->said->pdata[i], mapping->said->pdata[i + 2],
            mapping->said->pdata[i + 1]);
    return g_key_file_to_data(file, NULL, NULL);
}

static gboolean complain(GError **error, const char *what, const char *name)
{
    error_set(error, MADO_E_BAD_DATA,
        "The mapping has %s \"%s\", which is none. Nothing was changed. Mend the file, or leave "
        "--mapping out.",
        _(what), name);
    return FALSE;
}

static int place_of(const char *const *names, const char *name)
{
    for (int i = 0; names[i]; i++)
        if (g_str_equal(names[i], name))
            return i;
    return -1;
}

static gboolean read_columns(
    GKeyFile *file, const char *key, struct sheet_mapping *mapping, GError **error)
{
    g_auto(GStrv) heads = g_key_file_get_string_list(file, "columns", key, NULL, NULL);
    int field = place_of(sheet_field_names, key);

    if (field < 0)
        return complain(error, N_("a field"), key);
    for (char **head = heads; head && *head; head++)
        sheet_mapping_set(mapping, *head, (enum sheet_field)field);
    return TRUE;
}

static gboolean read_dates(
    GKeyFile *file, const char *key, struct sheet_mapping *mapping, GError **error)
{
    g_autofree char *value = g_key_file_get_string(file, "dates", key, NULL);
    int order = place_of(orders, value ? value : "");

    if (!g_str_equal(key, "order"))
        return complain(error, N_("a word of dates"), key);
    if (order < 0)
        return complain(error, N_("an order of dates"), value);
    mapping->order = (enum sheet_order)order;
    return TRUE;
}

static void read_words(
    GKeyFile *file, const char *kind, const char *meaning, struct sheet_mapping *mapping)
{
    g_auto(GStrv) words = g_key_file_get_string_list(file, kind, meaning, NULL, NULL);

    for (char **word = words; word && *word; word++)
        sheet_mapping_say(mapping, kind, *word, meaning);
}

static gboolean read_group(
    GKeyFile *file, const char *group, struct sheet_mapping *mapping, GError **error)
{
    g_auto(GStrv) keys = g_key_file_get_keys(file, group, NULL, NULL);

    for (char **key = keys; key && *key; key++) {
        if (g_strv_contains(kinds, group))
            read_words(file, group, *key, mapping);
        else if (g_str_equal(group, "columns")) {
            if (!read_columns(file, *key, mapping, error))
                return FALSE;
        } else if (!g_str_equal(group, "dates"))
            return complain(error, N_("a part"), group);
        else if (!read_dates(file, *key, mapping, error))
            return FALSE;
    }
    return TRUE;
}

struct sheet_mapping *sheet_mapping_read(const char *text, GError **error)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(mado_mapping) mapping = sheet_mapping_new();
    g_autoptr(GError) failed = NULL;
    g_auto(GStrv) groups = NULL;

    if (!g_key_file_load_from_data(file, text, (gsize)-1, G_KEY_FILE_NONE, &failed)) {
        error_set(error, MADO_E_BAD_DATA,
            "The mapping cannot be read: %s. Nothing was changed. Mend the file, or leave "
            "--mapping out.",
            failed->message);
        return NULL;
    }
    groups = g_key_file_get_groups(file, NULL);
    for (char **group = groups; *group; group++)
        if (!read_group(file, *group, mapping, error))
            return NULL;
    return g_steal_pointer(&mapping);
}
