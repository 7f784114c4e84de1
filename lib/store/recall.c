/* Mails as rules see them, from what was kept of them. */
#include "statement.h"
#include <mado/message.h>

GArray *store_latest_mails(struct store *store, guint64 before, guint most, GError **error)
{
    return statement_ids(store,
        "SELECT id FROM mail WHERE id < ?1"
        " AND ledger IN ('incident', 'pending', 'feed', 'machine', 'spam')"
        " ORDER BY id DESC LIMIT ?2",
        VALUES(NUMBER(before ? (gint64)before : G_MAXINT64), NUMBER(most)), error);
}

static void take_text(sqlite3_stmt *statement, int column, char **text)
{
    g_free(*text);
    *text = statement_text(statement, column);
}

static enum machine machine_of(const char *name)
{
    enum machine machine = MACHINE_NO;

    while (machine < MACHINE_KINDS && !g_str_equal(machine_name(machine), name))
        machine++;
    return machine < MACHINE_KINDS ? machine : MACHINE_NO;
}

static struct message *take_message(sqlite3_stmt *statement)
{
    struct message *message = message_new();
    g_autofree char *name = statement_text(statement, 0);
    g_autofree char *address = statement_text(statement, 1);
    g_autofree char *machine = statement_text(statement, 4);

    if (*address)
        g_ptr_array_add(message->from, mailbox_new(name, address));
    take_text(statement, 2, &message->subject);
    take_text(statement, 3, &message->language);
    message->machine = machine_of(machine);
    take_text(statement, 5, &message->text);
    statement_lines(statement, 6, &message->fields);
    statement_lines(statement, 7, &message->delivered_to);
    return message;
}

struct message *store_recall_message(struct store *store, guint64 mail, GError **error)
{
    sqlite3_stmt *statement = statement_ask(store,
        "SELECT from_name, from_addr, subject, language, machine, text, fields, recipients"
        " FROM message WHERE mail = ?1",
        VALUES(NUMBER(mail)), error);
    int got = statement ? statement_next(store, statement, error) : -1;
    g_autoptr(mado_message) message = NULL;
    struct report *report;

    if (got < 0)
        return NULL;
    message = got ? take_message(statement) : message_new();
    if (got)
        statement_stop(statement);
    if (!(report = store_report_show(store, mail, error)))
        return NULL;
    report_free(message->report);
    message->report = report;
    return g_steal_pointer(&message);
}
