/* The clock. `--now` fixes it, so that tests and the demo are the same for everybody. */
#pragma once
#include <glib.h>

void now_fix(gint64 unix_seconds); /* from now on now_seconds() answers this */
gboolean now_fix_from_text(const char *iso8601, GError **error);
/* So much later, as if somebody had waited: now_passed() goes on with it. */
void now_step(gint64 unix_seconds);
gboolean now_is_fixed(void);
gint64 now_seconds(void); /* since 1970, UTC */
/* For poll(): how long until that moment (monotonic microseconds, which are never fixed), rounded
 * up; 0 when it is over, -1 for G_MAXINT64. */
int now_milliseconds_to(gint64 moment);
/* Seconds since some moment: no one can set this clock, and it counts while the host sleeps. */
gint64 now_passed(void);
