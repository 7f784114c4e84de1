/* Facts of a period, counted. What a report shows, and to whom, stands in one table. */
#include "figures-parts.h"

enum { MONTHS = 12, PERIODS = 3, DAY = 24 * 3600 };

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

static gint64 count_reports(const struct facts *facts, const struct period *period)
{
    return count_times(facts->reports, period);
}

static gint64 count_coordinations(const struct facts *facts, const struct period *period)
{
    return count_times(facts->coordinations, period);
}

static gint64 count_incidents(const struct facts *facts, const struct period *period)
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
    gint64 (*count)(const struct facts *facts, const struct period *period);
} counted[] = {
    {"reports", "reports-last-year", count_reports},
    {"incidents", "incidents-last-year", count_incidents},
    {"coordinations", "last-year", count_coordinations},
};

/* The three that teams count, over three periods, and a year before. */
static struct figure *received(const struct counting *counting)
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
    figure->drawn = 2;
    return figure;
}

static struct figure *months(const struct counting *counting)
{
    return by_month(counting, "months", counted, 2);
}

static struct figure *months_coordinations(const struct counting *counting)
{
    return by_month(counting, "months-coordinations", &counted[2], 1);
}

/* -- a report -- */

enum {
    TEAM = 1,
    DEPARTMENTS = 2,
    COMPANY = 4,
    PUBLIC = 8,
    INSIDE = TEAM | DEPARTMENTS,
    HOUSE = INSIDE | COMPANY,
    ALL = HOUSE | PUBLIC
};

static const struct {
    const char *name;
    guint bit;
} audiences[] = {
    {"team", TEAM}, {"departments", DEPARTMENTS}, {"company", COMPANY}, {"public", PUBLIC}};

static const struct {
    struct figure *(*count)(const struct counting *counting);
    guint audiences;
} shown[] = {
    {received, ALL},
    {months, ALL},
    {months_coordinations, ALL},
    {count_categories, ALL},
    {count_severities, HOUSE},
    {count_sources, ALL},
    {count_handlers, TEAM},
    {count_open_by_age, HOUSE},
    {count_acknowledged, ALL},
    {count_triaged, INSIDE},
    {count_closed, ALL},
    {count_hours, HOUSE},
    {count_weekdays, HOUSE},
    {count_longest_open, TEAM},
};

static guint bit_of(const char *audience)
{
    for (gsize i = 0; i < G_N_ELEMENTS(audiences); i++)
        if (g_str_equal(audiences[i].name, audience))
            return audiences[i].bit;
    return PUBLIC; /* whoever is not known is told least */
}

static char *as_of(const struct figures_question *question)
{
    gboolean ja = g_str_equal(question->language, "ja"),
             over = question->at >= question->period->ends;
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(question->at);
    g_autoptr(GDateTime) here = g_date_time_to_timezone(utc, question->calendar->zone);
    g_autofree char *day = g_date_time_format(here, "%Y-%m-%d");
    const char *words = figure_word(question->language, "as-of");
    g_autofree char *text =
        ja ? g_strdup_printf("%s %s", day, words) : g_strdup_printf("%s %s", words, day);

    return over ? g_steal_pointer(&text)
                : g_strdup_printf("%s, %s", text, figure_word(question->language, "preliminary"));
}

static void free_figure(gpointer figure)
{
    figure_free(figure);
}

struct figures *figures_count(const struct facts *facts, const struct figures_question *question)
{
    g_autoptr(mado_period) before = period_before(question->calendar, question->period, 1);
    g_autoptr(mado_period) last_year = period_last_year(question->calendar, question->period);
    const struct counting counting = {facts, question, before, last_year};
    struct figures *figures = g_new0(struct figures, 1);
    guint bit = bit_of(question->audience);

    figures->team = g_strdup(question->team);
    figures->language = g_str_equal(question->language, "ja") ? "ja" : "en";
    figures->kind = period_kind_name(question->period);
    figures->title = g_strdup(figure_word(question->language, figures->kind));
    figures->label = g_strdup(question->label);
    figures->as_of = as_of(question);
    figures->period = g_strdup(question->period->name);
    figures->figures = g_ptr_array_new_with_free_func(free_figure);
    for (gsize i = 0; i < G_N_ELEMENTS(shown); i++)
        if (shown[i].audiences & bit)
            g_ptr_array_add(figures->figures, shown[i].count(&counting));
    return figures;
}

void figures_free(struct figures *figures)
{
    if (!figures)
        return;
    g_free(figures->team);
    g_free(figures->title);
    g_free(figures->label);
    g_free(figures->as_of);
    g_free(figures->period);
    g_ptr_array_unref(figures->figures);
    g_free(figures);
}
