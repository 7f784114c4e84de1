/* How long things took, how old they are, and when they came. */
#include "figures-parts.h"
#include <string.h>

enum { LONGEST = 10, DAY = 24 * 3600, HOUR = 3600 };

/* -- how long -- */

/* Up to so long, each; what is longer comes last. */
static const gint64 ages[] = {DAY, 3 * DAY, 7 * DAY, 30 * DAY, 90 * DAY};
static const gint64 quick[] = {60, 5 * 60, 15 * 60, 30 * 60, HOUR, 4 * HOUR, DAY};
static const gint64 slow[] = {HOUR, 4 * HOUR, DAY, 3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 90 * DAY};

struct bins {
    const gint64 *upto;
    guint count;
};

static guint bin_of(const struct bins *bins, gint64 seconds)
{
    guint i = 0;

    while (i < bins->count && seconds > bins->upto[i])
        i++;
    return i;
}

static void add_bins(
    const struct counting *counting, struct figure *figure, const struct bins *bins)
{
    for (guint i = 0; i <= bins->count; i++) {
        g_autofree char *span = figure_span(bins->upto[MIN(i, bins->count - 1)]);
        const char *how = counting_word(counting, i < bins->count ? "up-to" : "over");
        char *label = g_str_equal(counting->question->language, "ja")
                          ? g_strdup_printf("%s%s", span, how)
                          : g_strdup_printf("%s %s", how, span);
        figure_row(figure, label)->amounts[0] = 0;
    }
}

static void count_in(struct figure *figure, guint bin)
{
    struct figure_row *row = figure->rows->pdata[bin];

    row->amounts[0]++;
}

static gboolean is_open_at(const struct case_fact *fact, gint64 at)
{
    return fact->opened < at && (!fact->closed || fact->closed >= at);
}

static gint64 end_of(const struct figures_question *question)
{
    return MIN(question->period->ends, question->at);
}

struct figure *count_open_by_age(const struct counting *counting)
{
    const struct bins bins = {ages, G_N_ELEMENTS(ages)};
    struct figure *figure = counting_figure(counting, "open-by-age", "age", DRAW_COLUMNS);
    gint64 end = end_of(counting->question);

    figure_column(figure, g_strdup(counting_word(counting, "count")), AMOUNT_COUNT);
    add_bins(counting, figure, &bins);
    for (guint i = 0; i < counting->facts->cases->len; i++) {
        const struct case_fact *fact = &g_array_index(counting->facts->cases, struct case_fact, i);
        if (fact->incident && is_open_at(fact, end))
            count_in(figure, bin_of(&bins, end - fact->opened));
    }
    return figure;
}

static gint by_size(gconstpointer a, gconstpointer b)
{
    gint64 one = *(const gint64 *)a, other = *(const gint64 *)b;

    return (one > other) - (one < other);
}

/* So many of a hundred took that long at most (the nearest rank). */
static gint64 percentile(const GArray *sorted, guint hundredth)
{
    guint rank = (sorted->len * hundredth + 99) / 100;

    return sorted->len ? g_array_index(sorted, gint64, MAX(rank, 1) - 1) : FIGURE_UNKNOWN;
}

static char *said_of(const struct counting *counting, const GArray *sorted, gint64 target)
{
    g_autofree char *median = figure_span(percentile(sorted, 50));
    g_autofree char *ninetieth = figure_span(percentile(sorted, 90));
    g_autoptr(GString) text = g_string_new(NULL);
    guint kept = 0;

    g_string_printf(text, "%s %s, %s %s", counting_word(counting, "median"), median,
        counting_word(counting, "ninetieth"), ninetieth);
    if (!target || !sorted->len)
        return g_string_free(g_steal_pointer(&text), FALSE);
    while (kept < sorted->len && g_array_index(sorted, gint64, kept) <= target)
        kept++;
    g_string_append_printf(text, ", %s %u/%u (%u%%)", counting_word(counting, "in-target"), kept,
        sorted->len, kept * 100 / sorted->len);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* Where the field is in a case; in which period it happened decides. */
struct lasting {
    const char *id;
    gsize field;
    const struct bins bins;
    gsize target; /* in the facts */
};

static struct figure *how_long(const struct counting *counting, const struct lasting *lasting)
{
    struct figure *figure = counting_figure(counting, lasting->id, "time", DRAW_COLUMNS);
    g_autoptr(GArray) spans = g_array_new(FALSE, FALSE, sizeof(gint64));
    gint64 target = G_STRUCT_MEMBER(gint64, counting->facts, lasting->target);

    figure_column(figure, g_strdup(counting_word(counting, "count")), AMOUNT_COUNT);
    add_bins(counting, figure, &lasting->bins);
    for (guint i = 0; i < counting->facts->cases->len; i++) {
        const struct case_fact *fact = &g_array_index(counting->facts->cases, struct case_fact, i);
        gint64 at = G_STRUCT_MEMBER(gint64, fact, lasting->field), span = MAX(at - fact->opened, 0);
        if (!fact->incident || !at || !period_has(counting->question->period, at))
            continue;
        g_array_append_val(spans, span);
        count_in(figure, bin_of(&lasting->bins, span));
    }
    g_array_sort(spans, by_size);
    g_free(figure->note);
    figure->note = said_of(counting, spans, target);
    if (target)
        figure->target = (int)bin_of(&lasting->bins, target) + 1;
    return figure;
}

struct figure *count_acknowledged(const struct counting *counting)
{
    static const struct lasting lasting = {"acknowledged",
        G_STRUCT_OFFSET(struct case_fact, acknowledged), {quick, G_N_ELEMENTS(quick)},
        G_STRUCT_OFFSET(struct facts, acknowledge)};

    return how_long(counting, &lasting);
}

struct figure *count_triaged(const struct counting *counting)
{
    static const struct lasting lasting = {"triaged", G_STRUCT_OFFSET(struct case_fact, triaged),
        {slow, G_N_ELEMENTS(slow)}, G_STRUCT_OFFSET(struct facts, triage)};

    return how_long(counting, &lasting);
}

struct figure *count_closed(const struct counting *counting)
{
    static const struct lasting lasting = {"closed", G_STRUCT_OFFSET(struct case_fact, closed),
        {slow, G_N_ELEMENTS(slow)}, G_STRUCT_OFFSET(struct facts, close)};

    return how_long(counting, &lasting);
}

/* -- when -- */

static struct figure *by_clock(const struct counting *counting, const char *id, const char *head,
    gint64 (*row_of)(GDateTime *at))
{
    const struct figures_question *question = counting->question;
    struct figure *figure = counting_figure(counting, id, head, DRAW_COLUMNS);
    gboolean hours = g_str_equal(id, "hours");

    figure_column(figure, g_strdup(counting_word(counting, "reports")), AMOUNT_COUNT);
    for (int i = 0; i < (hours ? 24 : 7); i++) {
        g_autofree char *name = g_strdup_printf("%d", i + 1);
        char *label = hours ? g_strdup_printf("%02d", i) : g_strdup(counting_word(counting, name));
        figure_row(figure, label)->amounts[0] = 0;
    }
    for (guint i = 0; i < counting->facts->reports->len; i++) {
        gint64 at = g_array_index(counting->facts->reports, gint64, i);
        if (period_has(question->period, at)) {
            g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(at);
            g_autoptr(GDateTime) here = g_date_time_to_timezone(utc, question->calendar->zone);
            count_in(figure, (guint)row_of(here));
        }
    }
    return figure;
}

static gint64 hour_of(GDateTime *at)
{
    return g_date_time_get_hour(at);
}

static gint64 weekday_of(GDateTime *at)
{
    return g_date_time_get_day_of_week(at) - 1;
}

struct figure *count_hours(const struct counting *counting)
{
    return by_clock(counting, "hours", "hour", hour_of);
}

struct figure *count_weekdays(const struct counting *counting)
{
    return by_clock(counting, "weekdays", "weekday", weekday_of);
}

/* -- by name -- */

static gint by_opening(gconstpointer a, gconstpointer b)
{
    const struct case_fact *one = *(const struct case_fact *const *)a,
                           *other = *(const struct case_fact *const *)b;

    return one->opened != other->opened
               ? (one->opened > other->opened) - (one->opened < other->opened)
               : strcmp(one->number, other->number);
}

struct figure *count_longest_open(const struct counting *counting)
{
    struct figure *figure = counting_figure(counting, "longest-open", "number", DRAW_NOTHING);
    g_autoptr(GPtrArray) open = g_ptr_array_new();
    gint64 end = end_of(counting->question);

    figure_column(figure, g_strdup(counting_word(counting, "age")), AMOUNT_SPAN);
    for (guint i = 0; i < counting->facts->cases->len; i++) {
        struct case_fact *fact = &g_array_index(counting->facts->cases, struct case_fact, i);
        if (fact->incident && is_open_at(fact, end))
            g_ptr_array_add(open, fact);
    }
    g_ptr_array_sort(open, by_opening);
    for (guint i = 0; i < MIN(open->len, LONGEST); i++) {
        const struct case_fact *fact = open->pdata[i];
        figure_row(figure, g_strdup(fact->number))->amounts[0] = end - fact->opened;
    }
    return figure;
}
