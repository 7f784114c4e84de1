/* The three that teams count, in periods and month by month. */
#include "figures-parts.h"

enum { MONTHS = 12, PERIODS = 3, DAY = 24 * 3600, COLUMNS_SHOWN = 2 };

gboolean counting_hides(const struct counting *counting)
{
    return g_str_equal(counting->question->audience, "public");
}

const char *counting_word(const struct counting *counting, const char *name)
{
    return figure_word(counting->question->language, name);
}

struct figure *counting_figure(
    const struct counting *counting, const char *id, const char *head, enum drawing drawing)
{
    struct figure *figure = figure_new(id, counting->question->language, drawing);

    g_free(figure->head);
    figure->head = g_strdup(*head ? counting_word(counting, head) : "");
    return figure;
}

gboolean period_has(const struct period *period, gint64 at)
{
    return at >= period->begins && at < period->ends;
}

/* -- counted in a period -- */

static gint64 count_times(const GArray *times, const struct period *period)
{
    gint64 count = 0;

    for (guint i = 0; i < times->len; i++)
        count += period_has(period, g_array_index(times, gint64, i));
    return count;
}

static gint64 count_reports(const struct figure_facts *facts, const struct period *period)
{
    return count_times(facts->reports, period);
}

static gint64 count_coordinations(const struct figure_facts *facts, const struct period *period)
{
    return count_times(facts->coordinations, period);
}

static gint64 count_incidents(const struct figure_facts *facts, const struct period *period)
{
    gint64 count = 0;

    for (guint i = 0; i < facts->cases->len; i++) {
        const struct case_fact *fact = &g_array_index(facts->cases, struct case_fact, i);
        count += fact->incident && period_has(period, fact->opened);
    }
    return count;
}

static const struct counted {
    const char *name, *last_year;
    gint64 (*count)(const struct figure_facts *facts, const struct period *period);
} counted[] = {
    {"reports", "reports-last-year", count_reports},
    {"incidents", "incidents-last-year", count_incidents},
    {"coordinations", "last-year", count_coordinations},
};

/* The three that teams count, over three periods, and a year before. */
struct figure *count_received(const struct counting *counting)
{
    const struct figures_question *question = counting->question;
    struct figure *figure = counting_figure(counting, "received", "", DRAW_NOTHING);

    for (int i = PERIODS - 1; i >= 0; i--) {
        g_autoptr(mado_period) period = period_before(question->calendar, question->period, i);
        figure_column(figure, g_strdup(period->name), AMOUNT_COUNT);
    }
    figure_column(figure, g_strdup(counting_word(counting, "in-all")), AMOUNT_COUNT);
    figure_column(figure, g_strdup(counting_word(counting, "last-year")), AMOUNT_COUNT);
    for (gsize line = 0; line < G_N_ELEMENTS(counted); line++) {
        struct figure_row *row =
            figure_row(figure, g_strdup(counting_word(counting, counted[line].name)));
        row->amounts[PERIODS] = 0;
        for (int i = 0; i < PERIODS; i++) {
            g_autoptr(mado_period) period =
                period_before(question->calendar, question->period, PERIODS - 1 - i);
            row->amounts[i] = counted[line].count(counting->facts, period);
            row->amounts[PERIODS] += row->amounts[i];
        }
        row->amounts[PERIODS + 1] = counted[line].count(counting->facts, counting->last_year);
        if (counting_hides(counting) && figure_hide_small(figure, row))
            row->amounts[PERIODS] = FIGURE_UNKNOWN; /* else it could be reckoned back */
    }
    return figure;
}

/* -- month by month -- */

/* The month that has the last moment of the period. */
static struct period *last_month(const struct figures_question *question)
{
    return period_new(
        question->calendar, "monthly", NULL, question->period->ends + (gint64)28 * DAY, NULL);
}

/* Of how many months together another table tells the sum. */
static guint months_told(const struct figures_question *question)
{
    const char *kind = period_kind_name(question->period);

    return g_str_equal(kind, "quarterly") ? 3 : g_str_equal(kind, "half") ? 6 : MONTHS;
}

static struct figure *by_month(
    const struct counting *counting, const char *id, const struct counted *what, guint kinds)
{
    const struct calendar *calendar = counting->question->calendar;
    struct figure *figure = counting_figure(counting, id, "month", DRAW_COLUMNS);
    g_autoptr(mado_period) last = last_month(counting->question);

    for (guint i = 0; i < kinds; i++) {
        figure_column(figure, g_strdup(counting_word(counting, what[i].name)), AMOUNT_COUNT);
        figure_column(figure, g_strdup(counting_word(counting, what[i].last_year)), AMOUNT_COUNT);
    }
    for (int month = MONTHS - 1; month >= 0; month--) {
        g_autoptr(mado_period) period = period_before(calendar, last, month);
        g_autoptr(mado_period) year_ago = period_last_year(calendar, period);
        struct figure_row *row = figure_row(figure, g_strdup(period->name));
        for (guint i = 0; i < kinds; i++) {
            row->amounts[2 * i] = what[i].count(counting->facts, period);
            row->amounts[2 * i + 1] = what[i].count(counting->facts, year_ago);
        }
    }
    if (counting_hides(counting))
        figure_hide_in_columns(figure, months_told(counting->question));
    figure->drawn = COLUMNS_SHOWN;
    return figure;
}

struct figure *count_months(const struct counting *counting)
{
    return by_month(counting, "months", counted, 2);
}

struct figure *count_months_coordinations(const struct counting *counting)
{
    return by_month(counting, "months-coordinations", &counted[2], 1);
}

gint64 figures_begin(const struct calendar *calendar, const struct period *period)
{
    const struct figures_question question = {.calendar = calendar, .period = period};
    g_autoptr(mado_period) before = period_before(calendar, period, PERIODS - 1);
    g_autoptr(mado_period) last_year = period_last_year(calendar, period);
    g_autoptr(mado_period) month = last_month(&question);
    g_autoptr(mado_period) first = period_before(calendar, month, 2 * MONTHS - 1);

    return MIN(MIN(before->begins, last_year->begins), first->begins);
}
