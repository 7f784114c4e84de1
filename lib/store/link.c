/* Incidents that have to do with each other, as operators say. */
#include "statement.h"

void incident_link_free(struct incident_link *link)
{
    if (!link)
        return;
    g_free(link->kind);
    g_free(link->actor);
    g_free(link->reason);
    g_free(link);
}

static gboolean write_link(struct store *store, const struct incident_link *link, GError **error)
{
    return statement_run(store,
        "INSERT INTO incident_link (incident, other, kind, actor, reason, at)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (incident, other) DO UPDATE SET"
        " kind = excluded.kind, actor = excluded.actor, reason = excluded.reason,"
        " at = excluded.at",
        VALUES(NUMBER(link->incident), NUMBER(link->other), TEXT(link->kind), TEXT(link->actor),
            TEXT(link->reason), NUMBER(link->at)),
        error);
}

gboolean store_link(
    struct store *store, const struct incident_link *link, const char *back, GError **error)
{
    struct incident_link other = *link;

    other.incident = link->other;
    other.other = link->incident;
    other.kind = (char *)back;
    return write_link(store, link, error) && write_link(store, &other, error);
}

gboolean store_unlink(
    struct store *store, guint64 incident, guint64 other, gboolean *was, GError **error)
{
    gint64 count = 0;

    if (!statement_number(store,
            "SELECT count(*) FROM incident_link WHERE incident = ?1 AND other = ?2",
            VALUES(NUMBER(incident), NUMBER(other)), &count, error))
        return FALSE;
    *was = count > 0;
    return statement_run(store, "DELETE FROM incident_link WHERE incident = ?1 AND other = ?2",
               VALUES(NUMBER(incident), NUMBER(other)), error) &&
           statement_run(store, "DELETE FROM incident_link WHERE incident = ?1 AND other = ?2",
               VALUES(NUMBER(other), NUMBER(incident)), error);
}

GPtrArray *store_links(struct store *store, guint64 incident, guint most, GError **error)
{
    static const struct column columns[] = {
        NUMBER_OF(struct incident_link, incident),
        NUMBER_OF(struct incident_link, other),
        TEXT_OF(struct incident_link, kind),
        TEXT_OF(struct incident_link, actor),
        TEXT_OF(struct incident_link, reason),
        NUMBER_OF(struct incident_link, at),
    };
    static const struct shape shape = SHAPE(struct incident_link, incident_link_free, columns);

    return statement_rows(store,
        "SELECT incident, other, kind, actor, reason, at FROM incident_link WHERE incident = ?1"
        " ORDER BY other DESC LIMIT ?2",
        VALUES(NUMBER(incident), NUMBER(most)), &shape, error);
}
