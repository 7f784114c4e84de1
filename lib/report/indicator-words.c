/* A text as words. What can hold no indicator (armour, base64, the ids of mails) is passed over. */
#include "indicator-parts.h"
#include <string.h>

/* The fields of a header that hold what looks like mail addresses, and is none. */
static const char *const id_fields[] = {
    "message-id:", "in-reply-to:", "references:", "content-id:", "resent-message-id:"};

/* Not plain: what ends a word, and what refang() looks at. */
const guint8 traits_of[256] = {
    ['0' ... '9'] = TRAIT_PLAIN | TRAIT_DIGIT | TRAIT_HEX,
    ['A' ... 'F'] = TRAIT_PLAIN | TRAIT_LETTER | TRAIT_HEX,
    ['a' ... 'f'] = TRAIT_PLAIN | TRAIT_LETTER | TRAIT_HEX,
    ['G' ... 'Z'] = TRAIT_PLAIN | TRAIT_LETTER,
    ['g' ... 'z'] = TRAIT_PLAIN | TRAIT_LETTER,
    [':'] = TRAIT_PLAIN | TRAIT_COLON,
    ['/'] = TRAIT_PLAIN | TRAIT_SLASH,
    ['@'] = TRAIT_PLAIN | TRAIT_AT,
    ['.'] = TRAIT_DOT,
    ['!'] = TRAIT_PLAIN,
    ['#' ... '\''] = TRAIT_PLAIN,
    [')' ... '-'] = TRAIT_PLAIN,
    [';'] = TRAIT_PLAIN,
    ['='] = TRAIT_PLAIN,
    ['?'] = TRAIT_PLAIN,
    ['^'] = TRAIT_PLAIN,
    ['|' ... '~'] = TRAIT_PLAIN,
};

gunichar words_peek(const char *text, gsize *length)
{
    gunichar c = (guchar)*text;

    *length = 1;
    if (c < 0x80)
        return c;
    c = g_utf8_get_char(text);
    *length = (gsize)(g_utf8_next_char(text) - text);
    if (c >= 0xFF01 && c <= 0xFF5E)
        return c - 0xFF01 + '!';
    if (c == 0x2010 || c == 0x2011 || c == 0x2212)
        return '-';
    if (c == 0x3000 || c == 0xA0)
        return ' ';
    return c;
}

static gboolean is_cjk(gunichar c)
{
    return (c >= 0x3005 && c <= 0x3007) || (c >= 0x3040 && c <= 0x30FA) ||
           (c >= 0x30FC && c <= 0x9FFF) || (c >= 0xAC00 && c <= 0xD7AF) ||
           (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFF66 && c <= 0xFF9F) ||
           (c >= 0x20000 && c <= 0x3FFFF);
}

static enum glyph glyph_of(gunichar c)
{
    if (c < 0x80)
        return g_ascii_isalnum((char)c) ? GLYPH_ALNUM
               : c == '.'               ? GLYPH_DOT
               : (c == '-' || c == '_') ? GLYPH_JOIN
                                        : GLYPH_OTHER;
    if (is_cjk(c))
        return GLYPH_CJK;
    return g_unichar_isalnum(c) || g_unichar_ismark(c) ? GLYPH_LETTER : GLYPH_OTHER;
}

void word_add(struct word *word, gunichar c, gsize begin, gsize end, gboolean mended)
{
    char bytes[6] = {(char)c};
    gsize length = c < 0x80 ? 1 : (gsize)g_unichar_to_utf8(c, bytes);
    enum glyph glyph = glyph_of(c);

    if (word->length + length > WORD_MAX) {
        word->cut = TRUE;
        return;
    }
    for (gsize i = 0; i < length; i++, word->length++) {
        word->plain[word->length] = bytes[i];
        word->has |= traits_of[(guchar)bytes[i]];
        word->glyph[word->length] = (guint8)glyph;
        word->mended[word->length] = mended;
        word->begin[word->length] = begin;
        word->end[word->length] = end;
    }
}

/* -- lines that say nothing -- */

static const char *line_end(const char *line)
{
    return strchr(line, '\n') ?: line + strlen(line);
}

static gboolean is_armour_line(const char *line, const char *end)
{
    const char *c = line;

    while (c < end && (g_ascii_isalnum(*c) || strchr("+/=-", *c)))
        c++;
    return c == end || *c == '\r' || g_str_has_prefix(c, ": ");
}

static gboolean begins_armour(const char *line)
{
    return g_str_has_prefix(line, "-----BEGIN ") &&
           !g_str_has_prefix(line, "-----BEGIN PGP SIGNED MESSAGE");
}

static gboolean is_id_field(const char *line)
{
    for (gsize i = 0; i < G_N_ELEMENTS(id_fields); i++)
        if (!g_ascii_strncasecmp(line, id_fields[i], strlen(id_fields[i])))
            return TRUE;
    return FALSE;
}

/* At the start of a line: may it be passed over? Quotation marks do not matter. */
static gboolean says_nothing(struct words *words, const char *line, const char *end)
{
    gboolean folded = *line == ' ' || *line == '\t';

    while (line < end && strchr("> ", *line))
        line++;
    if (words->armour) {
        words->armour = is_armour_line(line, end) && !g_str_has_prefix(line, "-----END ");
        if (words->armour || g_str_has_prefix(line, "-----END "))
            return TRUE;
    }
    words->armour = begins_armour(line);
    words->header = is_id_field(line) || (words->header && folded);
    return words->armour || words->header;
}

/* Each line is looked at once more at the most. */
static void pass_lines(struct words *words)
{
    while (words->line_start && words->text[words->at]) {
        const char *line = words->text + words->at;
        const char *end = line_end(line);
        words->line_start = says_nothing(words, line, end);
        if (words->line_start)
            words->at = (gsize)(end - words->text) + (*end == '\n');
    }
}

/* -- words -- */

/* Hides in names so that they are not found: it is as if it were not there. */
static gboolean is_nothing(gunichar c)
{
    return c == 0xAD || (c >= 0x200B && c <= 0x200D) || c == 0x2060 || c == 0xFEFF;
}

static gboolean ends_word(gunichar c)
{
    if (c < 0x80)
        return c <= ' ' || c == 0x7F || c == '<' || c == '>' || c == '"' || c == '`';
    return glyph_of(c) == GLYPH_OTHER;
}

static gboolean is_between_letters(const struct words *words, const struct word *word, gsize length)
{
    gsize next_length;
    gunichar next = words_peek(words->text + words->at + length, &next_length);

    return word->length && word->glyph[word->length - 1] == GLYPH_ALNUM && next < 0x80 &&
           g_ascii_isalnum((char)next);
}

/* One character; FALSE: it ends the word. */
static gboolean step(struct words *words, struct word *word)
{
    gsize length;
    gunichar c = words_peek(words->text + words->at, &length);

    /* RFC 3490, 3.1: these are dots, too; but in Japanese they also end a sentence. */
    if ((c == 0x3002 || c == 0xFF61) && is_between_letters(words, word, length))
        c = '.';
    if (words->dropped && glyph_of(c) == GLYPH_CJK)
        words->dropped = FALSE;
    if (!is_nothing(c)) {
        if (ends_word(c)) {
            words->dropped = words->open = FALSE;
            words->line_start = c == '\n';
            if (c != '\0')
                words->at += length;
            return FALSE;
        }
        if (!words->dropped)
            word_add(word, c, words->at, words->at + length, FALSE);
    }
    words->at += length;
    return TRUE;
}

/* Most of a text: what needs no second look. */
static void take_plain(struct words *words, struct word *word)
{
    guchar c;

    for (; word->length < WORD_MAX; word->length++, words->at++) {
        c = (guchar)words->text[words->at];
        if (!(traits_of[c] & TRAIT_PLAIN))
            return;
        word->plain[word->length] = (char)c;
        word->has |= traits_of[c];
        word->glyph[word->length] = traits_of[c] & TRAIT_ALNUM ? GLYPH_ALNUM
                                    : c == '-'                 ? GLYPH_JOIN
                                                               : GLYPH_OTHER;
        word->mended[word->length] = FALSE;
        word->begin[word->length] = words->at;
        word->end[word->length] = words->at + 1;
    }
}

gboolean words_next(struct words *words, struct word *word)
{
    word->length = 0;
    word->has = 0;
    word->cut = FALSE;
    while (TRUE) {
        pass_lines(words);
        if (!words->dropped)
            take_plain(words, word);
        if (!words->text[words->at] && !word->length)
            return FALSE;
        if (!words->dropped && refang(words, word))
            continue;
        if (!step(words, word) && word->length)
            break;
        if (word->cut) {
            words->dropped = TRUE;
            break;
        }
    }
    word->plain[word->length] = '\0';
    return TRUE;
}
