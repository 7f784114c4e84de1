/* What an incident's mails say, and which other incidents say the same. */
#include "statement.h"

enum {
    LOOKED_FOR = 200,     /* things of one incident */
    LOOKED_AT = 1000,     /* of the latest mails that have one of them */
    SHARED_MOST = 5,      /* things that are told of one related incident */
    SHARED_INCIDENTS = 50 /* what is in more of them says nothing of any */
};

void related_free(struct related *related)
{
    if (!related)
        return;
    g_free(related->number);
    g_free(related->state);
    g_clear_pointer(&related->shared, g_ptr_array_unref);
    g_free(related);
}

void shared_free(struct shared *shared)
{
    if (!shared)
        return;
    g_free(shared->kind);
    g_free(shared->value);
    g_free(shared->as_written);
    g_free(shared->origin);
    g_free(shared);
}

static const struct column shared_columns[] = {
    TEXT_OF(struct shared, kind),
    TEXT_OF(struct shared, value),
    TEXT_OF(struct shared, as_written),
    TEXT_OF(struct shared, origin),
    INT_OF(struct shared, clear),
};
static const struct shape shared_shape = SHAPE(struct shared, shared_free, shared_columns);
static const struct column related_columns[] = {
    NUMBER_OF(struct related, incident),
    TEXT_OF(struct related, number),
    TEXT_OF(struct related, state),
    NUMBER_OF(struct related, opened_at),
};
static const struct shape related_shape = SHAPE(struct related, related_free, related_columns);

GPtrArray *store_indicators_of_incident(
    struct store *store, guint64 incident, guint most, GError **error)
{
    return statement_rows(store,
        "SELECT kind, value, as_written, origin, clear > 0 FROM (SELECT kind, value, as_written,"
        " origin, min(mail * 65536 + place) AS first, sum(NOT EXISTS (SELECT 1 FROM crypto"
        " WHERE crypto.mail = indicator.mail AND encrypted <> 'none')) AS clear FROM indicator"
        " WHERE mail IN (SELECT id FROM mail WHERE incident = ?1) GROUP BY kind, value)"
        " ORDER BY first LIMIT ?2",
        VALUES(NUMBER(incident), NUMBER(most)), &shared_shape, error);
}

/* The attachments, likewise; empty ones are all alike. */
static GPtrArray *files_of_incident(struct store *store, guint64 incident, GError **error)
{
    return statement_rows(store,
        "SELECT DISTINCT 'attachment', sha256, name, '', 0 FROM attachment"
        " WHERE mail IN (SELECT id FROM mail WHERE incident = ?1) AND size > 0 LIMIT ?2",
        VALUES(NUMBER(incident), NUMBER(LOOKED_FOR)), &shared_shape, error);
}

#define OTHERS(column_is_it)                                                                       \
    "SELECT DISTINCT incident FROM mail WHERE incident <> ?3 AND id IN (SELECT mail "              \
    "FROM " column_is_it " ORDER BY mail DESC LIMIT ?4) ORDER BY incident DESC LIMIT ?5"

/* The incidents that have it, too; none if there are too many. */
static GArray *others_with(
    struct store *store, const struct shared *shared, guint64 incident, GError **error)
{
    gboolean file = g_str_equal(shared->kind, "attachment");
    GArray *others = statement_ids(store,
        file ? OTHERS("attachment WHERE sha256 = ?1 AND ?2 <> ''")
             : OTHERS("indicator WHERE value = ?1 AND kind = ?2"),
        VALUES(TEXT(shared->value), TEXT(shared->kind), NUMBER(incident), NUMBER(LOOKED_AT),
            NUMBER(SHARED_INCIDENTS + 1)),
        error);

    if (others && others->len > SHARED_INCIDENTS)
        g_array_set_size(others, 0);
    return others;
}

/* incident -> GPtrArray of what it shares */
static void note(GHashTable *found, guint64 incident, const struct shared *shared)
{
    GPtrArray *list = g_hash_table_lookup(found, &incident);
    struct shared *copy;

    if (!list) {
        list = g_ptr_array_new_with_free_func((GDestroyNotify)shared_free);
        g_hash_table_insert(found, g_memdup2(&incident, sizeof incident), list);
    }
    if (list->len >= SHARED_MOST)
        return;
    copy = g_new0(struct shared, 1);
    copy->kind = g_strdup(shared->kind);
    copy->value = g_strdup(shared->value);
    g_ptr_array_add(list, copy);
}

static gboolean find_others(struct store *store, const GPtrArray *things, guint64 incident,
    GHashTable *found, GError **error)
{
    for (guint i = 0; i < things->len; i++) {
        const struct shared *shared = things->pdata[i];
        g_autoptr(GArray) others = others_with(store, shared, incident, error);
        if (!others)
            return FALSE;
        for (guint k = 0; k < others->len; k++)
            note(found, g_array_index(others, guint64, k), shared);
    }
    return TRUE;
}

static gint newest_first(gconstpointer a, gconstpointer b)
{
    const struct related *one = *(struct related *const *)a, *other = *(struct related *const *)b;
    return one->incident < other->incident ? 1 : -1;
}

static GPtrArray *rows_of(struct store *store, GHashTable *found, guint most, GError **error)
{
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify)related_free);
    GHashTableIter iter;
    gpointer incident, shared;

    g_hash_table_iter_init(&iter, found);
    while (g_hash_table_iter_next(&iter, &incident, &shared)) {
        struct related *one = g_new0(struct related, 1);
        one->incident = *(guint64 *)incident;
        one->shared = g_ptr_array_ref(shared);
        g_ptr_array_add(rows, one);
    }
    g_ptr_array_sort(rows, newest_first);
    if (rows->len > most)
        g_ptr_array_set_size(rows, (gint)most);
    for (guint i = 0; i < rows->len; i++) {
        struct related *one = rows->pdata[i];
        struct related *row =
            statement_row(store, "SELECT id, number, state, opened_at FROM incident WHERE id = ?1",
                VALUES(NUMBER(one->incident)), &related_shape, "incident", error);
        if (!row)
            return NULL;
        row->shared = g_steal_pointer(&one->shared);
        related_free(one);
        rows->pdata[i] = row;
    }
    return g_steal_pointer(&rows);
}

GPtrArray *store_related(struct store *store, guint64 incident, guint most, GError **error)
{
    g_autoptr(GPtrArray) indicators =
        store_indicators_of_incident(store, incident, LOOKED_FOR, error);
    g_autoptr(GPtrArray) files = indicators ? files_of_incident(store, incident, error) : NULL;
    g_autoptr(GHashTable) found = g_hash_table_new_full(
        g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)g_ptr_array_unref);

    return files && find_others(store, indicators, incident, found, error) &&
                   find_others(store, files, incident, found, error)
               ? rows_of(store, found, most, error)
               : NULL;
}

GPtrArray *store_incidents_with_file(
    struct store *store, const char *sha256, guint64 incident, guint most, GError **error)
{
    struct shared file = {(char *)"attachment", (char *)sha256, NULL, NULL, 0};
    g_autoptr(GArray) others = others_with(store, &file, incident, error);
    g_autoptr(GHashTable) found = g_hash_table_new_full(
        g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)g_ptr_array_unref);

    for (guint i = 0; others && i < others->len; i++)
        note(found, g_array_index(others, guint64, i), &file);
    return others ? rows_of(store, found, most, error) : NULL;
}

/* -- attachments -- */

void artifact_free(struct artifact *artifact)
{
    if (!artifact)
        return;
    g_free(artifact->name);
    g_free(artifact->type);
    g_free(artifact->sha256);
    g_free(artifact);
}

GPtrArray *store_artifacts(struct store *store, guint64 incident, guint most, GError **error)
{
    static const struct column columns[] = {
        NUMBER_OF(struct artifact, mail),
        NUMBER_OF(struct artifact, place),
        NUMBER_OF(struct artifact, size),
        TEXT_OF(struct artifact, name),
        TEXT_OF(struct artifact, type),
        TEXT_OF(struct artifact, sha256),
    };
    static const struct shape shape = SHAPE(struct artifact, artifact_free, columns);

    return statement_rows(store,
        "SELECT mail, place, size, name, type, sha256 FROM attachment"
        " WHERE mail IN (SELECT id FROM mail WHERE incident = ?1) ORDER BY mail, place LIMIT ?2",
        VALUES(NUMBER(incident), NUMBER(most)), &shape, error);
}
