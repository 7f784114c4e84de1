/* Parameters of structured fields (RFC 2045, 5.1; RFC 2231). */
#include "header.h"
#include "charset.h"
#include "header-parts.h"
#include <mado/limits.h>
#include <string.h>

/* One parameter as it stands in the field, or one section of one. */
struct piece {
    char *value;      /* without quotes; NULL: absent */
    gboolean encoded; /* written with percent signs */
};

/* All that a field says of one parameter. */
struct pieces {
    struct piece plain;
    struct piece section[LIMIT_PARAMETERS];
};

/* A backslash protects a quote or a backslash only: paths of Windows are often written bare. */
static char *take_quoted(const char **at)
{
    GString *value = g_string_new(NULL);

    for (++*at; **at && **at != '"'; ++*at) {
        if ((*at)[0] == '\\' && ((*at)[1] == '"' || (*at)[1] == '\\'))
            ++*at;
        g_string_append_c(value, **at);
    }
    if (**at)
        ++*at;
    return g_string_free(value, FALSE);
}

/* Everything up to the semicolon, blanks included; an encoded-word may have one inside. */
static char *take_bare(const char **at)
{
    const char *start = *at;

    while (**at && **at != ';')
        *at += MAX(header_word_length(*at), 1);
    return g_strstrip(g_strndup(start, (gsize)(*at - start)));
}

/* Moves behind the next semicolon outside of quotes. */
static void skip_rest(const char **at)
{
    while (**at && **at != ';') {
        if (**at == '"')
            g_free(take_quoted(at));
        else
            ++*at;
    }
    if (**at)
        ++*at;
}

static char *take_value(const char **at)
{
    *at += strspn(*at, " \t");
    return **at == '"' ? take_quoted(at) : take_bare(at);
}

/* Which piece a name like "filename*1*" stands for; NULL if it is another parameter. */
static struct piece *place_of(
    struct pieces *pieces, const char *name, gsize length, const char *parameter, gboolean *encoded)
{
    gsize at = strlen(parameter);
    guint section = 0, digits = 0;

    if (length < at || g_ascii_strncasecmp(name, parameter, at) != 0)
        return NULL;
    *encoded = length > at && name[length - 1] == '*';
    if (at == length)
        return &pieces->plain;
    if (name[at++] != '*')
        return NULL;
    for (; at < length && g_ascii_isdigit(name[at]) && digits < 3; at++, digits++)
        section = section * 10 + (guint)g_ascii_digit_value(name[at]);
    if (section >= LIMIT_PARAMETERS || at + (digits > 0 && *encoded) != length)
        return NULL;
    return &pieces->section[section];
}

/* The first of two that have one name counts. */
static void read_pieces(const char *text, const char *parameter, struct pieces *pieces)
{
    for (guint i = 0; *text && i < LIMIT_PARAMETERS + 1; i++) {
        const char *name = text + strspn(text, " \t");
        gsize length = strcspn(name, "=; \t\"");
        const char *at = name + length + strspn(name + length, " \t");
        gboolean encoded = FALSE;
        struct piece *piece = place_of(pieces, name, length, parameter, &encoded);

        if (piece && !piece->value && *at == '=') {
            at++;
            piece->value = take_value(&at);
            piece->encoded = encoded;
        }
        skip_rest(&at);
        text = at;
    }
}

static void append_percent(GString *out, const char *text)
{
    for (; *text; text++) {
        if (text[0] == '%' && g_ascii_isxdigit(text[1]) && g_ascii_isxdigit(text[2])) {
            int byte = g_ascii_xdigit_value(text[1]) * 16 + g_ascii_xdigit_value(text[2]);
            g_string_append_c(out, (char)byte);
            text += 2;
        } else {
            g_string_append_c(out, *text);
        }
    }
}

/* RFC 2231, 4: charset'language'text at the start of the first section. */
static const char *split_charset(const char *value, char **charset)
{
    const char *first = strchr(value, '\'');
    const char *second = first ? strchr(first + 1, '\'') : NULL;

    if (!second)
        return value;
    *charset = g_strndup(value, (gsize)(first - value));
    return second + 1;
}

static char *join_sections(const struct piece *section)
{
    g_autoptr(GString) bytes = g_string_new(NULL);
    g_autofree char *charset = NULL;
    gboolean encoded = FALSE;

    for (guint i = 0; i < LIMIT_PARAMETERS && section[i].value; i++) {
        const char *value = section[i].value;
        encoded |= section[i].encoded;
        if (i == 0 && section[i].encoded)
            value = split_charset(value, &charset);
        if (section[i].encoded)
            append_percent(bytes, value);
        else
            g_string_append(bytes, value);
    }
    if (!encoded)
        return header_decode_words(bytes->str);
    return charset_to_utf8(charset, (const guint8 *)bytes->str, bytes->len, NULL, NULL);
}

static void clear_pieces(struct pieces *pieces)
{
    g_free(pieces->plain.value);
    for (guint i = 0; i < LIMIT_PARAMETERS; i++)
        g_free(pieces->section[i].value);
}

char *header_decode_parameter(const char *raw, const char *parameter)
{
    g_autofree char *text = header_to_utf8(raw);
    g_autofree char *value = NULL;
    struct pieces pieces = {0};

    read_pieces(text, parameter, &pieces);
    if (pieces.section[0].value)
        value = join_sections(pieces.section);
    else if (pieces.plain.value)
        value = header_decode_words(pieces.plain.value);
    clear_pieces(&pieces);
    return value ? header_harmless(value) : NULL;
}
