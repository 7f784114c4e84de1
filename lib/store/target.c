/* Targets: their rows, and what has happened that they depend on. */
#include "statement.h"

static const struct column columns[] = {
    NUMBER_OF(struct target, incident),
    TEXT_OF(struct target, kind),
    NUMBER_OF(struct target, began_at),
    NUMBER_OF(struct target, due),
    NUMBER_OF(struct target, met_at),
    INT_OF(struct target, over),
    NUMBER_OF(struct target, told),
    NUMBER_OF(struct target, next_word),
    TEXT_OF(struct target, basis),
    TEXT_OF(struct target, span),
};
static const struct shape shape = SHAPE(struct target, target_free, columns);

#define SELECT                                                                                     \
    "SELECT incident, kind, began_at, due, met_at, over, told, next_word, basis, span FROM "       \
    "target "

GPtrArray *store_targets(struct store *store, guint64 incident, GError **error)
{
    return statement_rows(
        store, SELECT "WHERE incident = ?1", VALUES(NUMBER(incident)), &shape, error);
}

gboolean store_keep_target(struct store *store, const struct target *target, GError **error)
{
    return statement_run(store,
               "INSERT INTO target (incident, kind, began_at, due, met_at, over, told, next_word, "
               "basis,"
               " span) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
               " ON CONFLICT (incident, kind) DO UPDATE SET began_at = ?3, due = ?4, met_at = ?5,"
               " over = ?6, told = ?7, next_word = ?8, basis = ?9, span = ?10",
               VALUES(NUMBER(target->incident), TEXT(target->kind), NUMBER(target->began_at),
                   NUMBER(target->due), NUMBER(target->met_at), NUMBER(target->over),
                   NUMBER(target->told), NUMBER(target->next_word), TEXT(target->basis),
                   TEXT(target->span)),
               error) &&
           store_escalation_look(store, target->incident, error);
}

GPtrArray *store_first_targets(struct store *store, guint most, GError **error)
{
    return statement_rows(store,
        SELECT "WHERE met_at = 0 AND due > 0 AND over = 0 ORDER BY due, incident LIMIT ?1",
        VALUES(NUMBER(most)), &shape, error);
}

GPtrArray *store_due_targets(struct store *store, gint64 now, guint most, GError **error)
{
    return statement_rows(store,
        SELECT "WHERE next_word > 0 AND next_word <= ?1 ORDER BY next_word, incident LIMIT ?2",
        VALUES(NUMBER(now), NUMBER(most)), &shape, error);
}

/* -- what has happened -- */

static GArray *take_changed(struct store *store)
{
    GArray *ids = g_array_new(FALSE, FALSE, sizeof(guint64));
    GHashTableIter iter;
    gpointer id;

    g_hash_table_iter_init(&iter, store->changed);
    while (g_hash_table_iter_next(&iter, &id, NULL)) {
        guint64 one = GPOINTER_TO_SIZE(id);
        g_array_append_val(ids, one);
    }
    g_hash_table_remove_all(store->changed);
    return ids;
}

void store_set_follower(struct store *store, store_follower follower, gpointer data)
{
    store->follower = follower;
    store->follower_data = data;
}

gboolean store_follow_changes(struct store *store, GError **error)
{
    g_autoptr(GArray) ids = NULL;

    if (!g_hash_table_size(store->changed))
        return TRUE;
    ids = take_changed(store);
    return !store->follower || store->follower(store->follower_data, ids, error);
}

/* A letter that a person has written to who told us of it, and that has gone. */
#define LETTERS                                                                                    \
    " FROM outbox JOIN writing ON writing.letter = outbox.id WHERE outbox.incident = ?1"           \
    " AND outbox.state IN ('sent', 'unknown') AND coordination IS NULL"                            \
    " AND purpose IN ('reply', 'ask', 'close', 'reject')"
#define OUTSIDE " FROM journal WHERE incident = ?1 AND incident <> 0 AND kind = 'sent-outside'"
#define ACKS                                                                                       \
    " FROM outbox WHERE incident = ?1 AND kind = 'ack'"                                            \
    " AND id NOT IN (SELECT letter FROM dropped)"

static const char events_sql[] =
    "SELECT EXISTS (SELECT 1 FROM imported WHERE incident = ?1),"
    " ifnull((SELECT machine <> 'no' FROM mail JOIN message ON message.mail = mail.id"
    " WHERE mail.incident = ?1 ORDER BY mail.id LIMIT 1), 0),"
    " (SELECT min(created_at)" ACKS "), (SELECT max(created_at)" ACKS "),"
    " (SELECT min(changed_at)" ACKS " AND state IN ('sent', 'unknown')),"
    " (SELECT min(at) FROM journal WHERE incident = ?1 AND incident <> 0 AND actor <> 'mado'"
    " AND kind NOT IN ('imported', 'refused')),"
    " (SELECT min(changed_at)" LETTERS "), (SELECT max(changed_at)" LETTERS "),"
    " (SELECT min(at)" OUTSIDE "), (SELECT max(at)" OUTSIDE "),"
    " (SELECT arrived_at FROM mail JOIN message ON message.mail = mail.id"
    " WHERE mail.incident = ?1 AND machine = 'no' AND from_key IN (SELECT address FROM"
    " correspondent WHERE incident = ?1) ORDER BY mail.id DESC LIMIT 1)";

/* The first that is there. */
static gint64 first(gint64 one, gint64 other)
{
    return one && other ? MIN(one, other) : MAX(one, other);
}

static void take_events(sqlite3_stmt *statement, struct target_events *events)
{
    gint64 value[11];

    for (int i = 0; i < (int)G_N_ELEMENTS(value); i++)
        value[i] = sqlite3_column_int64(statement, i);
    *events = (struct target_events){
        .imported = value[0] != 0,
        .machine = value[1] != 0,
        .ack_queued_at = value[2],
        .ack_last_at = value[3],
        .acked_at = value[4],
        .person_at = value[5],
        .replied_at = first(value[6], value[8]),
        .told_at = MAX(value[7], value[9]),
        .heard_at = value[10],
    };
}

gboolean store_target_events(
    struct store *store, guint64 incident, struct target_events *events, GError **error)
{
    sqlite3_stmt *statement = statement_ask(store, events_sql, VALUES(NUMBER(incident)), error);
    int got = statement ? statement_next(store, statement, error) : -1;

    if (got > 0) {
        take_events(statement, events);
        statement_stop(statement);
    }
    return got > 0;
}
