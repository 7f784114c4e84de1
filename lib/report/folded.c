#include "folded.h"
#include <string.h>

enum { MOST_SHOWN = 60 };

/* What has a meaning of its own. */
static const struct {
    gunichar c;
    char as;
} special[] = {
    {0x00ad, ' '},
    {0x200b, ' '},
    {0x200c, ' '},
    {0x200d, ' '},
    {0x2060, ' '},
    {0xfeff, ' '},
    {0x2022, ','},
    {0x30fb, ','},
    {0xff65, ','},
    {0x3001, ','},
    {0x2212, '-'},
    {0x2236, ':'},
    {0x300c, '['},
    {0x300e, '['},
    {0x3010, '['},
    {0x3014, '['},
    {0x3008, '['},
    {0x300a, '['},
    {0x300d, ']'},
    {0x300f, ']'},
    {0x3011, ']'},
    {0x3015, ']'},
    {0x3009, ']'},
    {0x300b, ']'},
    {0x306f, FOLDED_TOPIC},
    {0x25a0, FOLDED_TICKED},
    {0x2611, FOLDED_TICKED},
    {0x2612, FOLDED_TICKED},
    {0x2713, FOLDED_TICKED},
    {0x2714, FOLDED_TICKED},
    {0x25cf, FOLDED_TICKED},
    {0x25c9, FOLDED_TICKED},
    {0x25a1, FOLDED_OPEN},
    {0x2610, FOLDED_OPEN},
    {0x25cb, FOLDED_OPEN},
    {0x25ef, FOLDED_OPEN},
};

static char fold_ascii(char c)
{
    if (c == '\n')
        return c;
    if (c >= 'a' && c <= 'z')
        return (char)(c - 'a' + 'A');
    return g_ascii_isgraph(c) ? c : ' ';
}

static gboolean are_marks(const gunichar *plain, gsize count)
{
    for (gsize i = 0; i < count; i++)
        if (!g_unichar_ismark(plain[i]))
            return FALSE;
    return TRUE;
}

static char fold_compatible(gunichar c)
{
    gunichar plain[G_UNICHAR_MAX_DECOMPOSITION_LENGTH];
    gsize count = g_unichar_fully_decompose(c, TRUE, plain, G_N_ELEMENTS(plain));

    return count && plain[0] < 0x80 && are_marks(plain + 1, count - 1) ? fold_ascii((char)plain[0])
                                                                       : '?';
}

/* What is not seen: marks of direction, and variants of what stands in front of them. */
static gboolean is_unseen(gunichar c)
{
    return c == 0x034f || c == 0x061c || c == 0x180e || c == 0x200e || c == 0x200f ||
           (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
           (c >= 0xfe00 && c <= 0xfe0f);
}

static char fold_character(gunichar c)
{
    if (c < 0x80)
        return fold_ascii((char)c);
    for (gsize i = 0; i < G_N_ELEMENTS(special); i++)
        if (special[i].c == c)
            return special[i].as;
    if (c >= 0x3040 && c < 0xf900)
        return '?'; /* kana, kanji: most of a Japanese mail */
    if (g_unichar_isspace(c) || is_unseen(c))
        return ' ';
    if (g_unichar_type(c) == G_UNICODE_DASH_PUNCTUATION)
        return '-';
    return fold_compatible(c);
}

void folded_make(struct folded *folded, const char *text)
{
    gsize size = strlen(text), count = 0;

    *folded = (struct folded){
        .bytes = g_malloc(size + 1), .text = text, .ascii = g_str_is_ascii(text), .at = text};
    for (const char *at = text; *at; at = g_utf8_next_char(at))
        folded->bytes[count++] =
            (guchar)*at < 0x80 ? fold_ascii(*at) : fold_character(g_utf8_get_char(at));
    folded->bytes[count] = '\0';
    folded->length = count;
}

void folded_clear(struct folded *folded)
{
    g_clear_pointer(&folded->bytes, g_free);
}

const char *folded_at(struct folded *folded, gsize index)
{
    if (folded->ascii)
        return folded->text + index;
    for (; folded->index < index; folded->index++)
        folded->at = g_utf8_next_char(folded->at);
    for (; folded->index > index; folded->index--)
        folded->at = g_utf8_prev_char(folded->at);
    return folded->at;
}

char *folded_piece(struct folded *folded, gsize from, gsize to)
{
    const char *begin = folded_at(folded, from);
    const char *end = folded_at(folded, MIN(to, from + MOST_SHOWN));

    return g_strndup(begin, (gsize)(end - begin));
}

gboolean folded_is_word(char c)
{
    return g_ascii_isalnum(c);
}

gsize folded_skip_blanks(const struct folded *folded, gsize at)
{
    while (folded->bytes[at] == ' ')
        at++;
    return at;
}

gboolean folded_stands(const struct folded *folded, gsize at, const char *word)
{
    return strncmp(folded->bytes + at, word, strlen(word)) == 0;
}
