/* Numbers of other trackers for incidents of ours. */
#include "statement.h"

gboolean store_add_reference(
    struct store *store, const struct reference *reference, gboolean *added, GError **error)
{
    gint64 incident;

    if (!statement_number(store,
            "INSERT INTO reference (incident, authority, id, address, mail, at)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (incident, authority, id) DO NOTHING"
            " RETURNING incident",
            VALUES(NUMBER(reference->incident), TEXT(reference->authority), TEXT(reference->id),
                TEXT(reference->address), NUMBER(reference->mail), NUMBER(reference->at)),
            &incident, error))
        return FALSE;
    *added = incident != 0;
    return TRUE;
}

GPtrArray *store_references(struct store *store, guint64 incident, GError **error)
{
    static const struct column columns[] = {
        NUMBER_OF(struct reference, incident),
        TEXT_OF(struct reference, authority),
        TEXT_OF(struct reference, id),
        TEXT_OF(struct reference, address),
        NUMBER_OF(struct reference, mail),
        NUMBER_OF(struct reference, at),
    };
    static const struct shape shape = SHAPE(struct reference, reference_free, columns);

    return statement_rows(store,
        "SELECT incident, authority, id, address, mail, at FROM reference WHERE incident = ?1"
        " ORDER BY at, mail, authority, id",
        VALUES(NUMBER(incident)), &shape, error);
}

GArray *store_incidents_by_reference(
    struct store *store, const char *id, const char *address, guint most, GError **error)
{
    g_autofree char *key = g_ascii_strdown(address, -1);

    return statement_ids(store,
        "SELECT DISTINCT incident FROM reference WHERE id = ?1 AND ?2 <> '' AND (address = ?2"
        " OR address IN (SELECT other.address FROM contact_address AS one"
        " JOIN contact_address AS other ON other.contact = one.contact WHERE one.address = ?2))"
        " ORDER BY incident DESC LIMIT ?3",
        VALUES(TEXT(id), TEXT(key), NUMBER(most)), error);
}
