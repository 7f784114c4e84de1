/* How long things took, how old they are, and when they came. */
#include "figures-parts.h"

enum { DAY = 24 * 3600, HOUR = 3600 };

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

static char *label_of_bin(const struct counting *counting, const char *span, gboolean up_to)
{
    const char *how = counting_word(counting, up_to ? "up-to" : "over");

    return g_str_equal(counting->question->language, "ja") ? g_strdup_printf("%s%s", span, how)
                                                           : g_strdup_printf("%s %s", how, span);
}

static void add_bins(
    const struct counting *counting, struct figure *figure, const struct bins *bins)
{
    for (guint i = 0; i <= bins->count; i++) {
        gboolean up_to = i < bins->count;
        g_autofree char *span =
            figure_span(counting->question->language, bins->upto[MIN(i, bins->count - 1)]);
        struct figure_row *row = figure_row(figure, label_of_bin(counting, span, up_to));
        row->amounts[0] = 0;
        row->edge = up_to ? g_steal_pointer(&span) : g_strdup("");
    }
}

static void count_in(struct figure *figure, guint bin)
{
    struct figure_row *row = figure->rows->pdata[bin];

    row->amounts[0]++;
}

gboolean case_is_open(const struct case_fact *fact, gint64 at)
{
    return fact->opened < at && (!fact->closed || fact->closed >= at);
}

gint64 counting_end(const struct counting *counting)
{
    return MIN(counting->question->period->ends, counting->question->at);
}

/* -- steps of which few happened become one with the next -- */

static void join(struct figure *figure, guint small, guint other)
{
    struct figure_row *from = figure->rows->pdata[small], *to = figure->rows->pdata[other];
    int edge = (int)MAX(small, other); /* that is no more */

    to->amounts[0] += from->amounts[0];
    if (figure->target == edge)
        figure->target = -1;
    else if (figure->target > edge)
        figure->target--;
    g_ptr_array_remove_index(figure->rows, small);
}

/* What is left at the end is more than the step before that. */
static void end_open(const struct counting *counting, struct figure *figure)
{
    guint last = figure->rows->len - 1;
    struct figure_row *row = figure->rows->pdata[last];
    const struct figure_row *before = last ? figure->rows->pdata[last - 1] : NULL;

    g_free(row->label);
    row->label = before ? label_of_bin(counting, before->edge, FALSE)
                        : g_strdup(counting_word(counting, "in-all"));
    g_free(row->edge);
    row->edge = g_strdup("");
}

static void merge_steps(const struct counting *counting, struct figure *figure)
{
    gboolean short_of_end = FALSE;

    if (!counting_hides(counting))
        return;
    for (guint i = 0; i + 1 < figure->rows->len;) {
        const struct figure_row *row = figure->rows->pdata[i];
        if (row->amounts[0] < FEWEST_SHOWN)
            join(figure, i, i + 1);
        else
            i++;
    }
    if (figure->rows->len > 1 &&
        ((struct figure_row *)figure->rows->pdata[figure->rows->len - 1])->amounts[0] <
            FEWEST_SHOWN) {
        join(figure, figure->rows->len - 1, figure->rows->len - 2);
        short_of_end = TRUE;
    }
    if (short_of_end || figure->rows->len == 1)
        end_open(counting, figure);
    figure_hide_small(figure, figure->rows->pdata[0]); /* of all there are few */
}

struct figure *count_open_by_age(const struct counting *counting)
{
    const struct bins bins = {ages, G_N_ELEMENTS(ages)};
    struct figure *figure = counting_figure(counting, "open-by-age", "age", DRAW_COLUMNS);
    gint64 end = counting_end(counting);

    figure_column(figure, g_strdup(counting_word(counting, "count")), AMOUNT_COUNT);
    add_bins(counting, figure, &bins);
    for (guint i = 0; i < counting->facts->cases->len; i++) {
        const struct case_fact *fact = &g_array_index(counting->facts->cases, struct case_fact, i);
        if (fact->incident && case_is_open(fact, end))
            count_in(figure, bin_of(&bins, end - fact->opened));
    }
    merge_steps(counting, figure);
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

/* What happened in a period, and by when it was due. */
struct spans {
    GArray *all, *targets; /* gint64: how long it took; how long it might have */
    guint kept, late;      /* in time; not yet, though it was due */
};

static char *said_of(const struct counting *counting, const struct spans *spans)
{
    g_autofree char *median = figure_span(counting->question->language, percentile(spans->all, 50));
    g_autofree char *ninetieth =
        figure_span(counting->question->language, percentile(spans->all, 90));
    g_autoptr(GString) text = g_string_new(NULL);
    guint count = spans->targets->len;

    if (counting_hides(counting) && spans->all->len < FEWEST_SHOWN)
        return g_strdup("");
    g_string_printf(text, "%s %s, %s %s", counting_word(counting, "median"), median,
        counting_word(counting, "ninetieth"), ninetieth);
    if (count)
        g_string_append_printf(text, ", %s %u/%u (%u%%)", counting_word(counting, "in-target"),
            spans->kept, count, spans->kept * 100 / count);
    if (spans->late && !counting_hides(counting))
        g_string_append_printf(text, ", %s %u", counting_word(counting, "late"), spans->late);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* Where the fields are in a case; in which period it happened decides. */
struct lasting {
    const char *id;
    gsize field;
    const struct bins bins;
    gssize due; /* below 0: nothing is */
};

static void take_span(const struct counting *counting, const struct lasting *lasting,
    const struct case_fact *fact, struct spans *spans)
{
    gint64 at = G_STRUCT_MEMBER(gint64, fact, lasting->field), end = counting_end(counting);
    gint64 due = lasting->due < 0 ? 0 : G_STRUCT_MEMBER(gint64, fact, lasting->due);
    gint64 span = MAX(at - fact->opened, 0), allowed = due - fact->opened;

    if (!at || at >= end)
        spans->late += due && due < end && case_is_open(fact, end);
    if (!at || !period_has(counting->question->period, at))
        return;
    g_array_append_val(spans->all, span);
    if (due)
        g_array_append_val(spans->targets, allowed);
    spans->kept += due && at <= due;
}

static void count_spans(struct figure *figure, const struct lasting *lasting, struct spans *spans)
{
    gint64 target;

    for (guint i = 0; i < spans->all->len; i++)
        count_in(figure, bin_of(&lasting->bins, g_array_index(spans->all, gint64, i)));
    g_array_sort(spans->all, by_size);
    g_array_sort(spans->targets, by_size);
    target = percentile(spans->targets, 50);
    if (spans->targets->len)
        figure->target = (int)bin_of(&lasting->bins, target) + 1;
}

static struct figure *how_long(const struct counting *counting, const struct lasting *lasting)
{
    struct figure *figure = counting_figure(counting, lasting->id, "time", DRAW_COLUMNS);
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(gint64)),
                      targets = g_array_new(FALSE, FALSE, sizeof(gint64));
    struct spans spans = {all, targets};

    figure_column(figure, g_strdup(counting_word(counting, "count")), AMOUNT_COUNT);
    add_bins(counting, figure, &lasting->bins);
    for (guint i = 0; i < counting->facts->cases->len; i++) {
        const struct case_fact *fact = &g_array_index(counting->facts->cases, struct case_fact, i);
        if (fact->incident)
            take_span(counting, lasting, fact, &spans);
    }
    count_spans(figure, lasting, &spans);
    g_free(figure->note);
    figure->note = said_of(counting, &spans);
    merge_steps(counting, figure);
    return figure;
}

struct figure *count_acknowledged(const struct counting *counting)
{
    static const struct lasting lasting = {"acknowledged",
        G_STRUCT_OFFSET(struct case_fact, acknowledged), {quick, G_N_ELEMENTS(quick)},
        G_STRUCT_OFFSET(struct case_fact, acknowledge_by)};

    return how_long(counting, &lasting);
}

struct figure *count_triaged(const struct counting *counting)
{
    static const struct lasting lasting = {"triaged", G_STRUCT_OFFSET(struct case_fact, triaged),
        {slow, G_N_ELEMENTS(slow)}, G_STRUCT_OFFSET(struct case_fact, triage_by)};

    return how_long(counting, &lasting);
}

struct figure *count_closed(const struct counting *counting)
{
    static const struct lasting lasting = {
        "closed", G_STRUCT_OFFSET(struct case_fact, closed), {slow, G_N_ELEMENTS(slow)}, -1};

    return how_long(counting, &lasting);
}

/* -- when -- */

static struct figure *by_clock(
    const struct counting *counting, const char *id, const char *head, guint (*row_of)(gint64 wall))
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
            GTimeZone *zone = question->calendar->zone;
            int interval = g_time_zone_find_interval(zone, G_TIME_TYPE_UNIVERSAL, at);
            count_in(figure, row_of(at + g_time_zone_get_offset(zone, interval)));
        }
    }
    if (counting_hides(counting))
        figure_hide_in_columns(figure, figure->rows->len);
    return figure;
}

static guint hour_of(gint64 wall)
{
    return (guint)(wall % DAY / HOUR);
}

/* 1970-01-01 was a Thursday. */
static guint weekday_of(gint64 wall)
{
    return (guint)((wall / DAY + 3) % 7);
}

struct figure *count_hours(const struct counting *counting)
{
    return by_clock(counting, "hours", "hour", hour_of);
}

struct figure *count_weekdays(const struct counting *counting)
{
    return by_clock(counting, "weekdays", "weekday", weekday_of);
}
