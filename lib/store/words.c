#include "words.h"
#include <string.h>

enum {
    PIECE = 256,  /* bytes that are normalised at once */
    LONGEST = 100 /* characters of a word that count */
};

enum script { BREAK, LETTERS, PAIRS };

struct cutter {
    GString *out;
    enum script script; /* of the run that is being read */
    gunichar last;      /* of a run of pairs, not written alone yet */
    guint length;       /* of the run */
    gboolean wrapped;   /* a run of pairs stands at the end of a line */
};

static enum script script_of(gunichar c)
{
    if (c < 0x80)
        return g_ascii_isalnum((char)c) ? LETTERS : BREAK;
    switch (g_unichar_get_script(c)) {
    case G_UNICODE_SCRIPT_HAN:
    case G_UNICODE_SCRIPT_HIRAGANA:
    case G_UNICODE_SCRIPT_KATAKANA:
    case G_UNICODE_SCRIPT_HANGUL:
    case G_UNICODE_SCRIPT_BOPOMOFO:
    case G_UNICODE_SCRIPT_THAI:
    case G_UNICODE_SCRIPT_LAO:
    case G_UNICODE_SCRIPT_KHMER:
    case G_UNICODE_SCRIPT_MYANMAR:
        return PAIRS;
    default:
        if (c == 0x30fc) /* the long sound of kana */
            return PAIRS;
        return g_unichar_isalnum(c) || g_unichar_ismark(c) ? LETTERS : BREAK;
    }
}

static void end_run(struct cutter *cutter)
{
    if (cutter->script == PAIRS)
        g_string_append_unichar(cutter->out, cutter->last);
    if (cutter->script != BREAK)
        g_string_append_c(cutter->out, ' ');
    cutter->script = BREAK;
    cutter->length = 0;
    cutter->wrapped = FALSE;
}

static void add_pair(struct cutter *cutter, gunichar c)
{
    if (cutter->length > 0) {
        g_string_append_unichar(cutter->out, cutter->last);
        g_string_append_unichar(cutter->out, c);
        g_string_append_c(cutter->out, ' ');
    }
    cutter->last = c;
    cutter->wrapped = FALSE;
}

static void feed(struct cutter *cutter, gunichar c)
{
    enum script script = script_of(c);

    /* Japanese is wrapped in the middle of words: one line end is no break. */
    if (c == '\n' && cutter->script == PAIRS && !cutter->wrapped) {
        cutter->wrapped = TRUE;
        return;
    }
    if (script != cutter->script)
        end_run(cutter);
    cutter->script = script;
    if (script == PAIRS)
        add_pair(cutter, c);
    else if (script == LETTERS && cutter->length < LONGEST)
        g_string_append_unichar(cutter->out, c);
    cutter->length++;
}

/* Where to cut a piece: GLib puts combining marks in order in quadratic time, so a piece is short;
 * and not in front of a mark, if that can be. */
static const char *piece_end(const char *text)
{
    const char *end = text + strnlen(text, PIECE);
    const char *back;

    if (*end == '\0')
        return end;
    while ((*end & 0xc0) == 0x80)
        end--;
    for (back = end; back > text && g_unichar_ismark(g_utf8_get_char(back));)
        back = g_utf8_prev_char(back);
    return back > text ? back : end;
}

static gboolean is_ascii(const char *text, gsize length)
{
    for (gsize i = 0; i < length; i++)
        if ((guchar)text[i] >= 0x80)
            return FALSE;
    return TRUE;
}

static void feed_piece(struct cutter *cutter, const char *text, gsize length)
{
    g_autofree char *normal = NULL;
    g_autofree char *folded = NULL;

    if (is_ascii(text, length)) {
        for (gsize i = 0; i < length; i++)
            feed(cutter, (gunichar)g_ascii_tolower(text[i]));
        return;
    }
    normal = g_utf8_normalize(text, (gssize)length, G_NORMALIZE_ALL_COMPOSE);
    folded = g_utf8_casefold(normal ?: "", -1);
    for (const char *at = folded; *at; at = g_utf8_next_char(at))
        feed(cutter, g_utf8_get_char(at));
}

static void feed_text(struct cutter *cutter, const char *text)
{
    while (*text) {
        const char *end = piece_end(text);
        feed_piece(cutter, text, (gsize)(end - text));
        text = end;
    }
}

void words_append(GString *out, const char *text)
{
    struct cutter cutter = {.out = out};

    feed_text(&cutter, text);
    end_run(&cutter);
}

/* The last run of a phrase may go on in what is looked for: its last character stands only in
 * pairs, unless it is all there is, and then it begins some. */
static void append_phrase(GString *query, const char *text)
{
    g_autoptr(GString) words = g_string_new(NULL);
    struct cutter cutter = {.out = words};
    gboolean begins;

    feed_text(&cutter, text);
    begins = cutter.script == PAIRS && cutter.length == 1;
    if (cutter.script == PAIRS && cutter.length > 1)
        cutter.script = BREAK;
    end_run(&cutter);
    g_strchomp(words->str);
    if (*words->str)
        g_string_append_printf(
            query, "%s\"%s\"%s", query->len ? " AND " : "", words->str, begins ? " *" : "");
}

/* "SAKURA#2026-0042-K7" is found as the number: the index knows no tag. */
static char *without_tag(const char *word)
{
    g_autoptr(GRegex) tag = g_regex_new("^[^#]*#(?=[0-9]{4}-[0-9])", 0, 0, NULL);

    return g_regex_replace_literal(tag, word, -1, 0, "", 0, NULL);
}

char *words_query(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    g_autofree char *normal = g_utf8_normalize(valid, -1, G_NORMALIZE_ALL_COMPOSE);
    g_auto(GStrv) parts = g_regex_split_simple("[\"\u201c\u201d]", normal ?: "", 0, 0);
    GString *query = g_string_new(NULL);

    for (guint i = 0; parts[i]; i++) {
        g_auto(GStrv) words = NULL;
        if (i % 2) { /* between quotes */
            append_phrase(query, parts[i]);
            continue;
        }
        words = g_regex_split_simple("\\s+", parts[i], 0, 0);
        for (guint k = 0; words[k]; k++) {
            g_autofree char *word = without_tag(words[k]);
            append_phrase(query, word);
        }
    }
    return g_string_free(query, FALSE);
}
