/* What one tells the next: found in the store, and kept as it was then. */
#include "statement.h"

static const struct column columns[] = {
    NUMBER_OF(struct handover, id),
    TEXT_OF(struct handover, number),
    TEXT_OF(struct handover, outgoing),
    TEXT_OF(struct handover, incoming),
    NUMBER_OF(struct handover, since),
    NUMBER_OF(struct handover, at),
    TEXT_OF(struct handover, text),
    TEXT_OF(struct handover, state),
    NUMBER_OF(struct handover, ended_at),
    TEXT_OF(struct handover, ended_by),
};
static const struct shape shape = SHAPE(struct handover, handover_free, columns);

gboolean store_write_handover(
    struct store *store, struct handover *handover, int year, GError **error)
{
    gint64 last, id;
    g_autofree char *like = g_strdup_printf("H-%04d-%%", year);

    if (!statement_number(store,
            "SELECT coalesce(max(CAST(substr(number, 8) AS INTEGER)), 0) FROM handover"
            " WHERE number LIKE ?1",
            VALUES(TEXT(like)), &last, error))
        return FALSE;
    g_free(handover->number);
    handover->number = g_strdup_printf("H-%04d-%04d", year, (int)last + 1);
    if (!statement_run(store,
            "UPDATE handover SET state = 'replaced', ended_at = ?1, ended_by = ?2, tell = 0"
            " WHERE state = 'written'",
            VALUES(NUMBER(handover->at), TEXT(handover->outgoing)), error) ||
        !statement_number(store,
            "INSERT INTO handover (number, outgoing, incoming, since, at, text, state, ended_at,"
            " ended_by, tell) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'written', 0, '', ?5) RETURNING id",
            VALUES(TEXT(handover->number), TEXT(handover->outgoing), TEXT(handover->incoming),
                NUMBER(handover->since), NUMBER(handover->at), TEXT(handover->text)),
            &id, error))
        return FALSE;
    handover->id = (guint64)id;
    return TRUE;
}

/* -- what is found: ?1 the sheet, ?2 since when, ?3 now, ?4 until when the next looks ahead -- */

#define ITEMS "INSERT INTO handover_item (handover, part, incident, due, text) SELECT ?1, "
#define UNFINISHED "state NOT IN ('closed', 'rejected') AND merged_into = 0"
/* The first of what is to be done about an incident. */
#define DUE                                                                                        \
    "coalesce((SELECT min(at) FROM (SELECT nullif(incident.due, 0) AS at UNION ALL SELECT"         \
    " target.due FROM target WHERE target.incident = incident.id AND met_at = 0 AND over = 0 AND " \
    "target.due >"                                                                                 \
    " 0)), 0)"
/* An answer of a person has gone, or will, since they were told last by when there would be one. */
#define ANSWERED                                                                                   \
    "EXISTS (SELECT 1 FROM outbox JOIN writing ON letter = outbox.id WHERE outbox.incident ="      \
    " incident.id AND outbox.address = lower(reporter_addr) AND outbox.state <> 'failed'"          \
    " AND outbox.created_at >= coalesce((SELECT max(created_at) FROM outbox AS ack"                \
    " WHERE ack.incident = incident.id AND ack.kind = 'ack'), 0))"

static const char *const parts[] = {
    (ITEMS
        "'watch', id, at, severity || ' ' || state || ' ' || CASE handler WHEN '' THEN '-' ELSE"
        " handler END || ': ' || subject FROM (SELECT id, severity, state, handler, subject, " DUE
        " AS at FROM incident WHERE " UNFINISHED ") WHERE ?2 = ?2 AND ?3 = ?3 AND"
        " (severity IN ('critical', 'high') OR (at > 0 AND at <= ?4))"
        " ORDER BY severity <> 'critical', severity <> 'high', at = 0, at, id LIMIT 50"),
    (ITEMS
        "'new', id, 0, severity || ' ' || state || ': ' || subject FROM incident"
        " WHERE opened_at >= ?2 AND merged_into = 0 AND ?3 = ?3 AND ?4 = ?4 ORDER BY id LIMIT 50"),
    (ITEMS "'waiting', incident, next_reminder, coordination.number || ' ' || contact.name || ': '"
           " || state FROM coordination JOIN contact ON contact.id = coordination.contact"
           " WHERE state IN ('asked', 'acknowledged', 'no-answer') AND ?2 = ?2 AND ?3 = ?3 AND"
           " ?4 = ?4 ORDER BY next_reminder = 0, next_reminder, coordination.id LIMIT 50"),
    (ITEMS "'promised', incident.id, 0, promised FROM told JOIN incident ON incident.id ="
           " told.incident WHERE promised <> '' AND " UNFINISHED " AND ?2 = ?2 AND ?3 = ?3 AND"
           " ?4 = ?4 ORDER BY told.id LIMIT 50"),
    (ITEMS "'promised', id, reply_by, 'an answer to who reported it' FROM incident"
           " WHERE reply_by > 0 AND " UNFINISHED " AND NOT " ANSWERED " AND ?2 = ?2 AND ?3 = ?3 AND"
           " ?4 = ?4 ORDER BY reply_by, id LIMIT 50"),
    (ITEMS "'held', coalesce(incident, 0), 0, kind || ' ' || id || ': ' || reply FROM outbox"
           " WHERE state = 'held' AND ?2 = ?2 AND ?3 = ?3 AND ?4 = ?4 ORDER BY id LIMIT 50"),
    (ITEMS "'coming', id, embargo_until, 'the embargo ends' FROM incident WHERE embargo_until > ?3"
           " AND embargo_until <= ?4 + 604800 AND " UNFINISHED " AND ?2 = ?2 ORDER BY embargo_until"
           " LIMIT 50"),
    (ITEMS "'health', 0, 0, condition || ': ' || text FROM alarm WHERE over_at IS NULL AND ?2 = ?2"
           " AND ?3 = ?3 AND ?4 = ?4 ORDER BY id LIMIT 50"),
};

/* What waits for a person and is of no incident yet: how many, and no word of it. */
static const char *const counts[] = {
    (ITEMS "'mail', 0, 0, count(*) || ' to sort: madoctl inbox' FROM mail WHERE ledger ="
           " 'pending' HAVING count(*) > 0"),
    (ITEMS "'mail', 0, 0, count(*) || ' cannot be read' FROM unreadable HAVING count(*) > 0"),
};

gboolean store_fill_handover(
    struct store *store, const struct handover *handover, gint64 next_day, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
        if (!statement_run(store, parts[i],
                VALUES(NUMBER(handover->id), NUMBER(handover->since), NUMBER(handover->at),
                    NUMBER(next_day)),
                error))
            return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(counts); i++)
        if (!statement_run(store, counts[i], VALUES(NUMBER(handover->id)), error))
            return FALSE;
    return TRUE;
}

gboolean store_add_handover_item(
    struct store *store, guint64 handover, const struct handover_item *item, GError **error)
{
    return statement_run(store,
        "INSERT INTO handover_item (handover, part, incident, due, text)"
        " VALUES (?1, ?2, ?3, ?4, ?5)",
        VALUES(NUMBER(handover), TEXT(item->part), NUMBER(item->incident), NUMBER(item->due),
            TEXT(item->text)),
        error);
}

/* -- and kept -- */

struct handover *store_handover(struct store *store, guint64 id, GError **error)
{
    return statement_row(store,
        "SELECT id, number, outgoing, incoming, since, at, text, state, ended_at, ended_by"
        " FROM handover WHERE id = ?1",
        VALUES(NUMBER(id)), &shape, "hand-over", error);
}

gboolean store_find_handover(struct store *store, const char *number, guint64 *id, GError **error)
{
    gint64 found;
    gboolean done = statement_number(store,
        number ? "SELECT id FROM handover WHERE number = ?1"
               : "SELECT id FROM handover WHERE state = 'written' AND ?1 IS NULL"
                 " ORDER BY id DESC LIMIT 1",
        VALUES(TEXT(number)), &found, error);

    *id = (guint64)found;
    return done;
}

GPtrArray *store_handover_items(struct store *store, guint64 handover, GError **error)
{
    static const struct column item_columns[] = {
        TEXT_OF(struct handover_item, part),
        NUMBER_OF(struct handover_item, incident),
        NUMBER_OF(struct handover_item, due),
        TEXT_OF(struct handover_item, text),
    };
    static const struct shape item = SHAPE(struct handover_item, handover_item_free, item_columns);

    return statement_rows(store,
        "SELECT part, incident, due, text FROM handover_item WHERE handover = ?1 ORDER BY id",
        VALUES(NUMBER(handover)), &item, error);
}

gboolean store_end_handover(struct store *store, const struct handover *handover, GError **error)
{
    return statement_change(store,
        "UPDATE handover SET state = ?2, ended_at = ?3, ended_by = ?4, tell = 0 WHERE id = ?1",
        VALUES(NUMBER(handover->id), TEXT(handover->state), NUMBER(handover->ended_at),
            TEXT(handover->ended_by)),
        "hand-over", error);
}

GArray *store_handovers_to_tell(struct store *store, gint64 now, GError **error)
{
    return statement_ids(store, "SELECT id FROM handover WHERE tell > 0 AND tell <= ?1 ORDER BY id",
        VALUES(NUMBER(now)), error);
}

gboolean store_handover_told(struct store *store, guint64 id, GError **error)
{
    return statement_run(
        store, "UPDATE handover SET tell = 0 WHERE id = ?1", VALUES(NUMBER(id)), error);
}
