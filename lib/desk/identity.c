/*
 * Who reported something is nobody else's business: their names, addresses and organisation, and
 * the host of an address where it stands alone. A name below that host is a thing of its own (the
 * site that is attacked, as often as not).
 *
 * Looked for as people would write it: in any case and width, with other blanks or line ends
 * between the words, masked ("[.]", "[at]"), the words of a name the other way round; and as
 * programs write it (readings.c).
 */
#include "coordination.h"
#include "readings.h"
#include <string.h>

enum { SHORTEST_NAME = 4, SHORTEST_WIDE_NAME = 2 };

#define GAP "[\\s>|,\\x{3000}\\x{200b}]*"

struct identity {
    GPtrArray *patterns; /* GRegex */
    GHashTable *known;   /* the patterns, as they are written */
};

struct identity *identity_new(void)
{
    struct identity *identity = g_new0(struct identity, 1);

    identity->patterns = g_ptr_array_new_with_free_func((GDestroyNotify)g_regex_unref);
    identity->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return identity;
}

void identity_free(struct identity *identity)
{
    if (!identity)
        return;
    g_ptr_array_unref(identity->patterns);
    g_hash_table_unref(identity->known);
    g_free(identity);
}

gboolean identity_is_empty(const struct identity *identity)
{
    return identity->patterns->len == 0;
}

/* What stands in what they are told anyway is no secret. FALSE: so it is with that. */
static gboolean add(struct identity *identity, const char *pattern, const char *ours)
{
    g_autofree char *normal = g_utf8_normalize(ours, -1, G_NORMALIZE_ALL_COMPOSE);
    g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, NULL);

    if (!regex || g_regex_match(regex, ours, 0, NULL) ||
        (normal && g_regex_match(regex, normal, 0, NULL)))
        return FALSE;
    if (g_hash_table_add(identity->known, g_strdup(pattern)))
        g_ptr_array_add(identity->patterns, g_steal_pointer(&regex));
    return TRUE;
}

/* -- how something may be written -- */

static gboolean is_word(gunichar c)
{
    return c < 0x80 && g_ascii_isalnum((char)c);
}

/* A text without case, width, blanks and masks, to find one in another. */
static char *flat(const char *text)
{
    g_autofree char *normal = g_utf8_normalize(text, -1, G_NORMALIZE_ALL_COMPOSE);
    g_autofree char *folded = g_utf8_casefold(normal ? normal : text, -1);
    GString *out = g_string_new(NULL);

    for (const char *at = folded; *at; at = g_utf8_next_char(at))
        if (!g_unichar_isspace(g_utf8_get_char(at)))
            g_string_append_unichar(out, g_utf8_get_char(at));
    return g_string_free(out, FALSE);
}

/* One word: what is no letter of ASCII may have blanks behind each character. */
static void append_word(GString *out, const char *word)
{
    for (const char *at = word; *at; at = g_utf8_next_char(at)) {
        g_autofree char *one = g_strndup(at, (gsize)(g_utf8_next_char(at) - at));
        g_autofree char *escaped = g_regex_escape_string(one, -1);
        g_string_append_printf(
            out, "%s%s", escaped, g_utf8_get_char(at) >= 0x80 && *g_utf8_next_char(at) ? GAP : "");
    }
}

/* A name must not be found inside of another word. */
static void append_edge(GString *out, gunichar c, const char *edge)
{
    if (is_word(c))
        g_string_append(out, edge);
}

static gboolean add_words(
    struct identity *identity, char **words, gboolean backwards, const char *ours)
{
    g_autoptr(GString) pattern = g_string_new(NULL);
    guint count = g_strv_length(words);
    const char *first = words[backwards ? count - 1 : 0], *last = words[backwards ? 0 : count - 1];

    append_edge(pattern, g_utf8_get_char(first), "(?<![A-Za-z0-9])");
    for (guint i = 0; i < count; i++) {
        if (i)
            g_string_append(pattern, GAP);
        append_word(pattern, words[backwards ? count - 1 - i : i]);
    }
    append_edge(pattern, g_utf8_get_char(g_utf8_prev_char(last + strlen(last))), "(?![A-Za-z0-9])");
    return add(identity, pattern->str, ours);
}

static char **words_of(const char *name)
{
    g_auto(GStrv) all = g_regex_split_simple("[\\s,\\x{3000}\"<>()]+", name, 0, 0);
    GStrvBuilder *builder = g_strv_builder_new();
    char **words;

    for (char **one = all; *one; one++)
        if (**one)
            g_strv_builder_add(builder, *one);
    words = g_strv_builder_end(builder);
    g_strv_builder_unref(builder);
    return words;
}

static gboolean says_something(const char *flattened)
{
    glong length = g_utf8_strlen(flattened, -1);

    return length >= SHORTEST_NAME ||
           (length >= SHORTEST_WIDE_NAME && g_utf8_get_char(flattened) >= 0x80);
}

/* FALSE: it is none, or no secret. */
static gboolean add_name(struct identity *identity, const char *name, const char *ours)
{
    g_auto(GStrv) words = words_of(name);
    g_autofree char *flattened = flat(name);

    if (!*words || !says_something(flattened) || !add_words(identity, words, FALSE, ours))
        return FALSE;
    if (words[1])
        add_words(identity, words, TRUE, ours);
    return TRUE;
}

/* Behind a comma stands a given name as often as a degree. */
static void add_parts(
    struct identity *identity, const char *name, const char *between, const char *ours)
{
    g_auto(GStrv) parts = g_regex_split_simple(between, name, G_REGEX_CASELESS, 0);

    for (char **part = parts; *part; part++) {
        g_auto(GStrv) words = words_of(*part);
        if (*between != ',' || g_strv_length(words) > 1)
            add_name(identity, *part, ours);
    }
}

/* "Hanako Yamabuki (Yamabuki Trading)": either tells who it is. */
void identity_add_name(struct identity *identity, const char *name, const char *ours)
{
    g_autofree char *normal = g_utf8_normalize(name, -1, G_NORMALIZE_ALL_COMPOSE);

    if (!normal)
        return;
    add_name(identity, normal, ours);
    add_parts(identity, normal,
        "[][()<>{}/"
        "|;:\"\\x{3010}\\x{3011}\\x{300c}\\x{300d}]|\\s-+\\s|\\svia\\s|(?<![A-Za-z])'|'(?![A-Za-z]"
        ")",
        ours);
    add_parts(identity, normal, ",", ours);
}

/* -- addresses -- */

#define OPENING "[\\[({<]\\s?"
#define CLOSING "\\s?[\\])}>]"
#define DOT "(?:\\.|\\s?" OPENING "(?:\\.|dot)" CLOSING "\\s?|\\sdot\\s)"
#define AT "(?:\\s?@\\s?|\\s?" OPENING "(?:@|at)" CLOSING "\\s?|\\sat\\s)"

static void append_host(GString *out, const char *host)
{
    g_auto(GStrv) labels = g_strsplit(host, ".", -1);

    for (char **label = labels; *label; label++) {
        g_autofree char *escaped = g_regex_escape_string(*label, -1);
        g_string_append_printf(out, "%s%s", label == labels ? "" : DOT, escaped);
    }
    g_string_append(out, "(?![A-Za-z0-9-]|" DOT "[A-Za-z0-9])");
}

static void add_host(struct identity *identity, const char *host, const char *ours)
{
    g_autoptr(GString) alone = g_string_new("(?<![A-Za-z0-9.-])(?<!\\[\\.\\])(?<!\\(\\.\\))"
                                            "(?<!\\[dot\\])(?<!\\(dot\\))");
    /* A site below that host is a thing of its own, and who has an address there is not. */
    g_autoptr(GString) below = g_string_new(
        "(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,200}+" AT "(?:[A-Za-z0-9-]{1,63}+" DOT ")+");

    append_host(alone, host);
    if (!add(identity, alone->str, ours))
        return;
    append_host(below, host);
    add(identity, below->str, ours);
}

static void add_address(
    struct identity *identity, const char *local, const char *host, const char *ours)
{
    g_autofree char *escaped = g_regex_escape_string(local, -1);
    g_autoptr(GString) pattern = g_string_new("(?<![A-Za-z0-9._%+-])");

    g_string_append_printf(pattern, "%s" AT, escaped);
    append_host(pattern, host);
    if (add(identity, pattern->str, ours))
        add_host(identity, host, ours);
}

void identity_add_address(struct identity *identity, const char *address, const char *ours)
{
    const char *at = strrchr(address, '@');
    g_autofree char *local = at ? g_strndup(address, (gsize)(at - address)) : NULL;
    g_autofree char *read = at ? g_hostname_to_unicode(at + 1) : NULL;
    g_autofree char *sent = at ? g_hostname_to_ascii(at + 1) : NULL;
    const char *const hosts[] = {at ? at + 1 : NULL, read, sent};

    for (gsize i = 0; i < G_N_ELEMENTS(hosts); i++)
        if (hosts[i] && *local && strchr(hosts[i], '.'))
            add_address(identity, local, hosts[i], ours);
}

/* -- telephone numbers -- */

enum { FEWEST_DIGITS = 9 }; /* a date has eight */

static void add_phone(struct identity *identity, const char *number, const char *ours)
{
    g_autoptr(GString) pattern = g_string_new("(?<![0-9])");
    guint digits = 0;

    for (const char *at = number; *at; at++)
        if (g_ascii_isdigit(*at))
            g_string_append_printf(pattern, "%s%c", digits++ ? "[-\\s().]*" : "", *at);
    g_string_append(pattern, "(?![0-9])");
    if (digits >= FEWEST_DIGITS)
        add(identity, pattern->str, ours);
}

void identity_add_phones(struct identity *identity, const char *text, const char *ours)
{
    g_autofree char *normal = g_utf8_normalize(text, -1, G_NORMALIZE_ALL_COMPOSE);
    g_auto(GStrv) runs = g_regex_split_simple("[^-0-9().+ ]+", normal ? normal : "", 0, 0);

    for (char **run = runs; *run; run++) {
        g_auto(GStrv) pieces = g_strsplit(*run, " ", -1); /* "090-1234-5678 10-17" */
        add_phone(identity, *run, ours);
        for (char **piece = pieces; *piece; piece++)
            add_phone(identity, *piece, ours);
    }
}

/* -- looking -- */

static char *first_in(const struct identity *identity, const char *text)
{
    for (guint i = 0; i < identity->patterns->len; i++) {
        g_autoptr(GMatchInfo) match = NULL;
        if (g_regex_match(identity->patterns->pdata[i], text, 0, &match))
            return g_match_info_fetch(match, 0);
    }
    return NULL;
}

char *identity_find(const struct identity *identity, const char *text)
{
    char *found = first_in(identity, text);
    g_autoptr(GPtrArray) readings = found ? NULL : readings_of(text);

    for (guint i = 0; readings && i < readings->len && !found; i++)
        found = first_in(identity, readings->pdata[i]);
    return found;
}

static gboolean replace(const GMatchInfo *match, GString *out, gpointer data)
{
    guint *count = ((gpointer *)data)[1];

    g_string_append(out, ((gpointer *)data)[0]);
    (*count)++;
    return FALSE;
}

static char *remove_all(
    const struct identity *identity, const char *text, const char *mark, guint *count)
{
    gpointer data[] = {(gpointer)mark, count};
    char *left = g_strdup(text);

    for (guint i = 0; i < identity->patterns->len; i++) {
        char *next =
            g_regex_replace_eval(identity->patterns->pdata[i], left, -1, 0, 0, replace, data, NULL);
        g_free(left);
        left = next ? next : g_strdup("");
    }
    return left;
}

struct removing {
    const struct identity *identity;
    const char *mark;
    guint *count;
};

static gboolean remove_piece(const GMatchInfo *match, GString *out, gpointer data)
{
    const struct removing *removing = data;
    g_autofree char *piece = g_match_info_fetch(match, 0);
    g_autofree char *found = identity_find(removing->identity, piece);

    g_string_append(out, found ? removing->mark : piece);
    *removing->count += found != NULL;
    return FALSE;
}

/* What is encoded goes with the word that it stands in, or with its line, or with all of it. */
static char *remove_pieces(
    const struct identity *identity, char *text, const char *mark, guint *count)
{
    static const char *const pieces[] = {"\\S+", "[^\\n]+", "(?s).+"};
    struct removing removing = {identity, mark, count};

    for (gsize i = 0; i < G_N_ELEMENTS(pieces); i++) {
        g_autofree char *was = text;
        g_autofree char *found = identity_find(identity, was);
        g_autoptr(GRegex) regex = found ? g_regex_new(pieces[i], 0, 0, NULL) : NULL;
        if (!regex)
            return g_steal_pointer(&was);
        text = g_regex_replace_eval(regex, was, -1, 0, 0, remove_piece, &removing, NULL);
        text = text ? text : g_strdup("");
    }
    return text;
}

/* Only what is written in another width is written anew. */
char *identity_remove(
    const struct identity *identity, const char *text, const char *mark, guint *count)
{
    g_autofree char *left = remove_all(identity, text, mark, count);
    g_autofree char *normal = g_utf8_normalize(left, -1, G_NORMALIZE_ALL_COMPOSE);
    g_autofree char *wide = normal ? first_in(identity, normal) : NULL;

    return remove_pieces(identity,
        wide ? remove_all(identity, normal, mark, count) : g_steal_pointer(&left), mark, count);
}
