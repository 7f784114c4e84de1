/* Separated values, as spreadsheets write them (RFC 4180, and its relatives with semicolons and
 * tabs). */
#include "error.h"
#include "sheet.h"
#include "text.h"
#include <mado/limits.h>
#include <string.h>

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

static const char separators[] = ",;\t";

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

static char *no_text(GError **error)
{
    error_set(error, MADO_E_BAD_DATA,
        "This is no text. Nothing was changed. Save it as CSV, in UTF-8 or Shift_JIS.");
    return NULL;
}

/* As Excel writes it where somebody chose "Unicode text". */
static char *from_utf16(const char *bytes, gsize size, GError **error)
{
    gsize written = 0;
    char *text = g_convert(bytes, (gssize)size, "UTF-8", "UTF-16", NULL, &written, NULL);

    if (text && strlen(text) == written)
        return text;
    g_free(text);
    return no_text(error);
}

static char *to_utf8(const char *bytes, gsize size, GError **error)
{
    g_autoptr(GError) failed = NULL;
    gsize read = 0;
    char *text;

    if (size >= 2 && (memcmp(bytes, "\xFF\xFE", 2) == 0 || memcmp(bytes, "\xFE\xFF", 2) == 0))
        return from_utf16(bytes, size, error);
    if (memchr(bytes, 0, size))
        return no_text(error);
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
    char separator;
};

/* Of the first line that has one outside of quotation marks: that of which there are most. */
static char find_separator(const char *text)
{
    guint counts[sizeof separators] = {0}, most = 0;
    gboolean quoted = FALSE;

    for (; *text; text++) {
        const char *found = strchr(separators, *text);
        quoted ^= *text == '"';
        if (found && !quoted)
            counts[found - separators]++;
        if (*text == '\n' && !quoted && (counts[0] || counts[1] || counts[2]))
            break;
    }
    for (guint i = 1; separators[i]; i++)
        if (counts[i] > counts[most])
            most = i;
    return separators[most];
}

static gboolean is_end(const struct reader *reader)
{
    return !*reader->at || *reader->at == reader->separator || strchr("\r\n", *reader->at);
}

/* ="0012" is how a spreadsheet is told that it is no number, and '=1+1 that it is no formula. */
static char *plain_value(char *value)
{
    gsize length;

    g_strstrip(value);
    length = strlen(value);
    if (length > 3 && g_str_has_prefix(value, "=\"") && value[length - 1] == '"')
        return g_strndup(value + 2, length - 3);
    if (*value == '\'' && (value[1] == '\'' || text_is_formula(value + 1)))
        return g_strdup(value + 1);
    return g_strdup(value);
}

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
    while (!is_end(reader))
        g_string_append_c(field, *reader->at++);
    if (field->len > LIMIT_SHEET_CELL) {
        error_set(error, MADO_E_BAD_DATA,
            "line %u: a value is too long (more than %d bytes). Nothing was changed. Is a "
            "quotation "
            "mark missing?",
            line, LIMIT_SHEET_CELL);
        return NULL;
    }
    return plain_value(field->str);
}

static gboolean read_line(struct reader *reader, struct csv_line *line, GError **error)
{
    for (;;) {
        char *field = read_field(reader, error);
        if (!field)
            return FALSE;
        g_ptr_array_add(line->fields, field);
        if (line->fields->len > LIMIT_SHEET_COLUMNS) {
            error_set(error, MADO_E_BAD_DATA, "line %u: more than %d fields. Nothing was changed.",
                line->number, LIMIT_SHEET_COLUMNS);
            return FALSE;
        }
        if (*reader->at != reader->separator)
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
    struct reader reader = {text, 1, text ? find_separator(text) : ','};

    while (text && *reader.at) {
        struct csv_line *line = g_new0(struct csv_line, 1);
        line->number = reader.line;
        line->fields = g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(lines, line);
        if (!read_line(&reader, line, error))
            return NULL;
        if (is_empty(line))
            g_ptr_array_remove_index(lines, lines->len - 1);
        if (lines->len > LIMIT_SHEET_LINES) {
            error_set(error, MADO_E_BAD_DATA,
                "More than %d lines. Nothing was changed. Cut the file into several.",
                LIMIT_SHEET_LINES);
            return NULL;
        }
    }
    return text ? g_steal_pointer(&lines) : NULL;
}

void csv_append(GString *out, const char *value)
{
    g_string_append_c(out, '"');
    if (*value == '\'' || text_is_formula(value))
        g_string_append_c(out, '\'');
    for (; *value; value++) {
        if (*value == '"')
            g_string_append_c(out, '"');
        g_string_append_c(out, *value);
    }
    g_string_append_c(out, '"');
}
