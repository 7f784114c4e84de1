#include "ctl.h"
#include "error.h"
#include "say.h"
#include "text.h"
#include <string.h>

json_t *ctl_row(void)
{
    json_t *row = json_object();

    json_object_set_new(row, "schema", json_string(CTL_SCHEMA));
    return row;
}

json_t *ctl_string(const char *text)
{
    g_autofree char *valid = text ? g_utf8_make_valid(text, -1) : NULL;

    return valid ? json_string(valid) : json_null();
}

json_t *ctl_known(const char *text)
{
    return ctl_string(text && *text ? text : NULL);
}

json_t *ctl_texts(char *const *texts)
{
    json_t *rows = json_array();

    for (; texts && *texts; texts++)
        json_array_append_new(rows, ctl_string(*texts));
    return rows;
}

json_t *ctl_lines(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);
    json_t *rows = json_array();

    for (char **line = lines; *line; line++)
        if (**line)
            json_array_append_new(rows, ctl_string(*line));
    return rows;
}

json_t *ctl_time(gint64 at, GTimeZone *zone)
{
    g_autoptr(GDateTime) utc = at ? g_date_time_new_from_unix_utc(at) : NULL;
    g_autoptr(GDateTime) local = utc && zone ? g_date_time_to_timezone(utc, zone) : NULL;
    g_autofree char *text = NULL;

    if (!utc)
        return json_null();
    text = local ? g_date_time_format(local, "%Y-%m-%dT%H:%M:%S%:z")
                 : g_date_time_format(utc, "%Y-%m-%dT%H:%M:%SZ");
    return ctl_string(text);
}

/* Only strings can hold such a character, and there an escape means the same. */
static void append_escaped(GString *out, gunichar c)
{
    if (c < 0x10000)
        g_string_append_printf(out, "\\u%04X", c);
    else
        g_string_append_printf(out, "\\u%04X\\u%04X", 0xD800 + ((c - 0x10000) >> 10),
            0xDC00 + ((c - 0x10000) & 0x3FF));
}

char *ctl_dump(const json_t *value)
{
    char *raw = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    GString *out = g_string_sized_new(raw ? strlen(raw) : 0);

    for (const char *at = raw; at && *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (text_is_dangerous(c))
            append_escaped(out, c);
        else
            g_string_append_len(out, at, g_utf8_next_char(at) - at);
    }
    free(raw);
    return g_string_free(out, FALSE);
}

json_t *ctl_request(const char *command, json_t *args)
{
    json_t *request = ctl_row();

    json_object_set_new(request, "command", json_string(command));
    json_object_set_new(request, "args", args ? args : json_object());
    if (!g_str_equal(say_language(), "en"))
        json_object_set_new(request, "language", json_string(say_language()));
    return request;
}

static json_t *refused(json_t *request)
{
    json_decref(request);
    return NULL;
}

const char *ctl_language(const json_t *request)
{
    return json_string_value(json_object_get(request, "language"));
}

json_t *ctl_parse_request(
    const char *line, gsize size, const struct ctl_command **command, json_t **args, GError **error)
{
    json_t *request = json_loadb(line, size, JSON_REJECT_DUPLICATES, NULL);
    const char *schema = json_string_value(json_object_get(request, "schema"));
    const char *name = json_string_value(json_object_get(request, "command"));
    gsize fields = ctl_language(request) ? 4 : 3;

    *args = json_object_get(request, "args");
    if (!schema || !name || !json_is_object(*args) || json_object_size(request) != fields) {
        error_set(
            error, MADO_E_BAD_DATA, "This is not a request of madoctl's. Nothing was changed.");
        return refused(request);
    }
    if (!g_str_equal(schema, CTL_SCHEMA)) {
        error_set(error, MADO_E_BAD_DATA,
            "The daemon speaks \"%s\"; use the madoctl that was installed with it. Nothing was "
            "changed.",
            CTL_SCHEMA);
        return refused(request);
    }
    *command = ctl_find(name);
    if (*command && (*command)->role != CTL_ROLE_NONE)
        return request;
    error_set(
        error, MADO_E_UNKNOWN_COMMAND, "The daemon has no such command. Nothing was changed.");
    return refused(request);
}

json_t *ctl_end(json_t *next)
{
    json_t *line = json_pack("{s:b}", "end", TRUE);

    if (next)
        json_object_set_new(line, "next", next);
    return line;
}

json_t *ctl_error(const GError *error)
{
    json_t *line = json_object();
    json_t *inner = json_object();
    int code = error->domain == MADO_ERROR ? error->code : MADO_E_INTERNAL;

    json_object_set_new(inner, "code", json_integer(code));
    json_object_set_new(inner, "message", ctl_string(error_said(error)));
    json_object_set_new(line, "error", inner);
    return line;
}

enum ctl_line ctl_sort_line(const json_t *line, json_t **next, GError **error)
{
    const json_t *inner = json_object_get(line, "error");
    const char *message = json_string_value(json_object_get(inner, "message"));

    *next = json_object_get(line, "next");
    if (json_is_true(json_object_get(line, "end")))
        return CTL_LINE_END;
    if (!inner && json_is_object(line))
        return CTL_LINE_ROW;
    if (message)
        error_set_said(
            error, (int)json_integer_value(json_object_get(inner, "code")), message, message);
    else
        error_set(
            error, MADO_E_INTERNAL, "The daemon gave an answer that madoctl does not understand.");
    return CTL_LINE_ERROR;
}
