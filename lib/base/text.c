#include "text.h"
#include <string.h>

gboolean text_is_dangerous(gunichar c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0x061c ||
           c == 0xfeff || c == 0x00ad || (c >= 0xfff9 && c <= 0xfffb) ||
           (c >= 0xe0000 && c <= 0xe007f) || c == 0x180e;
}

char *text_harmless(const char *text, const char *keep)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    GString *out = g_string_sized_new(strlen(valid));

    for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (!text_is_dangerous(c) || (c < 0x80 && keep && strchr(keep, (int)c)))
            g_string_append_unichar(out, c);
        else
            g_string_append_printf(out, c < 0x100 ? "\\x%02X" : "\\u{%04X}", c);
    }
    return g_string_free(out, FALSE);
}

/* Ambiguous-width characters count as one column, as glibc has it. */
static int character_width(gunichar c)
{
    if (g_unichar_iszerowidth(c))
        return 0;
    return g_unichar_iswide(c) ? 2 : 1;
}

int text_width(const char *text)
{
    int width = 0;

    for (const char *at = text; *at; at = g_utf8_next_char(at))
        width += character_width(g_utf8_get_char(at));
    return width;
}

char *text_fit(const char *text, int columns)
{
    const char *at = text;
    int width = 0;

    if (text_width(text) <= columns)
        return g_strdup(text);
    while (*at && width + character_width(g_utf8_get_char(at)) <= columns - 2) {
        width += character_width(g_utf8_get_char(at));
        at = g_utf8_next_char(at);
    }
    return g_strdup_printf("%.*s..", (int)(at - text), text);
}

gboolean text_is_formula(const char *cell)
{
    gunichar first = 0;

    g_unichar_fully_decompose(g_utf8_get_char(cell), TRUE, &first, 1);
    return first && first < 0x80 && strchr("=+-@\t\r\n", (int)first);
}

/* Printable ASCII but blanks, and none of the characters that end or open something. */
static gboolean is_plain_word(const char *word, const char *forbidden)
{
    for (const char *at = word; *at; at++)
        if (*at <= ' ' || *at > '~' || strchr(forbidden, *at))
            return FALSE;
    return *word != '\0';
}

gboolean text_is_safe_address(const char *address)
{
    const char *at = strchr(address, '@');

    return at && at > address && at[1] && at[1] != '.' && !strchr(at + 1, '@') &&
           strlen(address) <= 254 && is_plain_word(address, "<>()[]\\\",:;");
}

gboolean text_is_safe_message_id(const char *id)
{
    return strlen(id) <= 250 && strchr(id, '@') && is_plain_word(id, "<>()\\\",;");
}
