/* What the counting shares. */
#pragma once
#include "figures.h"

/* -- words of a language; what has none is shown as it is -- */
const char *figure_word(const char *language, const char *word);

/* -- making a table -- */

struct figure *figure_new(const char *id, const char *language, enum drawing drawing);
void figure_free(struct figure *figure);
/* Takes the head. */
void figure_column(struct figure *figure, char *head, enum amount amount);
/* Takes the label; all amounts are FIGURE_UNKNOWN until they are set. */
struct figure_row *figure_row(struct figure *figure, char *label);
/* Of one column. */
gint64 figure_sum(const struct figure *figure, guint column);

/* -- counting -- */

struct counting {
    const struct facts *facts;
    const struct figures_question *question;
    struct period *before, *last_year;
};

/* In the language that was asked for. Borrowed. */
const char *counting_word(const struct counting *counting, const char *name);
struct figure *counting_figure(
    const struct counting *counting, const char *id, const char *head, enum drawing drawing);
gboolean period_has(const struct period *period, gint64 at);

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

/* "2d 3h", "41m", "12s"; "-" where it is unknown. The caller frees it. */
char *figure_span(gint64 seconds);
/* As it stands in a table for people. The caller frees it. */
char *figure_amount(const struct figure *figure, const struct figure_row *row, guint column);

typedef struct figure mado_figure;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_figure, figure_free)
