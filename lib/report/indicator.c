/* Indicators in a text: addresses, names, hashes and numbers of weaknesses, however they were
 * defanged. One for what is written: a URL does not give its host as well. */
#include "indicator-parts.h"
#include <mado/limits.h>
#include <string.h>

enum { BASE64_LINE = 60 };

gboolean hunt_mended(const struct hunt *hunt, gsize begin, gsize end)
{
    for (gsize i = begin; i < end; i++)
        if (hunt->word->mended[i])
            return TRUE;
    return FALSE;
}

/* A log says the same in line after line. */
static gboolean is_latest(const struct report *report, enum indicator_kind kind, const char *value)
{
    guint count = report->indicators->len;
    const struct indicator *one = count ? report->indicators->pdata[count - 1] : NULL;

    return one && one->kind == kind && g_str_equal(one->value, value);
}

void hunt_add(
    struct hunt *hunt, enum indicator_kind kind, const char *value, gsize begin, gsize end)
{
    const struct word *word = hunt->word;
    gsize from = word->begin[begin];
    g_autofree char *as_written = NULL;

    if (is_latest(hunt->report, kind, value))
        return;
    as_written = g_strndup(hunt->place->text + from, word->end[end - 1] - from);
    report_add_indicator(hunt->report, kind, value, as_written, hunt->place->from);
}

/* Japanese words have no blank before them: the end of what stands there counts. */
gboolean hunt_behind(const struct hunt *hunt, const char *const *list)
{
    const char *before = hunt->before[0];
    gsize length = strlen(before);
    gboolean foreign = length && (guchar)before[length - 1] >= 0x80;

    for (; *list; list++)
        if ((guchar) * *list < 0x80 ? **list == *before && !strcmp(*list, before)
                                    : foreign && g_str_has_suffix(before, *list))
            return TRUE;
    return FALSE;
}

gboolean hunt_alone(const struct hunt *hunt, gsize begin, gsize end)
{
    const struct word *word = hunt->word;
    guint8 before = begin ? word->glyph[begin - 1] : GLYPH_OTHER;
    guint8 behind = end < word->length ? word->glyph[end] : GLYPH_OTHER;

    return before != GLYPH_ALNUM && before != GLYPH_LETTER && behind != GLYPH_ALNUM &&
           behind != GLYPH_LETTER && hunt_at(hunt, begin - 1) != '_' && hunt_at(hunt, end) != '_';
}

/* A long word is noise as a whole: what stands in it would be found by chance. */
static gboolean is_base64(const struct word *word)
{
    gboolean hex = TRUE;

    if (word->length < BASE64_LINE)
        return FALSE;
    for (gsize i = 0; i < word->length; i++) {
        if (!g_ascii_isalnum(word->plain[i]) && !strchr("+/=", word->plain[i]))
            return FALSE;
        hex &= g_ascii_isxdigit(word->plain[i]);
    }
    return !hex;
}

static char to_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static void remember(struct hunt *hunt, gsize begin, gsize end)
{
    gsize length;

    while (end > begin + 1 && hunt->word->glyph[end - 1] == GLYPH_DOT)
        end--;
    length = MIN(end - begin, TOKEN_MAX);
    memcpy(hunt->before[1], hunt->before[0], sizeof hunt->before[0]);
    for (gsize i = 0; i < length; i++)
        hunt->before[0][i] = to_lower(hunt->word->plain[end - length + i]);
    hunt->before[0][length] = '\0';
    hunt->version -= hunt->version > 0;
}

/* The first that takes it has it. Most words have nothing that any of them needs. */
static const struct look {
    gsize (*hunt)(struct hunt *hunt, gsize at);
    guint8 begins; /* one of these traits; 0: with anything */
    guint8 needs;  /* all of these, somewhere in the word */
} looks[] = {
    {hunt_url, TRAIT_LETTER, TRAIT_COLON | TRAIT_SLASH},
    {hunt_mail, TRAIT_ALNUM, TRAIT_AT},
    {hunt_cve, TRAIT_LETTER, TRAIT_DIGIT},
    {hunt_jvn, TRAIT_LETTER, TRAIT_DIGIT},
    {hunt_hash, TRAIT_HEX, 0},
    {hunt_ipv6, TRAIT_HEX | TRAIT_COLON, TRAIT_COLON | TRAIT_DIGIT},
    {hunt_ipv4, TRAIT_DIGIT, TRAIT_DOT},
    {hunt_asn, TRAIT_ALNUM, TRAIT_DIGIT},
    {hunt_domain, 0, TRAIT_DOT},
};

/* The end of what begins at `at`, whatever it is. */
static gsize look_at(struct hunt *hunt, gsize at)
{
    guint8 has = hunt->word->has;
    guint8 begins = traits_of[(guchar)hunt->word->plain[at]];

    for (const struct look *look = looks; look < looks + G_N_ELEMENTS(looks); look++) {
        gsize end;
        if ((look->needs & ~has) || (look->begins && !(look->begins & begins)))
            continue;
        end = look->hunt(hunt, at);
        if (end > at)
            return end;
    }
    return host_end(hunt, at);
}

static gboolean begins_something(const struct word *word, gsize at)
{
    return word->plain[at] == ':' || word->glyph[at] == GLYPH_ALNUM ||
           word->glyph[at] == GLYPH_LETTER || word->glyph[at] == GLYPH_CJK;
}

static void look_into(struct hunt *hunt)
{
    const struct word *word = hunt->word;
    gsize at = 0;

    if (is_base64(word))
        return;
    while (at < word->length) {
        gsize end;
        if (!begins_something(word, at)) {
            at++;
            continue;
        }
        end = MAX(look_at(hunt, at), at + 1);
        if (word->glyph[at] != GLYPH_OTHER)
            remember(hunt, at, end);
        at = end;
    }
}

void indicator_find(struct report *report, const struct place *place)
{
    g_autofree struct word *word = g_new(struct word, 1);
    struct words words = {.text = place->text, .line_start = TRUE};
    struct hunt hunt = {.report = report, .place = place, .word = word};

    while (report->indicators->len < LIMIT_INDICATORS && words_next(&words, word)) {
        look_into(&hunt);
        report->more |= word->cut && !is_base64(word);
    }
    report->more |= report->indicators->len >= LIMIT_INDICATORS;
}
