/* Who may see a restricted incident. */
#include "error.h"
#include "search.h"

gboolean store_is_member(
    struct store *store, guint64 incident, const char *user, gboolean *is, GError **error)
{
    gint64 found;

    if (!statement_number(store, "SELECT count(*) FROM member WHERE incident = ?1 AND user = ?2",
            VALUES(NUMBER(incident), TEXT(user)), &found, error))
        return FALSE;
    *is = found > 0;
    return TRUE;
}

char **store_members(struct store *store, guint64 incident, GError **error)
{
    g_autoptr(GStrvBuilder) users = g_strv_builder_new();
    sqlite3_stmt *statement =
        statement_ask(store, "SELECT user FROM member WHERE incident = ?1 ORDER BY user",
            VALUES(NUMBER(incident)), error);
    int got = statement ? 1 : -1;

    while (got > 0 && (got = statement_next(store, statement, error)) > 0) {
        g_autofree char *user = statement_text(statement, 0);
        g_strv_builder_add(users, user);
    }
    return got == 0 ? g_strv_builder_end(users) : NULL;
}

gboolean store_add_member(struct store *store, guint64 incident, const char *user, GError **error)
{
    return statement_run(store,
        "INSERT INTO member (incident, user) VALUES (?1, ?2) ON CONFLICT (incident, user)"
        " DO NOTHING",
        VALUES(NUMBER(incident), TEXT(user)), error);
}

gboolean store_restrict_incident(
    struct store *store, guint64 incident, gboolean restricted, gint64 at, GError **error)
{
    return search_drop_incident(store, incident, error) &&
           statement_change(store,
               "UPDATE incident SET restricted = ?2, updated_at = CASE WHEN updated_at < ?3 THEN ?3"
               " ELSE updated_at END WHERE id = ?1",
               VALUES(NUMBER(incident), NUMBER(restricted != FALSE), NUMBER(at)), "incident",
               error) &&
           (restricted || statement_run(store, "DELETE FROM member WHERE incident = ?1",
                              VALUES(NUMBER(incident)), error)) &&
           search_follow_label(store, incident, error);
}
