/* Each table whose rows wait for a moment has an index of it, and a line here: nothing else has to
 * be asked to know that nothing is to be done. */
#include "statement.h"

static const char question[] =
    "SELECT min(?1"
    ", ifnull((SELECT min(next_reminder) FROM coordination WHERE next_reminder > 0), ?1)"
    ", ifnull((SELECT min(next_word) FROM target WHERE next_word > 0), ?1)"
    ", ifnull((SELECT min(next_reminder) FROM waiting WHERE next_reminder > 0), ?1)"
    ", ifnull((SELECT min(began_at) FROM legal_clock WHERE told_at = 0 AND counts = 1), ?1)"
    ", ifnull((SELECT min(next_word) FROM review WHERE next_word > 0), ?1)"
    ", ifnull((SELECT min(take_by) FROM notice WHERE take_by > 0), ?1)"
    ", ifnull((SELECT min(tell) FROM handover WHERE tell > 0), ?1)"
    ", ifnull((SELECT min(next) FROM escalation_step WHERE next > 0), ?1)"
    ", ifnull((SELECT 1 FROM escalation_look LIMIT 1), ?1)"
    ", ifnull((SELECT min(next) FROM schedule), ?1))";

gboolean store_next_due(struct store *store, gint64 *at, GError **error)
{
    return statement_number(store, question, VALUES(NUMBER(G_MAXINT64)), at, error);
}

gboolean store_planned(struct store *store, const char *name, gint64 *next, GError **error)
{
    return statement_number(store, "SELECT ifnull((SELECT next FROM schedule WHERE name = ?1), 0)",
        VALUES(TEXT(name)), next, error);
}

gboolean store_plan(struct store *store, const char *name, gint64 next, GError **error)
{
    return statement_run(store,
        "INSERT INTO schedule (name, next) VALUES (?1, ?2)"
        " ON CONFLICT (name) DO UPDATE SET next = ?2",
        VALUES(TEXT(name), NUMBER(next)), error);
}

gboolean store_forget_plan(struct store *store, const char *name, GError **error)
{
    return statement_run(store, "DELETE FROM schedule WHERE name = ?1", VALUES(TEXT(name)), error);
}

void planned_free(struct planned *planned)
{
    if (!planned)
        return;
    g_free(planned->name);
    g_free(planned);
}

GPtrArray *store_plans(struct store *store, const char *prefix, GError **error)
{
    static const struct column columns[] = {
        TEXT_OF(struct planned, name), NUMBER_OF(struct planned, next)};
    static const struct shape shape = SHAPE(struct planned, planned_free, columns);

    return statement_rows(store,
        "SELECT name, next FROM schedule WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name",
        VALUES(TEXT(prefix)), &shape, error);
}
