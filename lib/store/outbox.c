#include <mado/incident.h>
#include "chunk.h"
#include "error.h"
#include <string.h>

/* Counts the ack in its minute, or takes it back if it failed. */
static gboolean count_ack(
    struct store *store, const char *address, gint64 at, int by, GError **error)
{
    const char *sign = strrchr(address, '@');
    const char *domains[] = {"", sign ? sign + 1 : "?"};

    for (gsize i = 0; i < G_N_ELEMENTS(domains); i++)
        if (!statement_run(store,
                "INSERT INTO ack_minute (domain, minute, acks) VALUES (?1, ?2, ?3)"
                " ON CONFLICT (domain, minute) DO UPDATE SET acks = ack_minute.acks + "
                "excluded.acks",
                VALUES(TEXT(domains[i]), NUMBER(at / 60), NUMBER(by)), error))
            return FALSE;
    return TRUE;
}

static gboolean keep_letter(
    struct store *store, const struct new_letter *letter, gint64 id, GError **error)
{
    g_autofree char *address = g_ascii_strdown(letter->recipient, -1);

    return chunk_keep_bytes(store,
               "INSERT INTO letter_chunk (letter, place, bytes) VALUES (?1, ?2, ?3)", (guint64)id,
               letter->bytes, error) &&
           (!g_str_equal(letter->kind, "ack") || count_ack(store, address, letter->at, 1, error));
}

gboolean store_queue_letter(
    struct store *store, const struct new_letter *letter, gboolean *queued, GError **error)
{
    g_autofree char *address = g_ascii_strdown(letter->recipient, -1);
    gint64 id;

    if (!statement_number(store,
            "INSERT INTO outbox (kind, cause, state, sender, recipient, address, subject,"
            " message_id, incident, mail, opens, next_try, created_at, changed_at)"
            " VALUES (?1, ?2, 'queued', ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?11)"
            " ON CONFLICT (kind, cause) DO NOTHING RETURNING id",
            VALUES(TEXT(letter->kind), TEXT(letter->cause), TEXT(letter->sender),
                TEXT(letter->recipient), TEXT(address), TEXT(letter->subject),
                TEXT(letter->message_id), ID(letter->incident), ID(letter->mail),
                NUMBER(letter->opens != FALSE), NUMBER(letter->at)),
            &id, error))
        return FALSE;
    *queued = id != 0;
    return !*queued || keep_letter(store, letter, id, error);
}

static void due_letter_free(gpointer data)
{
    struct due_letter *letter = data;

    g_free(letter->kind);
    g_free(letter->sender);
    g_free(letter->recipient);
    g_free(letter);
}

GPtrArray *store_due_letters(struct store *store, gint64 now, guint most, GError **error)
{
    static const struct column columns[] = {
        NUMBER_OF(struct due_letter, id),
        TEXT_OF(struct due_letter, kind),
        TEXT_OF(struct due_letter, sender),
        TEXT_OF(struct due_letter, recipient),
        INT_OF(struct due_letter, attempts),
    };
    static const struct shape shape = SHAPE(struct due_letter, due_letter_free, columns);

    return statement_rows(store,
        "SELECT id, kind, sender, recipient, attempts FROM outbox"
        " WHERE state IN ('queued', 'deferred') AND next_try <= ?1 ORDER BY id LIMIT ?2",
        VALUES(NUMBER(now), NUMBER(most)), &shape, error);
}

int store_letter_fd(struct store *store, guint64 letter, GError **error)
{
    gint64 found;

    if (!statement_number(store, "SELECT count(*) FROM outbox WHERE id = ?1",
            VALUES(NUMBER(letter)), &found, error))
        return -1;
    if (found)
        return chunk_fd(store, "SELECT bytes FROM letter_chunk WHERE letter = ?1 ORDER BY place",
            letter, NULL, error);
    g_set_error(error, MADO_ERROR, MADO_E_NO_SUCH, "there is no such letter");
    return -1;
}

gboolean store_letter_sending(struct store *store, guint64 letter, GError **error)
{
    return statement_change(store,
        "UPDATE outbox SET state = 'sending', attempts = attempts + 1 WHERE id = ?1"
        " AND state IN ('queued', 'deferred')",
        VALUES(NUMBER(letter)), "letter waiting to be sent", error);
}

struct standing {
    char *kind, *state, *address;
    gint64 created_at;
};

static void standing_free(gpointer data)
{
    struct standing *standing = data;

    if (!standing)
        return;
    g_free(standing->kind);
    g_free(standing->state);
    g_free(standing->address);
    g_free(standing);
}

static gboolean count_change(
    struct store *store, const struct standing *before, const char *state, GError **error)
{
    gboolean failed = g_str_equal(before->state, "failed");
    gboolean fails = g_str_equal(state, "failed");

    if (failed == fails || !g_str_equal(before->kind, "ack"))
        return TRUE;
    return count_ack(store, before->address, before->created_at, fails ? -1 : 1, error);
}

static gboolean settle(struct store *store, guint64 letter, const struct standing *before,
    const char *state, const char *reply, gint64 next_try, gint64 now, GError **error)
{
    return count_change(store, before, state, error) &&
           statement_change(store,
               "UPDATE outbox SET state = ?2, reply = ?3, next_try = ?4, changed_at = ?5"
               " WHERE id = ?1 AND state <> 'sent'",
               VALUES(
                   NUMBER(letter), TEXT(state), TEXT(reply ?: ""), NUMBER(next_try), NUMBER(now)),
               "letter that is not sent yet", error);
}

gboolean store_letter_settled(struct store *store, guint64 letter, const char *state,
    const char *reply, gint64 next_try, gint64 now, GError **error)
{
    static const char *const settled[] = {"sent", "deferred", "failed", "unknown", "queued", NULL};
    static const struct column columns[] = {
        TEXT_OF(struct standing, kind),
        TEXT_OF(struct standing, state),
        TEXT_OF(struct standing, address),
        NUMBER_OF(struct standing, created_at),
    };
    static const struct shape shape = SHAPE(struct standing, standing_free, columns);
    struct standing *before;
    gboolean done;

    if (!g_strv_contains(settled, state)) {
        g_set_error(error, MADO_ERROR, MADO_E_BAD_DATA,
            "a letter cannot be settled as \"%s\"; nothing was changed", state);
        return FALSE;
    }
    before =
        statement_row(store, "SELECT kind, state, address, created_at FROM outbox WHERE id = ?1",
            VALUES(NUMBER(letter)), &shape, "letter", error);
    done = before && settle(store, letter, before, state, reply, next_try, now, error);
    standing_free(before);
    return done;
}

gboolean store_letters_recover(struct store *store, gboolean repeat, guint64 *found, GError **error)
{
    gboolean done = statement_run(store, "UPDATE outbox SET state = ?1 WHERE state = 'sending'",
        VALUES(TEXT(repeat ? "queued" : "unknown")), error);

    *found = done ? (guint64)sqlite3_changes(store->db) : 0;
    return done;
}

static const struct column columns[] = {
    NUMBER_OF(struct outbox_row, id),
    TEXT_OF(struct outbox_row, kind),
    TEXT_OF(struct outbox_row, state),
    TEXT_OF(struct outbox_row, recipient),
    TEXT_OF(struct outbox_row, subject),
    NUMBER_OF(struct outbox_row, incident),
    NUMBER_OF(struct outbox_row, mail),
    NUMBER_OF(struct outbox_row, created_at),
    NUMBER_OF(struct outbox_row, next_try),
    NUMBER_OF(struct outbox_row, attempts),
    TEXT_OF(struct outbox_row, reply),
};
static const struct shape row_shape = SHAPE(struct outbox_row, outbox_row_free, columns);

#define SELECT                                                                                     \
    "SELECT id, kind, state, recipient, subject, incident, mail, created_at, next_try, attempts,"  \
    " reply FROM outbox "

struct outbox_row *store_letter_show(struct store *store, guint64 letter, GError **error)
{
    return statement_row(
        store, SELECT "WHERE id = ?1", VALUES(NUMBER(letter)), &row_shape, "letter", error);
}

GPtrArray *store_list_letters(
    struct store *store, const char *state, guint64 before, guint most, GError **error)
{
    return statement_rows(store,
        state ? SELECT "WHERE state = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3"
              : SELECT "WHERE ?1 IS NULL AND id < ?2 ORDER BY id DESC LIMIT ?3",
        VALUES(TEXT(state), NUMBER(before ? (gint64)before : G_MAXINT64), NUMBER(most)), &row_shape,
        error);
}

GPtrArray *store_letters_of_incident(struct store *store, guint64 incident, GError **error)
{
    return statement_rows(store, SELECT "WHERE incident = ?1 ORDER BY id", VALUES(NUMBER(incident)),
        &row_shape, error);
}

GPtrArray *store_count_letters(struct store *store, GError **error)
{
    return statement_rows(store,
        "SELECT state, count(*), min(created_at) FROM outbox GROUP BY state ORDER BY state", NULL,
        &state_count_shape, error);
}
