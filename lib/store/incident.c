#include <mado/incident.h>
#include "error.h"
#include "event.h"
#include "search.h"

static gboolean next_sequence(struct store *store, int year, gint64 *sequence, GError **error)
{
    return statement_number(store,
        "INSERT INTO counter (year, last) VALUES (?1, 1)"
        " ON CONFLICT (year) DO UPDATE SET last = counter.last + 1 RETURNING last",
        VALUES(NUMBER(year)), sequence, error);
}

gboolean store_open_incident(struct store *store, const struct new_incident *wanted,
    char *(*format)(int year, int sequence), guint64 *incident, int *sequence, char **number,
    GError **error)
{
    g_autofree char *name = NULL;
    gint64 next, id;

    if (!next_sequence(store, wanted->year, &next, error))
        return FALSE;
    name = format(wanted->year, (int)next);
    if (!statement_number(store,
            "INSERT INTO incident (year, sequence, number, state, severity, category, label,"
            " subject, reporter_name, reporter_addr, opened_at, updated_at, label_by,"
            " category_by, severity_by)"
            " VALUES (?1, ?2, ?3, 'new', ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, ?11, ?12, ?13)"
            " RETURNING id",
            VALUES(NUMBER(wanted->year), NUMBER(next), TEXT(name), TEXT(wanted->severity),
                TEXT(wanted->category), TEXT(wanted->label), TEXT(wanted->subject),
                TEXT(wanted->reporter_name), TEXT(wanted->reporter_addr), NUMBER(wanted->at),
                TEXT(wanted->label_by ? wanted->label_by : ""), TEXT(wanted->category_by ?: ""),
                TEXT(wanted->severity_by ?: "")),
            &id, error) ||
        !search_follow_label(store, (guint64)id, error) ||
        !store_escalation_look(store, (guint64)id, error) ||
        !event_add_new(store, (guint64)id, wanted->at, error))
        return FALSE;
    g_hash_table_add(store->changed, GSIZE_TO_POINTER(id));
    *incident = (guint64)id;
    *sequence = (int)next;
    *number = g_steal_pointer(&name);
    return TRUE;
}

gboolean store_join_incident(struct store *store, guint64 incident, gint64 at, GError **error)
{
    return statement_change(store,
        "UPDATE incident SET updated_at = CASE WHEN updated_at < ?2 THEN ?2 ELSE updated_at END"
        " WHERE id = ?1",
        VALUES(NUMBER(incident), NUMBER(at)), "incident", error);
}

gboolean store_promise_reply(
    struct store *store, guint64 incident, gint64 by, gint64 now, GError **error)
{
    return statement_run(store, "UPDATE incident SET reply_by = ?2 WHERE id = ?1 AND reply_by < ?3",
        VALUES(NUMBER(incident), NUMBER(by), NUMBER(now)), error);
}

gboolean store_add_correspondent(
    struct store *store, guint64 incident, const char *address, GError **error)
{
    g_autofree char *key = g_ascii_strdown(address, -1);

    return statement_run(store,
        "INSERT INTO correspondent (incident, address) VALUES (?1, ?2)"
        " ON CONFLICT (incident, address) DO NOTHING",
        VALUES(NUMBER(incident), TEXT(key)), error);
}

#define UPDATE(field)                                                                              \
    "UPDATE incident SET " field " = ?2,"                                                          \
    " updated_at = CASE WHEN updated_at < ?3 THEN ?3 ELSE updated_at END WHERE id = ?1"

/* What may be changed, and whether searches, and rules of escalation, depend on it. */
static const struct {
    const char *name, *sql;
    gboolean searched, weighed;
} fields[] = {
    {"state",
        "UPDATE incident SET state = ?2,"
        " updated_at = CASE WHEN updated_at < ?3 THEN ?3 ELSE updated_at END,"
        " closed_at = CASE WHEN ?2 NOT IN ('closed', 'rejected') THEN 0"
        " WHEN closed_at > 0 THEN closed_at ELSE ?3 END,"
        " waits_for = CASE WHEN ?2 = 'waiting' THEN waits_for ELSE '' END,"
        " embargo_until = CASE WHEN ?2 = 'embargo' THEN embargo_until ELSE 0 END WHERE id = ?1",
        FALSE, TRUE},
    {"severity", UPDATE("severity"), FALSE, TRUE},
    {"category", UPDATE("category"), FALSE, TRUE},
    {"label", UPDATE("label"), TRUE, TRUE},
    {"label_by", UPDATE("label_by"), FALSE},
    {"category_by", UPDATE("category_by"), FALSE},
    {"severity_by", UPDATE("severity_by"), FALSE},
    {"subject_by", UPDATE("subject_by"), FALSE},
    {"team", UPDATE("team"), FALSE, TRUE},
    {"due", UPDATE("due"), FALSE},
    {"waits_for", UPDATE("waits_for"), FALSE},
    {"embargo_until", UPDATE("embargo_until"), FALSE},
    {"result", UPDATE("result"), FALSE},
    {"kept", UPDATE("kept"), FALSE},
    {"handler", UPDATE("handler"), FALSE},
    {"subject", UPDATE("subject"), TRUE},
};

gboolean store_set_incident(struct store *store, guint64 incident, const char *field,
    const char *value, gint64 at, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(fields); i++) {
        if (!g_str_equal(fields[i].name, field))
            continue;
        return (!g_str_equal(field, "state") ||
                   event_add_state(store, incident, value, at, error)) &&
               (!fields[i].searched || search_drop_incident(store, incident, error)) &&
               statement_change(store, fields[i].sql,
                   VALUES(NUMBER(incident), TEXT(value), NUMBER(at)), "incident", error) &&
               (!fields[i].weighed || store_escalation_look(store, incident, error)) &&
               (!fields[i].searched || search_follow_label(store, incident, error));
    }
    error_set(error, MADO_E_BAD_DATA,
        "an incident has no field \"%s\" that can be set; nothing was changed", field);
    return FALSE;
}

static const struct column columns[] = {
    NUMBER_OF(struct incident, id),
    INT_OF(struct incident, year),
    INT_OF(struct incident, sequence),
    TEXT_OF(struct incident, number),
    TEXT_OF(struct incident, state),
    TEXT_OF(struct incident, severity),
    TEXT_OF(struct incident, category),
    TEXT_OF(struct incident, label),
    TEXT_OF(struct incident, handler),
    TEXT_OF(struct incident, subject),
    TEXT_OF(struct incident, reporter_name),
    TEXT_OF(struct incident, reporter_addr),
    NUMBER_OF(struct incident, opened_at),
    NUMBER_OF(struct incident, updated_at),
    TEXT_OF(struct incident, category_by),
    TEXT_OF(struct incident, severity_by),
    TEXT_OF(struct incident, team),
    TEXT_OF(struct incident, label_by),
    INT_OF(struct incident, restricted),
    TEXT_OF(struct incident, result),
    NUMBER_OF(struct incident, closed_at),
    NUMBER_OF(struct incident, reply_by),
    TEXT_OF(struct incident, subject_by),
    NUMBER_OF(struct incident, due),
    TEXT_OF(struct incident, waits_for),
    NUMBER_OF(struct incident, embargo_until),
    NUMBER_OF(struct incident, merged_into),
    TEXT_OF(struct incident, kept),
    NUMBER_OF(struct incident, purged_at),
};
const struct shape incident_shape = SHAPE(struct incident, incident_free, columns);

#define SELECT "SELECT " INCIDENT_COLUMNS " FROM incident "

struct incident *store_incident_show(struct store *store, guint64 incident, GError **error)
{
    return statement_row(store, SELECT "WHERE id = ?1", VALUES(NUMBER(incident)), &incident_shape,
        "incident", error);
}

guint64 store_find_incident(struct store *store, int year, int sequence, GError **error)
{
    gint64 id;

    statement_number(store,
        year ? "SELECT id FROM incident WHERE sequence = ?2 AND year = ?1"
             : "SELECT id FROM incident WHERE sequence = ?2 AND ?1 = 0 ORDER BY year DESC LIMIT 1",
        VALUES(NUMBER(year), NUMBER(sequence)), &id, error);
    return (guint64)id;
}

GPtrArray *store_count_states(struct store *store, GError **error)
{
    return statement_rows(store,
        "SELECT state, count(*), min(opened_at) FROM incident GROUP BY state ORDER BY state", NULL,
        &state_count_shape, error);
}

static void sight_count_free(struct sight_count *count)
{
    g_free(count->state);
    g_free(count->label);
    g_free(count);
}

GPtrArray *store_count_for(struct store *store, const char *user, GError **error)
{
    static const struct column counted[] = {
        TEXT_OF(struct sight_count, state),
        TEXT_OF(struct sight_count, label),
        INT_OF(struct sight_count, restricted),
        INT_OF(struct sight_count, member),
        NUMBER_OF(struct sight_count, count),
        NUMBER_OF(struct sight_count, oldest),
    };
    static const struct shape counts = SHAPE(struct sight_count, sight_count_free, counted);

    return statement_rows(store,
        "SELECT state, label, restricted, 0, count(*), min(opened_at) FROM incident"
        " GROUP BY state, label, restricted UNION ALL"
        " SELECT state, label, restricted, 1, count(*), min(opened_at) FROM member"
        " JOIN incident ON incident.id = member.incident WHERE user = ?1 AND restricted = 1"
        " GROUP BY state, label, restricted ORDER BY 1",
        VALUES(TEXT(user)), &counts, error);
}
