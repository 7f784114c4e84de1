/*
 * A link names in its query whom it was made for, and a mail in a file is encoded: what a program
 * undoes by itself hides nothing.
 *
 * A run of base64 is looked at as a whole, and between its slashes, because those of a path look
 * the same.
 */
#include "readings.h"
#include <string.h>

enum { ROUNDS = 3, FULL_LINE = 60, LONGEST_ENTITY = 10 };

/* -- what is seen -- */

static void append_seen(GString *out, const char *text, gsize length)
{
    g_autofree char *normal = g_utf8_normalize(text, (gssize)length, G_NORMALIZE_ALL_COMPOSE);

    for (const char *at = normal ? normal : ""; *at; at = g_utf8_next_char(at))
        if (g_unichar_type(g_utf8_get_char(at)) != G_UNICODE_FORMAT)
            g_string_append_unichar(out, g_utf8_get_char(at));
}

/* In pieces: with each character that it composes, GLib moves all that is behind it. */
static char *seen(const char *text)
{
    enum { PIECE = 512 };
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    GString *out = g_string_new(NULL);
    const char *from = valid;

    for (const char *at = valid; *at; at = g_utf8_next_char(at))
        if (at - from >= ((guchar)*at < 0x80 ? PIECE : 2 * PIECE)) {
            append_seen(out, from, (gsize)(at - from));
            from = at;
        }
    append_seen(out, from, strlen(from));
    return g_string_free(out, FALSE);
}

/* -- %40, =40 -- */

/* A NUL would end the text. */
static gboolean append_byte(GString *out, const char *hex)
{
    int high = g_ascii_xdigit_value(hex[0]), low = high < 0 ? -1 : g_ascii_xdigit_value(hex[1]);

    if (high < 0 || low < 0)
        return FALSE;
    g_string_append_c(out, high || low ? (char)(high << 4 | low) : ' ');
    return TRUE;
}

static char *without_sign(const char *text, char sign)
{
    GString *out = g_string_new(NULL);

    for (const char *at = text; *at;)
        if (*at == sign && append_byte(out, at + 1))
            at += 3;
        else
            g_string_append_c(out, *at++);
    return g_string_free(out, FALSE);
}

/* -- &#64; -- */

static const char *take_entity(const char *at, gunichar *c)
{
    gboolean hex = g_str_has_prefix(at, "&#x") || g_str_has_prefix(at, "&#X");
    const char *digits = at + strlen(hex ? "&#x" : "&#");
    char *end;
    guint64 value;

    if (!g_str_has_prefix(at, "&#") || !g_ascii_isxdigit(*digits))
        return NULL;
    value = g_ascii_strtoull(digits, &end, hex ? 16 : 10);
    *c = (gunichar)value;
    return *end == ';' && end - at < LONGEST_ENTITY && value && g_unichar_validate(*c) ? end + 1
                                                                                       : NULL;
}

static char *without_entities(const char *text)
{
    GString *out = g_string_new(NULL);

    while (*text) {
        gunichar c = 0;
        const char *behind = take_entity(text, &c);
        if (behind)
            g_string_append_unichar(out, c);
        else
            g_string_append_c(out, *text);
        text = behind ? behind : text + 1;
    }
    return g_string_free(out, FALSE);
}

/* Links are written into links. */
static char *unescaped(const char *text)
{
    char *left = g_strdup(text);

    for (int i = 0; i < ROUNDS; i++) {
        g_autofree char *plain = without_sign(left, '%');
        g_free(left);
        left = without_entities(plain);
    }
    return left;
}

/* RFC 2045, 6.7, and RFC 2047, 4.2 */
static char *unquoted(const char *text)
{
    g_autoptr(GString) lines = g_string_new(text);

    g_string_replace(lines, "=\r\n", "", 0);
    g_string_replace(lines, "=\n", "", 0);
    g_string_replace(lines, "_", " ", 0);
    return without_sign(lines->str, '=');
}

/* -- base64 -- */

static gboolean is_digit(char c)
{
    return g_ascii_isalnum(c) || (c && strchr("+/-_", c));
}

/* What is no text is a picture, or no base64 at all. */
static void append_decoded(GString *out, const char *digits, gsize length)
{
    g_autofree char *usual = g_strndup(digits, length);
    g_autofree guchar *bytes = NULL;
    gsize size;

    g_strdelimit(g_strdelimit(usual, "-", '+'), "_", '/');
    {
        g_autofree char *padded = g_strconcat(usual, &"==="[length % 4 ? length % 4 - 1 : 3], NULL);
        bytes = g_base64_decode(padded, &size);
    }
    if (!g_utf8_validate((const char *)bytes, (gssize)size, NULL))
        return;
    g_string_append_len(out, (const char *)bytes, (gssize)size);
    g_string_append_c(out, '\n');
}

static void append_run(GString *out, const GString *run)
{
    g_auto(GStrv) pieces = g_strsplit(run->str, "/", -1);

    append_decoded(out, run->str, run->len);
    for (char **piece = pieces; pieces[1] && *piece; piece++)
        append_decoded(out, *piece, strlen(*piece));
}

/* One that fills its line goes on in the next. */
static const char *take_run(const char *at, GString *run)
{
    const char *line;

    g_string_truncate(run, 0);
    do {
        for (line = at; is_digit(*at); at++)
            g_string_append_c(run, *at);
        if (at - line < FULL_LINE || (*at != '\r' && *at != '\n'))
            return at;
        at += *at == '\r';
        at += *at == '\n';
    } while (is_digit(*at));
    return at;
}

static char *decoded(const char *text)
{
    enum { SHORTEST_RUN = 12 };
    g_autoptr(GString) run = g_string_new(NULL);
    GString *out = g_string_new(NULL);

    for (const char *at = text; *at;) {
        if (!is_digit(*at)) {
            at++;
            continue;
        }
        at = take_run(at, run);
        if (run->len >= SHORTEST_RUN)
            append_run(out, run);
    }
    return g_string_free(out, FALSE);
}

/* -- all of them -- */

/* Most texts have nothing that is to be undone. */
static void add(GPtrArray *readings, const char *text)
{
    if (*text && !g_str_equal(text, readings->pdata[0]))
        g_ptr_array_add(readings, seen(text));
}

GPtrArray *readings_of(const char *text)
{
    GPtrArray *readings = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *plain = NULL, *unquoted_too = NULL, *from_base64 = NULL;

    g_ptr_array_add(readings, seen(text));
    plain = unescaped(readings->pdata[0]);
    unquoted_too = unquoted(plain);
    from_base64 = decoded(plain);
    add(readings, plain);
    add(readings, unquoted_too);
    add(readings, from_base64);
    return readings;
}
