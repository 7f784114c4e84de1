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

/* Both answer a mail, and a flood of either is one. */
static gboolean is_answer(const char *kind)
{
    return g_str_equal(kind, "ack") || g_str_equal(kind, "unreadable");
}

static gboolean keep_letter(
    struct store *store, const struct new_letter *letter, gint64 id, GError **error)
{
    g_autofree char *address = g_ascii_strdown(letter->recipient, -1);

    return chunk_keep_bytes(store,
               "INSERT INTO letter_chunk (letter, place, bytes) VALUES (?1, ?2, ?3)", (guint64)id,
               letter->bytes, error) &&
           (!is_answer(letter->kind) || count_ack(store, address, letter->at, 1, error));
}

/* -- order: a letter does not overtake an older one to the same address -- */

/* What tells our own people of trouble stands outside of the order: else an answer to one of them
 * that nobody can sign would keep the alarm about it back. */
static gboolean is_own(const char *kind)
{
    return g_str_equal(kind, "notice") || g_str_equal(kind, "alarm") || g_str_equal(kind, "test");
}

/* The letter to this address that goes before all others; 0 if none waits. */
static gboolean find_leader(
    struct store *store, const char *address, gint64 *leader, GError **error)
{
    return statement_number(store,
        "SELECT id FROM outbox WHERE address = ?1 AND state IN ('queued', 'deferred', 'sending')"
        " AND kind NOT IN " OWN_KINDS " ORDER BY id LIMIT 1",
        VALUES(TEXT(address)), leader, error);
}

static gboolean let_lead(struct store *store, gint64 letter, gboolean leads, GError **error)
{
    return letter == 0 || statement_run(store, "UPDATE outbox SET leads = ?2 WHERE id = ?1",
                              VALUES(NUMBER(letter), NUMBER(leads)), error);
}

/* Behind a change of state; `before` led until then. */
static gboolean change_leader(
    struct store *store, const char *address, gint64 before, GError **error)
{
    gint64 now;

    if (!find_leader(store, address, &now, error))
        return FALSE;
    return now == before ||
           (let_lead(store, before, FALSE, error) && let_lead(store, now, TRUE, error));
}

/* -- letters -- */

gboolean store_queue_letter(
    struct store *store, const struct new_letter *letter, gboolean *queued, GError **error)
{
    g_autofree char *address = g_ascii_strdown(letter->recipient, -1);
    gint64 id, leader = 0;

    if ((!is_own(letter->kind) && !find_leader(store, address, &leader, error)) ||
        !statement_number(store,
            "INSERT INTO outbox (kind, cause, state, sender, recipient, address, subject,"
            " message_id, incident, mail, opens, next_try, created_at, changed_at, leads, seal,"
            " reply, template, languages, answers, numbers) VALUES (?1, ?2, ?13, ?3, ?4, ?5, ?6,"
            " ?7, ?8, ?9, ?10, ?11 + ?20, ?11, ?11, ?12, ?14, ?15, ?16, ?17, ?18, ?19)"
            " ON CONFLICT (kind, cause) DO NOTHING RETURNING id",
            VALUES(TEXT(letter->kind), TEXT(letter->cause), TEXT(letter->sender),
                TEXT(letter->recipient), TEXT(address), TEXT(letter->subject),
                TEXT(letter->message_id), ID(letter->incident), ID(letter->mail),
                NUMBER(letter->opens != FALSE), NUMBER(letter->at),
                NUMBER(leader == 0 && !letter->held), TEXT(letter->held ? "held" : "queued"),
                TEXT(letter->seal ?: ""), TEXT(letter->held ?: ""), TEXT(letter->template ?: ""),
                TEXT(letter->languages ?: ""), TEXT(letter->answers ?: ""),
                TEXT(letter->numbers ?: ""), NUMBER(letter->wait)),
            &id, error))
        return FALSE;
    *queued = id != 0;
    return !*queued || keep_letter(store, letter, id, error);
}

static void due_letter_free(gpointer data)
{
    struct due_letter *letter = data;

    g_free(letter->sender);
    g_free(letter->recipient);
    g_free(letter);
}

GPtrArray *store_due_letters(struct store *store, gint64 now, guint most, GError **error)
{
    static const struct column columns[] = {
        NUMBER_OF(struct due_letter, id),
        TEXT_OF(struct due_letter, sender),
        TEXT_OF(struct due_letter, recipient),
    };
    static const struct shape shape = SHAPE(struct due_letter, due_letter_free, columns);

    return statement_rows(store,
        "SELECT id, sender, recipient FROM outbox"
        /* + keeps SQLite from the index of the states, which has all that wait */
        " WHERE leads = 1 AND seal = '' AND next_try <= ?1 AND +state IN ('queued', 'deferred')"
        " ORDER BY next_try, id LIMIT ?2",
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
    error_set(error, MADO_E_NO_SUCH, "there is no such letter");
    return -1;
}

gboolean store_letter_sending(struct store *store, guint64 letter, GError **error)
{
    return statement_change(store,
        "UPDATE outbox SET state = 'sending', attempts = attempts + 1 WHERE id = ?1"
        " AND seal = '' AND state IN ('queued', 'deferred')",
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

    if (failed == fails || !is_answer(before->kind))
        return TRUE;
    return count_ack(store, before->address, before->created_at, fails ? -1 : 1, error);
}

static gboolean waits(const char *state)
{
    return g_str_equal(state, "queued") || g_str_equal(state, "deferred");
}

static gboolean settle(struct store *store, guint64 letter, const struct standing *before,
    const char *state, const char *reply, gint64 next_try, gint64 now, GError **error)
{
    gboolean own = is_own(before->kind);
    gint64 leader;

    return (own || find_leader(store, before->address, &leader, error)) &&
           count_change(store, before, state, error) &&
           statement_change(store,
               "UPDATE outbox SET state = ?2, reply = coalesce(?3, reply), next_try = ?4, "
               "changed_at = ?5"
               " WHERE id = ?1 AND state <> 'sent'",
               VALUES(NUMBER(letter), TEXT(state), TEXT(reply), NUMBER(next_try), NUMBER(now)),
               "letter that is not sent yet", error) &&
           (own ? let_lead(store, (gint64)letter, waits(state), error)
                : change_leader(store, before->address, leader, error));
}

gboolean store_letter_settled(struct store *store, guint64 letter, const char *state,
    const char *reply, gint64 next_try, gint64 now, GError **error)
{
    static const char *const settled[] = {
        "sent", "deferred", "failed", "unknown", "queued", "held", NULL};
    static const struct column standing_columns[] = {
        TEXT_OF(struct standing, kind),
        TEXT_OF(struct standing, state),
        TEXT_OF(struct standing, address),
        NUMBER_OF(struct standing, created_at),
    };
    static const struct shape shape = SHAPE(struct standing, standing_free, standing_columns);
    struct standing *before;
    gboolean done;

    if (!g_strv_contains(settled, state)) {
        error_set(error, MADO_E_BAD_DATA,
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

gboolean store_letter_not_tried(
    struct store *store, guint64 letter, const char *reply, gint64 now, GError **error)
{
    return statement_change(store,
        "UPDATE outbox SET state = 'queued', attempts = attempts - 1, reply = ?2, changed_at = ?3"
        " WHERE id = ?1 AND state = 'sending'",
        VALUES(NUMBER(letter), TEXT(reply), NUMBER(now)), "letter on its way", error);
}

gboolean store_drop_letter(struct store *store, guint64 letter, const char *actor,
    const char *reason, gint64 now, GError **error)
{
    return store_letter_settled(store, letter, "failed", NULL, now, now, error) &&
           statement_run(store,
               "INSERT INTO dropped (letter, actor, reason, at) VALUES (?1, ?2, ?3, ?4)",
               VALUES(NUMBER(letter), TEXT(actor), TEXT(reason), NUMBER(now)), error);
}

/* -- listings -- */

static const struct column columns[] = {
    NUMBER_OF(struct outbox_row, id),
    TEXT_OF(struct outbox_row, kind),
    TEXT_OF(struct outbox_row, state),
    TEXT_OF(struct outbox_row, sender),
    TEXT_OF(struct outbox_row, recipient),
    TEXT_OF(struct outbox_row, subject),
    TEXT_OF(struct outbox_row, message_id),
    NUMBER_OF(struct outbox_row, incident),
    NUMBER_OF(struct outbox_row, mail),
    NUMBER_OF(struct outbox_row, created_at),
    NUMBER_OF(struct outbox_row, changed_at),
    NUMBER_OF(struct outbox_row, next_try),
    NUMBER_OF(struct outbox_row, attempts),
    TEXT_OF(struct outbox_row, reply),
    TEXT_OF(struct outbox_row, seal),
    TEXT_OF(struct outbox_row, sealed_to),
    TEXT_OF(struct outbox_row, signed_with),
    TEXT_OF(struct outbox_row, dropped_by),
    TEXT_OF(struct outbox_row, dropped_why),
    NUMBER_OF(struct outbox_row, dropped_at),
    TEXT_OF(struct outbox_row, template),
    TEXT_OF(struct outbox_row, languages),
    TEXT_OF(struct outbox_row, answers),
    TEXT_OF(struct outbox_row, numbers),
};
static const struct shape row_shape = SHAPE(struct outbox_row, outbox_row_free, columns);

/* A letter that a person has given up is "dropped": it has not failed, and nobody need look. */
#define SELECT                                                                                     \
    "SELECT outbox.id, kind, CASE WHEN letter IS NULL THEN state ELSE 'dropped' END, sender,"      \
    " recipient, subject, message_id, incident, mail, created_at, changed_at, next_try, attempts," \
    " reply, seal, sealed_to, signed_with, actor, reason, at, template, languages, answers,"       \
    " numbers FROM outbox LEFT JOIN dropped ON letter = outbox.id "
#define PAGE " AND outbox.id < ?2 ORDER BY outbox.id DESC LIMIT ?3"

struct outbox_row *store_letter_show(struct store *store, guint64 letter, GError **error)
{
    return statement_row(
        store, SELECT "WHERE outbox.id = ?1", VALUES(NUMBER(letter)), &row_shape, "letter", error);
}

static const char *list_sql(const char *state)
{
    if (!state)
        return SELECT "WHERE ?1 IS NULL";
    return g_str_equal(state, "dropped") ? SELECT
               "WHERE outbox.id IN (SELECT letter FROM dropped) AND ?1 IS NOT NULL"
                                         : SELECT "WHERE state = ?1 AND letter IS NULL";
}

/* Those of no incident, and of one that may be seen. */
#define SEEN " AND (outbox.incident IS NULL OR outbox.incident IN (SELECT id FROM incident WHERE "

GPtrArray *store_list_letters(struct store *store, const char *state,
    const struct sight_rule *sight, guint64 before, guint most, GError **error)
{
    gint64 from = before ? (gint64)before : G_MAXINT64;
    g_autofree char *seen = sight ? g_strdup_printf(SEEN SIGHT_SQL "))", 4U, 5U, 6U, 7U) : NULL;
    g_autofree char *sql = g_strconcat(list_sql(state), seen ? seen : "", PAGE, NULL);

    if (!sight)
        return statement_rows(
            store, sql, VALUES(TEXT(state), NUMBER(from), NUMBER(most)), &row_shape, error);
    return statement_rows(store, sql,
        VALUES(TEXT(state), NUMBER(from), NUMBER(most), NUMBER(sight->red), NUMBER(sight->embargo),
            NUMBER(sight->restricted), TEXT(sight->member)),
        &row_shape, error);
}

GPtrArray *store_letters_of_incident(struct store *store, guint64 incident, GError **error)
{
    return statement_rows(store, SELECT "WHERE incident = ?1 ORDER BY outbox.id",
        VALUES(NUMBER(incident)), &row_shape, error);
}

GPtrArray *store_fresh_letters(struct store *store, gint64 now, guint most, GError **error)
{
    return statement_rows(store,
        SELECT "WHERE kind = 'letter' AND state = 'queued' AND next_try > ?1"
               " ORDER BY next_try, outbox.id LIMIT ?2",
        VALUES(NUMBER(now), NUMBER(most)), &row_shape, error);
}

GPtrArray *store_count_letters(struct store *store, GError **error)
{
    return statement_rows(store,
        "SELECT state, count(*), min(created_at) FROM outbox"
        " WHERE NOT (state = 'failed' AND id IN (SELECT letter FROM dropped))"
        " GROUP BY state ORDER BY state",
        NULL, &state_count_shape, error);
}
