/* Who may be told of an incident whatever its label is: those who are named for it, and those who
 * told us of it. */
#include "statement.h"
#include "error.h"

void naming_free(struct naming *naming)
{
    if (!naming)
        return;
    g_free(naming->name);
    g_free(naming->user);
    g_free(naming->reason);
    g_free(naming);
}

gboolean store_name_contact(struct store *store, guint64 incident, guint64 contact,
    const struct naming *naming, GError **error)
{
    return statement_run(store,
        "INSERT INTO incident_named (incident, contact, user, reason, at) VALUES (?1, ?2, ?3, ?4, "
        "?5)"
        " ON CONFLICT (incident, contact) DO NOTHING",
        VALUES(NUMBER(incident), NUMBER(contact), TEXT(naming->user), TEXT(naming->reason),
            NUMBER(naming->at)),
        error);
}

gboolean store_unname_contact(
    struct store *store, guint64 incident, guint64 contact, GError **error)
{
    return statement_change(store,
        "DELETE FROM incident_named WHERE incident = ?1 AND contact = ?2",
        VALUES(NUMBER(incident), NUMBER(contact)), "named recipient", error);
}

GPtrArray *store_named(struct store *store, guint64 incident, GError **error)
{
    static const struct column columns[] = {
        NUMBER_OF(struct naming, contact),
        TEXT_OF(struct naming, name),
        TEXT_OF(struct naming, user),
        TEXT_OF(struct naming, reason),
        NUMBER_OF(struct naming, at),
    };
    static const struct shape shape = SHAPE(struct naming, naming_free, columns);

    return statement_rows(store,
        "SELECT contact, name, user, reason, at FROM incident_named"
        " JOIN contact ON contact.id = incident_named.contact WHERE incident = ?1 ORDER BY name",
        VALUES(NUMBER(incident)), &shape, error);
}

/* -- who told us -- */

/* All mails of the incident, and whether each one is theirs. A word that is no label counts as the
 * strictest. */
#define WHOSE                                                                                      \
    " FROM (SELECT mail.id, message.from_key = ?2 OR message.from_key IN (SELECT address"          \
    " FROM contact_address WHERE contact = ?3) AS theirs FROM mail"                                \
    " JOIN message ON message.mail = mail.id WHERE mail.incident = ?1"                             \
    " AND mail.ledger IN ('incident', 'unreadable')) AS whose "
#define RANK                                                                                       \
    "CASE label WHEN 'AMBER+STRICT' THEN 1 WHEN 'AMBER' THEN 2 WHEN 'GREEN' THEN 3"                \
    " WHEN 'CLEAR' THEN 4 ELSE 0 END"

gboolean store_telling(struct store *store, guint64 incident, const struct teller *teller,
    struct telling *telling, GError **error)
{
    g_autofree char *key = g_ascii_strdown(teller->address, -1);
    const struct {
        const char *sql;
        gint64 *number;
    } questions[] = {
        {"SELECT count(*)" WHOSE "WHERE theirs", &telling->theirs},
        {"SELECT count(*) + (SELECT count(*) FROM told WHERE told.incident = ?1)" WHOSE
         "WHERE NOT theirs",
            &telling->others},
        {"SELECT count(DISTINCT whose.id)" WHOSE "JOIN marking ON marking.mail = whose.id"
         " WHERE theirs AND scheme = 'TLP' AND weak = 0",
            &telling->labelled},
        {"SELECT coalesce(min(" RANK "), 5)" WHOSE "JOIN marking ON marking.mail = whose.id"
         " WHERE theirs AND scheme = 'TLP' AND weak = 0",
            &telling->strictest},
        {"SELECT count(*)" WHOSE "JOIN crypto ON crypto.mail = whose.id"
         " WHERE theirs AND encrypted <> 'none'",
            &telling->sealed},
        {"SELECT count(*) FROM reporter WHERE incident = ?1 AND (address = ?2 OR address IN"
         " (SELECT address FROM contact_address WHERE contact = ?3))",
            &telling->reported},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(questions); i++)
        if (!statement_number(store, questions[i].sql,
                VALUES(NUMBER(incident), TEXT(key), NUMBER(teller->contact)), questions[i].number,
                error))
            return FALSE;
    return TRUE;
}
