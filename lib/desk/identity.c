/*
 * Who reported something is nobody else's business: their names, addresses and organisation, and
 * the host of an address where it stands alone. A name below that host is a thing of its own (the
 * site that is attacked, as often as not).
 *
 * Looked for as people would write it: in any case and width, with other blanks or line ends
 * between the words, masked ("[.]", "[at]"), the words of a name the other way round.
 */
#include "coordination.h"
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

static void add(struct identity *identity, const char *pattern)
{
    GRegex *regex;

    if (!g_hash_table_add(identity->known, g_strdup(pattern)))
        return;
    regex = g_regex_new(pattern, G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, NULL);
    if (regex)
        g_ptr_array_add(identity->patterns, regex);
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

static gboolean is_told_anyway(const char *text, const char *ours)
{
    g_autofree char *one = flat(text), *all = flat(ours);

    return strstr(all, one) != NULL;
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

static void add_words(struct identity *identity, char **words, gboolean backwards)
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
    add(identity, pattern->str);
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

void identity_add_name(struct identity *identity, const char *name, const char *ours)
{
    g_autofree char *normal = g_utf8_normalize(name, -1, G_NORMALIZE_ALL_COMPOSE);
    g_auto(GStrv) words = words_of(normal ? normal : "");
    g_autofree char *flattened = flat(normal ? normal : "");

    if (!*words || !says_something(flattened) || is_told_anyway(flattened, ours))
        return;
    add_words(identity, words, FALSE);
    if (words[1])
        add_words(identity, words, TRUE);
}

/* -- addresses -- */

#define DOT "(?:\\.|\\[\\.\\]|\\(\\.\\)|\\[dot\\]|\\(dot\\))"
#define AT "\\s?(?:@|\\[@\\]|\\[at\\]|\\(at\\)|\\(@\\))\\s?"

static void append_host(GString *out, const char *host)
{
    g_auto(GStrv) labels = g_strsplit(host, ".", -1);

    for (char **label = labels; *label; label++) {
        g_autofree char *escaped = g_regex_escape_string(*label, -1);
        g_string_append_printf(out, "%s%s", label == labels ? "" : DOT, escaped);
    }
    g_string_append(out, "(?![A-Za-z0-9-]|" DOT "[A-Za-z0-9])");
}

static void add_host(struct identity *identity, const char *host)
{
    g_autoptr(GString) pattern = g_string_new("(?<![A-Za-z0-9.-])(?<!\\[\\.\\])(?<!\\(\\.\\))"
                                              "(?<!\\[dot\\])(?<!\\(dot\\))");

    append_host(pattern, host);
    add(identity, pattern->str);
}

void identity_add_address(struct identity *identity, const char *address, const char *ours)
{
    const char *at = strrchr(address, '@');
    g_autofree char *local = at ? g_strndup(address, (gsize)(at - address)) : NULL;
    g_autofree char *escaped = local ? g_regex_escape_string(local, -1) : NULL;
    g_autoptr(GString) pattern = g_string_new("(?<![A-Za-z0-9._%+-])");

    if (!at || !*local || !strchr(at, '.') || is_told_anyway(address, ours))
        return;
    g_string_append_printf(pattern, "%s" AT, escaped);
    append_host(pattern, at + 1);
    add(identity, pattern->str);
    if (!is_told_anyway(at + 1, ours))
        add_host(identity, at + 1);
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
    g_autofree char *normal = g_utf8_normalize(text, -1, G_NORMALIZE_ALL_COMPOSE);
    char *found = first_in(identity, text);

    return found || !normal ? found : first_in(identity, normal);
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

/* Only what is written in another width is written anew. */
char *identity_remove(
    const struct identity *identity, const char *text, const char *mark, guint *count)
{
    g_autofree char *left = remove_all(identity, text, mark, count);
    g_autofree char *still = identity_find(identity, left);
    g_autofree char *normal = still ? g_utf8_normalize(left, -1, G_NORMALIZE_ALL_COMPOSE) : NULL;

    return normal ? remove_all(identity, normal, mark, count) : g_steal_pointer(&left);
}
