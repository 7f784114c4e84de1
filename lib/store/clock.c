/* Moments that somebody waits for, when the clock by which they were named is set. */
#include "error.h"
#include "statement.h"
#include "store.h"

/* Nobody is asked to answer within more than a year. */
#define LONGEST_REMINDER (G_GINT64_CONSTANT(400) * 24 * 60 * 60)

/* What runs has run for as long as before, and no longer than until now. */
static gboolean shift_targets(struct store *store, gint64 by, gint64 now, GError **error)
{
    return statement_run(store,
        "UPDATE target SET began_at = began_at + shift,"
        " due = CASE WHEN due > 0 THEN max(due + shift, 1) ELSE 0 END,"
        " next_word = CASE WHEN next_word > 0 THEN max(next_word + shift, 1) ELSE 0 END"
        " FROM (SELECT incident AS which, kind AS what, min(?1, ?2 - began_at) AS shift FROM target"
        " WHERE met_at = 0 AND over = 0 AND basis <> '' AND kind <> 'publish')"
        " WHERE incident = which AND kind = what AND shift <> 0 AND (?1 <> 0 OR shift < 0)",
        VALUES(NUMBER(by), NUMBER(now)), error);
}

gboolean store_clock_was_set(
    struct store *store, gint64 by, gint64 now, gint64 longest, GError **error)
{
    return statement_run(store,
               "UPDATE outbox SET created_at = min(created_at + ?1, ?2),"
               " next_try = CASE WHEN next_try + ?1 > ?2 + ?3 THEN ?2 ELSE next_try + ?1 END"
               " WHERE state IN ('queued', 'deferred', 'sending')"
               " AND (?1 <> 0 OR created_at > ?2 OR next_try > ?2 + ?3)",
               VALUES(NUMBER(by), NUMBER(now), NUMBER(longest)), error) &&
           statement_run(store,
               "UPDATE alarm SET told_at = min(told_at + ?1, ?2) WHERE told_at IS NOT NULL"
               " AND (closed = 0 OR told_at > ?2)",
               VALUES(NUMBER(by), NUMBER(now)), error) &&
           statement_run(store,
               "UPDATE notice SET take_by = max(take_by + ?1, 1) WHERE take_by > 0 AND ?1 <> 0",
               VALUES(NUMBER(by)), error) &&
           statement_run(store,
               "UPDATE escalation_step SET since = CASE WHEN since > 0 THEN max(since + ?1, 1) ELSE"
               " 0 END, next = max(next + ?1, 1) WHERE next > 0 AND ?1 <> 0",
               VALUES(NUMBER(by)), error) &&
           statement_run(store, "UPDATE handover SET tell = min(tell, ?1) WHERE tell > 0",
               VALUES(NUMBER(now)), error) &&
           /* what was promised to others for a day stays on that day */
           statement_run(store,
               "UPDATE coordination SET next_reminder = min(max(next_reminder + ?1, 1), ?2 + ?3)"
               " WHERE next_reminder > 0 AND (?1 <> 0 OR next_reminder > ?2 + ?3)",
               VALUES(NUMBER(by), NUMBER(now), NUMBER(LONGEST_REMINDER)), error) &&
           statement_run(store,
               "UPDATE waiting SET next_reminder = min(max(next_reminder + ?1, 1), ?2 + ?3)"
               " WHERE next_reminder > 0 AND (?1 <> 0 OR next_reminder > ?2 + ?3)",
               VALUES(NUMBER(by), NUMBER(now), NUMBER(LONGEST_REMINDER)), error) &&
           shift_targets(store, by, now, error) &&
           /* nobody has been asked in the future */
           statement_run(store,
               "UPDATE review SET asked_at = min(asked_at, ?1), answered_at = min(answered_at, ?1),"
               " next_word = min(next_word, ?1 + ?2) WHERE asked_at > ?1 OR answered_at > ?1"
               " OR next_word > ?1 + ?2",
               VALUES(NUMBER(now), NUMBER(LONGEST_REMINDER)), error) &&
           store_plan(store, STORE_REVIEWS, now, error);
}
