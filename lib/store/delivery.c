/* What came back, and to which letter of ours it belongs. */
#include "statement.h"
#include "token.h"

enum { LETTERS_OF_AN_INCIDENT = 500 };

gboolean store_add_delivery(
    struct store *store, const struct new_delivery *delivery, GError **error)
{
    return statement_run(store,
        "INSERT INTO delivery (mail, letter, incident, recipient, outcome, permanent, status,"
        " reply_code, reason, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        VALUES(NUMBER(delivery->mail), ID(delivery->letter), ID(delivery->incident),
            TEXT(delivery->recipient), TEXT(delivery->outcome),
            NUMBER(delivery->permanent != FALSE), TEXT(delivery->status),
            TEXT(delivery->reply_code), TEXT(delivery->reason), NUMBER(delivery->at)),
        error);
}

static const struct column columns[] = {
    NUMBER_OF(struct delivery, id),
    NUMBER_OF(struct delivery, mail),
    NUMBER_OF(struct delivery, letter),
    NUMBER_OF(struct delivery, incident),
    TEXT_OF(struct delivery, recipient),
    TEXT_OF(struct delivery, outcome),
    INT_OF(struct delivery, permanent),
    TEXT_OF(struct delivery, status),
    TEXT_OF(struct delivery, reply_code),
    TEXT_OF(struct delivery, reason),
    NUMBER_OF(struct delivery, at),
};
static const struct shape shape = SHAPE(struct delivery, delivery_free, columns);

/* The newest: who makes up bounces of their own letter must not hide what others come to say. */
#define NEWEST(of)                                                                                 \
    "SELECT * FROM (SELECT id, mail, letter, incident, recipient, outcome, permanent, status,"     \
    " reply_code, reason, at FROM delivery WHERE " of                                              \
    " = ?1 ORDER BY id DESC LIMIT ?2) AS newest ORDER BY id"

GPtrArray *store_deliveries_of_incident(
    struct store *store, guint64 incident, guint most, GError **error)
{
    return statement_rows(
        store, NEWEST("incident"), VALUES(NUMBER(incident), NUMBER(most)), &shape, error);
}

GPtrArray *store_deliveries_of_letter(
    struct store *store, guint64 letter, guint most, GError **error)
{
    return statement_rows(
        store, NEWEST("letter"), VALUES(NUMBER(letter), NUMBER(most)), &shape, error);
}

/* One that was on its way does not go before the others to its address any more. */
static gboolean let_next_lead(struct store *store, guint64 letter, GError **error)
{
    return statement_run(
               store, "UPDATE outbox SET leads = 0 WHERE id = ?1", VALUES(NUMBER(letter)), error) &&
           statement_run(store,
               "UPDATE outbox SET leads = 1 WHERE id = (SELECT id FROM outbox AS next"
               " WHERE next.address = (SELECT address FROM outbox WHERE id = ?1)"
               " AND state IN ('queued', 'deferred', 'sending') AND kind NOT IN " OWN_KINDS
               " ORDER BY id LIMIT 1)",
               VALUES(NUMBER(letter)), error);
}

gboolean store_letter_returned(struct store *store, guint64 letter, const char *why, gint64 now,
    gboolean *failed, GError **error)
{
    gint64 changed;

    if (!statement_number(store,
            "UPDATE outbox SET state = 'failed', reply = ?2, changed_at = ?3"
            " WHERE id = ?1 AND state IN ('sending', 'sent', 'unknown') RETURNING id",
            VALUES(NUMBER(letter), TEXT(why), NUMBER(now)), &changed, error))
        return FALSE;
    *failed = changed != 0;
    return !*failed || let_next_lead(store, letter, error);
}

/* -- which letter -- */

struct row {
    guint64 id;
    char *number, *recipient, *state, *address;
    int human; /* a person wrote it */
};

static void row_free(gpointer data)
{
    struct row *row = data;

    if (!row)
        return;
    g_free(row->number);
    g_free(row->recipient);
    g_free(row->state);
    g_free(row->address);
    g_free(row);
}

static const struct column row_columns[] = {
    NUMBER_OF(struct row, id),
    TEXT_OF(struct row, number),
    TEXT_OF(struct row, recipient),
    TEXT_OF(struct row, state),
    TEXT_OF(struct row, address),
    INT_OF(struct row, human),
};
static const struct shape row_shape = SHAPE(struct row, row_free, row_columns);

#define SELECT_LETTER                                                                              \
    "SELECT outbox.id, (SELECT number FROM incident WHERE incident.id = outbox.incident),"         \
    " recipient, state, address, kind = 'letter' FROM outbox "

static void add_letter(GPtrArray *letters, const struct row *row)
{
    for (guint i = 0; i < letters->len; i++)
        if (((const struct known_letter *)letters->pdata[i])->id == row->id)
            return;
    g_ptr_array_add(letters, known_letter_new(row->id, row->number, row->recipient, row->state));
}

/* Message-IDs are compared byte for byte: case too is part of what nobody can guess. */
static gboolean find_by_id(
    struct store *store, const char *id, struct history *history, GError **error)
{
    g_autoptr(GPtrArray) rows =
        *id ? statement_rows(store, SELECT_LETTER "WHERE message_id = ?1 ORDER BY id LIMIT 1",
                  VALUES(TEXT(id)), &row_shape, error)
            : g_ptr_array_new();

    if (rows && rows->len > 0)
        add_letter(history->letters, rows->pdata[0]);
    return rows != NULL;
}

/* Some letter of that incident was sent with the token that came back. */
static void prove(const struct history *history, const char *number)
{
    for (guint i = 0; i < history->incidents->len; i++) {
        struct known_incident *incident = history->incidents->pdata[i];
        incident->token_ok |= g_str_equal(incident->number, number);
    }
}

/* Those that went to the address of the token: of people if `human`, for their envelopes carry it,
 * while a bounce of what mado itself writes has nowhere to come to. */
static guint count_by_token(const GPtrArray *rows, const struct claim *claim, GBytes *token_secret,
    gboolean human, const struct row **found)
{
    guint count = 0;

    for (guint i = 0; i < rows->len; i++) {
        const struct row *row = rows->pdata[i];
        if ((human && !row->human) ||
            !token_is_right(token_secret, claim->year, claim->sequence, row->address, claim->token))
            continue;
        *found = row;
        count++;
    }
    return count;
}

/* The token names an incident and an address. Where several letters went there, which one came back
 * is not known, and none is taken for it. */
static gboolean find_by_token(struct store *store, const struct claim *claim, GBytes *token_secret,
    struct history *history, GError **error)
{
    g_autoptr(GPtrArray) rows = statement_rows(store,
        SELECT_LETTER
        "WHERE incident = (SELECT CASE WHEN merged_into > 0 THEN merged_into ELSE id END"
        " FROM incident WHERE sequence = ?1 AND year = ?2)"
        " AND state IN ('sending', 'sent', 'unknown') ORDER BY created_at DESC LIMIT ?3",
        VALUES(NUMBER(claim->sequence), NUMBER(claim->year), NUMBER(LETTERS_OF_AN_INCIDENT)),
        &row_shape, error);
    const struct row *found = NULL;
    guint count;

    if (!rows)
        return FALSE;
    count = count_by_token(rows, claim, token_secret, TRUE, &found);
    if (!count)
        count = count_by_token(rows, claim, token_secret, FALSE, &found);
    if (count)
        prove(history, found->number);
    if (count == 1)
        add_letter(history->letters, found);
    return TRUE;
}

gboolean store_find_returned(struct store *store, const struct question *question,
    GBytes *token_secret, struct history *history, GError **error)
{
    for (char **id = question->returned_ids; question->bounce && *id; id++)
        if (!find_by_id(store, *id, history, error))
            return FALSE;
    for (guint i = 0; question->bounce && i < question->claims->len; i++) {
        const struct claim *claim = g_ptr_array_index(question->claims, i);
        if (claim->token && claim->check_ok && history->letters->len == 0 &&
            !find_by_token(store, claim, token_secret, history, error))
            return FALSE;
    }
    return TRUE;
}
