/* How people keep names from being clicked on, and how that is undone: hxxp and friends are in
 * indicator-url.c, what stands in brackets or behind a backslash is here. */
#include "indicator-parts.h"
#include <string.h>

enum { CONTENT_MAX = 9, BLANKS = 2 };

static const struct {
    const char *content; /* of the brackets, in lower case and without blanks */
    const char *plain;
    gboolean loose; /* blanks may stand around it, and it joins what is on both sides */
} brackets[] = {
    {".", ".", TRUE},
    {"dot", ".", TRUE},
    {"punto", ".", TRUE},
    {"punkt", ".", TRUE},
    {"ドット", ".", TRUE},
    {",", ".", FALSE},
    {"@", "@", TRUE},
    {"at", "@", TRUE},
    {"arroba", "@", TRUE},
    {"アット", "@", TRUE},
    {"アットマーク", "@", TRUE},
    {":", ":", FALSE},
    {"/", "/", FALSE},
    {"//", "//", FALSE},
    {"://", "://", FALSE},
    {":/", ":/", FALSE},
    {"-", "-", FALSE},
    {"tt", "tt", FALSE},
    {"xx", "tt", FALSE},
    {"http", "http", FALSE},
    {"https", "https", FALSE},
    {"hxxp", "http", FALSE},
    {"hxxps", "https", FALSE},
    {"http://", "http://", FALSE},
    {"https://", "https://", FALSE},
    {"hxxp://", "http://", FALSE},
    {"hxxps://", "https://", FALSE},
};

static gsize blanks_at(const char *text, gsize most)
{
    gsize count = 0, length;

    while (count < most && words_peek(text + count, &length) == ' ' && length == 1)
        count++;
    return count;
}

static gboolean is_name(gunichar c)
{
    return c < 0x80 ? g_ascii_isalnum((char)c) : g_unichar_isalnum(c);
}

static gboolean is_name_before(const struct word *word)
{
    return word->length && word->glyph[word->length - 1] != GLYPH_OTHER &&
           word->glyph[word->length - 1] != GLYPH_DOT;
}

static char closing(gunichar open)
{
    return open == '[' ? ']' : open == '(' ? ')' : open == '{' ? '}' : '\0';
}

/* The content of the brackets that open at `text`, and how many bytes all of it takes; 0: there are
 * none, or it is long. */
static gsize read_brackets(const char *text, char *content)
{
    gsize length, size = 0, at;
    char close = closing(words_peek(text, &length));

    if (!close)
        return 0;
    for (at = length; size < CONTENT_MAX * 3 && at < CONTENT_MAX * 6; at += length) {
        gunichar c = words_peek(text + at, &length);
        if (c == (guchar)close) {
            content[size] = '\0';
            return at + length;
        }
        if (c < ' ' || closing(c))
            return 0;
        if (c < 0x80 && c != ' ')
            content[size++] = g_ascii_tolower((char)c);
        else if (c >= 0x80)
            size += (gsize)g_unichar_to_utf8(c, content + size);
    }
    return 0;
}

static gint find_content(const char *content)
{
    for (gsize i = 0; i < G_N_ELEMENTS(brackets); i++)
        if (brackets[i].content[0] == content[0] && !strcmp(brackets[i].content, content))
            return (gint)i;
    return -1;
}

static void put(struct words *words, struct word *word, const char *plain, gsize size)
{
    for (; *plain; plain++)
        word_add(word, (guchar)*plain, words->at, words->at + size, TRUE);
    words->at += size;
}

/* "[.]", "(dot)", "{at}", " [.] ", "[://]", "h[tt]p" */
static gboolean mend_brackets(struct words *words, struct word *word)
{
    const char *text = words->text + words->at;
    gsize before = word->length && *text == ' ' ? blanks_at(text, BLANKS) : 0;
    gsize behind, size, length;
    char content[CONTENT_MAX * 3 + 6];
    gint which;

    size = read_brackets(text + before, content);
    which = size ? find_content(content) : -1;
    if (which < 0 || (!brackets[which].loose && (before || words_peek(text, &length) != '[')))
        return FALSE;
    size += before;
    behind = brackets[which].loose ? blanks_at(text + size, BLANKS) : 0;
    if (brackets[which].loose &&
        (!is_name_before(word) || !is_name(words_peek(text + size + behind, &length))))
        return FALSE;
    put(words, word, brackets[which].plain, size + behind);
    return TRUE;
}

/* "example[.com" and "example.]com": one of the brackets alone */
static gboolean mend_half(struct words *words, struct word *word)
{
    const char *text = words->text + words->at;
    const char *dot = *text == '[' ? text + 1 : text;

    if (!is_name_before(word) || *dot != '.' || (dot == text && text[1] != ']') ||
        !g_ascii_isalnum(dot[dot == text ? 2 : 1]))
        return FALSE;
    words->open = dot != text;
    put(words, word, ".", 2);
    return TRUE;
}

/* What closes "[." later on */
static gboolean close_half(struct words *words, struct word *word)
{
    if (!words->open || !word->length || words->text[words->at] != ']')
        return FALSE;
    words->open = FALSE;
    words->at++;
    word->end[word->length - 1] = words->at;
    return TRUE;
}

/* "\.", "\/" (as JSON has it), "http:\\" and "hxxp:__" */
static gboolean mend_slashes(struct words *words, struct word *word)
{
    const char *text = words->text + words->at;
    char last = word->length ? word->plain[word->length - 1] : '\0';
    gsize count = *text == '\\' ? 1 + (text[1] == '\\') : 0;

    if (last == ':' && word->length > 3 && strchr("psPS", word->plain[word->length - 2]) &&
        (g_str_has_prefix(text, "\\\\") || g_str_has_prefix(text, "__")))
        put(words, word, "//", 2);
    else if (count && text[count] == '.' && is_name_before(word))
        put(words, word, ".", count + 1);
    else if (count && text[count] == '/')
        put(words, word, "/", count + 1);
    else
        return FALSE;
    return TRUE;
}

/* "http:// example.com" */
static gboolean mend_gap(struct words *words, struct word *word)
{
    const char *text = words->text + words->at;
    gsize length = word->length;

    if (*text != ' ' || !g_ascii_isalnum(text[1]) || length < 6 ||
        strncmp(word->plain + length - 3, "://", 3) != 0)
        return FALSE;
    words->at++;
    return TRUE;
}

/* As most are: a word behind it, and in front no "://" with which that would be one. */
static gboolean is_plain_blank(const struct words *words, const struct word *word)
{
    const char *text = words->text + words->at;

    return *text == ' ' && g_ascii_isalnum(text[1]) &&
           (!word->length || word->plain[word->length - 1] != '/');
}

gboolean refang(struct words *words, struct word *word)
{
    static gboolean (*const ways[])(struct words *, struct word *) = {
        mend_brackets, mend_half, close_half, mend_slashes, mend_gap};
    guchar c = (guchar)words->text[words->at];

    /* U+FF08 and the like begin with 0xEF. */
    if ((c != 0xEF && (c == '\0' || !strchr(" [({].\\_", c))) || is_plain_blank(words, word))
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(ways); i++)
        if (ways[i](words, word))
            return TRUE;
    return FALSE;
}
