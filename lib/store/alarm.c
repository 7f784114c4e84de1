#include <mado/alarm.h>
#include "event.h"
#include "statement.h"

static const struct column columns[] = {
    NUMBER_OF(struct alarm, id),
    TEXT_OF(struct alarm, condition),
    TEXT_OF(struct alarm, text),
    NUMBER_OF(struct alarm, since),
    TEXT_OF(struct alarm, told),
    NUMBER_OF(struct alarm, told_at),
    NUMBER_OF(struct alarm, times),
    NUMBER_OF(struct alarm, over_at),
    NUMBER_OF(struct alarm, worse_at),
    NUMBER_OF(struct alarm, last_told),
};
static const struct shape shape = SHAPE(struct alarm, alarm_free, columns);

#define SELECT                                                                                     \
    "SELECT id, condition, text, since, told, coalesce(told_at, 0), times, coalesce(over_at, 0),"  \
    " worse_at, coalesce((SELECT told_at FROM alarm AS earlier WHERE earlier.condition = "         \
    "alarm.condition"                                                                              \
    " AND earlier.told_at IS NOT NULL ORDER BY earlier.id DESC LIMIT 1), 0) FROM alarm "

GPtrArray *store_alarms_now(struct store *store, GError **error)
{
    return statement_rows(store, SELECT "WHERE closed = 0 ORDER BY id", NULL, &shape, error);
}

GPtrArray *store_alarms(struct store *store, guint64 before, guint most, GError **error)
{
    return statement_rows(store, SELECT "WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
        VALUES(NUMBER(before ? (gint64)before : G_MAXINT64), NUMBER(most)), &shape, error);
}

gboolean store_alarm_begin(struct store *store, const struct alarm_found *found, GError **error)
{
    return statement_run(store,
               "INSERT INTO alarm (condition, text, since, worse_at) VALUES (?1, ?2, ?3, ?4)",
               VALUES(TEXT(found->condition), TEXT(found->text), NUMBER(found->since),
                   NUMBER(found->worse_at)),
               error) &&
           event_add_alarm(store, found->condition, "begun", found->since, error);
}

gboolean store_alarm_change(
    struct store *store, guint64 alarm, const struct alarm_found *found, GError **error)
{
    return statement_change(store,
        "UPDATE alarm SET text = ?2, worse_at = ?3 WHERE id = ?1 AND over_at IS NULL",
        VALUES(NUMBER(alarm), TEXT(found->text), NUMBER(found->worse_at)), "alarm that lasts",
        error);
}

/* Whoever was told that it began is told that it is over. */
static gboolean note_over(struct store *store, guint64 alarm, gint64 at, GError **error)
{
    sqlite3_stmt *statement = statement_ask(
        store, "SELECT condition FROM alarm WHERE id = ?1", VALUES(NUMBER(alarm)), error);
    int got = statement ? statement_next(store, statement, error) : -1;
    g_autofree char *condition = got > 0 ? statement_text(statement, 0) : NULL;

    if (got > 0)
        statement_stop(statement);
    return got >= 0 && (!condition || event_add_alarm(store, condition, "over", at, error));
}

gboolean store_alarm_over(
    struct store *store, guint64 alarm, gint64 at, gboolean silent, GError **error)
{
    return statement_change(store,
               "UPDATE alarm SET over_at = ?2, closed = CASE WHEN times = 0 OR ?3 <> 0 THEN 1"
               " ELSE 0 END WHERE id = ?1 AND over_at IS NULL",
               VALUES(NUMBER(alarm), NUMBER(at), NUMBER(silent != FALSE)), "alarm that lasts",
               error) &&
           note_over(store, alarm, at, error);
}

gboolean store_alarm_told(
    struct store *store, guint64 alarm, const char *whom, gint64 at, GError **error)
{
    return statement_change(store,
        "UPDATE alarm SET told = ?2, told_at = ?3, times = times + 1,"
        " closed = CASE WHEN over_at IS NULL THEN 0 ELSE 1 END WHERE id = ?1 AND closed = 0",
        VALUES(NUMBER(alarm), TEXT(whom), NUMBER(at)), "alarm to be told", error);
}

gboolean store_alarm_letter(struct store *store, gint64 *waits_since, GError **error)
{
    return statement_number(store,
        "SELECT coalesce(min(created_at), 0) FROM outbox"
        " WHERE kind = 'alarm' AND state IN ('queued', 'deferred', 'sending')",
        NULL, waits_since, error);
}

/* The letter is queued a moment before it is noted. */
gboolean store_alarm_letter_lost(struct store *store, gint64 told_at, gint64 *lost, GError **error)
{
    return statement_number(store,
        "SELECT count(*) FROM outbox WHERE kind = 'alarm' AND +state IN ('failed', 'unknown')"
        " AND created_at BETWEEN ?1 - 1 AND ?1",
        VALUES(NUMBER(told_at)), lost, error);
}

gboolean store_count_lost_letters(struct store *store, guint most, gint64 *count, GError **error)
{
    return statement_number(store,
        "SELECT count(*) FROM (SELECT 1 FROM outbox WHERE state IN ('failed', 'unknown')"
        " AND NOT EXISTS (SELECT 1 FROM dropped WHERE letter = outbox.id) LIMIT ?1)",
        VALUES(NUMBER(most)), count, error);
}
