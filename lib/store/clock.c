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

/* What was told while the clock was ahead was told no later than now: so nobody gets longer for it.
 */
static gboolean shift_notices(struct store *store, gint64 by, gint64 now, GError **error)
{
    return statement_run(store,
        "UPDATE notice SET take_by = max(take_by + min(?1, ?2 - at), 1), at = at + min(?1, ?2 - at)"
        " WHERE take_by > 0 AND (?1 <> 0 OR at > ?2)",
        VALUES(NUMBER(by), NUMBER(now)), error);
}

/* Where no rule holds yet the moment is that of a target, which is looked at again. */
static gboolean shift_escalations(struct store *store, gint64 by, gint64 now, GError **error)
{
    return statement_run(store,
               "UPDATE escalation_step SET since = CASE WHEN since > 0 THEN max(since + shift, 1)"
               " ELSE 0 END, told_at = CASE WHEN told_at > 0 THEN max(told_at + shift, 1) ELSE 0"
               " END, next = max(next + shift, 1) FROM (SELECT incident AS which, target AS whom,"
               " CASE WHEN max(since, told_at) > 0 THEN min(?1, ?2 - max(since, told_at)) ELSE ?1"
               " END AS shift FROM escalation_step WHERE next > 0)"
               " WHERE incident = which AND target = whom AND (?1 <> 0 OR shift < 0)",
               VALUES(NUMBER(by), NUMBER(now)), error) &&
           statement_run(store,
               "INSERT INTO escalation_look (incident) SELECT incident FROM escalation_step"
               " WHERE next > 0 AND since = 0 ON CONFLICT (incident) DO NOTHING",
               NULL, error);
}

/* A copy that was made in the future keeps no other from being made. */
static gboolean shift_keeping(struct store *store, gint64 now, GError **error)
{
    return statement_run(store,
        "UPDATE keeping SET begun_at = min(begun_at, ?1), done_at = min(done_at, ?1)"
        " WHERE begun_at > ?1 OR done_at > ?1",
        VALUES(NUMBER(now)), error);
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
           shift_notices(store, by, now, error) && shift_escalations(store, by, now, error) &&
           shift_keeping(store, now, error) &&
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
