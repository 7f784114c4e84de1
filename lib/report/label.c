/* Handling labels: TLP as people write it (FIRST's 2.0, and 1.0's WHITE), and PAP of MISP.
 *
 * "TLP", then perhaps words that say what stands there, then marks, then a label. What explains
 * labels (a legend, a list to choose from) and what is quoted says nothing of this mail's
 * information: it is weak. A word that is no label is a label that nobody knows. */
#include "report.h"
#include "label-words.h"
#include "quote.h"
#include "report-parts.h"
#include <string.h>

enum {
    MOST_HITS = 100000, /* in one text */
    MOST_NOUN = 8,      /* Japanese characters likewise: "TLPの区分：" */
    LONGEST_WORD = 24,
    LOOK_AHEAD = 80,
    LEGEND_STEP = 4, /* lines between one label of a legend and the next */
    LEGEND_LEAST = 3,
};

/* What begins a label. Only behind "TLP:" a word that nobody knows is worth a look. */
static const struct scheme {
    const char *written, *name;
    gboolean needs_colon, may_be_unknown;
} schemes[] = {
    {"TLP", "TLP", FALSE, TRUE},
    {"TRAFFIC LIGHT PROTOCOL", "TLP", FALSE, FALSE},
    {"PAP", "PAP", TRUE, FALSE},
};

static const char *const nouns[] = {"LEVEL", "COLOR", "COLOUR", "RATING", "MARKING",
    "CLASSIFICATION", "DESIGNATION", "LABEL", "STATUS", "CODE", "(TRAFFIC LIGHT PROTOCOL)",
    "(TLP)"};

/* "TLP: Traffic Light Protocol", "TLP: see https://..." */
static const char *const prose[] = {"TRAFFIC", "SEE", "THE", "HTTP", "HTTPS", "WWW", "PROTOCOL",
    "A", "AN", "IS", "FOR", "FIRST", "WE", "PLEASE", "WHAT", "HOW", "STANDARD", "DEFINITION",
    "DEFINITIONS", "VERSION", "AND", "OR", "IN", "OF", NULL};

struct hit {
    const struct scheme *scheme;
    enum tlp label;
    gsize from, to;
    guint line;
    gboolean quoted, legend;
    gboolean alone;  /* nothing else stands on its line */
    gboolean chosen; /* in a list with boxes */
};

struct search {
    const struct place *place;
    struct folded folded;
    struct quoting quoting;
    GArray *hits;
    guint line;
    gboolean has_words; /* this line has some in front of where we are */
    gboolean in_subject, plain;
};

/* -- between the name and the label -- */

static gboolean is_mark(char c)
{
    return c && (strchr(" -_:=*[](){}<>\"'|~\t", c) || c == FOLDED_TICKED || c == FOLDED_OPEN);
}

/* "2.0", "v2.0" */
static gsize skip_version(const struct folded *folded, gsize at)
{
    const char *bytes = folded->bytes;
    gsize begin = folded_skip_blanks(folded, at);

    if (bytes[begin] == 'V')
        begin++;
    if (!g_ascii_isdigit(bytes[begin]))
        return at;
    while (g_ascii_isdigit(bytes[begin]) || bytes[begin] == '.')
        begin++;
    return begin;
}

static gsize skip_noun(const struct folded *folded, gsize at)
{
    gsize begin = folded_skip_blanks(folded, at);

    for (gsize i = 0; i < G_N_ELEMENTS(nouns); i++)
        if (folded_stands(folded, begin, nouns[i]))
            return begin + strlen(nouns[i]);
    return at;
}

/* What stands between name and label, and where the label would begin. */
struct gap {
    gsize end;
    gboolean colon, crosses, bracket;
    gboolean blank; /* the last of it */
};

static struct gap read_marks(const struct folded *folded, gsize at)
{
    struct gap gap = {.end = at};
    const char *bytes = folded->bytes;
    guint lines = 0;

    for (gsize count = 0; count < MOST_MARKS; count++) {
        char c = bytes[gap.end];
        gsize tick = label_tick_length(folded, gap.end);
        if (!tick && !is_mark(c) && !(c == '\n' && gap.colon && lines++ < 2))
            break;
        gap.colon |= c == ':' || c == '=';
        gap.bracket |= c == '[' || c == '(';
        gap.crosses |= c == '\n';
        gap.blank = c == ' ' || c == '\n';
        gap.end += tick ? tick : 1;
    }
    return gap;
}

/* FALSE: what follows the name is no label's. */
static gboolean read_gap(const struct folded *folded, gsize at, struct gap *gap)
{
    const char *bytes = folded->bytes;
    gsize noun = 0;

    at = skip_noun(folded, skip_version(folded, at));
    if (bytes[at] == FOLDED_TOPIC) {
        *gap = read_marks(folded, at + 1);
        return TRUE;
    }
    while (noun <= MOST_NOUN && (bytes[at + noun] == '?' || bytes[at + noun] == FOLDED_TOPIC))
        noun++;
    *gap = read_marks(folded, at + noun);
    return noun <= MOST_NOUN && (noun == 0 || gap->colon || gap->bracket);
}

/* -- hits -- */

static guint count_ticked(const struct listed *listed, guint count)
{
    guint ticked = 0;

    for (guint i = 0; i < count; i++)
        ticked += listed[i].ticked;
    return ticked;
}

/* On the same line, as far as it is looked at. */
static gboolean has_words_behind(const struct folded *folded, gsize at)
{
    for (gsize i = at; i < folded->length && i < at + LOOK_AHEAD; i++) {
        if (folded->bytes[i] == '\n')
            return FALSE;
        if (folded_is_word(folded->bytes[i]) || folded->bytes[i] == '?')
            return TRUE;
    }
    return FALSE;
}

/* "TLP:RED = ...", "TLP:RED means ..." */
static gboolean is_defined(struct folded *folded, gsize at)
{
    const char *bytes = folded->bytes;

    while (bytes[at] && strchr(" ])*\"'", bytes[at]))
        at++;
    if (bytes[at] == '=')
        return bytes[at + 1] != '=';
    if (folded_stands(folded, at, "MEANS") || folded_stands(folded, at, "STANDS FOR") ||
        folded_stands(folded, at, "INDICATES"))
        return TRUE;
    return bytes[at] == '?' && g_str_has_prefix(folded_at(folded, at), "とは");
}

static void add_hit(struct search *search, const struct hit *found)
{
    struct hit hit = *found;

    if (search->hits->len >= MOST_HITS)
        return;
    hit.line = search->line;
    hit.quoted = search->quoting.line;
    hit.alone = !search->has_words && !has_words_behind(&search->folded, hit.to);
    hit.legend |= !search->in_subject && is_defined(&search->folded, hit.to);
    g_array_append_val(search->hits, hit);
}

/* The list as a whole is one place: its first label stands for it, and each is noted. */
static gsize add_list(struct search *search, const struct scheme *scheme, gsize from,
    const struct listed *listed, guint count)
{
    guint ticked = count_ticked(listed, count);
    gboolean choice = count >= LEGEND_LEAST ||
                      (count > 1 && (ticked || label_has_box(&search->folded, listed[0].from)));
    guint wanted = choice || (count == 2 && listed[1].firm) ? count : 1;

    for (guint i = 0; i < wanted; i++)
        add_hit(search, &(struct hit){.scheme = scheme,
                            .label = listed[i].label,
                            .from = i == 0 ? from : listed[i].from,
                            .to = listed[i].to,
                            .legend = choice && !listed[i].ticked,
                            .chosen = listed[i].ticked});
    return listed[wanted - 1].to;
}

/* -- a word that is no label -- */

static gsize word_length(const char *bytes, gboolean *foreign)
{
    gsize length = 0, japanese = 0;

    while (length <= LONGEST_WORD &&
           (folded_is_word(bytes[length]) ||
               (length && strchr("+", bytes[length]) && bytes[length]) || bytes[length] == '?'))
        japanese += bytes[length++] == '?';
    *foreign = japanese > 0;
    return japanese > 4 || length > LONGEST_WORD ? 0 : length;
}

static gboolean is_capitals(const char *written)
{
    for (const char *at = written; *at; at++)
        if (g_ascii_islower(*at))
            return FALSE;
    return strlen(written) >= 3;
}

/* Does it look as if a label was meant? "TLP:PURPLE", "TLP: rojo", "[TLP: YELLOW] ..." */
static gboolean is_meant(
    struct folded *folded, const struct gap *gap, gsize length, gboolean foreign)
{
    g_autofree char *word = g_strndup(folded->bytes + gap->end, length);
    g_autofree char *written = folded_piece(folded, gap->end, gap->end + length);
    gsize behind = folded_skip_blanks(folded, gap->end + length);
    char next = folded->bytes[behind];
    gboolean lone = !next || strchr("\n]),;/|.>}*\"'", next);

    if (g_ascii_isdigit(*word) || g_strv_contains(prose, word))
        return FALSE;
    return lone || (!foreign && (!gap->blank || is_capitals(written)));
}

/* A colour in Japanese is no label, but was surely meant to be one, whatever is written behind it;
 * in characters, 0: none stands there. */
static gsize colour_length(struct folded *folded, gsize at)
{
    static const char *const colours[] = {"赤", "レッド", "橙", "黄", "琥珀", "アンバー", "緑",
        "グリーン", "白", "ホワイト", "クリア"};

    for (gsize i = 0; folded->bytes[at] == '?' && i < G_N_ELEMENTS(colours); i++)
        if (g_str_has_prefix(folded_at(folded, at), colours[i]))
            return (gsize)g_utf8_strlen(colours[i], -1);
    return 0;
}

static gsize add_unknown(
    struct search *search, const struct scheme *scheme, gsize from, const struct gap *gap)
{
    gboolean foreign = FALSE;
    gsize colour = colour_length(&search->folded, gap->end);
    gsize length = colour ? colour : word_length(search->folded.bytes + gap->end, &foreign);

    if (!scheme->may_be_unknown || !search->plain || !gap->colon || gap->crosses || !length ||
        (!colour && !is_meant(&search->folded, gap, length, foreign)))
        return gap->end;
    add_hit(
        search, &(struct hit){
                    .scheme = scheme, .label = TLP_UNKNOWN, .from = from, .to = gap->end + length});
    return gap->end + length;
}

/* -- the search -- */

static const struct scheme *scheme_at(const struct folded *folded, gsize at)
{
    char c = folded->bytes[at];

    if ((c != 'T' && c != 'P') || (at > 0 && folded_is_word(folded->bytes[at - 1])))
        return NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(schemes); i++)
        if (folded_stands(folded, at, schemes[i].written))
            return &schemes[i];
    return NULL;
}

/* Where to look on. */
static gsize read_marking(struct search *search, const struct scheme *scheme, gsize from)
{
    struct listed listed[MOST_LISTED];
    gsize behind = from + strlen(scheme->written);
    struct gap gap;
    guint count;

    if (!read_gap(&search->folded, behind, &gap) || (scheme->needs_colon && !gap.colon))
        return behind;
    count = label_read_list(&search->folded, gap.end, listed);
    if (!count)
        return MAX(behind, add_unknown(search, scheme, from, &gap));
    if (gap.crosses && count == 1 && has_words_behind(&search->folded, listed[0].to))
        return behind; /* "... by the TLP:" and a new line that begins with "Red" */
    return add_list(search, scheme, from, listed, count);
}

/* A line may be crossed by what was read. */
static void begin_lines(struct search *search, gsize from, gsize to)
{
    for (gsize at = from; at < to; at++)
        if (search->folded.bytes[at] == '\n') {
            search->line++;
            search->has_words = FALSE;
            quote_begin_line(&search->quoting, &search->folded, at + 1);
        }
}

/* Most mails have none. */
static gboolean has_scheme(const struct folded *folded)
{
    for (gsize i = 0; i < G_N_ELEMENTS(schemes); i++)
        if (strstr(folded->bytes, schemes[i].written))
            return TRUE;
    return FALSE;
}

static void find_all(struct search *search)
{
    const struct folded *folded = &search->folded;
    gsize at = 0;

    quote_begin_line(&search->quoting, &search->folded, 0);
    while (at < folded->length) {
        const struct scheme *scheme = scheme_at(folded, at);
        gsize next = scheme ? read_marking(search, scheme, at) : at + 1;
        search->has_words |=
            scheme || folded_is_word(folded->bytes[at]) || folded->bytes[at] == '?';
        begin_lines(search, at, next);
        at = next;
    }
}

/* -- legends -- */

static gboolean follows(const struct hit *one, const struct hit *next)
{
    return one->scheme == next->scheme && one->label < TLP_LABELS && next->label < TLP_LABELS &&
           one->label != next->label && one->alone == next->alone && !one->chosen &&
           !next->chosen && next->line - one->line <= LEGEND_STEP;
}

/* Where the list that begins there ends: each label stricter than the one before, or each less. */
static guint end_of_list(const struct search *search, guint first)
{
    const struct hit *hits = (const struct hit *)search->hits->data;
    guint last = first;
    gboolean down;

    if (first + 1 >= search->hits->len || !follows(&hits[first], &hits[first + 1]))
        return first;
    down = hits[first].label < hits[first + 1].label;
    while (last + 1 < search->hits->len && follows(&hits[last], &hits[last + 1]) &&
           (hits[last].label < hits[last + 1].label) == down)
        last++;
    return last;
}

static void find_legends(struct search *search)
{
    for (guint first = 0; first < search->hits->len; first++) {
        guint last = end_of_list(search, first);
        for (guint i = first; last - first + 1 >= LEGEND_LEAST && i <= last; i++)
            g_array_index(search->hits, struct hit, i).legend = TRUE;
        first = last > first ? last - 1 : last;
    }
}

/* -- the report -- */

static void note(struct search *search, struct report *report, const struct hit *hit)
{
    g_autofree char *written = folded_piece(&search->folded, hit->from, hit->to);
    const struct marking marking = {
        .scheme = (char *)hit->scheme->name,
        .label = (char *)label_name(hit->label),
        .as_written = written,
        .from = (char *)(hit->legend   ? "legend"
                         : hit->quoted ? "quotation"
                                       : search->place->from),
        .weak = hit->legend || hit->quoted,
    };

    marking_add_new(report, &marking);
}

void label_find(struct report *report, const struct place *place)
{
    struct search search = {
        .place = place,
        .quoting = {.looks = place->quotes},
        .hits = g_array_new(FALSE, FALSE, sizeof(struct hit)),
        .in_subject = g_str_equal(place->from, "subject"),
        .plain = g_str_equal(place->type, "text/plain"),
    };

    folded_make(&search.folded, place->text);
    if (has_scheme(&search.folded))
        find_all(&search);
    if (!search.in_subject)
        find_legends(&search);
    for (guint i = 0; i < search.hits->len; i++)
        note(&search, report, &g_array_index(search.hits, struct hit, i));
    report->more |= search.hits->len >= MOST_HITS;
    folded_clear(&search.folded);
    g_array_unref(search.hits);
}
