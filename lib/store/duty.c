/* Who is on duty, and who has which shift. */
#include "statement.h"

void on_duty_clear(struct on_duty *now)
{
    g_clear_pointer(&now->user, g_free);
}

gboolean store_duty(struct store *store, struct on_duty *now, GError **error)
{
    sqlite3_stmt *statement = statement_ask(
        store, "SELECT user, since, handover FROM duty ORDER BY id DESC LIMIT 1", NULL, error);
    int got = statement ? statement_next(store, statement, error) : -1;

    *now = (struct on_duty){got > 0 ? statement_text(statement, 0) : g_strdup(""), 0, 0};
    if (got > 0) {
        now->since = sqlite3_column_int64(statement, 1);
        now->handover = (guint64)sqlite3_column_int64(statement, 2);
        statement_stop(statement);
    }
    return got >= 0;
}

gboolean store_begin_duty(struct store *store, const struct duty_begin *begin, GError **error)
{
    return statement_run(store,
        "INSERT INTO duty (user, since, actor, handover) VALUES (?1, ?2, ?3, ?4)",
        VALUES(TEXT(begin->user), NUMBER(begin->at), TEXT(begin->actor), NUMBER(begin->handover)),
        error);
}

gboolean store_shift(
    struct store *store, const char *day, enum shift_kind kind, char **user, GError **error)
{
    sqlite3_stmt *statement =
        statement_ask(store, "SELECT user FROM duty_shift WHERE day = ?1 AND kind = ?2",
            VALUES(TEXT(day), TEXT(shift_name(kind))), error);
    int got = statement ? statement_next(store, statement, error) : -1;

    *user = got > 0 ? statement_text(statement, 0) : NULL;
    if (got > 0)
        statement_stop(statement);
    return got >= 0;
}

gboolean store_set_shift(struct store *store, const struct shift_set *set, GError **error)
{
    return statement_run(store,
        "INSERT INTO duty_shift (day, kind, user, actor, at) VALUES (?1, ?2, ?3, ?4, ?5)"
        " ON CONFLICT (day, kind) DO UPDATE SET user = ?3, actor = ?4, at = ?5",
        VALUES(TEXT(set->day), TEXT(shift_name(set->kind)), TEXT(set->user), TEXT(set->actor),
            NUMBER(set->at)),
        error);
}
