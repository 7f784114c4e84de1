/* Comma-separated values, as spreadsheets write them (RFC 4180). */
#include "error.h"
#include "madoctl.h"
#include <string.h>

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

enum { MOST_FIELDS = 50 };

static void line_free(gpointer data)
{
    struct csv_line *line = data;

    g_ptr_array_unref(line->fields);
    g_free(line);
}

/* -- characters -- */

static guint count_lines(const char *bytes, gsize size)
{
    guint lines = 1;

    for (gsize i = 0; i < size; i++)
        lines += bytes[i] == '\n';
    return lines;
}

static char *to_utf8(const char *bytes, gsize size, GError **error)
{
    g_autoptr(GError) failed = NULL;
    gsize read = 0;
    char *text;

    if (memchr(bytes, 0, size)) {
        error_set(error, MADO_E_BAD_DATA,
            "This is no text. Nothing was changed. Save it as CSV, in UTF-8 or Shift_JIS.");
        return NULL;
    }
    if (size >= 3 && memcmp(bytes, BYTE_ORDER_MARK, 3) == 0)
        return to_utf8(bytes + 3, size - 3, error);
    if (g_utf8_validate(bytes, (gssize)size, NULL))
        return g_strndup(bytes, size);
    text = g_convert(bytes, (gssize)size, "UTF-8", "CP932", &read, NULL, &failed);
    if (!text)
        error_set(error, MADO_E_BAD_DATA,
            "line %u: it is neither UTF-8 nor Shift_JIS. Nothing was changed. Save the file in "
            "UTF-8.",
            count_lines(bytes, read));
    return text;
}

/* -- lines -- */

struct reader {
    const char *at;
    guint line; /* counts from 1 */
};

/* What stands between quotes, where two are one; FALSE: they never end. */
static gboolean read_quoted(struct reader *reader, GString *field)
{
    for (reader->at++; *reader->at; reader->at++) {
        if (*reader->at == '"' && *++reader->at != '"')
            return TRUE;
        reader->line += *reader->at == '\n';
        g_string_append_c(field, *reader->at);
    }
    return FALSE;
}

static char *read_field(struct reader *reader, GError **error)
{
    g_autoptr(GString) field = g_string_new(NULL);
    guint line = reader->line;

    if (*reader->at == '"' && !read_quoted(reader, field)) {
        error_set(error, MADO_E_BAD_DATA,
            "line %u: a quotation mark is never closed. Nothing was changed.", line);
        return NULL;
    }
    while (*reader->at && !strchr(",\r\n", *reader->at))
        g_string_append_c(field, *reader->at++);
    return g_strdup(g_strstrip(field->str));
}

static gboolean read_line(struct reader *reader, struct csv_line *line, GError **error)
{
    for (;;) {
        char *field = read_field(reader, error);
        if (!field)
            return FALSE;
        g_ptr_array_add(line->fields, field);
        if (line->fields->len > MOST_FIELDS) {
            error_set(error, MADO_E_BAD_DATA, "line %u: more than %d fields. Nothing was changed.",
                line->number, MOST_FIELDS);
            return FALSE;
        }
        if (*reader->at != ',')
            break;
        reader->at++;
    }
    if (*reader->at == '\r')
        reader->at++;
    if (*reader->at == '\n') {
        reader->at++;
        reader->line++;
    }
    return TRUE;
}

static gboolean is_empty(const struct csv_line *line)
{
    for (guint i = 0; i < line->fields->len; i++)
        if (*(const char *)line->fields->pdata[i])
            return FALSE;
    return TRUE;
}

GPtrArray *csv_read(const char *bytes, gsize size, GError **error)
{
    g_autofree char *text = to_utf8(bytes, size, error);
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(line_free);
    struct reader reader = {text, 1};

    while (text && *reader.at) {
        struct csv_line *line = g_new0(struct csv_line, 1);
        line->number = reader.line;
        line->fields = g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(lines, line);
        if (!read_line(&reader, line, error))
            return NULL;
        if (is_empty(line))
            g_ptr_array_remove_index(lines, lines->len - 1);
    }
    return text ? g_steal_pointer(&lines) : NULL;
}
