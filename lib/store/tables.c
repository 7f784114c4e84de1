/* All that is here, as tables for other programs: text in every cell, times in RFC 3339. */
#include "statement.h"
#include <string.h>

/* An indicator's place in its mail is smaller than this (LIMIT_INDICATORS). */
#define PLACES "16384"
/* Around a column, so that its time is read; one that never was is empty. */
#define TIME "ifnull(strftime('%Y-%m-%dT%H:%M:%SZ', nullif("
#define READ ", 0), 'unixepoch'), '')"

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
