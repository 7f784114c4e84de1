/*
 * Text that came sealed leaves sealed: what of a text stands in a sealed one as well?
 *
 * Both are reduced to what a reader would call the same: compatibility forms and accents undone
 * (UAX #15, NFKD, without the marks), without case, blanks, quoting, masks of addresses, and all
 * that is not seen. Then every stretch of LIMIT_TAINT_RUN characters of the text is looked for by a
 * rolling hash, in time that is linear in both. Its base is drawn by lot, so that nobody can write
 * texts that collide.
 */
#include "gate.h"
#include "text.h"
#include <mado/limits.h>
#include <string.h>

enum { RUN = LIMIT_TAINT_RUN, SHORTEST_FACT = 4 };

/* -- what a reader would call the same -- */

struct reduced {
    GArray *characters; /* gunichar */
    GArray *origins;    /* guint: where in the text each one came from; NULL: not wanted */
};

static void reduced_clear(struct reduced *reduced)
{
    g_array_unref(reduced->characters);
    if (reduced->origins)
        g_array_unref(reduced->origins);
}
typedef struct reduced mado_reduced;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(mado_reduced, reduced_clear)

/* Marks of quoting: at the beginning of a line, and around words. */
static gboolean is_quoting(gunichar c)
{
    GUnicodeType type = g_unichar_type(c);

    return c == '>' || c == '|' || c == '"' || c == '\'' || c == '`' || c == 0x300c ||
           c == 0x300d || type == G_UNICODE_INITIAL_PUNCTUATION ||
           type == G_UNICODE_FINAL_PUNCTUATION;
}

static gboolean counts(gunichar c)
{
    return !g_unichar_isspace(c) && !g_unichar_ismark(c) && !text_is_dangerous(c) &&
           g_unichar_type(c) != G_UNICODE_FORMAT && !g_unichar_combining_class(c) && !is_quoting(c);
}

static void append(struct reduced *reduced, gunichar c, guint origin)
{
    g_array_append_val(reduced->characters, c);
    if (reduced->origins)
        g_array_append_val(reduced->origins, origin);
}

/* One letter may become several: sharp s is "ss". */
static void append_folded(struct reduced *reduced, gunichar c, guint origin)
{
    char letter[8] = "";
    g_autofree char *folded = NULL;

    if (c < 0x80 || (!g_unichar_isupper(c) && !g_unichar_islower(c) && !g_unichar_istitle(c))) {
        append(reduced, c < 0x80 ? (gunichar)g_ascii_tolower((char)c) : c, origin);
        return;
    }
    g_unichar_to_utf8(c, letter);
    folded = g_utf8_casefold(letter, -1);
    for (const char *at = folded; *at; at = g_utf8_next_char(at))
        append(reduced, g_utf8_get_char(at), origin);
}

static void append_character(struct reduced *reduced, gunichar c, guint origin)
{
    gunichar parts[G_UNICHAR_MAX_DECOMPOSITION_LENGTH];
    gsize count = 1;

    if (c < 0x80)
        parts[0] = c;
    else
        count = g_unichar_fully_decompose(c, TRUE, parts, G_N_ELEMENTS(parts));
    for (gsize i = 0; i < count; i++)
        if (counts(parts[i]))
            append_folded(reduced, parts[i], origin);
}

/* As our own letters and those of others write addresses, so that nobody can click on them. */
static const struct mask {
    const char *mask, *plain;
} masks[] = {
    {"[.]", "."},
    {"(.)", "."},
    {"{.}", "."},
    {"[dot]", "."},
    {"(dot)", "."},
    {"{dot}", "."},
    {"[@]", "@"},
    {"(@)", "@"},
    {"[at]", "@"},
    {"(at)", "@"},
    {"{at}", "@"},
    {"[:]", ":"},
    {"[://]", "://"},
    {"hxxp", "http"},
    {"fxp://", "ftp://"},
};

static const struct mask *mask_at(const char *at)
{
    if (!strchr("[({hHfF", *at))
        return NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(masks); i++)
        if (g_ascii_strncasecmp(at, masks[i].mask, strlen(masks[i].mask)) == 0)
            return &masks[i];
    return NULL;
}

/* The last character stands for the end of the mask, so that a run has all of it. */
static void append_plain(struct reduced *reduced, const struct mask *mask, guint origin)
{
    gsize length = strlen(mask->plain), end = strlen(mask->mask) - 1;

    for (gsize i = 0; i < length; i++)
        append_character(
            reduced, (guchar)mask->plain[i], origin + (guint)(i + 1 < length ? i : end));
}

/* `text` is valid UTF-8. */
static struct reduced reduce(const char *text, gboolean with_origins)
{
    struct reduced reduced = {g_array_new(FALSE, FALSE, sizeof(gunichar)),
        with_origins ? g_array_new(FALSE, FALSE, sizeof(guint)) : NULL};

    for (const char *at = text; *at;) {
        const struct mask *mask = mask_at(at);
        if (mask)
            append_plain(&reduced, mask, (guint)(at - text));
        else
            append_character(&reduced, g_utf8_get_char(at), (guint)(at - text));
        at = mask ? at + strlen(mask->mask) : g_utf8_next_char(at);
    }
    return reduced;
}

/* -- stretches of RUN characters, and their hashes -- */

#define PRIME ((((guint64)1) << 61) - 1)

static guint64 multiply(guint64 a, guint64 b)
{
    return (guint64)((unsigned __int128)a * b % PRIME);
}

struct rolling {
    guint64 base, highest; /* base to the power of RUN - 1 */
};

static struct rolling new_rolling(void)
{
    struct rolling rolling = {((guint64)g_random_int() << 20 | g_random_int()) + 0x110000, 1};

    for (int i = 1; i < RUN; i++)
        rolling.highest = multiply(rolling.highest, rolling.base);
    return rolling;
}

struct stretch {
    const gunichar *at;
    guint64 hash;
    gboolean found; /* of the one that stands for all its equals */
};

static void begin_stretch(
    const struct rolling *rolling, struct stretch *stretch, const gunichar *characters)
{
    *stretch = (struct stretch){.at = characters};
    for (int i = 0; i < RUN; i++)
        stretch->hash = (multiply(stretch->hash, rolling->base) + characters[i]) % PRIME;
}

static void move_stretch(const struct rolling *rolling, struct stretch *stretch)
{
    guint64 without = stretch->hash + PRIME - multiply(stretch->at[0], rolling->highest);

    stretch->hash = (multiply(without % PRIME, rolling->base) + stretch->at[RUN]) % PRIME;
    stretch->at++;
}

static guint stretch_hash(gconstpointer data)
{
    const struct stretch *stretch = data;

    return (guint)(stretch->hash ^ stretch->hash >> 32);
}

static gboolean stretch_equal(gconstpointer a, gconstpointer b)
{
    const struct stretch *one = a, *other = b;

    return one->hash == other->hash && memcmp(one->at, other->at, RUN * sizeof(gunichar)) == 0;
}

static guint count_stretches(const struct reduced *reduced)
{
    return reduced->characters->len >= RUN ? reduced->characters->len - RUN + 1 : 0;
}

static void visit_stretches(const struct rolling *rolling, const struct reduced *reduced,
    void (*visit)(const struct stretch *stretch, gpointer data), gpointer data)
{
    guint count = count_stretches(reduced);
    struct stretch stretch;

    if (count)
        begin_stretch(rolling, &stretch, (const gunichar *)(void *)reduced->characters->data);
    for (guint i = 0; i < count; i++) {
        visit(&stretch, data);
        if (i + 1 < count)
            move_stretch(rolling, &stretch);
    }
}

/* -- what stands in both -- */

struct search {
    struct reduced text;
    struct rolling rolling;
    GArray *stretches; /* struct stretch, of the text, one for each place */
    GHashTable *known; /* of these one for all its equals */
    guint8 *released;  /* for each character of the text */
};

static void add_stretch(const struct stretch *stretch, gpointer data)
{
    g_array_append_val((GArray *)data, *stretch);
}

static void find_stretch(const struct stretch *stretch, gpointer data)
{
    struct stretch *known = g_hash_table_lookup(data, stretch);

    if (known)
        known->found = TRUE;
}

static void begin_search(struct search *search, const char *text)
{
    search->text = reduce(text, TRUE);
    search->rolling = new_rolling();
    search->stretches = g_array_sized_new(
        FALSE, FALSE, sizeof(struct stretch), MAX(count_stretches(&search->text), 1));
    visit_stretches(&search->rolling, &search->text, add_stretch, search->stretches);
    search->known = g_hash_table_new(stretch_hash, stretch_equal);
    for (guint i = 0; i < search->stretches->len; i++) {
        struct stretch *stretch = &g_array_index(search->stretches, struct stretch, i);
        if (!g_hash_table_contains(search->known, stretch))
            g_hash_table_add(search->known, stretch);
    }
    search->released = g_malloc0(search->text.characters->len + 1);
}

static void end_search(struct search *search)
{
    reduced_clear(&search->text);
    g_array_unref(search->stretches);
    g_hash_table_unref(search->known);
    g_free(search->released);
}

static gboolean has_found(const struct search *search)
{
    for (guint i = 0; i < search->stretches->len; i++)
        if (g_array_index(search->stretches, struct stretch, i).found)
            return TRUE;
    return FALSE;
}

static void look_for_tainted(struct search *search, const char *tainted)
{
    g_autofree char *valid = g_utf8_make_valid(tainted, -1);
    g_auto(mado_reduced) reduced = reduce(valid, FALSE);

    visit_stretches(&search->rolling, &reduced, find_stretch, search->known);
}

/* The place of the next copy of `piece`, from there on; -1: there is none. */
static gssize find_piece(const GArray *text, const GArray *piece, gsize from)
{
    enum { WIDTH = sizeof(gunichar) };
    const char *start = text->data, *end = start + (gsize)text->len * WIDTH;
    const char *at = start + from * WIDTH;

    if (!piece->len || !text->len)
        return -1;
    while ((at = memmem(at, (gsize)(end - at), piece->data, (gsize)piece->len * WIDTH))) {
        if ((at - start) % WIDTH == 0)
            return (at - start) / WIDTH;
        at++; /* two halves of characters */
    }
    return -1;
}

static gboolean is_fact(const struct reduced *reduced)
{
    return reduced->characters->len >= SHORTEST_FACT;
}

gboolean taint_is_fact(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    g_auto(mado_reduced) reduced = reduce(valid, FALSE);

    return is_fact(&reduced);
}

static void mark_released(struct search *search, const char *fact)
{
    g_autofree char *valid = g_utf8_make_valid(fact, -1);
    g_auto(mado_reduced) reduced = reduce(valid, FALSE);
    gssize at = -1;

    if (!is_fact(&reduced))
        return;
    while ((at = find_piece(search->text.characters, reduced.characters, (gsize)(at + 1))) >= 0)
        memset(search->released + at, 1, reduced.characters->len);
}

/* What stands between two released pieces, and is too short to be a fact, says nothing. */
static void close_gaps(struct search *search)
{
    guint length = search->text.characters->len, last = length;

    for (guint i = 0; i < length; i++) {
        if (!search->released[i])
            continue;
        if (last < i && i - last - 1 < SHORTEST_FACT)
            memset(search->released + last, 1, i - last);
        last = i;
    }
}

gboolean taint_stands_in(const char *fact, const GPtrArray *tainted)
{
    g_autofree char *valid = g_utf8_make_valid(fact, -1);
    g_auto(mado_reduced) piece = reduce(valid, FALSE);
    gboolean found = FALSE;

    for (guint i = 0; i < tainted->len && !found; i++) {
        g_autofree char *text = g_utf8_make_valid(tainted->pdata[i], -1);
        g_auto(mado_reduced) reduced = reduce(text, FALSE);
        found = find_piece(reduced.characters, piece.characters, 0) >= 0;
    }
    return found;
}

/* 192.0.2.1 is no part of 192.0.2.17. What has other letters than ASCII has no such words. */
static gboolean is_inside(char edge, char beyond)
{
    return g_ascii_isalnum(edge) && (g_ascii_isalnum(beyond) || beyond == '-' || beyond == '_');
}

gboolean taint_has_whole(const char *text, const char *value)
{
    gsize length = strlen(value);

    for (const char *at = text; length && (at = strstr(at, value)); at++)
        if (!is_inside(value[0], at > text ? at[-1] : ' ') &&
            !is_inside(value[length - 1], at[length]))
            return TRUE;
    return FALSE;
}

static gboolean is_tainted(const struct search *search, guint place)
{
    const struct stretch *stretch = &g_array_index(search->stretches, struct stretch, place);
    const struct stretch *known = g_hash_table_lookup(search->known, stretch);

    return known->found;
}

/* -- runs -- */

static guint count_unreleased(const struct search *search, guint first, guint last)
{
    guint count = 0;

    for (guint i = first; i <= last; i++)
        count += !search->released[i];
    return count;
}

/* As it stands in the text. */
static char *run_text(const struct search *search, const char *text, guint first, guint last)
{
    guint from = g_array_index(search->text.origins, guint, first);
    guint to = g_array_index(search->text.origins, guint, last);

    return g_strndup(text + from, (gsize)(g_utf8_next_char(text + to) - (text + from)));
}

static void add_runs(const struct search *search, const char *text, GPtrArray *runs)
{
    guint count = search->stretches->len;

    for (guint first = 0; first < count; first++) {
        guint next = first;
        while (next < count && is_tainted(search, next))
            next++;
        if (next == first)
            continue;
        /* What was released may stand there, with less than a run around it. */
        if (count_unreleased(search, first, next - 1 + RUN - 1) >= RUN)
            g_ptr_array_add(runs, run_text(search, text, first, next - 1 + RUN - 1));
        first = next - 1;
    }
}

GPtrArray *taint_find(const char *text, const GPtrArray *tainted, const GPtrArray *released)
{
    GPtrArray *runs = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *valid = g_utf8_make_valid(text ? text : "", -1);
    struct search search;

    begin_search(&search, valid);
    for (guint i = 0; tainted && search.stretches->len && i < tainted->len; i++)
        look_for_tainted(&search, tainted->pdata[i]);
    for (guint i = 0; released && i < released->len && (i || has_found(&search)); i++)
        mark_released(&search, released->pdata[i]);
    close_gaps(&search);
    add_runs(&search, valid, runs);
    end_search(&search);
    return runs;
}
