/* Between moments and what the clock on the wall shows. A wall time counts seconds as if the zone
 * were UTC; a day counts from 1970-01-01 there. */
#pragma once
#include <glib.h>

enum { LOCAL_DAY = 24 * 60 * 60 };

gint64 local_wall(GTimeZone *zone, gint64 at);
gint64 local_day(GTimeZone *zone, gint64 at);
/* 0: Monday. */
int local_weekday(gint64 day);
/* The first moment of those that show that wall time or a later one, where none shows it. */
gint64 local_first(GTimeZone *zone, gint64 wall);
/* The last moment of those that show it or an earlier one, where none shows it. */
gint64 local_last(GTimeZone *zone, gint64 wall);
/* NULL: there is no such date. The caller frees it. */
GDate *local_date(gint64 day);
/* FALSE: there is no such date. */
gboolean local_day_of(int year, int month, int day, gint64 *found);
