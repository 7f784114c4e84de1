/* Reports: what each shows, and to whom, stands in one table. */
#include "figures-parts.h"

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

/* In which kinds of reports: those of a period of the calendar, and what is asked for each day or
 * before a meeting. */
enum {
    PERIODIC = 1,
    COMMANDER = 2,
    MEETING = 4,
    BRIEF = COMMANDER | MEETING,
    EVERY = PERIODIC | BRIEF
};

static const struct {
    const char *by; /* alone it is asked for so; NULL: it is not */
    struct figure *(*count)(const struct counting *counting);
    guint audiences, kinds;
} shown[] = {
    {NULL, count_received, ALL, EVERY},
    {NULL, count_states, TEAM, BRIEF},
    {NULL, count_urgent, TEAM, BRIEF},
    {NULL, count_waiting, TEAM, BRIEF},
    {NULL, count_duty, TEAM, COMMANDER},
    {NULL, count_finished, TEAM, MEETING},
    {"month", count_months, ALL, PERIODIC},
    {"coordination", count_months_coordinations, ALL, PERIODIC},
    {"category", count_categories, ALL, PERIODIC | MEETING},
    {"severity", count_severities, HOUSE, PERIODIC},
    {"source", count_sources, ALL, PERIODIC},
    {"handler", count_handlers, TEAM, PERIODIC | MEETING},
    {"age", count_open_by_age, HOUSE, PERIODIC | MEETING},
    {"acknowledge", count_acknowledged, ALL, PERIODIC},
    {"triage", count_triaged, INSIDE, PERIODIC},
    {"close", count_closed, ALL, PERIODIC},
    {"hour", count_hours, HOUSE, PERIODIC},
    {"weekday", count_weekdays, HOUSE, PERIODIC},
    {"longest", count_longest_open, TEAM, PERIODIC | MEETING},
};

const char *const *figures_dimensions(void)
{
    static const char *names[G_N_ELEMENTS(shown) + 1];
    guint count = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(shown); i++)
        if (shown[i].by)
            names[count++] = shown[i].by;
    return names;
}

static guint audience_of(const char *audience)
{
    for (gsize i = 0; i < G_N_ELEMENTS(audiences); i++)
        if (g_str_equal(audiences[i].name, audience))
            return audiences[i].bit;
    return PUBLIC; /* whoever is not known is told least */
}

static guint kind_of(const struct figures_question *question)
{
    const char *kind = period_kind_name(question->period);

    return g_str_equal(kind, "commander") ? COMMANDER
           : g_str_equal(kind, "meeting") ? MEETING
                                          : PERIODIC;
}

gboolean counting_is_brief(const struct counting *counting)
{
    return (kind_of(counting->question) & BRIEF) != 0;
}

static gboolean is_wanted(const struct figures_question *question, gsize i)
{
    if (!(shown[i].audiences & audience_of(question->audience)))
        return FALSE;
    return question->by ? g_strcmp0(shown[i].by, question->by) == 0
                        : (shown[i].kinds & kind_of(question)) != 0;
}

/* -- its head -- */

static char *as_of(const struct figures_question *question)
{
    gboolean ja = g_str_equal(question->language, "ja"),
             over = question->at >= question->period->ends;
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(question->at);
    g_autoptr(GDateTime) here = g_date_time_to_timezone(utc, question->calendar->zone);
    g_autofree char *day =
        g_date_time_format(here, kind_of(question) == PERIODIC ? "%Y-%m-%d" : "%Y-%m-%d %H:%M");
    const char *words = figure_word(question->language, "as-of");
    g_autofree char *text =
        ja ? g_strdup_printf("%s %s", day, words) : g_strdup_printf("%s %s", words, day);

    return over || kind_of(question) != PERIODIC
               ? g_steal_pointer(&text)
               : g_strdup_printf("%s, %s", text, figure_word(question->language, "preliminary"));
}

static const char *title_of(const struct figures_question *question)
{
    return figure_word(
        question->language, question->by ? "stats" : period_kind_name(question->period));
}

/* -- all of it -- */

static void add_note(struct figure *figure, const char *note)
{
    char *both = g_strdup_printf("%s%s%s", figure->note, *figure->note ? "; " : "", note);

    g_free(figure->note);
    figure->note = both;
}

static void add(const struct counting *counting, struct figures *figures, gsize i)
{
    struct figure *figure = shown[i].count(counting);

    if (figure->hides)
        add_note(figure, counting_word(counting, "hidden"));
    g_ptr_array_add(figures->figures, figure);
}

static void free_figure(gpointer figure)
{
    figure_free(figure);
}

struct figures *figures_count(
    const struct figure_facts *facts, const struct figures_question *question)
{
    g_autoptr(mado_period) before = period_before(question->calendar, question->period, 1);
    g_autoptr(mado_period) last_year = period_last_year(question->calendar, question->period);
    const struct counting counting = {facts, question, before, last_year};
    struct figures *figures = g_new0(struct figures, 1);

    figures->team = g_strdup(question->team);
    figures->language = g_str_equal(question->language, "ja") ? "ja" : "en";
    figures->kind = period_kind_name(question->period);
    figures->title = g_strdup(title_of(question));
    figures->label = g_strdup(question->label);
    figures->as_of = as_of(question);
    figures->period = g_strdup(question->period->name);
    figures->figures = g_ptr_array_new_with_free_func(free_figure);
    for (gsize i = 0; i < G_N_ELEMENTS(shown); i++)
        if (is_wanted(question, i))
            add(&counting, figures, i);
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
