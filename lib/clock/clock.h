/* Business time: when the team is at work, and when so much of its working time is over. Pure: the
 * moment and the list of holidays are handed in. */
#pragma once
#include <mado/duty.h>
#include <mado/settings.h>

struct clock;
typedef struct clock mado_clock;

/* Of `hours` and the time zone. `holidays` is the text of the list, as it is in the file; NULL: no
 * list. What of the list cannot be understood is left out, and told in `problems` (char *, each
 * with its line). The caller frees it. */
struct clock *clock_new(const struct settings *settings, GBytes *holidays, GPtrArray *problems);
void clock_free(struct clock *clock);

gboolean clock_is_open(const struct clock *clock, gint64 at);
/* `at` itself while it is open. FALSE: it does not open within LIMIT_CLOCK_DAYS. */
gboolean clock_next_open(const struct clock *clock, gint64 at, gint64 *opens);
/* When so many seconds of business time are over. FALSE likewise. */
gboolean clock_add(const struct clock *clock, gint64 at, gint64 seconds, gint64 *due);
/* "90m", "4h" or "1d", a day being as long as one of business, in seconds of business time; 0 for
 * "none". */
gint64 clock_span(const struct clock *clock, const char *span);

/* The beginning of the last day in the list; FALSE: there is none. */
gboolean clock_last_holiday(const struct clock *clock, gint64 *begins);

/* -- shift.c -- */
/* The one to which that moment belongs. */
void clock_shift(const struct clock *clock, gint64 at, struct shift *shift);
/* FALSE: that day has none of the kind. */
gboolean clock_shift_of(
    const struct clock *clock, gint64 day, enum shift_kind kind, struct shift *shift);
/* The day of a moment; "2026-11-24" (the caller frees it), and the day of that name: FALSE: it is
 * none. */
gint64 clock_day(const struct clock *clock, gint64 at);
char *clock_day_name(gint64 day);
gboolean clock_day_of(const char *name, gint64 *day);

/* In the words of that language ("ja", "en"); the caller frees them. */
char *clock_tell(const struct clock *clock, gint64 at, const char *language);
/* "2026-11-24", of either; the caller frees it. */
char *clock_tell_day(const struct clock *clock, gint64 at);
/* "Mon-Fri 09:00-17:00 JST, except public holidays" */
char *clock_tell_hours(const struct clock *clock, gint64 at, const char *language);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_clock, clock_free)
