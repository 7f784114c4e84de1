/* "Name: value", a line each: header fields, and the little of YAML that X-ARF 0.1 and 0.2 need. */
#include "report-parts.h"
#include <string.h>

enum { MOST_OF_A_VALUE = 2 * LIMIT_FOUND_BYTES };

struct pairs {
    GPtrArray *names, *values;
};

static struct pairs *pairs_new(void)
{
    struct pairs *pairs = g_new0(struct pairs, 1);

    pairs->names = g_ptr_array_new_with_free_func(g_free);
    pairs->values = g_ptr_array_new_with_free_func(g_free);
    return pairs;
}

void pairs_free(struct pairs *pairs)
{
    if (!pairs)
        return;
    g_ptr_array_unref(pairs->names);
    g_ptr_array_unref(pairs->values);
    g_free(pairs);
}

/* FALSE: there is no colon behind a name. */
static gboolean add_line(struct pairs *pairs, const char *line, gsize length)
{
    const char *colon = memchr(line, ':', length);
    gsize name = colon ? (gsize)(colon - line) : 0;
    char *lower;

    if (name == 0 || name > LIMIT_FOUND_BYTES)
        return FALSE;
    lower = g_ascii_strdown(line, (gssize)name);
    g_strchomp(lower);
    g_ptr_array_add(pairs->names, lower);
    g_ptr_array_add(pairs->values,
        g_strstrip(g_strndup(colon + 1, MIN(length - name - 1, (gsize)MOST_OF_A_VALUE))));
    return TRUE;
}

static void go_on(struct pairs *pairs, const char *line, gsize length)
{
    gpointer *last;
    char *longer;

    if (pairs->values->len == 0)
        return;
    last = &pairs->values->pdata[pairs->values->len - 1];
    if (strlen(*last) + length > MOST_OF_A_VALUE)
        return;
    longer = g_strdup_printf("%s %.*s", (char *)*last, (int)length, line);
    g_free(*last);
    *last = g_strstrip(longer);
}

struct pairs *pairs_read_fields(const char *text)
{
    struct pairs *pairs = pairs_new();
    gsize length;

    for (int lines = 0; *text && lines < LIMIT_REPORT_LINES; lines++) {
        length = strcspn(text, "\n");
        if (*text == ' ' || *text == '\t')
            go_on(pairs, text + 1, length - 1);
        else
            add_line(pairs, text, length);
        text += length + (text[length] == '\n');
    }
    return pairs;
}

/* What a value must not begin with: YAML 1.2, 5.3 gives these a meaning. */
static gboolean is_more_yaml(const char *value)
{
    return *value && strchr("&*!|>{}[]%@`?", *value);
}

static char *unquoted(const char *value)
{
    gsize length = strlen(value);

    if (length >= 2 && (*value == '"' || *value == '\'') && value[length - 1] == *value)
        return g_strndup(value + 1, length - 2);
    return g_strdup(value);
}

static const char *add_yaml_line(struct pairs *pairs, const char *line, gsize length)
{
    gpointer *value;
    char *plain;

    if (*line == ' ' || *line == '\t')
        return "a line that is indented";
    if (*line == '-' && (length == 1 || line[1] == ' '))
        return "a list";
    if (is_more_yaml(line) || !add_line(pairs, line, length))
        return "a line without a name";
    value = &pairs->values->pdata[pairs->values->len - 1];
    if (is_more_yaml(*value))
        return "a value that is more than text";
    plain = unquoted(*value);
    g_free(*value);
    *value = plain;
    return NULL;
}

static gboolean is_empty(const char *line, gsize length)
{
    gsize blank = strspn(line, " \t\r");

    return blank >= length || *line == '#';
}

/* One document: what follows the next "---" is no part of it. */
struct pairs *pairs_read_yaml(const char *text, const char **why)
{
    struct pairs *pairs = pairs_new();
    gboolean ended = FALSE;
    int lines = 0;

    *why = NULL;
    while (*text && !ended && !*why) {
        gsize length = strcspn(text, "\n");
        gboolean marker = !strncmp(text, "---", 3);
        if (++lines > LIMIT_REPORT_LINES)
            *why = "too many lines";
        else if (marker || !strncmp(text, "...", 3))
            ended = !marker || pairs->names->len > 0;
        else if (!is_empty(text, length))
            *why = add_yaml_line(pairs, text, length);
        text += length + (text[length] == '\n');
    }
    return pairs;
}

guint pairs_count(const struct pairs *pairs)
{
    return pairs->names->len;
}

const char *pairs_name(const struct pairs *pairs, guint number)
{
    return g_ptr_array_index(pairs->names, number);
}

const char *pairs_at(const struct pairs *pairs, guint number)
{
    return g_ptr_array_index(pairs->values, number);
}

const char *pairs_value(const struct pairs *pairs, const char *name)
{
    for (guint i = 0; i < pairs->names->len; i++)
        if (g_str_equal(pairs_name(pairs, i), name))
            return pairs_at(pairs, i);
    return "";
}

const char *pairs_missing(const struct pairs *pairs, const char *const *names)
{
    for (; *names; names++)
        if (!*pairs_value(pairs, *names))
            return *names;
    return NULL;
}
