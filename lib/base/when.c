#include "when.h"
#include "error.h"
#include <string.h>

const char *const when_severities[] = {"low", "medium", "high", "critical", NULL};
const char *const when_labels[] = {
    "TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED", NULL};
static const char *const states[] = {"new", "open", "waiting", "embargo", NULL};
static const char *const late[] = {
    "acknowledge", "triage", "reply", "update", "verify", "fix", "publish", NULL};

static const struct {
    const char *name;
    const char *const *values; /* NULL: any */
    gboolean ordered;
} fields[WHEN_FIELDS] = {
    [WHEN_SEVERITY] = {"severity", when_severities, TRUE},
    [WHEN_CATEGORY] = {"category"},
    [WHEN_LABEL] = {"label", when_labels, TRUE},
    [WHEN_STATE] = {"state", states},
    [WHEN_TEAM] = {"team"},
    [WHEN_LATE] = {"late", late},
};

static void word_free(gpointer data)
{
    struct when_word *word = data;

    g_strfreev(word->values);
    g_free(word);
}

static gboolean no_value(GError **error, const char *text)
{
    return error_set(error, MADO_E_CONFIG_RANGE, "\"%s\" has no value", text);
}

static gboolean find_field(const char *name, gsize length, enum when_field *field)
{
    for (guint i = 0; i < WHEN_FIELDS; i++)
        if (strlen(fields[i].name) == length && strncmp(fields[i].name, name, length) == 0) {
            *field = i;
            return TRUE;
        }
    return FALSE;
}

static gboolean check_values(const struct when_word *word, const char *text, GError **error)
{
    const char *const *known = fields[word->field].values;
    g_autofree char *all = known ? g_strjoinv(", ", (char **)known) : NULL;

    if (word->at_least && (!fields[word->field].ordered || g_strv_length(word->values) != 1))
        return error_set(error, MADO_E_CONFIG_RANGE,
            "\"%s\" compares what has no order: write severity>= or label>=", text);
    for (char **value = word->values; *value; value++)
        if (!**value)
            return no_value(error, text);
        else if (known && !g_strv_contains(known, *value))
            return error_set(error, MADO_E_CONFIG_RANGE, "\"%s\" is none of %s", *value, all);
    return *word->values || no_value(error, text);
}

/* "severity", ">=", "high" */
static struct when_word *parse_word(const char *text, GError **error)
{
    gsize length = strspn(text, "abcdefghijklmnopqrstuvwxyz");
    const char *sign = text + length;
    gboolean unlike = g_str_has_prefix(sign, "!="), at_least = g_str_has_prefix(sign, ">=");
    struct when_word *word = g_new0(struct when_word, 1);

    *word = (struct when_word){.unlike = unlike, .at_least = at_least};
    if ((!unlike && !at_least && *sign != '=') || !find_field(text, length, &word->field))
        error_set(error, MADO_E_CONFIG_RANGE,
            "\"%s\" is no condition: write one of severity, category, label, state, team, late, "
            "then =, != or >=, and values with commas between",
            text);
    else if ((word->values = g_strsplit(sign + 1 + (unlike || at_least), ",", -1)) &&
             check_values(word, text, error))
        return word;
    word_free(word);
    return NULL;
}

GPtrArray *when_parse(const char *text, GError **error)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(word_free);
    g_auto(GStrv) split = g_strsplit(text, " ", -1);

    for (char **one = split; *one; one++) {
        struct when_word *word = **one ? parse_word(*one, error) : NULL;
        if (word)
            g_ptr_array_add(words, word);
        else if (**one)
            return NULL;
    }
    if (words->len)
        return g_steal_pointer(&words);
    error_set(error, MADO_E_CONFIG_RANGE, "\"%s\" says nothing", text);
    return NULL;
}
