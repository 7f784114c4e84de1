#include "statement.h"

static gboolean count_places(struct store *store, struct ledger_sum *sum, GError **error)
{
    sqlite3_stmt *statement =
        statement_ask(store, "SELECT ledger, count(*) FROM mail GROUP BY ledger", NULL, error);
    int got = statement ? 1 : -1;

    while (got > 0 && (got = statement_next(store, statement, error)) > 0) {
        g_autofree char *name = statement_text(statement, 0);
        guint64 count = (guint64)sqlite3_column_int64(statement, 1);
        if (*name)
            sum->place[ledger_from_name(name)] = count;
        else
            sum->waiting = count;
    }
    return got == 0;
}

gboolean store_ledger(struct store *store, struct ledger_sum *sum, GError **error)
{
    gint64 arrivals, repeats;

    *sum = (struct ledger_sum){0};
    if (!statement_number(store, "SELECT count(*) FROM arrival", NULL, &arrivals, error) ||
        !statement_number(
            store, "SELECT count(*) FROM arrival WHERE again = 1", NULL, &repeats, error))
        return FALSE;
    sum->arrivals = (guint64)arrivals;
    sum->repeats = (guint64)repeats;
    sum->mails = (guint64)(arrivals - repeats);
    return count_places(store, sum, error);
}

gint64 store_last_arrival(struct store *store, const char *source, GError **error)
{
    gint64 at;

    statement_number(
        store, "SELECT max(at) FROM arrival WHERE source = ?1", VALUES(TEXT(source)), &at, error);
    return at;
}

gboolean store_count_since(
    struct store *store, gint64 since, guint64 *in, guint64 *out, guint64 *failed, GError **error)
{
    static const char letters[] =
        "SELECT count(*) FROM outbox WHERE state IN ('sent', 'failed') AND state = ?1"
        " AND changed_at >= ?2 AND NOT (state = 'failed' AND id IN (SELECT letter FROM dropped))";
    gint64 counts[3];

    if (!statement_number(store, "SELECT count(*) FROM arrival WHERE at >= ?1",
            VALUES(NUMBER(since)), &counts[0], error) ||
        !statement_number(store, letters, VALUES(TEXT("sent"), NUMBER(since)), &counts[1], error) ||
        !statement_number(store, letters, VALUES(TEXT("failed"), NUMBER(since)), &counts[2], error))
        return FALSE;
    *in = (guint64)counts[0];
    *out = (guint64)counts[1];
    *failed = (guint64)counts[2];
    return TRUE;
}

gboolean store_count_apart(struct store *store, gint64 since, gint64 now, gint64 until,
    struct store_counted *counted, GError **error)
{
    static const char due[] =
        "SELECT count(*) FROM (SELECT id FROM incident WHERE due > 0 AND due >= ?1"
        " AND due < ?2 AND state NOT IN ('closed', 'rejected') UNION SELECT incident FROM target"
        " WHERE met_at = 0 AND due > 0 AND over = 0 AND due >= ?1 AND due < ?2)";

    return statement_number(store,
               "SELECT (SELECT count(*) FROM reporter JOIN incident"
               " ON incident.id = reporter.incident WHERE reporter.at >= ?1 AND merged_into = 0)"
               " + (SELECT count(*) FROM told WHERE at >= ?1 AND " TOLD_REPORTS ")",
               VALUES(NUMBER(since)), &counted->reports, error) &&
           statement_number(store,
               "SELECT count(*) FROM incident WHERE opened_at >= ?1 AND merged_into = 0",
               VALUES(NUMBER(since)), &counted->incidents, error) &&
           statement_number(store, "SELECT count(*) FROM coordination WHERE opened_at >= ?1",
               VALUES(NUMBER(since)), &counted->coordinations, error) &&
           statement_number(store, due, VALUES(NUMBER(0), NUMBER(now)), &counted->overdue, error) &&
           statement_number(store, due, VALUES(NUMBER(now), NUMBER(until)), &counted->due, error);
}

static void state_count_free(gpointer data)
{
    struct state_count *count = data;

    g_free(count->state);
    g_free(count);
}

static const struct column columns[] = {
    TEXT_OF(struct state_count, state),
    NUMBER_OF(struct state_count, count),
    NUMBER_OF(struct state_count, oldest),
};
const struct shape state_count_shape = SHAPE(struct state_count, state_count_free, columns);
