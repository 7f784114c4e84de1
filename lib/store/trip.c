/* A letter of ours and the mail that it came back as, by the Message-ID that both have. */
#include "error.h"
#include "statement.h"

void store_trip_free(struct store_trip *trip)
{
    if (!trip)
        return;
    g_free(trip->state);
    g_free(trip->reply);
    g_free(trip->source);
    g_free(trip);
}

static const char trip_sql[] =
    "SELECT outbox.id, outbox.state, outbox.reply, outbox.changed_at, coalesce(mail.id, 0),"
    " coalesce(mail.source, ''), coalesce(mail.arrived_at, 0) FROM outbox"
    " LEFT JOIN message ON message.message_id = outbox.message_id AND message.message_id <> ''"
    " LEFT JOIN mail ON mail.id = message.mail"
    " WHERE outbox.message_id = ?1 ORDER BY mail.id LIMIT 1";

struct store_trip *store_trip(struct store *store, const char *message_id, GError **error)
{
    static const struct column columns[] = {
        NUMBER_OF(struct store_trip, letter),
        TEXT_OF(struct store_trip, state),
        TEXT_OF(struct store_trip, reply),
        NUMBER_OF(struct store_trip, changed_at),
        NUMBER_OF(struct store_trip, mail),
        TEXT_OF(struct store_trip, source),
        NUMBER_OF(struct store_trip, arrived_at),
    };
    static const struct shape shape = SHAPE(struct store_trip, NULL, columns);
    g_autoptr(GPtrArray) rows =
        statement_rows(store, trip_sql, VALUES(TEXT(message_id)), &shape, error);

    if (!rows)
        return NULL;
    if (rows->len)
        return g_ptr_array_steal_index(rows, 0);
    error_set(
        error, MADO_E_NO_SUCH, "There is no such letter. Nothing was changed. See: madoctl outbox");
    return NULL;
}
