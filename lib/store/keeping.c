/* How it went the last time: backups, exports of the journal, what was purged. */
#include "statement.h"

void kept_run_free(struct kept_run *run)
{
    if (!run)
        return;
    g_free(run->file);
    g_free(run->why);
    g_free(run);
}

struct kept_run *store_kept_run(struct store *store, const char *what, GError **error)
{
    static const struct column columns[] = {
        NUMBER_OF(struct kept_run, begun_at),
        NUMBER_OF(struct kept_run, done_at),
        TEXT_OF(struct kept_run, file),
        NUMBER_OF(struct kept_run, size),
        TEXT_OF(struct kept_run, why),
    };
    static const struct shape shape = SHAPE(struct kept_run, kept_run_free, columns);

    return statement_row(store,
        "SELECT begun_at, done_at, file, size, why FROM keeping WHERE what = ?1"
        " UNION ALL SELECT 0, 0, '', 0, '' LIMIT 1",
        VALUES(TEXT(what)), &shape, "run", error);
}

gboolean store_begun_at(struct store *store, gint64 *at, GError **error)
{
    return statement_number(
        store, "SELECT ifnull((SELECT at FROM journal ORDER BY id LIMIT 1), 0)", NULL, at, error);
}

gboolean store_run_begins(struct store *store, const char *what, gint64 at, GError **error)
{
    return statement_run(store,
        "INSERT INTO keeping (what, begun_at, done_at, file, size, why)"
        " VALUES (?1, ?2, 0, '', 0, '') ON CONFLICT (what) DO UPDATE SET begun_at = ?2",
        VALUES(TEXT(what), NUMBER(at)), error);
}

gboolean store_run_done(struct store *store, const char *what, const char *file, guint64 size,
    gint64 at, GError **error)
{
    return statement_change(store,
        "UPDATE keeping SET done_at = ?2, file = ?3, size = ?4, why = '' WHERE what = ?1",
        VALUES(TEXT(what), NUMBER(at), TEXT(file), NUMBER(size)), "run", error);
}

gboolean store_run_failed(struct store *store, const char *what, const char *why, GError **error)
{
    return statement_change(store, "UPDATE keeping SET why = ?2 WHERE what = ?1",
        VALUES(TEXT(what), TEXT(why)), "run", error);
}

enum { NUMBERS_SINCE = 1000, HOUR = 60 * 60, MOST_AHEAD = 14 * HOUR, MOST_BEHIND = 12 * HOUR };

static const char *const counters[][2] = {
    {"UPDATE counter SET last = last + ?1",
        "INSERT INTO counter (year, last) VALUES (?1, ?2) ON CONFLICT (year) DO NOTHING"},
    {"UPDATE coordination_counter SET last = last + ?1",
        "INSERT INTO coordination_counter (year, last) VALUES (?1, ?2)"
        " ON CONFLICT (year) DO NOTHING"},
};

/* Since the copy was made another year may have begun, wherever the team is. */
static gboolean skip_numbers(struct store *store, gint64 now, GError **error)
{
    const gint64 moments[] = {now - MOST_BEHIND, now + MOST_AHEAD};

    for (gsize i = 0; i < G_N_ELEMENTS(counters); i++) {
        if (!statement_run(store, counters[i][0], VALUES(NUMBER(NUMBERS_SINCE)), error))
            return FALSE;
        for (gsize m = 0; m < G_N_ELEMENTS(moments); m++) {
            g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(moments[m]);
            if (!statement_run(store, counters[i][1],
                    VALUES(NUMBER(g_date_time_get_year(time)), NUMBER(NUMBERS_SINCE)), error))
                return FALSE;
        }
    }
    return TRUE;
}

/* What was to be sent then may have gone since, and numbers were given that this store has not
 * seen: none of them may be given again. */
gboolean store_is_restored(struct store *store, gint64 now, gint64 *letters, GError **error)
{
    return statement_number(store,
               "SELECT count(*) FROM outbox WHERE state IN ('queued', 'deferred', 'sending')", NULL,
               letters, error) &&
           statement_run(store,
               "UPDATE outbox SET state = 'unknown', leads = 0, changed_at = ?1,"
               " reply = ?2 WHERE state IN ('queued', 'deferred', 'sending')",
               VALUES(NUMBER(now), TEXT(STORE_RESTORED)), error) &&
           statement_run(store,
               "UPDATE outbox SET reply = reply || ' (' || ?1 || ')' WHERE state = 'held'",
               VALUES(TEXT(STORE_RESTORED)), error) &&
           skip_numbers(store, now, error);
}
