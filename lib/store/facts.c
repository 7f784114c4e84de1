/* What figures are made of: cases, reports, requests to parties. Visited row by row, because there
 * are many. */
#include "statement.h"

#define SEEN                                                                                       \
    "incident.label, incident.state, incident.restricted,"                                         \
    " CASE WHEN incident.restricted THEN EXISTS (SELECT 1 FROM member"                             \
    " WHERE member.incident = incident.id AND member.user = ?1) ELSE 0 END"

/* What is earlier of what an operator has planned and what a target asks for. */
#define DUE                                                                                        \
    "ifnull((SELECT min(due) FROM (SELECT incident.due AS due WHERE incident.due > 0 UNION ALL"    \
    " SELECT target.due FROM target WHERE target.incident = incident.id AND target.met_at = 0"     \
    " AND target.over = 0 AND target.due > 0)), 0)"

/* Whoever has read one letter of it needs no other. */
#define UNREAD                                                                                     \
    "ifnull((SELECT min(at) FROM escalation WHERE escalation.incident = incident.id"               \
    " AND read_at = 0 AND closed_at = 0 AND NOT EXISTS (SELECT 1 FROM escalation AS other"         \
    " WHERE other.incident = escalation.incident AND other.target = escalation.target"             \
    " AND other.read_at > 0)), 0)"

static const char cases[] =
    "SELECT opened_at, " SEEN ", " DUE ", number, category, severity, handler, closed_at,"
    " ifnull(first.met_at, 0), ifnull(first.due, 0), ifnull(look.met_at, 0), ifnull(look.due, 0),"
    " reporter_addr, ifnull(contact.relation, ''), ifnull(contact.kind, ''),"
    " ifnull((SELECT way FROM told WHERE told.incident = incident.id AND opens = 1), ''), " UNREAD
    " FROM incident"
    " LEFT JOIN target AS first ON first.incident = incident.id AND first.kind = 'acknowledge'"
    " LEFT JOIN target AS look ON look.incident = incident.id AND look.kind = 'triage'"
    " LEFT JOIN contact_address ON contact_address.address = lower(reporter_addr)"
    " LEFT JOIN contact ON contact.id = contact_address.contact"
    " WHERE merged_into = 0 AND (closed_at = 0 OR closed_at >= ?2 OR opened_at >= ?2)"
    " ORDER BY incident.id";

static const char reports[] =
    "SELECT told.at, " SEEN ", 0 FROM (SELECT incident, at FROM reporter WHERE at >= ?2"
    " UNION ALL SELECT incident, at FROM told WHERE at >= ?2 AND " TOLD_REPORTS
    " UNION ALL SELECT id, opened_at FROM incident WHERE opened_at >= ?2"
    " AND NOT EXISTS (SELECT 1 FROM reporter WHERE reporter.incident = incident.id)"
    " AND NOT EXISTS (SELECT 1 FROM told WHERE told.incident = incident.id)) AS told"
    " JOIN incident ON incident.id = told.incident WHERE merged_into = 0";

static const char coordinations[] =
    "SELECT coordination.opened_at, " SEEN ","
    " CASE WHEN coordination.state IN ('asked', 'acknowledged') THEN coordination.due ELSE 0 END"
    " FROM coordination"
    " JOIN incident ON incident.id = coordination.incident WHERE coordination.opened_at >= ?2";

static const char *text_at(sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);

    return text ? text : "";
}

static void take_case(struct fact_row *row, sqlite3_stmt *statement)
{
    row->number = text_at(statement, 6);
    row->category = text_at(statement, 7);
    row->severity = text_at(statement, 8);
    row->handler = text_at(statement, 9);
    row->closed = sqlite3_column_int64(statement, 10);
    row->acknowledged = sqlite3_column_int64(statement, 11);
    row->acknowledge_by = sqlite3_column_int64(statement, 12);
    row->triaged = sqlite3_column_int64(statement, 13);
    row->triage_by = sqlite3_column_int64(statement, 14);
    row->address = text_at(statement, 15);
    row->relation = text_at(statement, 16);
    row->contact_kind = text_at(statement, 17);
    row->way = text_at(statement, 18);
    row->unread_since = sqlite3_column_int64(statement, 19);
}

static void take(struct fact_row *row, enum fact_kind kind, sqlite3_stmt *statement)
{
    *row = (struct fact_row){.kind = kind,
        .at = sqlite3_column_int64(statement, 0),
        .label = text_at(statement, 1),
        .state = text_at(statement, 2),
        .restricted = sqlite3_column_int(statement, 3) != 0,
        .member = sqlite3_column_int(statement, 4) != 0,
        .due = sqlite3_column_int64(statement, 5)};
    if (kind == FACT_CASE)
        take_case(row, statement);
}

gboolean store_facts(struct store *store, const char *user, gint64 since, store_fact visit,
    gpointer data, GError **error)
{
    static const char *const all[] = {
        [FACT_CASE] = cases, [FACT_REPORT] = reports, [FACT_COORDINATION] = coordinations};
    int got = 0;

    for (gsize kind = 0; got == 0 && kind < G_N_ELEMENTS(all); kind++) {
        sqlite3_stmt *statement =
            statement_ask(store, all[kind], VALUES(TEXT(user), NUMBER(since)), error);
        struct fact_row row;
        got = statement ? 1 : -1;
        while (got > 0 && (got = statement_next(store, statement, error)) > 0) {
            take(&row, (enum fact_kind)kind, statement);
            visit(data, &row);
        }
    }
    return got == 0;
}
