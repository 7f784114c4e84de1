/* What programs of operators are told: kept until they were, so that nothing is lost by a crash. */
#include "event.h"
#include "statement.h"

#define IF_KEPT " EXISTS (SELECT 1 FROM meta WHERE name = 'hooks')"

void hook_event_free(struct hook_event *event)
{
    if (!event)
        return;
    g_free(event->kind);
    g_free(event->what);
    g_free(event->alarm);
    g_free(event);
}

gboolean event_add_new(struct store *store, guint64 incident, gint64 at, GError **error)
{
    return statement_run(store,
        "INSERT INTO hook_event (kind, incident, what, alarm, at)"
        " SELECT 'incident-new', ?1, 'new', '', ?2 WHERE" IF_KEPT,
        VALUES(NUMBER(incident), NUMBER(at)), error);
}

gboolean event_add_state(
    struct store *store, guint64 incident, const char *state, gint64 at, GError **error)
{
    return statement_run(store,
        "INSERT INTO hook_event (kind, incident, what, alarm, at)"
        " SELECT 'state', id, ?2, '', ?3 FROM incident WHERE id = ?1 AND state <> ?2 AND" IF_KEPT,
        VALUES(NUMBER(incident), TEXT(state), NUMBER(at)), error);
}

gboolean event_add_alarm(
    struct store *store, const char *condition, const char *what, gint64 at, GError **error)
{
    return statement_run(store,
        "INSERT INTO hook_event (kind, incident, what, alarm, at)"
        " SELECT 'alarm', 0, ?2, ?1, ?3 WHERE" IF_KEPT,
        VALUES(TEXT(condition), TEXT(what), NUMBER(at)), error);
}

gboolean store_keep_events(struct store *store, gboolean keep, GError **error)
{
    if (keep)
        return statement_run(store,
            "INSERT INTO meta (name, number, text) VALUES ('hooks', 1, '')"
            " ON CONFLICT (name) DO NOTHING",
            NULL, error);
    return statement_run(store, "DELETE FROM meta WHERE name = 'hooks'", NULL, error) &&
           statement_run(store, "DELETE FROM hook_event", NULL, error);
}

struct hook_event *store_next_event(struct store *store, GError **error)
{
    static const struct column columns[] = {
        NUMBER_OF(struct hook_event, id),
        TEXT_OF(struct hook_event, kind),
        NUMBER_OF(struct hook_event, incident),
        TEXT_OF(struct hook_event, what),
        TEXT_OF(struct hook_event, alarm),
        NUMBER_OF(struct hook_event, at),
        NUMBER_OF(struct hook_event, tries),
    };
    static const struct shape shape = SHAPE(struct hook_event, hook_event_free, columns);
    g_autoptr(GPtrArray) rows = statement_rows(store,
        "SELECT id, kind, incident, what, alarm, at, tries FROM hook_event ORDER BY id LIMIT 1",
        NULL, &shape, error);

    return rows && rows->len ? g_ptr_array_steal_index(rows, 0) : NULL;
}

gboolean store_event_begun(struct store *store, guint64 event, GError **error)
{
    return statement_change(store, "UPDATE hook_event SET tries = tries + 1 WHERE id = ?1",
        VALUES(NUMBER(event)), "event", error);
}

gboolean store_event_done(struct store *store, guint64 event, GError **error)
{
    return statement_run(
        store, "DELETE FROM hook_event WHERE id = ?1", VALUES(NUMBER(event)), error);
}

gboolean store_count_events(struct store *store, gint64 *count, GError **error)
{
    return statement_number(store, "SELECT count(*) FROM hook_event", NULL, count, error);
}

gboolean store_trim_events(struct store *store, guint most, GError **error)
{
    return statement_run(store,
        "DELETE FROM hook_event WHERE id <= (SELECT id FROM hook_event ORDER BY id DESC"
        " LIMIT 1 OFFSET ?1)",
        VALUES(NUMBER(most)), error);
}
