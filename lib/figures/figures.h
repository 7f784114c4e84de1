/* What happened, counted: tables that say everything, and drawings of them for a terminal, for a
 * spreadsheet, for programs and on paper. Pure: facts, moment and zone are handed in. */
#pragma once
#include <glib.h>

/* -- periods -- */

/* Where years begin, and whose midnight it is. */
struct calendar {
    GTimeZone *zone;
    int first_month; /* of a fiscal year, 1 to 12 */
};

struct period {
    const struct period_kind *kind;
    GDate first;         /* its first day */
    gint64 begins, ends; /* seconds; the end is no part of it */
    char *name;          /* "2026-10", "2026-W41", "FY2026-Q3", "FY2026-H1", "FY2026" */
};

/* `kind` is "weekly", "monthly", "quarterly", "half" or "yearly"; or "commander" or "meeting": the
 * day, or the seven days, that `at` is the last of. `name` NULL: the last one that is over at `at`.
 * NULL with an error: there is no such period. The caller frees it. */
struct period *period_new(
    const struct calendar *calendar, const char *kind, const char *name, gint64 at, GError **error);
/* Of any kind, by its name; NULL: the month that runs. Likewise. */
struct period *period_find(
    const struct calendar *calendar, const char *name, gint64 at, GError **error);
/* So many of its kind before it; negative: behind it. The caller frees it. */
struct period *period_before(
    const struct calendar *calendar, const struct period *period, int count);
/* As long a time, a year before. The caller frees it. */
struct period *period_last_year(const struct calendar *calendar, const struct period *period);
/* "monthly". Borrowed. */
const char *period_kind_name(const struct period *period);
void period_free(struct period *period);

/* -- facts -- */

/* Times are seconds; 0: it has not happened. Words are borrowed, and equal words may be one. */
struct case_fact {
    gint64 opened, acknowledged, triaged, closed;
    gint64 acknowledge_by, triage_by; /* when that was due */
    gint64 due;                       /* when the next thing is */
    const char *number, *category, *severity, *source, *handler, *state;
    gboolean incident; /* not of a category that is none */
};

struct figure_facts {
    GArray *cases;         /* struct case_fact, one an incident */
    GArray *reports;       /* gint64: when each came, by mail or told */
    GArray *coordinations; /* gint64: when each was opened */
    GPtrArray *categories; /* struct category, borrowed: what they are called */
    const char *on_duty;   /* NULL or "": nobody */
    gint64 on_duty_since;
    GArray *waiting; /* struct waiting_fact, in the order in which they are shown */
};

/* What lies with us until somebody does something. */
struct waiting_fact {
    const char *what; /* "mail-to-sort": a word of reports */
    gint64 count, oldest;
};

/* -- tables -- */

enum amount { AMOUNT_COUNT, AMOUNT_SPAN, AMOUNT_LEFT }; /* left: a span; below 0: it is over */
/* Beside the table: bars that lie (one a row), or columns that stand side by side; the latter with
 * a line where the target is. */
enum drawing { DRAW_NOTHING, DRAW_BARS, DRAW_COLUMNS };

#define FIGURE_UNKNOWN G_MININT64

struct figure_row {
    char *label;
    char *edge;      /* NULL, or it is a step of many, up to this: "15m"; "" for the last */
    gint64 *amounts; /* one a column */
};

struct figure {
    const char *id; /* "categories": the same in every language */
    const char *language;
    char *title, *head, *note; /* head: above the labels; note: "" for none */
    GPtrArray *columns;        /* char *: what stands above each */
    GArray *kinds;             /* enum amount, one a column */
    GPtrArray *rows;           /* struct figure_row */
    enum drawing drawing;
    guint drawn;    /* so many columns from the left are drawn */
    int target;     /* the line stands before that row; -1: none */
    gboolean hides; /* counts that are too small for who reads it */
};

/* A report. */
struct figures {
    char *team, *title, *label, *as_of; /* as they are printed */
    const char *language;               /* "ja", "en" */
    const char *kind;                   /* "monthly" */
    char *period;                       /* its name */
    GPtrArray *figures;                 /* struct figure */
};

struct figures_question {
    const struct calendar *calendar;
    const struct period *period;
    const char *language, *audience; /* "team", "departments", "company", "public" */
    const char *team, *label;
    gint64 at;      /* the moment for which it is true */
    const char *by; /* "category": that alone; NULL: all that the report has */
};

/* All that is asked for by that kind of report and for those who read it. The caller frees it. */
struct figures *figures_count(
    const struct figure_facts *facts, const struct figures_question *question);
/* From when on facts are counted. */
gint64 figures_begin(const struct calendar *calendar, const struct period *period);
/* What `by` may be, NULL-terminated. */
const char *const *figures_dimensions(void);
void figures_free(struct figures *figures);

/* -- drawn; the same input gives the same bytes; the caller frees them -- */

char *figures_text(const struct figures *figures, int width);
/* `mark`: with the byte order mark by which Excel knows UTF-8. */
char *figures_csv(const struct figures *figures, gboolean mark);
char *figures_json(const struct figures *figures);
/* One page that asks nothing of the network and prints on A4. */
char *figures_html(const struct figures *figures);

typedef struct period mado_period;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_period, period_free)
typedef struct figures mado_figures;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_figures, figures_free)
