/* Numbers of other trackers for incidents of ours. */
#include "sorting.h"
#include "statement.h"

enum { MOST_REFERRED = 5 }; /* by one number; two are as unclear as many */

/* The first who tells a number stands beside it, others by themselves. */
gboolean store_add_reference(
    struct store *store, const struct reference *reference, gboolean *added, GError **error)
{
    static const char *const inserts[] = {
        "INSERT INTO reference (incident, authority, id, address, mail, at)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (incident, authority, id) DO NOTHING"
        " RETURNING incident",
        "INSERT INTO reference_teller (incident, authority, id, address, mail, at)"
        " SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS (SELECT 1 FROM reference"
        " WHERE incident = ?1 AND authority = ?2 AND id = ?3 AND address = ?4)"
        " ON CONFLICT (incident, authority, id, address) DO NOTHING RETURNING incident",
    };
    gint64 incident = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(inserts) && !incident; i++)
        if (!statement_number(store, inserts[i],
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
        " UNION ALL"
        " SELECT incident, authority, id, address, mail, at FROM reference_teller"
        " WHERE incident = ?1 ORDER BY at, mail, authority, id, address",
        VALUES(NUMBER(incident)), &shape, error);
}

/* From the sender's side: whoever else tells the same number makes nothing slower. */
GArray *store_incidents_by_reference(
    struct store *store, const char *id, const char *address, guint most, GError **error)
{
    static const char sql[] =
        "WITH teller (address) AS ("
        " SELECT ?2 WHERE ?2 <> ''"
        " UNION SELECT other.address FROM contact_address AS one"
        " JOIN contact_address AS other ON other.contact = one.contact WHERE one.address = ?2"
        " UNION SELECT other.address FROM contact_address AS one"
        " JOIN contact AS mine ON mine.id = one.contact"
        " JOIN contact AS theirs ON theirs.name = mine.organisation"
        " JOIN contact_address AS other ON other.contact = theirs.id WHERE one.address = ?2"
        " UNION SELECT other.address FROM contact_address AS one"
        " JOIN contact AS mine ON mine.id = one.contact"
        " JOIN contact AS theirs ON theirs.organisation IN (mine.name, mine.organisation)"
        " AND theirs.organisation <> ''"
        " JOIN contact_address AS other ON other.contact = theirs.id WHERE one.address = ?2)"
        " SELECT incident FROM reference WHERE id = ?1 AND address IN teller"
        " UNION SELECT incident FROM reference_teller WHERE id = ?1 AND address IN teller"
        " ORDER BY incident DESC LIMIT ?3";
    g_autofree char *key = g_ascii_strdown(address, -1);

    return statement_ids(store, sql, VALUES(TEXT(id), TEXT(key), NUMBER(most)), error);
}

/* -- what they tell of a mail -- */

/* Of what became a part of another one, that one is told. */
struct known_incident *store_known_incident(
    struct store *store, guint64 incident, gint64 reopen_since, GError **error)
{
    static const struct column columns[] = {
        NUMBER_OF(struct known_incident, id),
        TEXT_OF(struct known_incident, number),
        TEXT_OF(struct known_incident, state),
        TEXT_OF(struct known_incident, label),
        INT_OF(struct known_incident, reopens),
        TEXT_OF(struct known_incident, waits_for),
        INT_OF(struct known_incident, coordinated),
    };
    static const struct shape shape = SHAPE(struct known_incident, known_incident_free, columns);
    /* What few may see goes on with those few, however late. */
    g_autoptr(GPtrArray) rows = statement_rows(store,
        "SELECT id, number, state, label, restricted = 1 OR state NOT IN ('closed', 'rejected')"
        " OR CASE WHEN closed_at > 0 THEN closed_at ELSE updated_at END >= ?2, waits_for,"
        " EXISTS (SELECT 1 FROM coordination WHERE coordination.incident = incident.id"
        " AND coordination.state IN ('asked', 'acknowledged'))"
        " FROM incident WHERE id = (SELECT CASE WHEN merged_into > 0 THEN merged_into ELSE id END"
        " FROM incident WHERE id = ?1)",
        VALUES(NUMBER(incident), NUMBER(reopen_since)), &shape, error);

    return rows && rows->len ? g_ptr_array_steal_index(rows, 0) : NULL;
}

gboolean store_find_referred(struct store *store, const struct question *question,
    gint64 reopen_since, struct history *history, GError **error)
{
    for (char **id = question->references; *question->address && *id; id++) {
        g_autoptr(GArray) incidents =
            store_incidents_by_reference(store, *id, question->address, MOST_REFERRED, error);
        if (!incidents)
            return FALSE;
        for (guint i = 0; i < incidents->len; i++) {
            struct known_incident *known = store_known_incident(
                store, g_array_index(incidents, guint64, i), reopen_since, error);
            if (!known)
                return FALSE;
            known->reference = g_strdup(*id);
            g_ptr_array_add(history->referred, known);
        }
    }
    return TRUE;
}
