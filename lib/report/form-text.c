/* What a line of a form is, however it is written: full-width or not, numbered, boxed, ruled. */
#include "form-parts.h"
#include <string.h>

enum { MOST_OF_A_LABEL = 120, MOST_OF_A_NUMBER = 16, LEAST_RULE = 4 };

char *form_plain(const char *text, gsize length)
{
    g_autofree char *normal = g_utf8_normalize(text, (gssize)length, G_NORMALIZE_ALL_COMPOSE);
    GString *out = g_string_new(NULL);

    for (const char *at = normal ? normal : ""; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (c < 0x80 ? g_ascii_isgraph((char)c) : !g_unichar_isspace(c))
            g_string_append_unichar(out, c < 0x80 ? (gunichar)g_ascii_tolower((char)c) : c);
    }
    return g_string_free(out, FALSE);
}

static gboolean ends_label(gunichar c)
{
    return g_unichar_isalnum(c) || g_unichar_ismark(c);
}

char *form_key(const char *text, gsize length)
{
    g_autofree char *plain = NULL;
    const char *begin, *end;

    if (length > MOST_OF_A_LABEL)
        return g_strdup("");
    plain = form_plain(text, length);
    begin = plain;
    while (*begin && !g_unichar_isalpha(g_utf8_get_char(begin)))
        begin = g_utf8_next_char(begin);
    end = begin + strcspn(begin, "(");
    while (end > begin && !ends_label(g_utf8_get_char(g_utf8_prev_char(end))))
        end = g_utf8_prev_char(end);
    return g_strndup(begin, (gsize)(end - begin));
}

const char *form_skip_blanks(const char *text)
{
    while (*text && g_unichar_isspace(g_utf8_get_char(text)))
        text = g_utf8_next_char(text);
    return text;
}

char *form_number(const char *line, const char **end)
{
    const char *begin = form_skip_blanks(line);
    const char *at = begin;
    g_autofree char *plain = NULL;
    gsize length;

    while (*at && at - begin < MOST_OF_A_NUMBER && !g_unichar_isspace(g_utf8_get_char(at)) &&
           !g_unichar_isalpha(g_utf8_get_char(at)))
        at = g_utf8_next_char(at);
    plain = form_plain(begin, (gsize)(at - begin));
    length = strspn(plain, "0123456789-");
    *end = at;
    if (!length || !g_ascii_isdigit(*plain) || plain[length + strspn(plain + length, ".:)")])
        return NULL;
    return g_strndup(plain, length);
}

const char *form_colon(const char *line, const char **end)
{
    static const char *const colons[] = {":", "：", "∶", "︰"};

    for (; *line; line++)
        for (gsize i = 0; i < G_N_ELEMENTS(colons); i++)
            if (g_str_has_prefix(line, colons[i])) {
                *end = line + strlen(colons[i]);
                return line;
            }
    return NULL;
}

static gboolean is_of_rule(gunichar c)
{
    return (c > 0 && c < 0x80 && strchr("-=_*+~#", (int)c)) ||
           g_unichar_type(c) == G_UNICODE_DASH_PUNCTUATION || (c >= 0x2500 && c <= 0x257f) ||
           c == 0x30fc || c == 0xff0a || c == 0xff1d || c == 0xff3f || c == 0x2212;
}

gboolean form_is_rule(const char *line)
{
    int count = 0;

    for (; *line; line = g_utf8_next_char(line)) {
        gunichar c = g_utf8_get_char(line);
        if (!g_unichar_isspace(c) && (c >= 0x80 || c) && !is_of_rule(c))
            return FALSE;
        count += !g_unichar_isspace(c);
    }
    return count >= LEAST_RULE;
}

gboolean form_is_numbered(const char *line)
{
    const char *end;
    g_autofree char *number = form_number(line, &end);

    end = form_skip_blanks(end);
    return number && *end && g_utf8_get_char(end) >= 0x80;
}

/* The colon of "10:30", of a link and of an IPv6 address is that of no label. */
gboolean form_is_labelled(const char *line)
{
    const char *end = NULL;
    const char *colon = form_colon(line, &end);
    g_autofree char *key = colon ? form_key(line, (gsize)(colon - line)) : NULL;

    if (!key || !*key || g_str_has_prefix(colon, "://") || g_utf8_strlen(key, -1) > 20)
        return FALSE;
    return g_utf8_get_char(key) >= 0x80 || form_skip_blanks(end) > end || !*end;
}
