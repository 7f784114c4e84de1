/* Queries with a name. */
#include "statement.h"

void saved_view_free(struct saved_view *view)
{
    if (!view)
        return;
    g_free(view->name);
    g_free(view->query);
    g_free(view->actor);
    g_free(view);
}

static const struct column columns[] = {
    TEXT_OF(struct saved_view, name),
    TEXT_OF(struct saved_view, query),
    TEXT_OF(struct saved_view, actor),
    NUMBER_OF(struct saved_view, at),
};
static const struct shape shape = SHAPE(struct saved_view, saved_view_free, columns);

#define SELECT "SELECT name, query, actor, at FROM saved_view "

GPtrArray *store_saved_views(struct store *store, GError **error)
{
    return statement_rows(store, SELECT "ORDER BY name", NULL, &shape, error);
}

gboolean store_saved_view(
    struct store *store, const char *name, struct saved_view **view, GError **error)
{
    g_autoptr(GPtrArray) rows =
        statement_rows(store, SELECT "WHERE name = ?1", VALUES(TEXT(name)), &shape, error);

    *view = rows && rows->len ? g_ptr_array_steal_index(rows, 0) : NULL;
    return rows != NULL;
}

char *store_saved_query(struct store *store, const char *name, GError **error)
{
    struct saved_view *view = NULL;
    char *query =
        store_saved_view(store, name, &view, error) && view ? g_steal_pointer(&view->query) : NULL;

    saved_view_free(view);
    return query;
}

gboolean store_save_view(struct store *store, const struct saved_view *view, GError **error)
{
    return statement_run(store,
        "INSERT INTO saved_view (name, query, actor, at) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT (name) DO UPDATE SET query = excluded.query, actor = excluded.actor,"
        " at = excluded.at",
        VALUES(TEXT(view->name), TEXT(view->query), TEXT(view->actor), NUMBER(view->at)), error);
}

gboolean store_drop_view(struct store *store, const char *name, gboolean *was, GError **error)
{
    g_autofree char *query = store_saved_query(store, name, error);

    *was = query != NULL;
    return query ? statement_run(
                       store, "DELETE FROM saved_view WHERE name = ?1", VALUES(TEXT(name)), error)
                 : !error || !*error;
}
