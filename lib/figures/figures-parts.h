/* What the counting shares. */
#pragma once
#include "figures.h"

/* -- words of a language; what has none is shown as it is -- */
const char *figure_word(const char *language, const char *word);

/* -- making a table -- */

enum { FEWEST_SHOWN = 3 }; /* to the public: fewer may tell who they were */

struct figure *figure_new(const char *id, const char *language, enum drawing drawing);
void figure_free(struct figure *figure);
/* Takes the head. */
void figure_column(struct figure *figure, char *head, enum amount amount);
/* Takes the label; all amounts are FIGURE_UNKNOWN until they are set. */
struct figure_row *figure_row(struct figure *figure, char *label);
/* Counts of which there are few become unknown; TRUE: there were any. */
gboolean figure_hide_small(struct figure *figure, struct figure_row *row);
/* Likewise all of them, and never one alone of so many rows: it would be what is missing of the
 * sum. */
void figure_hide_in_columns(struct figure *figure, guint rows);

/* -- counting -- */

struct counting {
    const struct figure_facts *facts;
    const struct figures_question *question;
    struct period *before, *last_year;
};

/* In the language that was asked for. Borrowed. */
const char *counting_word(const struct counting *counting, const char *name);
struct figure *counting_figure(
    const struct counting *counting, const char *id, const char *head, enum drawing drawing);
gboolean period_has(const struct period *period, gint64 at);
/* May small counts not be shown to who reads it? */
gboolean counting_hides(const struct counting *counting);
/* Is it asked for each day, or before a meeting? */
gboolean counting_is_brief(const struct counting *counting);
/* Up to when is counted what was open then. */
gint64 counting_end(const struct counting *counting);
gboolean case_is_open(const struct case_fact *fact, gint64 at);

struct figure *count_received(const struct counting *counting);
struct figure *count_months(const struct counting *counting);
struct figure *count_months_coordinations(const struct counting *counting);
struct figure *count_categories(const struct counting *counting);
struct figure *count_severities(const struct counting *counting);
struct figure *count_sources(const struct counting *counting);
struct figure *count_handlers(const struct counting *counting);
struct figure *count_open_by_age(const struct counting *counting);
struct figure *count_acknowledged(const struct counting *counting);
struct figure *count_triaged(const struct counting *counting);
struct figure *count_closed(const struct counting *counting);
struct figure *count_hours(const struct counting *counting);
struct figure *count_weekdays(const struct counting *counting);
struct figure *count_longest_open(const struct counting *counting);
struct figure *count_states(const struct counting *counting);
struct figure *count_urgent(const struct counting *counting);
struct figure *count_duty(const struct counting *counting);
struct figure *count_waiting(const struct counting *counting);
struct figure *count_finished(const struct counting *counting);

/* "2d 3h", "41m", "12s"; "-" where it is unknown. The caller frees it. */
char *figure_span(const char *language, gint64 seconds);
/* As it stands in a table for people. The caller frees it. */
char *figure_amount(const struct figure *figure, const struct figure_row *row, guint column);

typedef struct figure mado_figure;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_figure, figure_free)
