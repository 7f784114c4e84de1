/* All that is here, as tables for other programs: text in every cell, times in RFC 3339. */
#include "statement.h"
#include <string.h>

/* An indicator's place in its mail is smaller than this (LIMIT_INDICATORS). */
#define PLACES "16384"
/* Around a column, so that its time is read; one that never was is empty. */
#define TIME "ifnull(strftime('%Y-%m-%dT%H:%M:%SZ', nullif("
#define READ ", 0), 'unixepoch'), '')"
/* Where each incident has a row of a kind at most: its place among the kinds is the rest of a key.
 */
#define TARGETS "'acknowledge triage reply update verify fix publish', target.kind)"
#define FACETS                                                                                     \
    "'attacker tool vulnerability action target unauthorized-result objectives', facet.name)"
#define SHIFTS "'day night holiday', kind)"
#define SOME "128"
/* Likewise of names: how many come before it. */
#define LEGAL                                                                                      \
    "(SELECT count(*) FROM legal_clock AS other WHERE other.incident = legal_clock.incident AND "  \
    "other.name <= legal_clock.name)"
#define MANY "4096"

/* The first three columns are no cells: what the next page begins behind, and of which incident and
 * mail it is (0: of none). */
static const struct {
    const char *name, *columns, *sql;
} tables[] = {
    {"incidents",
        "number state severity category label handler team subject reporter_name reporter_address "
        "opened updated closed due waits_for result restricted part_of",
        "SELECT id, id, 0, number, state, severity, category, label, handler, team, subject, "
        "reporter_name, reporter_addr, " TIME "opened_at" READ ", " TIME "updated_at" READ ", " TIME
        "closed_at" READ ", " TIME "due" READ
        ", waits_for, result, restricted, ifnull((SELECT number FROM incident AS other WHERE "
        "other.id = incident.merged_into), '') FROM incident WHERE id > ?1 ORDER BY id LIMIT ?2"},
    {"mails",
        "mail incident arrived source ledger why size sha256 from_name from_address subject date "
        "language message_id machine",
        "SELECT mail.id, ifnull(mail.incident, 0), mail.id, mail.id, ifnull(number, ''), " TIME
        "arrived_at" READ
        ", source, ledger, why, size, sha256, from_name, from_addr, message.subject, date, "
        "message.language, message_id, machine FROM mail LEFT JOIN message ON message.mail = "
        "mail.id LEFT JOIN incident ON incident.id = mail.incident WHERE mail.id > ?1 ORDER BY "
        "mail.id LIMIT ?2"},
    {"letters",
        "letter incident kind purpose state to subject written changed tries answer sealed_to "
        "signed_with writer label text",
        "SELECT outbox.id, ifnull(outbox.incident, 0), ifnull(outbox.mail, 0), outbox.id, "
        "ifnull(number, ''), kind, purpose, outbox.state, recipient, outbox.subject, " TIME
        "created_at" READ ", " TIME "changed_at" READ
        ", attempts, reply, sealed_to, signed_with, writer, writing.label, text FROM outbox LEFT "
        "JOIN writing ON writing.letter = outbox.id LEFT JOIN incident ON incident.id = "
        "outbox.incident WHERE outbox.id > ?1 ORDER BY outbox.id LIMIT ?2"},
    {"contacts",
        "name kind organisation addresses language relation clearance seal charset verified "
        "verified_by verified_how day night note",
        "SELECT id, 0, 0, name, kind, organisation, ifnull((SELECT group_concat(address, ' ') FROM "
        "(SELECT address FROM contact_address WHERE contact = contact.id ORDER BY place)), ''), "
        "language, relation, clearance, seal, charset, " TIME "ifnull(verified_at, 0)" READ
        ", verified_by, verified_how, day, night, note FROM contact WHERE id > ?1 ORDER BY id "
        "LIMIT ?2"},
    {"indicators", "incident mail type value as_written where",
        "SELECT indicator.mail * " PLACES
        " + place, ifnull(mail.incident, 0), mail.id, ifnull(number, ''), mail.id, kind, value, "
        "as_written, origin FROM indicator JOIN mail ON mail.id = indicator.mail LEFT JOIN "
        "incident ON incident.id = mail.incident WHERE (indicator.mail, place) > (?1 / " PLACES
        ", ?1 % " PLACES ") ORDER BY indicator.mail, place LIMIT ?2"},
    {"coordinations",
        "coordination incident contact to state label due their_number opened_by opened changed "
        "reminded result",
        "SELECT coordination.id, coordination.incident, 0, coordination.number, incident.number, "
        "contact.name, coordination.address, coordination.state, coordination.label, " TIME
        "coordination.due" READ ", their_number, opened_by, " TIME "coordination.opened_at" READ
        ", " TIME "coordination.changed_at" READ
        ", reminded, coordination.result FROM coordination JOIN incident ON incident.id = "
        "coordination.incident JOIN contact ON contact.id = coordination.contact WHERE "
        "coordination.id > ?1 ORDER BY coordination.id LIMIT ?2"},
    {"told", "incident way by at opens taken caller back kind what harm wants promised passed",
        "SELECT told.id, told.incident, 0, number, way, actor, " TIME "at" READ
        ", opens, taken, caller, back, kind, what, harm, wants, promised, passed FROM told JOIN "
        "incident ON incident.id = told.incident WHERE told.id > ?1 ORDER BY told.id LIMIT ?2"},
    {"targets", "incident kind began due met over basis within",
        "SELECT target.incident * " SOME " + instr(" TARGETS
        ", target.incident, 0, number, target.kind, " TIME "began_at" READ ", " TIME
        "target.due" READ ", " TIME "met_at" READ
        ", CASE over WHEN 1 THEN 'closed' WHEN 2 THEN 'merged' ELSE '' END, basis, span FROM "
        "target JOIN incident ON incident.id = target.incident WHERE target.incident >= ?1 / " SOME
        " AND target.incident * " SOME " + instr(" TARGETS " > ?1 ORDER BY target.incident, "
        "instr(" TARGETS " LIMIT ?2"},
    {"legal", "incident name text from due told counts",
        "SELECT legal_clock.incident * " MANY " + " LEGAL
        ", legal_clock.incident, 0, number, name, "
        "text, " TIME "began_at" READ ", " TIME "legal_clock.due" READ ", " TIME "told_at" READ
        ", counts FROM legal_clock JOIN incident ON incident.id = legal_clock.incident WHERE "
        "legal_clock.incident >= ?1 / " MANY " AND legal_clock.incident * " MANY " + " LEGAL
        " > ?1 ORDER BY legal_clock.incident, name LIMIT ?2"},
    {"escalations", "incident target name letter by at read read_by read_how answer",
        "SELECT escalation.id, escalation.incident, 0, number, target, name, letter, actor, " TIME
        "at" READ ", " TIME "read_at" READ ", read_by, read_how, nullif(answer, 0) FROM escalation "
        "JOIN incident ON incident.id = escalation.incident WHERE escalation.id > ?1 ORDER BY "
        "escalation.id LIMIT ?2"},
    {"duty", "user since by handover",
        "SELECT duty.id, 0, 0, user, " TIME "duty.since" READ
        ", actor, ifnull(number, '') FROM duty LEFT JOIN handover ON handover.id = duty.handover "
        "WHERE duty.id > ?1 ORDER BY duty.id LIMIT ?2"},
    {"shifts", "day shift user by at",
        "SELECT * FROM (SELECT ifnull(CAST(julianday(day) AS INTEGER), 0) * " SOME
        " + instr(" SHIFTS " AS place, 0, 0, day, kind, user, actor, " TIME "at" READ
        " FROM duty_shift) WHERE place > ?1 ORDER BY place LIMIT ?2"},
    {"handovers", "handover state outgoing incoming since written ended ended_by text",
        "SELECT id, 0, 0, number, state, outgoing, incoming, " TIME "since" READ ", " TIME "at" READ
        ", " TIME "ended_at" READ ", ended_by, text FROM handover WHERE id > ?1 ORDER BY id LIMIT "
        "?2"},
    {"handover_items", "handover part incident due text",
        "SELECT handover_item.id, handover_item.incident, 0, handover.number, part, "
        "ifnull(incident.number, ''), " TIME "handover_item.due" READ
        ", handover_item.text FROM handover_item JOIN handover ON "
        "handover.id = handover LEFT JOIN incident ON incident.id = handover_item.incident WHERE "
        "handover_item.id > ?1 ORDER BY handover_item.id LIMIT ?2"},
    {"reviews", "contact address state asked_by asked due answered mail",
        "SELECT review.id, 0, 0, name, address, state, asked_by, " TIME "asked_at" READ ", " TIME
        "due" READ ", " TIME "answered_at" READ ", mail FROM review JOIN contact ON contact.id = "
        "review.contact WHERE review.id > ?1 ORDER BY review.id LIMIT ?2"},
    {"facets", "incident name value",
        "SELECT facet.incident * " SOME " + instr(" FACETS ", facet.incident, 0, number, name, "
        "value FROM facet JOIN incident ON incident.id = facet.incident WHERE facet.incident >= "
        "?1 / " SOME " AND facet.incident * " SOME " + instr(" FACETS " > ?1 ORDER BY "
        "facet.incident, instr(" FACETS " LIMIT ?2"},
    {"damage", "incident persons distress loss identification responsibility response by at",
        "SELECT damage.incident, damage.incident, 0, number, persons, distress, loss, "
        "identification, responsibility, response, said_by, " TIME "said_at" READ
        " FROM damage JOIN incident ON incident.id = damage.incident WHERE damage.incident > ?1 "
        "ORDER BY damage.incident LIMIT ?2"},
    {"goals", "goal measure severity category value period by at",
        "SELECT * FROM (SELECT row_number() OVER (ORDER BY name) AS place, 0, 0, name, measure, "
        "severity, category, value, period, said_by, " TIME "said_at" READ
        " FROM goal) WHERE place > ?1 ORDER BY place LIMIT ?2"},
    {"journal", "row at actor kind incident mail text text_sha256 hash",
        "SELECT journal.id, journal.incident, journal.mail, journal.id, " TIME "at" READ
        ", actor, kind, ifnull(number, ''), nullif(journal.mail, 0), text, text_sha256, hash FROM "
        "journal LEFT JOIN incident ON incident.id = journal.incident WHERE journal.id > ?1 ORDER "
        "BY journal.id LIMIT ?2"},
};

const char *store_export_name(guint table)
{
    return table < G_N_ELEMENTS(tables) ? tables[table].name : NULL;
}

char **store_export_columns(guint table)
{
    return g_strsplit(tables[table].columns, " ", -1);
}

static void row_free(gpointer data)
{
    struct export_row *row = data;

    g_strfreev(row->cells);
    g_free(row);
}

static struct export_row *row_of(sqlite3_stmt *statement)
{
    enum { FIRST_CELL = 3 };
    struct export_row *row = g_new0(struct export_row, 1);
    int count = sqlite3_column_count(statement);

    row->key = sqlite3_column_int64(statement, 0);
    row->incident = (guint64)sqlite3_column_int64(statement, 1);
    row->mail = (guint64)sqlite3_column_int64(statement, 2);
    row->cells = g_new0(char *, (gsize)(count - FIRST_CELL + 1));
    for (int i = FIRST_CELL; i < count; i++)
        row->cells[i - FIRST_CELL] = statement_text(statement, i);
    return row;
}

GPtrArray *store_export(struct store *store, guint table, gint64 after, guint most, GError **error)
{
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(row_free);
    sqlite3_stmt *statement =
        statement_ask(store, tables[table].sql, VALUES(NUMBER(after), NUMBER(most)), error);
    int got = statement ? 1 : -1;

    while (got > 0 && (got = statement_next(store, statement, error)) > 0)
        g_ptr_array_add(rows, row_of(statement));
    return got == 0 ? g_steal_pointer(&rows) : NULL;
}

GBytes *store_mail_chunk(struct store *store, guint64 mail, guint place, GError **error)
{
    sqlite3_stmt *statement =
        statement_ask(store, "SELECT bytes FROM mail_chunk WHERE mail = ?1 AND place = ?2",
            VALUES(NUMBER(mail), NUMBER(place)), error);
    int got = statement ? statement_next(store, statement, error) : -1;
    GBytes *bytes = got == 0 ? g_bytes_new_static("", 0) : NULL;

    if (got > 0) {
        bytes = statement_bytes(statement, 0);
        statement_stop(statement);
    }
    return bytes;
}
