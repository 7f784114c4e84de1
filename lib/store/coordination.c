/* Coordination: who was asked for something, and what has become of it. */
#include "statement.h"
#include "error.h"
#include <inttypes.h>

static const struct column columns[] = {
    NUMBER_OF(struct coordination, id),
    INT_OF(struct coordination, year),
    INT_OF(struct coordination, sequence),
    TEXT_OF(struct coordination, number),
    NUMBER_OF(struct coordination, incident),
    NUMBER_OF(struct coordination, contact),
    TEXT_OF(struct coordination, name),
    TEXT_OF(struct coordination, address),
    TEXT_OF(struct coordination, state),
    TEXT_OF(struct coordination, label),
    TEXT_OF(struct coordination, language),
    NUMBER_OF(struct coordination, due),
    TEXT_OF(struct coordination, their_number),
    TEXT_OF(struct coordination, shown),
    TEXT_OF(struct coordination, opened_by),
    NUMBER_OF(struct coordination, opened_at),
    NUMBER_OF(struct coordination, changed_at),
    NUMBER_OF(struct coordination, reminded),
    NUMBER_OF(struct coordination, next_reminder),
    TEXT_OF(struct coordination, result),
    TEXT_OF(struct coordination, delivery),
};
static const struct shape shape = SHAPE(struct coordination, coordination_free, columns);

/* A letter that a person has given up is "dropped", as everywhere. */
#define SELECT                                                                                     \
    "SELECT coordination.id, year, sequence, number, incident, coordination.contact,"              \
    " contact.name, address, state, label, coordination.language, due, their_number, shown,"       \
    " opened_by, opened_at, coordination.changed_at, reminded, next_reminder, result,"             \
    " (SELECT CASE WHEN dropped.letter IS NULL THEN outbox.state ELSE 'dropped' END FROM writing"  \
    " JOIN outbox ON outbox.id = writing.letter LEFT JOIN dropped ON dropped.letter = outbox.id"   \
    " WHERE writing.coordination = coordination.id ORDER BY outbox.id DESC LIMIT 1)"               \
    " FROM coordination JOIN contact ON contact.id = coordination.contact "

#define OPEN "state IN ('asked', 'acknowledged', 'answered', 'no-answer')"

gboolean store_next_coordination(struct store *store, int year, gint64 *sequence, GError **error)
{
    return statement_number(store,
        "SELECT coalesce((SELECT last FROM coordination_counter WHERE year = ?1), 0) + 1",
        VALUES(NUMBER(year)), sequence, error);
}

static gboolean take_sequence(struct store *store, int year, gint64 *sequence, GError **error)
{
    return statement_number(store,
        "INSERT INTO coordination_counter (year, last) VALUES (?1, 1)"
        " ON CONFLICT (year) DO UPDATE SET last = coordination_counter.last + 1 RETURNING last",
        VALUES(NUMBER(year)), sequence, error);
}

gboolean store_open_coordination(struct store *store, struct coordination *wanted,
    char *(*format)(int year, int sequence), GError **error)
{
    gint64 sequence, id;

    if (!take_sequence(store, wanted->year, &sequence, error))
        return FALSE;
    wanted->sequence = (int)sequence;
    g_free(wanted->number);
    wanted->number = format(wanted->year, wanted->sequence);
    if (!statement_number(store,
            "INSERT INTO coordination (year, sequence, number, incident, contact, address, state,"
            " label, language, due, their_number, shown, opened_by, opened_at, changed_at,"
            " reminded, next_reminder, result) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'asked', ?7, ?8,"
            " ?9, '', ?10, ?11, ?12, ?12, 0, 0, '') RETURNING id",
            VALUES(NUMBER(wanted->year), NUMBER(sequence), TEXT(wanted->number),
                NUMBER(wanted->incident), NUMBER(wanted->contact), TEXT(wanted->address),
                TEXT(wanted->label), TEXT(wanted->language), NUMBER(wanted->due),
                TEXT(wanted->shown ? wanted->shown : ""), TEXT(wanted->opened_by),
                NUMBER(wanted->opened_at)),
            &id, error))
        return FALSE;
    wanted->id = (guint64)id;
    return TRUE;
}

struct coordination *store_coordination(struct store *store, guint64 id, GError **error)
{
    return statement_row(store, SELECT "WHERE coordination.id = ?1", VALUES(NUMBER(id)), &shape,
        "coordination", error);
}

gboolean store_find_coordination(
    struct store *store, int year, int sequence, guint64 *id, GError **error)
{
    gint64 found;
    gboolean done = statement_number(store,
        "SELECT id FROM coordination WHERE sequence = ?1 AND (year = ?2 OR ?2 = 0)"
        " ORDER BY year DESC LIMIT 1",
        VALUES(NUMBER(sequence), NUMBER(year)), &found, error);

    *id = (guint64)found;
    return done;
}

gboolean store_keep_coordination(
    struct store *store, const struct coordination *coordination, gint64 now, GError **error)
{
    return statement_change(store,
        "UPDATE coordination SET state = ?2, due = ?3, their_number = ?4, reminded = ?5,"
        " next_reminder = ?6, result = ?7, changed_at = ?8 WHERE id = ?1",
        VALUES(NUMBER(coordination->id), TEXT(coordination->state), NUMBER(coordination->due),
            TEXT(coordination->their_number), NUMBER(coordination->reminded),
            NUMBER(coordination->next_reminder), TEXT(coordination->result), NUMBER(now)),
        "coordination", error);
}

GPtrArray *store_coordinations(struct store *store, guint64 incident, GError **error)
{
    return statement_rows(store, SELECT "WHERE incident = ?1 ORDER BY coordination.id",
        VALUES(NUMBER(incident)), &shape, error);
}

GPtrArray *store_all_coordinations(
    struct store *store, gboolean all, guint64 before, guint most, GError **error)
{
    return statement_rows(store,
        SELECT "WHERE coordination.id < ?1 AND (?2 OR " OPEN ")"
               " ORDER BY coordination.id DESC LIMIT ?3",
        VALUES(NUMBER(before ? (gint64)before : G_MAXINT64), NUMBER(all != FALSE), NUMBER(most)),
        &shape, error);
}

GArray *store_due_coordinations(struct store *store, gint64 now, guint most, GError **error)
{
    return statement_ids(store,
        "SELECT id FROM coordination WHERE next_reminder > 0 AND next_reminder <= ?1"
        " ORDER BY next_reminder, id LIMIT ?2",
        VALUES(NUMBER(now), NUMBER(most)), error);
}

/* -- to which something belongs -- */

/* Whoever belongs to the same organisation answers for it. */
gboolean store_coordination_of(
    struct store *store, const struct answering *answering, guint64 *id, GError **error)
{
    g_autofree char *key = g_ascii_strdown(answering->address, -1);
    g_autofree char *lines = g_strdup_printf("\n%s\n", answering->references);
    gint64 found;
    gboolean done = statement_number(store,
        "SELECT id FROM (SELECT coordination.id, state, address = ?2 OR contact IN"
        " (SELECT contact FROM contact_address WHERE address = ?2) AS theirs,"
        " contact IN (SELECT other.id FROM contact_address AS one"
        " JOIN contact AS mine ON mine.id = one.contact"
        " JOIN contact AS other ON other.name = mine.organisation"
        " OR other.organisation IN (mine.name, mine.organisation) AND other.organisation <> ''"
        " WHERE one.address = ?2) AS same,"
        " EXISTS (SELECT 1 FROM writing JOIN outbox ON outbox.id = writing.letter"
        " WHERE writing.coordination = coordination.id"
        " AND instr(?3, char(10) || outbox.message_id || char(10)) > 0) AS answers"
        " FROM coordination WHERE incident = ?1) WHERE theirs OR same OR answers"
        " ORDER BY theirs DESC, answers DESC, same DESC, state <> 'done' DESC, id DESC LIMIT 1",
        VALUES(NUMBER(answering->incident), TEXT(key), TEXT(lines)), &found, error);

    *id = (guint64)found;
    return done;
}

gboolean store_coordination_of_letter(
    struct store *store, guint64 letter, guint64 *id, GError **error)
{
    gint64 found;
    gboolean done =
        statement_number(store, "SELECT coalesce(coordination, 0) FROM writing WHERE letter = ?1",
            VALUES(NUMBER(letter)), &found, error);

    *id = (guint64)found;
    return done;
}

char **store_coordination_thread(struct store *store, guint64 id, GError **error)
{
    g_autoptr(GStrvBuilder) ids = g_strv_builder_new();
    sqlite3_stmt *statement = statement_ask(store,
        "SELECT message_id FROM writing JOIN outbox ON outbox.id = letter"
        " WHERE coordination = ?1 AND state = 'sent' ORDER BY letter",
        VALUES(NUMBER(id)), error);
    int got = statement ? 1 : -1;

    while (got > 0 && (got = statement_next(store, statement, error)) > 0) {
        g_autofree char *message_id = statement_text(statement, 0);
        g_strv_builder_add(ids, message_id);
    }
    return got == 0 ? g_strv_builder_end(ids) : NULL;
}

static gboolean drop_reminder(
    struct store *store, guint64 letter, const struct giving_up *why, GError **error)
{
    g_autofree char *text = g_strdup_printf("letter %" PRIu64 ", a reminder: %s", letter, why->why);

    return store_drop_letter(store, letter, why->actor, why->why, why->at, error) &&
           store_journal(store, why->at, why->actor, "dropped", why->incident, 0, text, error);
}

gboolean store_drop_reminders(
    struct store *store, guint64 id, const struct giving_up *why, GError **error)
{
    g_autoptr(GArray) letters = statement_ids(store,
        "SELECT letter FROM writing JOIN outbox ON outbox.id = letter WHERE coordination = ?1"
        " AND purpose = 'remind' AND state IN ('queued', 'held', 'deferred')"
        " AND letter NOT IN (SELECT letter FROM dropped) ORDER BY letter",
        VALUES(NUMBER(id)), error);

    for (guint i = 0; letters && i < letters->len; i++)
        if (!drop_reminder(store, g_array_index(letters, guint64, i), why, error))
            return FALSE;
    return letters != NULL;
}

gboolean store_coordination_confirmed(
    struct store *store, guint64 id, gboolean *confirmed, GError **error)
{
    gint64 found;
    gboolean done = statement_number(store,
        "SELECT confirmed FROM writing WHERE coordination = ?1 ORDER BY letter LIMIT 1",
        VALUES(NUMBER(id)), &found, error);

    *confirmed = found != 0;
    return done;
}
