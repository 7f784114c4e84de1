#include "statement.h"

gboolean store_add_notice(struct store *store, guint64 mail, const char *number, const char *state,
    const char *severity, const char *label, gint64 at, GError **error)
{
    return statement_run(store,
        "INSERT INTO notice (mail, number, state, severity, label, at)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        VALUES(NUMBER(mail), TEXT(number ?: ""), TEXT(state), TEXT(severity ?: ""),
            TEXT(label ?: ""), NUMBER(at)),
        error);
}

static const struct column columns[] = {
    NUMBER_OF(struct notice, id),
    TEXT_OF(struct notice, number),
    TEXT_OF(struct notice, state),
    TEXT_OF(struct notice, severity),
    TEXT_OF(struct notice, label),
    NUMBER_OF(struct notice, at),
};
static const struct shape shape = SHAPE(struct notice, notice_free, columns);

GPtrArray *store_untold_notices(struct store *store, guint most, GError **error)
{
    return statement_rows(store,
        "SELECT id, number, state, severity, label, at FROM notice WHERE told = 0"
        " ORDER BY id LIMIT ?1",
        VALUES(NUMBER(most)), &shape, error);
}

guint64 store_count_untold(struct store *store, GError **error)
{
    gint64 count;

    statement_number(store, "SELECT count(*) FROM notice WHERE told = 0", NULL, &count, error);
    return (guint64)count;
}

gboolean store_notices_told(struct store *store, guint64 up_to, gint64 take_by, GError **error)
{
    return statement_run(store,
        "UPDATE notice SET told = 1, take_by = CASE WHEN state IN ('new', 'pending') THEN ?2 ELSE 0"
        " END WHERE told = 0 AND id <= ?1",
        VALUES(NUMBER(up_to), NUMBER(take_by)), error);
}

/* An incident is taken when somebody handles it or has moved it on; a mail, when it has its place.
 */
GPtrArray *store_untaken_notices(struct store *store, gint64 now, guint most, GError **error)
{
    return statement_rows(store,
        "SELECT notice.id, notice.number, notice.state, notice.severity, notice.label, notice.at"
        " FROM notice LEFT JOIN incident ON incident.number = notice.number AND notice.number <> ''"
        " LEFT JOIN mail ON mail.id = notice.mail"
        " WHERE take_by > 0 AND take_by <= ?1 AND CASE WHEN notice.number <> ''"
        " THEN incident.state = 'new' AND incident.handler = '' AND incident.merged_into = 0"
        " ELSE mail.ledger = 'pending' END ORDER BY notice.id LIMIT ?2",
        VALUES(NUMBER(now), NUMBER(most)), &shape, error);
}

gboolean store_notices_over(struct store *store, gint64 now, guint64 up_to, GError **error)
{
    return statement_run(store,
        "UPDATE notice SET take_by = 0 WHERE take_by > 0 AND take_by <= ?1 AND id <= ?2",
        VALUES(NUMBER(now), NUMBER(up_to)), error);
}

void notice_free(struct notice *notice)
{
    if (!notice)
        return;
    g_free(notice->number);
    g_free(notice->state);
    g_free(notice->severity);
    g_free(notice->label);
    g_free(notice);
}
