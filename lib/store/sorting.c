/* What operators have said a mail is, until it is done. */
#include "search.h"
#include "sorting.h"

static const struct column columns[] = {
    TEXT_OF(struct sorted, as),
    TEXT_OF(struct sorted, actor),
    TEXT_OF(struct sorted, reason),
    INT_OF(struct sorted, ack),
    NUMBER_OF(struct sorted, target),
    NUMBER_OF(struct sorted, times),
};
static const struct shape shape = SHAPE(struct sorted, sorted_free, columns);

#define SELECT                                                                                     \
    "SELECT place, actor, reason, ack, coalesce(incident, 0), times FROM sorting WHERE mail = ?1"

/* The first of an array that has one at most. */
static struct sorted *take(GPtrArray *rows)
{
    return rows->len ? g_ptr_array_steal_index(rows, 0) : NULL;
}

gboolean store_find_sorting(
    struct store *store, guint64 mail, struct history *history, GError **error)
{
    g_autoptr(GPtrArray) rows =
        statement_rows(store, SELECT " AND done = 0", VALUES(NUMBER(mail)), &shape, error);
    g_autoptr(GError) failed = NULL;

    if (!rows)
        return FALSE;
    history->sorting = take(rows);
    if (history->sorting && history->sorting->target)
        history->target = store_known_incident(store, history->sorting->target, 0, &failed);
    if (!failed)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failed));
    return FALSE;
}

gboolean store_sorting_show(
    struct store *store, guint64 mail, struct sorted **sorting, gboolean *done, GError **error)
{
    g_autoptr(GPtrArray) rows = statement_rows(store, SELECT, VALUES(NUMBER(mail)), &shape, error);
    gint64 over = 0;

    if (!rows || !statement_number(store, "SELECT done FROM sorting WHERE mail = ?1",
                     VALUES(NUMBER(mail)), &over, error))
        return FALSE;
    *sorting = take(rows);
    *done = over != 0;
    return TRUE;
}

gboolean store_sort_mail(
    struct store *store, guint64 mail, const struct sorted *sorting, gint64 now, GError **error)
{
    return statement_run(store,
               "INSERT INTO sorting (mail, place, incident, ack, actor, reason, at, times, done)"
               " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, 0) ON CONFLICT (mail) DO UPDATE SET"
               " place = excluded.place, incident = excluded.incident, ack = excluded.ack,"
               " actor = excluded.actor, reason = excluded.reason, at = excluded.at,"
               " times = sorting.times + 1, done = 0",
               VALUES(NUMBER(mail), TEXT(sorting->as), ID(sorting->target), NUMBER(sorting->ack),
                   TEXT(sorting->actor), TEXT(sorting->reason), NUMBER(now)),
               error) &&
           search_drop_mail(store, mail, error) &&
           statement_run(store,
               "UPDATE mail SET ledger = '', incident = NULL, settled_at = NULL, attempts = 0,"
               " deaths = 0 WHERE id = ?1",
               VALUES(NUMBER(mail)), error);
}

gboolean store_sorting_done(struct store *store, guint64 mail, GError **error)
{
    return statement_run(
        store, "UPDATE sorting SET done = 1 WHERE mail = ?1", VALUES(NUMBER(mail)), error);
}

gboolean store_count_mails(struct store *store, guint64 incident, gint64 *count, GError **error)
{
    return statement_number(store, "SELECT count(*) FROM mail WHERE incident = ?1",
        VALUES(NUMBER(incident)), count, error);
}

char *store_mail_why(struct store *store, guint64 mail, GError **error)
{
    static const struct column one[] = {{COLUMN_TEXT, 0}};
    static const struct shape text = {sizeof(char *), NULL, one, 1};
    g_autofree char **why = statement_row(
        store, "SELECT why FROM mail WHERE id = ?1", VALUES(NUMBER(mail)), &text, "mail", error);

    return why ? *why : NULL;
}
