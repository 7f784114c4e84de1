/* Reporters who were asked for something, and have not answered. */
#include "statement.h"

static const struct column columns[] = {
    NUMBER_OF(struct waiting, incident),
    NUMBER_OF(struct waiting, letter),
    NUMBER_OF(struct waiting, since),
    NUMBER_OF(struct waiting, reminded),
    NUMBER_OF(struct waiting, next_reminder),
};
static const struct shape shape = SHAPE(struct waiting, g_free, columns);

gboolean store_asking_letter(
    struct store *store, guint64 incident, guint64 *letter, gint64 *at, GError **error)
{
    static const char last[] =
        "SELECT %s FROM outbox JOIN writing ON writing.letter = outbox.id"
        " WHERE outbox.incident = ?1 AND outbox.state IN ('sent', 'unknown')"
        " AND coordination IS NULL AND purpose IN ('ask', 'reply') ORDER BY outbox.id DESC LIMIT 1";
    g_autofree char *which = g_strdup_printf(last, "outbox.id");
    g_autofree char *when = g_strdup_printf(last, "changed_at");
    gint64 id;

    if (!statement_number(store, which, VALUES(NUMBER(incident)), &id, error) ||
        !statement_number(store, when, VALUES(NUMBER(incident)), at, error))
        return FALSE;
    *letter = (guint64)id;
    return TRUE;
}

gboolean store_waiting(
    struct store *store, guint64 incident, struct waiting *waiting, GError **error)
{
    g_autoptr(GPtrArray) rows = statement_rows(store,
        "SELECT incident, letter, since, reminded, next_reminder FROM waiting WHERE incident = ?1",
        VALUES(NUMBER(incident)), &shape, error);

    *waiting = rows && rows->len ? *(const struct waiting *)rows->pdata[0] : (struct waiting){0};
    return rows != NULL;
}

gboolean store_keep_waiting(struct store *store, const struct waiting *waiting, GError **error)
{
    return statement_run(store,
        "INSERT INTO waiting (incident, letter, since, reminded, next_reminder)"
        " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (incident) DO UPDATE SET letter = ?2,"
        " since = ?3, reminded = ?4, next_reminder = ?5",
        VALUES(NUMBER(waiting->incident), NUMBER(waiting->letter), NUMBER(waiting->since),
            NUMBER(waiting->reminded), NUMBER(waiting->next_reminder)),
        error);
}

gboolean store_waits_no_more(struct store *store, guint64 incident, GError **error)
{
    return statement_run(
        store, "DELETE FROM waiting WHERE incident = ?1", VALUES(NUMBER(incident)), error);
}

GArray *store_due_waiting(struct store *store, gint64 now, guint most, GError **error)
{
    return statement_ids(store,
        "SELECT incident FROM waiting WHERE next_reminder > 0 AND next_reminder <= ?1"
        " ORDER BY next_reminder, incident LIMIT ?2",
        VALUES(NUMBER(now), NUMBER(most)), error);
}

GArray *store_unsent_reminders(struct store *store, guint64 incident, GError **error)
{
    return statement_ids(store,
        "SELECT outbox.id FROM outbox JOIN writing ON writing.letter = outbox.id"
        " WHERE outbox.incident = ?1 AND outbox.state IN ('queued', 'held', 'deferred')"
        " AND coordination IS NULL AND purpose = 'remind' ORDER BY outbox.id",
        VALUES(NUMBER(incident)), error);
}
