/* Each table whose rows wait for a moment has an index of it, and a line here: nothing else has to
 * be asked to know that nothing is to be done. */
#include "statement.h"

#define FIRST(column, table)                                                                       \
    ", ifnull((SELECT min(" column ") FROM " table " WHERE " column " > 0), ?1)"

gboolean store_next_due(struct store *store, gint64 *at, GError **error)
{
    return statement_number(store,
        "SELECT min(?1" FIRST("next_reminder", "coordination") FIRST("next_word", "target")
            FIRST("next_word", "review") FIRST("take_by", "notice")
                FIRST("tell", "handover") ", ifnull((SELECT min(next) FROM schedule), ?1))",
        VALUES(NUMBER(G_MAXINT64)), at, error);
}

gboolean store_planned(struct store *store, const char *name, gint64 *next, GError **error)
{
    return statement_number(store, "SELECT ifnull((SELECT next FROM schedule WHERE name = ?1), 0)",
        VALUES(TEXT(name)), next, error);
}

gboolean store_plan(struct store *store, const char *name, gint64 next, GError **error)
{
    return statement_run(store,
        "INSERT INTO schedule (name, next) VALUES (?1, ?2)"
        " ON CONFLICT (name) DO UPDATE SET next = ?2",
        VALUES(TEXT(name), NUMBER(next)), error);
}
