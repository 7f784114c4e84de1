/* What the files of this folder share. */
#pragma once
#include "clock.h"

struct closing {
    gint64 from, to; /* days since 1970; or, if it comes each year, month * 100 + day */
    gboolean yearly;
};

struct clock {
    GTimeZone *zone;
    unsigned days;        /* bit 0: Monday */
    gint64 from, to;      /* seconds of the day */
    GArray *closed;       /* struct closing */
    GHashTable *holidays; /* gint64: days since 1970 */
    gint64 last_holiday;  /* likewise; behind all of them if there is none: G_MININT64 */
};

/* clock.c: when that day of business ends; FALSE: it is none */
gboolean clock_closes(const struct clock *clock, gint64 day, gint64 *closes);
/* days.c: "mon-fri,sun" */
unsigned days_parse(const char *text);
/* "12-29..01-03", "08-13", "2026-12-29..2027-01-05"; FALSE: it is none of these. */
gboolean closing_parse(const char *text, struct closing *closing);
gboolean closing_has(const struct closing *closing, gint64 day);
/* holidays.c */
void holidays_read(struct clock *clock, GBytes *list, GPtrArray *problems);
