/* What there is to do now, by name: for those who decide. */
#include "figures-parts.h"
#include <mado/incident.h>
#include <string.h>

enum { LONGEST = 10 };

static GPtrArray *cases_open(
    const struct counting *counting, gboolean (*wanted)(const struct case_fact *fact, gint64 end))
{
    GPtrArray *open = g_ptr_array_new();
    gint64 end = counting_end(counting);

    for (guint i = 0; i < counting->facts->cases->len; i++) {
        struct case_fact *fact = &g_array_index(counting->facts->cases, struct case_fact, i);
        if (fact->incident && case_is_open(fact, end) && (!wanted || wanted(fact, end)))
            g_ptr_array_add(open, fact);
    }
    return open;
}

/* -- what is open for longest -- */

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
    g_autoptr(GPtrArray) open = cases_open(counting, NULL);
    gint64 end = counting_end(counting);

    figure_column(figure, g_strdup(counting_word(counting, "age")), AMOUNT_SPAN);
    g_ptr_array_sort(open, by_opening);
    for (guint i = 0; i < MIN(open->len, LONGEST); i++) {
        const struct case_fact *fact = open->pdata[i];
        figure_row(figure, g_strdup(fact->number))->amounts[0] = end - fact->opened;
    }
    return figure;
}

/* -- what does not wait -- */

static gboolean is_urgent(const struct case_fact *fact, gint64 end)
{
    return severity_rank(fact->severity) <= severity_rank("high") || (fact->due && fact->due < end);
}

/* What is due first; then the worst. */
static gint by_due(gconstpointer a, gconstpointer b)
{
    const struct case_fact *one = *(const struct case_fact *const *)a,
                           *other = *(const struct case_fact *const *)b;
    gint64 due = one->due ? one->due : G_MAXINT64, its = other->due ? other->due : G_MAXINT64;

    if (due != its)
        return due < its ? -1 : 1;
    int rank = (int)severity_rank(one->severity) - (int)severity_rank(other->severity);

    return rank ? rank : by_opening(a, b);
}

static char *in_short(const struct counting *counting, const struct case_fact *fact)
{
    return g_strdup_printf("%s  %s  %s  %s", fact->number, counting_word(counting, fact->severity),
        counting_word(counting, fact->state), *fact->handler ? fact->handler : "-");
}

struct figure *count_urgent(const struct counting *counting)
{
    struct figure *figure = counting_figure(counting, "urgent", "number", DRAW_NOTHING);
    g_autoptr(GPtrArray) open = cases_open(counting, is_urgent);
    gint64 end = counting_end(counting);

    figure_column(figure, g_strdup(counting_word(counting, "age")), AMOUNT_SPAN);
    figure_column(figure, g_strdup(counting_word(counting, "left")), AMOUNT_LEFT);
    g_ptr_array_sort(open, by_due);
    for (guint i = 0; i < MIN(open->len, LONGEST); i++) {
        const struct case_fact *fact = open->pdata[i];
        struct figure_row *row = figure_row(figure, in_short(counting, fact));
        row->amounts[0] = end - fact->opened;
        row->amounts[1] = fact->due ? fact->due - end : FIGURE_UNKNOWN;
    }
    if (open->len > LONGEST) {
        g_free(figure->note);
        figure->note =
            g_strdup_printf("%s %u", counting_word(counting, "more"), open->len - LONGEST);
    }
    return figure;
}

/* -- how much of everything -- */

/* Of what is closed by now nobody knows what it was; it was open then. */
static guint column_of(const struct case_fact *fact, const char *const *states, guint count)
{
    guint i = 0;

    while (i < count && !g_str_equal(states[i], fact->state))
        i++;
    return i < count ? i : 1;
}

struct figure *count_states(const struct counting *counting)
{
    static const char *const states[] = {"new", "open", "waiting", "embargo"};
    enum { ALL = G_N_ELEMENTS(states), LATE, COLUMNS };
    struct figure *figure = counting_figure(counting, "now", "severity", DRAW_NOTHING);
    g_autoptr(GPtrArray) open = cases_open(counting, NULL);
    gint64 end = counting_end(counting);

    for (guint i = 0; i < COLUMNS; i++)
        figure_column(figure,
            g_strdup(counting_word(counting, i < ALL    ? states[i]
                                             : i == ALL ? "in-all"
                                                        : "overdue")),
            AMOUNT_COUNT);
    for (gsize row = 0; severity_names[row]; row++) {
        gint64 *amounts =
            figure_row(figure, g_strdup(counting_word(counting, severity_names[row])))->amounts;
        memset(amounts, 0, COLUMNS * sizeof *amounts);
        for (guint i = 0; i < open->len; i++) {
            const struct case_fact *fact = open->pdata[i];
            if (!g_str_equal(fact->severity, severity_names[row]))
                continue;
            amounts[column_of(fact, states, ALL)]++;
            amounts[ALL]++;
            amounts[LATE] += fact->due && fact->due < end;
        }
    }
    return figure;
}

struct figure *count_duty(const struct counting *counting)
{
    struct figure *figure = counting_figure(counting, "duty", "handler", DRAW_NOTHING);
    const struct figure_facts *facts = counting->facts;

    figure_column(figure, g_strdup(counting_word(counting, "since")), AMOUNT_SPAN);
    if (facts->on_duty && *facts->on_duty)
        figure_row(figure, g_strdup(facts->on_duty))->amounts[0] =
            MAX(counting_end(counting) - facts->on_duty_since, 0);
    return figure;
}

struct figure *count_waiting(const struct counting *counting)
{
    struct figure *figure = counting_figure(counting, "waits", "", DRAW_NOTHING);
    gint64 end = counting_end(counting);

    figure_column(figure, g_strdup(counting_word(counting, "count")), AMOUNT_COUNT);
    figure_column(figure, g_strdup(counting_word(counting, "oldest")), AMOUNT_SPAN);
    for (guint i = 0; counting->facts->waiting && i < counting->facts->waiting->len; i++) {
        const struct waiting_fact *fact =
            &g_array_index(counting->facts->waiting, struct waiting_fact, i);
        struct figure_row *row = figure_row(figure, g_strdup(counting_word(counting, fact->what)));
        row->amounts[0] = fact->count;
        if (fact->oldest)
            row->amounts[1] = MAX(end - fact->oldest, 0);
    }
    return figure;
}

/* -- what came, and what was done -- */

static gint64 count_by(
    const struct counting *counting, const struct period *period, const char *severity, gsize when)
{
    gint64 count = 0;

    for (guint i = 0; i < counting->facts->cases->len; i++) {
        const struct case_fact *fact = &g_array_index(counting->facts->cases, struct case_fact, i);
        count += fact->incident && g_str_equal(fact->severity, severity) &&
                 period_has(period, G_STRUCT_MEMBER(gint64, fact, when));
    }
    return count;
}

struct figure *count_finished(const struct counting *counting)
{
    static const gsize when[] = {
        G_STRUCT_OFFSET(struct case_fact, opened), G_STRUCT_OFFSET(struct case_fact, closed)};
    static const char *const heads[] = {"opened", "finished"};
    struct figure *figure = counting_figure(counting, "come-and-gone", "severity", DRAW_NOTHING);
    const struct period *const periods[] = {counting->question->period, counting->before};

    for (gsize i = 0; i < G_N_ELEMENTS(when); i++) {
        figure_column(figure, g_strdup(counting_word(counting, heads[i])), AMOUNT_COUNT);
        figure_column(figure, g_strdup(counting_word(counting, "previous")), AMOUNT_COUNT);
    }
    for (gsize row = 0; severity_names[row]; row++) {
        gint64 *amounts =
            figure_row(figure, g_strdup(counting_word(counting, severity_names[row])))->amounts;
        for (gsize i = 0; i < 4; i++)
            amounts[i] = count_by(counting, periods[i % 2], severity_names[row], when[i / 2]);
    }
    return figure;
}
