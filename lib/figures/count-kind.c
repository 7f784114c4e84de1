/* Incidents of a period by what they are, who told of them, and whose they are. */
#include "category.h"
#include "figures-parts.h"
#include <string.h>

enum { FEWEST = 3 };

typedef const char *(*key_function)(const struct case_fact *fact);

static const char *key_category(const struct case_fact *fact)
{
    return fact->category;
}

static const char *key_severity(const struct case_fact *fact)
{
    return fact->severity;
}

static const char *key_source(const struct case_fact *fact)
{
    return fact->source;
}

static const char *key_handler(const struct case_fact *fact)
{
    return fact->handler;
}

static GHashTable *tally(
    const struct facts *facts, const struct period *period, key_function key, gint64 *sum)
{
    GHashTable *table = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);

    for (guint i = 0; i < facts->cases->len; i++) {
        const struct case_fact *fact = &g_array_index(facts->cases, struct case_fact, i);
        gint64 *count;
        if (!fact->incident || !period_has(period, fact->opened))
            continue;
        count = g_hash_table_lookup(table, key(fact));
        if (!count)
            g_hash_table_insert(table, (gpointer)key(fact), count = g_new0(gint64, 1));
        ++*count;
        ++*sum;
    }
    return table;
}

static gint64 tallied(GHashTable *table, const char *key)
{
    const gint64 *count = g_hash_table_lookup(table, key);

    return count ? *count : 0;
}

struct pair {
    const char *key;
    gint64 now, before;
};

static gint by_count(gconstpointer a, gconstpointer b)
{
    const struct pair *one = a, *other = b;

    if (one->now != other->now)
        return one->now < other->now ? 1 : -1;
    if (one->before != other->before)
        return one->before < other->before ? 1 : -1;
    return strcmp(one->key, other->key);
}

static int rank_of(const char *severity)
{
    static const char *const order[] = {"critical", "high", "medium", "low"};
    int rank = 0;

    while (rank < (int)G_N_ELEMENTS(order) && !g_str_equal(order[rank], severity))
        rank++;
    return rank;
}

static gint by_severity(gconstpointer a, gconstpointer b)
{
    const struct pair *one = a, *other = b;
    int before = rank_of(one->key), behind = rank_of(other->key);

    return before != behind ? before - behind : by_count(a, b);
}

static GArray *pairs_of(GHashTable *now, GHashTable *before, GCompareFunc order)
{
    GArray *pairs = g_array_new(FALSE, FALSE, sizeof(struct pair));
    GHashTable *const both[] = {now, before};

    for (gsize i = 0; i < G_N_ELEMENTS(both); i++) {
        GHashTableIter iter;
        gpointer key;
        g_hash_table_iter_init(&iter, both[i]);
        while (g_hash_table_iter_next(&iter, &key, NULL)) {
            struct pair pair = {key, tallied(now, key), tallied(before, key)};
            if (i == 0 || !pair.now)
                g_array_append_val(pairs, pair);
        }
    }
    g_array_sort(pairs, order);
    return pairs;
}

static char *label_of(const struct counting *counting, const char *key)
{
    const struct category *category = category_find(counting->facts->categories, key);

    if (category)
        return g_strdup(
            g_str_equal(counting->question->language, "ja") ? category->ja : category->en);
    return g_strdup(*key ? counting_word(counting, key) : counting_word(counting, "nobody"));
}

/* Few of a kind may tell the public who they were: they are counted together. */
static gboolean is_merged(const struct counting *counting, const struct pair *pair)
{
    return g_str_equal(counting->question->audience, "public") &&
           (g_str_equal(pair->key, "other") || pair->now < FEWEST || pair->before < FEWEST);
}

static void add_pairs(const struct counting *counting, struct figure *figure, const GArray *pairs)
{
    struct pair merged = {"other", 0, 0};
    gboolean any = FALSE;

    for (guint i = 0; i < pairs->len; i++) {
        const struct pair *pair = &g_array_index(pairs, struct pair, i);
        struct figure_row *row;
        if (is_merged(counting, pair)) {
            merged.now += pair->now;
            merged.before += pair->before;
            any = TRUE;
            continue;
        }
        row = figure_row(figure, label_of(counting, pair->key));
        row->amounts[0] = pair->now;
        row->amounts[1] = pair->before;
    }
    if (any) {
        struct figure_row *row = figure_row(figure, label_of(counting, merged.key));
        row->amounts[0] = merged.now;
        row->amounts[1] = merged.before;
        g_free(figure->note);
        figure->note = g_strdup(counting_word(counting, "merged"));
    }
}

static struct figure *by_key(const struct counting *counting, const char *id, const char *head,
    key_function key, GCompareFunc order)
{
    struct figure *figure = counting_figure(counting, id, head, DRAW_BARS);
    gint64 sum = 0, sum_before = 0;
    g_autoptr(GHashTable) now = tally(counting->facts, counting->question->period, key, &sum);
    g_autoptr(GHashTable) before = tally(counting->facts, counting->before, key, &sum_before);
    g_autoptr(GArray) pairs = pairs_of(now, before, order);

    figure_column(figure, g_strdup(counting->question->period->name), AMOUNT_COUNT);
    figure_column(figure, g_strdup(counting->before->name), AMOUNT_COUNT);
    add_pairs(counting, figure, pairs);
    figure->drawn = 2;
    return figure;
}

struct figure *count_categories(const struct counting *counting)
{
    return by_key(counting, "categories", "category", key_category, by_count);
}

struct figure *count_severities(const struct counting *counting)
{
    return by_key(counting, "severities", "severity", key_severity, by_severity);
}

struct figure *count_sources(const struct counting *counting)
{
    return by_key(counting, "sources", "source", key_source, by_count);
}

struct figure *count_handlers(const struct counting *counting)
{
    return by_key(counting, "handlers", "handler", key_handler, by_count);
}
