/* Those who decide: what the rules look at, where it stands, and who has read it. */
#include "statement.h"
#include <mado/incident.h>

/* -- what the rules look at -- */

gboolean store_escalation_look(struct store *store, guint64 incident, GError **error)
{
    return statement_run(store,
        "INSERT INTO escalation_look (incident) VALUES (?1) ON CONFLICT (incident) DO NOTHING",
        VALUES(NUMBER(incident)), error);
}

GArray *store_escalation_looks(struct store *store, guint most, GError **error)
{
    return statement_ids(store, "SELECT incident FROM escalation_look ORDER BY incident LIMIT ?1",
        VALUES(NUMBER(most)), error);
}

gboolean store_escalation_looked(struct store *store, guint64 incident, GError **error)
{
    return statement_run(
        store, "DELETE FROM escalation_look WHERE incident = ?1", VALUES(NUMBER(incident)), error);
}

static gboolean add_late(
    struct store *store, guint64 incident, struct escalation_facts *facts, GError **error)
{
    for (int i = 0; i < ESCALATION_KINDS; i++)
        if (!statement_number(store,
                "SELECT ifnull((SELECT due FROM target WHERE incident = ?1 AND kind = ?2"
                " AND met_at = 0 AND over = 0 AND due > 0), 0)",
                VALUES(NUMBER(incident), TEXT(escalation_kinds[i])), &facts->late[i], error))
            return FALSE;
    return TRUE;
}

/* What was done elsewhere before is told to nobody, and what became a part is told with the other.
 */
gboolean store_escalation_facts(
    struct store *store, guint64 incident, struct escalation_facts *facts, GError **error)
{
    struct incident *found = store_incident_show(store, incident, error);
    gint64 imported;

    *facts = (struct escalation_facts){0};
    if (!found)
        return FALSE;
    facts->severity = g_strdup(found->severity);
    facts->category = g_strdup(found->category);
    facts->label = g_strdup(found->label);
    facts->state = g_strdup(found->state);
    facts->team = g_strdup(found->team);
    facts->over = found->closed_at || found->merged_into || found->purged_at;
    incident_free(found);
    if (!statement_number(store, "SELECT EXISTS (SELECT 1 FROM imported WHERE incident = ?1)",
            VALUES(NUMBER(incident)), &imported, error))
        return FALSE;
    facts->over |= imported != 0;
    return add_late(store, incident, facts, error);
}

/* -- where it stands -- */

static const struct column columns[] = {
    NUMBER_OF(struct escalation_step, incident),
    TEXT_OF(struct escalation_step, target),
    NUMBER_OF(struct escalation_step, since),
    NUMBER_OF(struct escalation_step, told_at),
    NUMBER_OF(struct escalation_step, rounds),
    NUMBER_OF(struct escalation_step, read_at),
    NUMBER_OF(struct escalation_step, next),
};
static const struct shape shape = SHAPE(struct escalation_step, escalation_step_free, columns);

#define SELECT                                                                                     \
    "SELECT incident, target, since, told_at, rounds, read_at, next FROM escalation_step "

struct escalation_step *store_escalation_step(
    struct store *store, guint64 incident, const char *target, GError **error)
{
    g_autoptr(GPtrArray) found = statement_rows(store, SELECT "WHERE incident = ?1 AND target = ?2",
        VALUES(NUMBER(incident), TEXT(target)), &shape, error);
    struct escalation_step *step;

    if (!found)
        return NULL;
    if (found->len)
        return g_ptr_array_steal_index(found, 0);
    step = g_new0(struct escalation_step, 1);
    step->incident = incident;
    step->target = g_strdup(target);
    return step;
}

GPtrArray *store_open_escalations(struct store *store, guint most, GError **error)
{
    return statement_rows(store,
        SELECT "WHERE next > 0 OR (told_at > 0 AND read_at = 0) ORDER BY incident DESC, target"
               " LIMIT ?1",
        VALUES(NUMBER(most)), &shape, error);
}

GPtrArray *store_due_escalations(struct store *store, gint64 now, guint most, GError **error)
{
    return statement_rows(store,
        SELECT "WHERE next > 0 AND next <= ?1 ORDER BY next, incident, target LIMIT ?2",
        VALUES(NUMBER(now), NUMBER(most)), &shape, error);
}

gboolean store_keep_escalation_step(
    struct store *store, const struct escalation_step *step, GError **error)
{
    return statement_run(store,
        "INSERT INTO escalation_step (incident, target, since, told_at, rounds, read_at, next)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (incident, target) DO UPDATE SET"
        " since = ?3, told_at = ?4, rounds = ?5, read_at = ?6, next = ?7",
        VALUES(NUMBER(step->incident), TEXT(step->target), NUMBER(step->since),
            NUMBER(step->told_at), NUMBER(step->rounds), NUMBER(step->read_at), NUMBER(step->next)),
        error);
}

gboolean store_drop_escalation_step(
    struct store *store, const struct escalation_step *step, GError **error)
{
    return statement_run(store, "DELETE FROM escalation_step WHERE incident = ?1 AND target = ?2",
        VALUES(NUMBER(step->incident), TEXT(step->target)), error);
}

/* -- letters -- */

GPtrArray *store_escalation_letters(
    struct store *store, guint64 incident, const char *target, GError **error)
{
    static const struct column letter_columns[] = {
        NUMBER_OF(struct escalation_letter, letter),
        TEXT_OF(struct escalation_letter, target),
        TEXT_OF(struct escalation_letter, name),
        TEXT_OF(struct escalation_letter, address),
        TEXT_OF(struct escalation_letter, actor),
        NUMBER_OF(struct escalation_letter, at),
        NUMBER_OF(struct escalation_letter, read_at),
        TEXT_OF(struct escalation_letter, read_by),
        TEXT_OF(struct escalation_letter, read_how),
        NUMBER_OF(struct escalation_letter, answer),
        TEXT_OF(struct escalation_letter, state),
    };
    static const struct shape letter =
        SHAPE(struct escalation_letter, escalation_letter_free, letter_columns);

    return statement_rows(store,
        "SELECT escalation.letter, target, name, outbox.address, escalation.actor, escalation.at,"
        " read_at, read_by, read_how, answer, CASE WHEN dropped.letter IS NULL THEN outbox.state"
        " ELSE 'dropped' END FROM escalation JOIN outbox ON outbox.id = escalation.letter"
        " LEFT JOIN dropped ON dropped.letter = outbox.id WHERE escalation.incident = ?1"
        " AND (?2 IS NULL OR target = ?2) ORDER BY escalation.id",
        VALUES(NUMBER(incident), TEXT(target)), &letter, error);
}

gboolean store_escalation_is_read(
    struct store *store, const struct escalation_read *read, GError **error)
{
    return statement_change(store,
        "UPDATE escalation SET read_at = CASE WHEN read_at > 0 THEN read_at ELSE ?2 END,"
        " read_by = CASE WHEN read_by <> '' THEN read_by ELSE ?3 END,"
        " read_how = CASE WHEN read_how <> '' THEN read_how ELSE ?4 END,"
        " answer = CASE WHEN answer > 0 THEN answer ELSE ?5 END WHERE letter = ?1",
        VALUES(NUMBER(read->letter), NUMBER(read->at), TEXT(read->by), TEXT(read->how),
            NUMBER(read->answer)),
        "escalation", error);
}

/* Of the same incident and the same people as a letter: what may reach them yet, or has. */
#define OTHERS                                                                                     \
    "EXISTS (SELECT 1 FROM escalation AS other JOIN outbox ON outbox.id = other.letter"            \
    " LEFT JOIN dropped ON dropped.letter = other.letter"                                          \
    " WHERE other.incident = escalation_step.incident AND other.target = escalation_step.target"   \
    " AND other.letter <> ?1 AND dropped.letter IS NULL AND outbox.state <> 'failed')"
#define ITS "(incident, target) IN (SELECT incident, target FROM escalation WHERE letter = ?1)"

gboolean store_escalation_failed(struct store *store, guint64 letter, gint64 now, GError **error)
{
    return statement_run(store,
        "UPDATE escalation_step SET next = ?2 WHERE " ITS " AND next > ?2 AND NOT " OTHERS,
        VALUES(NUMBER(letter), NUMBER(now)), error);
}

gboolean store_escalation_taken_back(struct store *store, guint64 letter, GError **error)
{
    return statement_run(store,
               "UPDATE escalation_step SET told_at = 0, rounds = 0, next = 0 WHERE " ITS
               " AND NOT " OTHERS,
               VALUES(NUMBER(letter)), error) &&
           statement_run(store,
               "INSERT INTO escalation_look (incident) SELECT incident FROM escalation WHERE"
               " letter = ?1 ON CONFLICT (incident) DO NOTHING",
               VALUES(NUMBER(letter)), error);
}
