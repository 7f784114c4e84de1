/* Alarms: what begins, what is over, and what the operators are told of now. Pure. */
#pragma once
#include <mado/alarm.h>

/* What differs between what holds and what the store has. */
struct alarm_change {
    enum alarm_step { ALARM_BEGINS, ALARM_CHANGES, ALARM_ENDS } step;
    const struct alarm *row;         /* NULL: there is none yet */
    const struct alarm_found *found; /* NULL: it holds no longer */
};
/* `rows`: struct alarm, as store_alarms_now() has them; `found`: struct alarm_found. Both outlive
 * the result (struct alarm_change), which the caller unrefs. */
GArray *alarm_compare(const GPtrArray *rows, const GPtrArray *found);
/* Those of `rows` that a letter names now: what has begun, what lasts and was told an hour ago, and
 * what is over and not said to be; of what has a time at which it got worse, only what was not told
 * since. No condition begins for the operators twice in an hour, however
 * often it comes and goes. Borrowed from `rows`; the caller unrefs the result. */
GPtrArray *alarm_due(const GPtrArray *rows, gint64 now);
/* "our key FINGERPRINT until ...", "key FINGERPRINT ..." */
gboolean alarm_is_of_a_key(const char *condition);
/* The row of a condition that lasts, or NULL. */
const struct alarm *alarm_lasting(const GPtrArray *rows, const char *condition);
