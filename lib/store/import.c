/* Incidents that were kept in a spreadsheet before. */
#include "search.h"
#include "store-import.h"

void import_free(struct import *import)
{
    if (!import)
        return;
    g_free(import->file);
    g_free(import->actor);
    g_free(import->undone_by);
    g_free(import);
}

#define SELECT "SELECT id, file, actor, at, incidents, event, undone_at, undone_by FROM import "

static const struct column columns[] = {
    NUMBER_OF(struct import, id),
    TEXT_OF(struct import, file),
    TEXT_OF(struct import, actor),
    NUMBER_OF(struct import, at),
    NUMBER_OF(struct import, incidents),
    NUMBER_OF(struct import, event),
    NUMBER_OF(struct import, undone_at),
    TEXT_OF(struct import, undone_by),
};
static const struct shape shape = SHAPE(struct import, import_free, columns);

GPtrArray *store_imports(struct store *store, guint most, GError **error)
{
    return statement_rows(
        store, SELECT "ORDER BY id DESC LIMIT ?1", VALUES(NUMBER(most)), &shape, error);
}

struct import *store_import_show(struct store *store, guint64 import, GError **error)
{
    g_autoptr(GPtrArray) rows =
        statement_rows(store, SELECT "WHERE id = ?1", VALUES(NUMBER(import)), &shape, error);

    return rows && rows->len ? g_ptr_array_steal_index(rows, 0) : NULL;
}

/* -- in -- */

gboolean store_begin_import(
    struct store *store, const struct import *import, guint64 *id, GError **error)
{
    gint64 number = 0;
    gboolean done = statement_number(store,
        "INSERT INTO import (file, actor, at, incidents, event) VALUES (?1, ?2, ?3, 0, 0)"
        " RETURNING id",
        VALUES(TEXT(import->file), TEXT(import->actor), NUMBER(import->at)), &number, error);

    *id = (guint64)number;
    return done;
}

/* A list is in order of the latest change, and what was over years ago is not that. */
gboolean store_add_imported(
    struct store *store, const struct imported *imported, gint64 received_at, GError **error)
{
    return statement_run(store,
               "INSERT INTO imported (incident, import, line, old, sha256)"
               " VALUES (?1, ?2, ?3, ?4, ?5)",
               VALUES(NUMBER(imported->incident), NUMBER(imported->import), NUMBER(imported->line),
                   TEXT(imported->old), TEXT(imported->sha256)),
               error) &&
           store_escalation_looked(store, imported->incident, error) &&
           statement_change(store,
               "UPDATE incident SET state = ?2, handler = ?3, result = ?4, closed_at = ?5,"
               " updated_at = ?6 WHERE id = ?1",
               VALUES(NUMBER(imported->incident), TEXT(imported->state), TEXT(imported->handler),
                   TEXT(imported->result), NUMBER(imported->closed_at),
                   NUMBER(MAX(imported->closed_at, received_at))),
               "incident", error);
}

/* Whatever they once had to be done by was before our time. */
static gboolean add_targets(struct store *store, guint64 import, GError **error)
{
    g_autoptr(GArray) ids = statement_ids(
        store, "SELECT incident FROM imported WHERE import = ?1", VALUES(NUMBER(import)), error);

    for (guint i = 0; ids && i < ids->len; i++)
        g_hash_table_remove(
            store->changed, GSIZE_TO_POINTER((gsize)g_array_index(ids, guint64, i)));
    return ids &&
           statement_run(store,
               "INSERT INTO target (incident, kind, began_at, due, met_at, next_word, over)"
               " SELECT id, column1, opened_at, 0, 0, 0, state IN ('closed', 'rejected')"
               " FROM imported JOIN incident ON incident.id = imported.incident,"
               " (VALUES ('acknowledge'), ('triage'), ('reply'), ('update')) WHERE import = ?1",
               VALUES(NUMBER(import)), error);
}

gboolean store_end_import(struct store *store, guint64 import, gint64 incidents, GError **error)
{
    return add_targets(store, import, error) &&
           statement_run(store,
               "DELETE FROM hook_event WHERE incident IN"
               " (SELECT incident FROM imported WHERE import = ?1)",
               VALUES(NUMBER(import)), error) &&
           statement_change(store,
               "UPDATE import SET incidents = ?2, event = (SELECT coalesce(max(id), 0) FROM "
               "journal)"
               " WHERE id = ?1",
               VALUES(NUMBER(import), NUMBER(incidents)), "import", error);
}

/* -- known -- */

gboolean store_find_imported(
    struct store *store, const char *sha256, guint64 *incident, GError **error)
{
    gint64 found = 0;
    gboolean done = statement_number(store,
        "SELECT incident FROM imported WHERE sha256 = ?1 ORDER BY incident DESC LIMIT 1",
        VALUES(TEXT(sha256)), &found, error);

    *incident = (guint64)found;
    return done;
}

GArray *store_find_old(struct store *store, const char *old, guint most, GError **error)
{
    return statement_ids(store,
        "SELECT incident FROM imported WHERE old = ?1 AND old <> '' ORDER BY incident DESC"
        " LIMIT ?2",
        VALUES(TEXT(old), NUMBER(most)), error);
}

/* -- out -- */

/* Whatever is done with an incident stands in the journal, mail that joins it too. */
gboolean store_import_touched(
    struct store *store, const struct import *import, guint64 *incident, GError **error)
{
    gint64 found = 0;
    gboolean done = statement_number(store,
        "SELECT journal.incident FROM journal JOIN imported ON imported.incident = journal.incident"
        " WHERE journal.id > ?2 AND imported.import = ?1 ORDER BY journal.id LIMIT 1",
        VALUES(NUMBER(import->id), NUMBER(import->event)), &found, error);

    *incident = (guint64)found;
    return done;
}

static gboolean take_out(struct store *store, guint64 incident, GError **error)
{
    static const char *const deletes[] = {
        "DELETE FROM told WHERE incident = ?1",
        "DELETE FROM reference WHERE incident = ?1",
        "DELETE FROM imported WHERE incident = ?1",
        "DELETE FROM target WHERE incident = ?1",
        "DELETE FROM legal_clock WHERE incident = ?1",
        "DELETE FROM escalation_step WHERE incident = ?1",
        "DELETE FROM escalation_look WHERE incident = ?1",
        "DELETE FROM incident WHERE id = ?1",
    };

    if (!search_drop_incident(store, incident, error))
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(deletes); i++)
        if (!statement_run(store, deletes[i], VALUES(NUMBER(incident)), error))
            return FALSE;
    return TRUE;
}

gboolean store_undo_import(
    struct store *store, const struct import *import, const char *actor, gint64 now, GError **error)
{
    g_autoptr(GArray) incidents =
        statement_ids(store, "SELECT incident FROM imported WHERE import = ?1 ORDER BY incident",
            VALUES(NUMBER(import->id)), error);

    for (guint i = 0; incidents && i < incidents->len; i++)
        if (!take_out(store, g_array_index(incidents, guint64, i), error))
            return FALSE;
    return incidents &&
           statement_change(store, "UPDATE import SET undone_at = ?2, undone_by = ?3 WHERE id = ?1",
               VALUES(NUMBER(import->id), NUMBER(now), TEXT(actor)), "import", error);
}
