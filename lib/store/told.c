/* Reports that came by no mail. */
#include "search.h"

/* Searches find its words, too, so the words of the incident are taken out and put in anew. */
gboolean store_add_told(struct store *store, const struct told *told, GError **error)
{
    char *const *answer = told->answer;

    return search_drop_incident(store, told->incident, error) &&
           statement_run(store,
               "INSERT INTO told (incident, way, actor, at, opens, taken, caller, back, kind, what,"
               " harm, wants, promised, passed)"
               " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
               VALUES(NUMBER(told->incident), TEXT(told->way), TEXT(told->actor), NUMBER(told->at),
                   NUMBER(told->opens != 0), TEXT(answer[TOLD_TAKEN]), TEXT(answer[TOLD_CALLER]),
                   TEXT(answer[TOLD_BACK]), TEXT(answer[TOLD_KIND]), TEXT(answer[TOLD_WHAT]),
                   TEXT(answer[TOLD_HARM]), TEXT(answer[TOLD_WANTS]), TEXT(answer[TOLD_PROMISED]),
                   TEXT(answer[TOLD_PASSED])),
               error) &&
           search_follow_label(store, told->incident, error);
}

GPtrArray *store_told(struct store *store, guint64 incident, guint most, GError **error)
{
    static const struct column columns[] = {
        NUMBER_OF(struct told, incident),
        TEXT_OF(struct told, way),
        TEXT_OF(struct told, actor),
        NUMBER_OF(struct told, at),
        INT_OF(struct told, opens),
        TEXT_OF(struct told, answer[TOLD_TAKEN]),
        TEXT_OF(struct told, answer[TOLD_CALLER]),
        TEXT_OF(struct told, answer[TOLD_BACK]),
        TEXT_OF(struct told, answer[TOLD_KIND]),
        TEXT_OF(struct told, answer[TOLD_WHAT]),
        TEXT_OF(struct told, answer[TOLD_HARM]),
        TEXT_OF(struct told, answer[TOLD_WANTS]),
        TEXT_OF(struct told, answer[TOLD_PROMISED]),
        TEXT_OF(struct told, answer[TOLD_PASSED]),
    };
    static const struct shape shape = SHAPE(struct told, told_free, columns);

    return statement_rows(store,
        "SELECT incident, way, actor, at, opens, taken, caller, back, kind, what, harm, wants,"
        " promised, passed FROM told WHERE incident = ?1 ORDER BY id LIMIT ?2",
        VALUES(NUMBER(incident), NUMBER(most)), &shape, error);
}

gboolean store_count_told(struct store *store, const char *way, gint64 *count, GError **error)
{
    return statement_number(
        store, "SELECT count(*) FROM told WHERE way = ?1", VALUES(TEXT(way)), count, error);
}
