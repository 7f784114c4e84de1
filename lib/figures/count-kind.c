/* Incidents of a period by what they are, who told of them, and whose they are. */
#include "category.h"
#include "figures-parts.h"
#include <mado/incident.h>
#include <string.h>

/* The period, the one before, and a year ago. */
enum { NOW, BEFORE, LAST_YEAR, TIMES };

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
    const struct figure_facts *facts, const struct period *period, key_function key)
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
    }
    return table;
}

static gint64 tallied(GHashTable *table, const char *key)
{
    const gint64 *count = g_hash_table_lookup(table, key);

    return count ? *count : 0;
}

struct keyed {
    const char *key;
    gint64 counts[TIMES];
};

static gint by_count(gconstpointer a, gconstpointer b)
{
    const struct keyed *one = a, *other = b;

    for (int i = 0; i < TIMES; i++)
        if (one->counts[i] != other->counts[i])
            return one->counts[i] < other->counts[i] ? 1 : -1;
    return strcmp(one->key, other->key);
}

static gint by_severity(gconstpointer a, gconstpointer b)
{
    const struct keyed *one = a, *other = b;
    int worse = (int)severity_rank(one->key) - (int)severity_rank(other->key);

    return worse ? worse : by_count(a, b);
}

static gboolean is_known(const GArray *all, const char *key)
{
    for (guint i = 0; i < all->len; i++)
        if (g_str_equal(g_array_index(all, struct keyed, i).key, key))
            return TRUE;
    return FALSE;
}

static GArray *keyed_of(GHashTable *const tables[TIMES], GCompareFunc order)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(struct keyed));

    for (int time = 0; time < TIMES; time++) {
        GHashTableIter iter;
        gpointer key;
        g_hash_table_iter_init(&iter, tables[time]);
        while (g_hash_table_iter_next(&iter, &key, NULL)) {
            struct keyed one = {.key = key};
            for (int i = 0; i < TIMES; i++)
                one.counts[i] = tallied(tables[i], key);
            if (!is_known(all, key))
                g_array_append_val(all, one);
        }
    }
    g_array_sort(all, order);
    return all;
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
static gboolean is_merged(const struct counting *counting, const struct keyed *keyed)
{
    return counting_hides(counting) &&
           (g_str_equal(keyed->key, "other") || keyed->counts[NOW] < FEWEST_SHOWN);
}

static struct figure_row *add_row(
    const struct counting *counting, struct figure *figure, const struct keyed *keyed)
{
    struct figure_row *row = figure_row(figure, label_of(counting, keyed->key));

    for (guint i = 0; i < figure->columns->len; i++)
        row->amounts[i] = keyed->counts[i];
    return row;
}

/* Of what is shown the small counts of other times are counted there, too. */
static gboolean merge_small(
    struct figure *figure, struct figure_row *row, const struct keyed *keyed, struct keyed *merged)
{
    if (!figure_hide_small(figure, row))
        return FALSE;
    for (guint i = 0; i < figure->columns->len; i++)
        if (row->amounts[i] == FIGURE_UNKNOWN)
            merged->counts[i] += keyed->counts[i];
    return TRUE;
}

static void add_rows(const struct counting *counting, struct figure *figure, const GArray *all)
{
    struct keyed merged = {"other", {0}};
    gboolean any = FALSE;

    for (guint i = 0; i < all->len; i++) {
        const struct keyed *keyed = &g_array_index(all, struct keyed, i);
        if (!is_merged(counting, keyed)) {
            struct figure_row *row = add_row(counting, figure, keyed);
            any |= counting_hides(counting) && merge_small(figure, row, keyed, &merged);
            continue;
        }
        for (int time = 0; time < TIMES; time++)
            merged.counts[time] += keyed->counts[time];
        any = TRUE;
    }
    if (!any)
        return;
    add_row(counting, figure, &merged);
    figure->hides = FALSE; /* they are merged */
    g_free(figure->note);
    figure->note = g_strdup(counting_word(counting, "merged"));
}

/* Days are short, and their names long. A year before a year is the one before it. */
static void add_columns(
    const struct counting *counting, struct figure *figure, const struct period *const *periods)
{
    static const char *const names[TIMES] = {"this", "previous", "last-year"};
    gboolean same = periods[LAST_YEAR]->begins == periods[BEFORE]->begins;

    for (int i = 0; i < (same ? LAST_YEAR : TIMES); i++)
        figure_column(figure,
            g_strdup(
                counting_is_brief(counting) ? counting_word(counting, names[i]) : periods[i]->name),
            AMOUNT_COUNT);
}

static struct figure *by_key(const struct counting *counting, const char *id, const char *head,
    key_function key, GCompareFunc order)
{
    struct figure *figure = counting_figure(counting, id, head, DRAW_BARS);
    const struct period *const periods[TIMES] = {
        counting->question->period, counting->before, counting->last_year};
    GHashTable *tables[TIMES];
    g_autoptr(GArray) all = NULL;

    for (int i = 0; i < TIMES; i++)
        tables[i] = tally(counting->facts, periods[i], key);
    add_columns(counting, figure, periods);
    all = keyed_of(tables, order);
    add_rows(counting, figure, all);
    for (int i = 0; i < TIMES; i++)
        g_hash_table_unref(tables[i]);
    figure->drawn = BEFORE + 1;
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
