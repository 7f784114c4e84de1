/* Dates that authorities set, for incidents that a rule of the configuration has fitted. */
#include "statement.h"

static const struct column columns[] = {
    NUMBER_OF(struct legal_clock, incident),
    TEXT_OF(struct legal_clock, name),
    TEXT_OF(struct legal_clock, text),
    NUMBER_OF(struct legal_clock, began_at),
    NUMBER_OF(struct legal_clock, due),
    NUMBER_OF(struct legal_clock, told_at),
    INT_OF(struct legal_clock, counts),
};
static const struct shape shape = SHAPE(struct legal_clock, legal_clock_free, columns);

#define SELECT "SELECT incident, name, text, began_at, due, told_at, counts FROM legal_clock "

GPtrArray *store_legal_clocks(struct store *store, guint64 incident, GError **error)
{
    return statement_rows(store, SELECT "WHERE incident = ?1 ORDER BY due, name",
        VALUES(NUMBER(incident)), &shape, error);
}

gboolean store_keep_legal(struct store *store, const struct legal_clock *legal, GError **error)
{
    return statement_run(store,
        "INSERT INTO legal_clock (incident, name, text, began_at, due, told_at, counts)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (incident, name) DO UPDATE SET"
        " told_at = ?6, counts = ?7",
        VALUES(NUMBER(legal->incident), TEXT(legal->name), TEXT(legal->text),
            NUMBER(legal->began_at), NUMBER(legal->due), NUMBER(legal->told_at),
            NUMBER(legal->counts != FALSE)),
        error);
}

GPtrArray *store_untold_legal(struct store *store, guint most, GError **error)
{
    return statement_rows(store,
        SELECT "WHERE told_at = 0 AND counts = 1 ORDER BY began_at, incident, name LIMIT ?1",
        VALUES(NUMBER(most)), &shape, error);
}
