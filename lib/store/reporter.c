/* Who reported an incident, and which reports are alike. */
#include "statement.h"
#include <mado/incident.h>

enum { LOOKED_AT = 20 }; /* of the latest reports that are alike */

gboolean store_add_reporter(struct store *store, const struct reporter *reporter, GError **error)
{
    g_autofree char *key = g_ascii_strdown(reporter->address, -1);

    return statement_run(store,
        "INSERT INTO reporter (incident, address, name, mail, at) VALUES (?1, ?2, ?3, ?4, ?5)"
        " ON CONFLICT (incident, address) DO NOTHING",
        VALUES(NUMBER(reporter->incident), TEXT(key), TEXT(reporter->name), NUMBER(reporter->mail),
            NUMBER(reporter->at)),
        error);
}

static const struct column reporter_columns[] = {
    NUMBER_OF(struct reporter, incident),
    TEXT_OF(struct reporter, address),
    TEXT_OF(struct reporter, name),
    NUMBER_OF(struct reporter, mail),
    NUMBER_OF(struct reporter, at),
};
static const struct shape reporter_shape = SHAPE(struct reporter, reporter_free, reporter_columns);

GPtrArray *store_reporters(struct store *store, guint64 incident, guint most, GError **error)
{
    return statement_rows(store,
        "SELECT incident, address, name, mail, at FROM reporter WHERE incident = ?1"
        " ORDER BY at, mail LIMIT ?2",
        VALUES(NUMBER(incident), NUMBER(most)), &reporter_shape, error);
}

GPtrArray *store_reporter_names(struct store *store, guint64 incident, guint most, GError **error)
{
    return statement_rows(store,
        "SELECT mail.incident, from_key, from_name, min(mail.id), 0 FROM mail"
        " JOIN message ON message.mail = mail.id WHERE mail.incident = ?1 AND from_name <> ''"
        " AND from_key IN (SELECT address FROM reporter WHERE incident = ?1)"
        " GROUP BY from_key, from_name ORDER BY min(mail.id) LIMIT ?2",
        VALUES(NUMBER(incident), NUMBER(most)), &reporter_shape, error);
}

gboolean store_keep_alike(struct store *store, guint64 mail, const char *alike, GError **error)
{
    return !*alike || statement_run(store, "UPDATE message SET alike = ?2 WHERE mail = ?1",
                          VALUES(NUMBER(mail), TEXT(alike)), error);
}

static const char alike_sql[] =
    "SELECT incident.id, incident.number, incident.state, incident.label"
    " FROM (SELECT mail FROM message WHERE alike = ?1 AND alike <> '' AND mail <> ?2"
    " ORDER BY mail DESC LIMIT ?4) AS same"
    " JOIN mail ON mail.id = same.mail JOIN incident ON incident.id = mail.incident"
    " WHERE mail.ledger = 'incident' AND mail.arrived_at > ?3"
    " AND incident.state IN ('new', 'open') AND incident.restricted = 0"
    " AND EXISTS (SELECT 1 FROM reporter WHERE reporter.incident = incident.id"
    " AND reporter.mail = same.mail)"
    " ORDER BY same.mail DESC LIMIT 1";

/* The incident of the latest report that is the same, if somebody still works on it. */
gboolean store_find_alike(struct store *store, const struct question *question, gint64 now,
    struct history *history, GError **error)
{
    static const struct column columns[] = {
        NUMBER_OF(struct known_incident, id),
        TEXT_OF(struct known_incident, number),
        TEXT_OF(struct known_incident, state),
        TEXT_OF(struct known_incident, label),
    };
    static const struct shape shape = SHAPE(struct known_incident, known_incident_free, columns);
    g_autoptr(GPtrArray) rows = NULL;
    gint64 found = 0;

    if (!*question->alike || question->alike_within <= 0)
        return TRUE;
    rows = statement_rows(store, alike_sql,
        VALUES(TEXT(question->alike), NUMBER(question->mail), NUMBER(now - question->alike_within),
            NUMBER(LOOKED_AT)),
        &shape, error);
    if (!rows)
        return FALSE;
    if (!rows->len)
        return TRUE;
    history->alike = g_ptr_array_steal_index(rows, 0);
    if (!statement_number(store,
            "SELECT count(*) FROM reporter WHERE incident = ?1 AND address = ?2",
            VALUES(NUMBER(history->alike->id), TEXT(question->address)), &found, error))
        return FALSE;
    history->alike_by_address = found > 0;
    return TRUE;
}
