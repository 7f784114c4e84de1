/* Kinds of attack, what a leak may cost, what we want to reach. */
#include "statement.h"
#include "store.h"

/* -- facets -- */

static void facet_free(struct facet *facet)
{
    if (!facet)
        return;
    g_free(facet->name);
    g_free(facet->value);
    g_free(facet);
}

static const struct column facet_columns[] = {
    TEXT_OF(struct facet, name), TEXT_OF(struct facet, value)};
static const struct shape facet_shape = SHAPE(struct facet, facet_free, facet_columns);

GPtrArray *store_facets(struct store *store, guint64 incident, GError **error)
{
    return statement_rows(store, "SELECT name, value FROM facet WHERE incident = ?1 ORDER BY name",
        VALUES(NUMBER(incident)), &facet_shape, error);
}

gboolean store_set_facet(
    struct store *store, guint64 incident, const char *name, const char *value, GError **error)
{
    if (!*value)
        return statement_run(store, "DELETE FROM facet WHERE incident = ?1 AND name = ?2",
            VALUES(NUMBER(incident), TEXT(name)), error);
    return statement_run(store,
        "INSERT INTO facet (incident, name, value) VALUES (?1, ?2, ?3)"
        " ON CONFLICT (incident, name) DO UPDATE SET value = ?3",
        VALUES(NUMBER(incident), TEXT(name), TEXT(value)), error);
}

/* -- damage -- */

static const struct column damage_columns[] = {
    NUMBER_OF(struct damage, persons),
    NUMBER_OF(struct damage, distress),
    NUMBER_OF(struct damage, loss),
    TEXT_OF(struct damage, identification),
    TEXT_OF(struct damage, responsibility),
    TEXT_OF(struct damage, response),
    TEXT_OF(struct damage, said_by),
    NUMBER_OF(struct damage, said_at),
};
static const struct shape damage_shape = SHAPE(struct damage, damage_free, damage_columns);

gboolean store_damage(struct store *store, guint64 incident, struct damage **damage, GError **error)
{
    g_autoptr(GPtrArray) rows = statement_rows(store,
        "SELECT persons, distress, loss, identification, responsibility, response, said_by,"
        " said_at FROM damage WHERE incident = ?1",
        VALUES(NUMBER(incident)), &damage_shape, error);

    *damage = rows && rows->len ? g_ptr_array_steal_index(rows, 0) : NULL;
    return rows != NULL;
}

gboolean store_keep_damage(
    struct store *store, guint64 incident, const struct damage *damage, GError **error)
{
    return statement_run(store,
        "INSERT OR REPLACE INTO damage (incident, persons, distress, loss, identification,"
        " responsibility, response, said_by, said_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        VALUES(NUMBER(incident), NUMBER(damage->persons), NUMBER(damage->distress),
            NUMBER(damage->loss), TEXT(damage->identification), TEXT(damage->responsibility),
            TEXT(damage->response), TEXT(damage->said_by), NUMBER(damage->said_at)),
        error);
}

/* -- goals -- */

static const struct column goal_columns[] = {
    TEXT_OF(struct goal, name),
    TEXT_OF(struct goal, measure),
    TEXT_OF(struct goal, severity),
    TEXT_OF(struct goal, category),
    NUMBER_OF(struct goal, value),
    TEXT_OF(struct goal, period),
    TEXT_OF(struct goal, said_by),
    NUMBER_OF(struct goal, said_at),
};
static const struct shape goal_shape = SHAPE(struct goal, goal_free, goal_columns);

GPtrArray *store_goals(struct store *store, GError **error)
{
    return statement_rows(store,
        "SELECT name, measure, severity, category, value, period, said_by, said_at FROM goal"
        " ORDER BY name",
        NULL, &goal_shape, error);
}

gboolean store_keep_goal(struct store *store, const struct goal *goal, GError **error)
{
    return statement_run(store,
        "INSERT OR REPLACE INTO goal (name, measure, severity, category, value, period, said_by,"
        " said_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        VALUES(TEXT(goal->name), TEXT(goal->measure), TEXT(goal->severity), TEXT(goal->category),
            NUMBER(goal->value), TEXT(goal->period), TEXT(goal->said_by), NUMBER(goal->said_at)),
        error);
}

gboolean store_drop_goal(struct store *store, const char *name, GError **error)
{
    return statement_change(
        store, "DELETE FROM goal WHERE name = ?1", VALUES(TEXT(name)), "goal", error);
}

/* -- counted -- */

static void kind_count_free(struct kind_count *count)
{
    if (!count)
        return;
    g_free(count->severity);
    g_free(count->category);
    g_free(count->label);
    g_free(count);
}

static const struct column count_columns[] = {
    TEXT_OF(struct kind_count, severity),
    TEXT_OF(struct kind_count, category),
    TEXT_OF(struct kind_count, label),
    NUMBER_OF(struct kind_count, embargo),
    NUMBER_OF(struct kind_count, count),
    NUMBER_OF(struct kind_count, all),
};
static const struct shape count_shape = SHAPE(struct kind_count, kind_count_free, count_columns);

#define KIND "severity, category, label, state = 'embargo'"

GPtrArray *store_count_opened(struct store *store, gint64 begins, gint64 ends, GError **error)
{
    return statement_rows(store,
        "SELECT " KIND ", count(*), count(*) FROM incident WHERE opened_at >= ?1"
        " AND opened_at < ?2 AND merged_into = 0 AND restricted = 0 GROUP BY " KIND,
        VALUES(NUMBER(begins), NUMBER(ends)), &count_shape, error);
}

/* What never was to happen any more, because it was over before, counts for nothing. */
GPtrArray *store_count_in_time(
    struct store *store, const char *kind, gint64 begins, gint64 ends, GError **error)
{
    return statement_rows(store,
        "SELECT " KIND ", sum(met_at > 0 AND met_at <= target.due), count(*) FROM target"
        " JOIN incident ON incident.id = target.incident WHERE target.kind = ?1"
        " AND target.due >= ?2 AND target.due < ?3 AND (met_at > 0 OR over = 0)"
        " AND merged_into = 0 AND restricted = 0 GROUP BY " KIND,
        VALUES(TEXT(kind), NUMBER(begins), NUMBER(ends)), &count_shape, error);
}
