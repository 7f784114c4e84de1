#include "migrate.h"
#include "error.h"
#include "search.h"
#include <string.h>

/* The files of that name, a string literal a line. */
static const char schema_sql[] =
#include "schema-sql.h"
    ;
static const char schema_2_sql[] =
#include "schema-2-sql.h"
    ;
static const char schema_3_sql[] =
#include "schema-3-sql.h"
    ;
static const char schema_4_sql[] =
#include "schema-4-sql.h"
    ;
static const char schema_5_sql[] =
#include "schema-5-sql.h"
    ;
static const char schema_6_sql[] =
#include "schema-6-sql.h"
    ;

enum { FIRST_VERSION = 1 };

/* A new store takes these steps as an old one does: there is one way to each version. */
const struct migration store_migrations[] = {
    {.to = 2, .sql = schema_2_sql},
    {.to = 3, .sql = schema_3_sql},
    {.to = 4, .sql = schema_4_sql},
    {.to = 5, .sql = schema_5_sql},
    {.to = 6, .sql = schema_6_sql},
    {.to = 0},
};

static int last_version(const struct migration *steps)
{
    int version = FIRST_VERSION;

    for (; steps->to; steps++)
        version = steps->to;
    return version;
}

static gboolean execute(struct store *store, const char *sql, GError **error)
{
    int result = sqlite3_exec(store->db, sql, NULL, NULL, NULL);

    return result == SQLITE_OK || statement_fail(store, result, sql, error);
}

/* SHA-256 of all definitions: tells a schema that was changed by hand, or is damaged. */
static char *fingerprint(struct store *store, GError **error)
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    sqlite3_stmt *statement =
        statement_ask(store, "SELECT name, sql FROM sqlite_schema ORDER BY name", NULL, error);
    int got = statement ? 1 : -1;

    while (got > 0 && (got = statement_next(store, statement, error)) > 0)
        for (int i = 0; i < 2; i++) {
            g_autofree char *text = statement_text(statement, i);
            g_checksum_update(checksum, (const guchar *)text, (gssize)strlen(text) + 1);
        }
    return got == 0 ? g_strdup(g_checksum_get_string(checksum)) : NULL;
}

static gboolean sign(struct store *store, int version, GError **error)
{
    g_autofree char *numbers = g_strdup_printf(
        "PRAGMA application_id = %d; PRAGMA user_version = %d", STORE_APPLICATION, version);
    g_autofree char *print = fingerprint(store, error);

    return print &&
           statement_run(store,
               "INSERT INTO meta (name, number, text) VALUES ('schema', ?1, ?2)"
               " ON CONFLICT (name) DO UPDATE SET number = excluded.number, text = excluded.text",
               VALUES(NUMBER(version), TEXT(print)), error) &&
           execute(store, numbers, error);
}

static gboolean end(struct store *store, gboolean done, GError **error)
{
    if (done)
        return store_commit(store, error);
    sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    store->in_turn = FALSE;
    return FALSE;
}

static gboolean apply(struct store *store, const struct migration *steps, int from, GError **error)
{
    for (; steps->to; steps++) {
        if (steps->to <= from)
            continue;
        if (steps->sql && !execute(store, steps->sql, error))
            return FALSE;
        if (steps->run && !steps->run(store, error))
            return FALSE;
    }
    return TRUE;
}

gboolean migrate_create(struct store *store, GError **error)
{
    return store_begin(store, error) &&
           end(store,
               execute(store, schema_sql, error) && search_create(store, error) &&
                   apply(store, store_migrations, FIRST_VERSION, error) &&
                   sign(store, last_version(store_migrations), error),
               error);
}

static gboolean refuse(struct store *store, GError **error, const char *why)
{
    error_set(error, MADO_E_STORE_SCHEMA, "the store %s %s", store->path, why);
    return FALSE;
}

static gboolean check_definitions(struct store *store, GError **error)
{
    g_autofree char *now = fingerprint(store, error);
    gint64 same;

    if (!now ||
        !statement_number(store, "SELECT count(*) FROM meta WHERE name = 'schema' AND text = ?1",
            VALUES(TEXT(now)), &same, error))
        return FALSE;
    return same == 1 || refuse(store, error,
                            "has other tables than mado gave it: it was changed by hand or is "
                            "damaged; nothing was "
                            "changed: restore a backup");
}

gboolean migrate_up(struct store *store, const struct migration *steps, GError **error)
{
    gint64 application, version;

    if (!statement_number(store, "PRAGMA application_id", NULL, &application, error) ||
        !statement_number(store, "PRAGMA user_version", NULL, &version, error))
        return FALSE;
    if (application != STORE_APPLICATION || version < 1)
        return refuse(store, error,
            "is a database, but not one of mado; nothing was changed: check the path");
    if (version > last_version(steps))
        return refuse(store, error,
            "was written by a newer mado; nothing was changed: install that version again");
    if (!check_definitions(store, error))
        return FALSE;
    if (version == last_version(steps))
        return TRUE;
    return store_begin(store, error) &&
           end(store,
               apply(store, steps, (int)version, error) && sign(store, last_version(steps), error),
               error);
}
