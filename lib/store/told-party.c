/* Letters to many, and how each of them fared. */
#include "statement.h"

GPtrArray *store_told_parties(
    struct store *store, guint64 incident, const char *purpose, GError **error)
{
    static const struct column columns[] = {
        NUMBER_OF(struct told_party, letter),
        TEXT_OF(struct told_party, purpose),
        TEXT_OF(struct told_party, name),
        TEXT_OF(struct told_party, address),
        TEXT_OF(struct told_party, writer),
        TEXT_OF(struct told_party, state),
        TEXT_OF(struct told_party, reply),
        NUMBER_OF(struct told_party, at),
        NUMBER_OF(struct told_party, answer),
        TEXT_OF(struct told_party, target),
    };
    static const struct shape shape = SHAPE(struct told_party, told_party_free, columns);

    return statement_rows(store,
        "SELECT outbox.id, ifnull(purpose, 'escalate'), coalesce(escalation.name, contact.name, "
        "''), outbox.recipient,"
        " ifnull(writer, escalation.actor), CASE WHEN dropped.letter IS NULL THEN outbox.state "
        "ELSE 'dropped' END,"
        " outbox.reply, outbox.changed_at, coalesce((SELECT min(mail.id) FROM mail"
        " JOIN message ON message.mail = mail.id WHERE mail.incident = outbox.incident"
        " AND message.from_key = outbox.address AND mail.ledger = 'incident'"
        " AND mail.arrived_at >= outbox.created_at), 0), coalesce(target, '')"
        " FROM outbox LEFT JOIN writing ON writing.letter = outbox.id"
        " LEFT JOIN dropped ON dropped.letter = outbox.id"
        " LEFT JOIN escalation ON escalation.letter = outbox.id"
        " LEFT JOIN contact_address ON contact_address.address = outbox.address"
        " LEFT JOIN contact ON contact.id = contact_address.contact"
        " WHERE outbox.incident = ?1 AND (writing.letter IS NOT NULL OR escalation.letter IS NOT "
        "NULL)"
        " AND (?2 IS NULL OR purpose = ?2) ORDER BY outbox.id",
        VALUES(NUMBER(incident), TEXT(purpose)), &shape, error);
}

gboolean store_keep_escalation(
    struct store *store, const struct escalated *escalated, GError **error)
{
    return statement_run(store,
        "INSERT INTO escalation (incident, target, letter, name, actor, at)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        VALUES(NUMBER(escalated->incident), TEXT(escalated->target), NUMBER(escalated->letter),
            TEXT(escalated->name), TEXT(escalated->actor), NUMBER(escalated->at)),
        error);
}

gboolean store_escalation_number(
    struct store *store, guint64 incident, const char *target, guint *number, GError **error)
{
    gint64 count;
    gboolean done = statement_number(store,
        "SELECT count(DISTINCT at) FROM escalation WHERE incident = ?1 AND target = ?2",
        VALUES(NUMBER(incident), TEXT(target)), &count, error);

    *number = (guint)count + 1;
    return done;
}

gboolean store_knows_party(
    struct store *store, const char *address, gboolean *known, GError **error)
{
    g_autofree char *key = g_ascii_strdown(address, -1);
    gint64 found;
    gboolean done =
        statement_number(store, "SELECT EXISTS (SELECT 1 FROM correspondent WHERE address = ?1)",
            VALUES(TEXT(key)), &found, error);

    *known = found != 0;
    return done;
}
