/* Letters that people write: who did, what they say, and who agrees. */
#include "statement.h"
#include <mado/incident.h>

enum { MOST_THREADED = 10 };

static void free_texts(struct writing *writing)
{
    char **const texts[] = {&writing->purpose, &writing->writer, &writing->label,
        &writing->template, &writing->language, &writing->state_before, &writing->state_behind,
        &writing->text};

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(*texts[i]);
}

void writing_free(struct writing *writing)
{
    if (writing)
        free_texts(writing);
    g_free(writing);
}

gboolean store_keep_writing(struct store *store, const struct writing *writing, GError **error)
{
    return statement_run(store,
        "INSERT INTO writing (letter, purpose, writer, label, coordination, approvals, confirmed,"
        " template, language, state_before, state_behind, text)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        VALUES(NUMBER(writing->letter), TEXT(writing->purpose), TEXT(writing->writer),
            TEXT(writing->label), ID(writing->coordination), NUMBER(writing->approvals),
            NUMBER(writing->confirmed != FALSE), TEXT(writing->template), TEXT(writing->language),
            TEXT(writing->state_before), TEXT(writing->state_behind), TEXT(writing->text)),
        error);
}

gboolean store_writing(
    struct store *store, guint64 letter, struct writing **writing, GError **error)
{
    static const struct column columns[] = {
        NUMBER_OF(struct writing, letter),
        TEXT_OF(struct writing, purpose),
        TEXT_OF(struct writing, writer),
        TEXT_OF(struct writing, label),
        NUMBER_OF(struct writing, coordination),
        NUMBER_OF(struct writing, approvals),
        INT_OF(struct writing, confirmed),
        TEXT_OF(struct writing, template),
        TEXT_OF(struct writing, language),
        TEXT_OF(struct writing, state_before),
        TEXT_OF(struct writing, state_behind),
        TEXT_OF(struct writing, text),
    };
    static const struct shape shape = SHAPE(struct writing, writing_free, columns);
    g_autoptr(GPtrArray) rows = statement_rows(store,
        "SELECT letter, purpose, writer, label, coordination, approvals, confirmed, template,"
        " language, state_before, state_behind, text FROM writing WHERE letter = ?1",
        VALUES(NUMBER(letter)), &shape, error);

    *writing = rows && rows->len ? g_ptr_array_steal_index(rows, 0) : NULL;
    return rows != NULL;
}

gboolean store_find_letter(
    struct store *store, const char *kind, const char *cause, guint64 *letter, GError **error)
{
    gint64 found;
    gboolean done = statement_number(store, "SELECT id FROM outbox WHERE kind = ?1 AND cause = ?2",
        VALUES(TEXT(kind), TEXT(cause)), &found, error);

    *letter = (guint64)found;
    return done;
}

/* -- what went before -- */

void last_letter_free(struct last_letter *last)
{
    if (!last)
        return;
    g_free(last->writer);
    g_free(last->purpose);
    g_free(last->state);
    g_free(last);
}

gboolean store_last_letter(struct store *store, guint64 incident, const char *address,
    struct last_letter **last, GError **error)
{
    static const struct column columns[] = {
        NUMBER_OF(struct last_letter, letter),
        NUMBER_OF(struct last_letter, created_at),
        TEXT_OF(struct last_letter, writer),
        TEXT_OF(struct last_letter, purpose),
        TEXT_OF(struct last_letter, state),
    };
    static const struct shape shape = SHAPE(struct last_letter, last_letter_free, columns);
    g_autofree char *key = g_ascii_strdown(address, -1);
    g_autoptr(GPtrArray) rows = statement_rows(store,
        "SELECT outbox.id, created_at, writer, purpose, state FROM outbox"
        " JOIN writing ON writing.letter = outbox.id WHERE outbox.incident = ?1"
        " AND lower(recipient) = ?2 AND outbox.id NOT IN (SELECT letter FROM dropped)"
        " ORDER BY outbox.id DESC LIMIT 1",
        VALUES(NUMBER(incident), TEXT(key)), &shape, error);

    *last = rows && rows->len ? g_ptr_array_steal_index(rows, 0) : NULL;
    return rows != NULL;
}

/* -- what it has changed -- */

void letter_move_free(struct letter_move *move)
{
    if (!move)
        return;
    g_free(move->waits_for);
    g_free(move->result);
    g_free(move);
}

gboolean store_keep_move(struct store *store, const struct letter_move *move, GError **error)
{
    return statement_change(store,
        "UPDATE writing SET moved = ?2, moved_event = (SELECT coalesce(max(id), 0) FROM journal),"
        " waits_before = ?3, result_before = ?4 WHERE letter = ?1",
        VALUES(NUMBER(move->letter), NUMBER(move->incident), TEXT(move->waits_for),
            TEXT(move->result)),
        "letter", error);
}

gboolean store_find_move(
    struct store *store, guint64 letter, struct letter_move **move, GError **error)
{
    static const struct column columns[] = {
        NUMBER_OF(struct letter_move, letter),
        NUMBER_OF(struct letter_move, incident),
        TEXT_OF(struct letter_move, waits_for),
        TEXT_OF(struct letter_move, result),
    };
    static const struct shape shape = SHAPE(struct letter_move, letter_move_free, columns);
    g_autoptr(GPtrArray) rows = statement_rows(store,
        "SELECT letter, moved, waits_before, result_before FROM writing"
        " JOIN outbox ON outbox.id = letter JOIN incident ON incident.id = moved"
        " WHERE letter = ?1 AND moved > 0 AND outbox.incident = moved AND incident.state = "
        "state_behind"
        " AND NOT EXISTS (SELECT 1 FROM journal WHERE journal.incident = moved"
        " AND journal.id > moved_event AND journal.kind = 'set' AND journal.text LIKE 'state=%')",
        VALUES(NUMBER(letter)), &shape, error);

    *move = rows && rows->len ? g_ptr_array_steal_index(rows, 0) : NULL;
    return rows != NULL;
}

/* -- who agrees -- */

static void approval_free(gpointer data)
{
    struct approval *approval = data;

    g_free(approval->user);
    g_free(approval->reason);
    g_free(approval);
}

gboolean store_approve(
    struct store *store, guint64 letter, const struct approval *approval, GError **error)
{
    return statement_run(store,
        "INSERT INTO approval (letter, user, at, reason) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT (letter, user) DO NOTHING",
        VALUES(NUMBER(letter), TEXT(approval->user), NUMBER(approval->at), TEXT(approval->reason)),
        error);
}

GPtrArray *store_approvals(struct store *store, guint64 letter, GError **error)
{
    static const struct column columns[] = {
        TEXT_OF(struct approval, user),
        NUMBER_OF(struct approval, at),
        TEXT_OF(struct approval, reason),
    };
    static const struct shape shape = SHAPE(struct approval, approval_free, columns);

    return statement_rows(store,
        "SELECT user, at, reason FROM approval WHERE letter = ?1 ORDER BY at, user",
        VALUES(NUMBER(letter)), &shape, error);
}

/* -- to whom -- */

gboolean store_is_correspondent(
    struct store *store, guint64 incident, const char *address, gboolean *is, GError **error)
{
    g_autofree char *key = g_ascii_strdown(address, -1);
    gint64 found;

    if (!statement_number(store,
            "SELECT (SELECT count(*) FROM correspondent WHERE incident = ?1 AND address = ?2)"
            " + (SELECT count(*) FROM reporter WHERE incident = ?1 AND address = ?2)",
            VALUES(NUMBER(incident), TEXT(key)), &found, error))
        return FALSE;
    *is = found > 0;
    return TRUE;
}

char **store_correspondents(struct store *store, guint64 incident, GError **error)
{
    g_autoptr(GStrvBuilder) addresses = g_strv_builder_new();
    sqlite3_stmt *statement = statement_ask(store,
        "SELECT address FROM correspondent WHERE incident = ?1"
        " UNION SELECT address FROM reporter WHERE incident = ?1 ORDER BY address",
        VALUES(NUMBER(incident)), error);
    int got = statement ? 1 : -1;

    while (got > 0 && (got = statement_next(store, statement, error)) > 0) {
        g_autofree char *address = statement_text(statement, 0);
        g_strv_builder_add(addresses, address);
    }
    return got == 0 ? g_strv_builder_end(addresses) : NULL;
}

void thread_mail_free(struct thread_mail *mail)
{
    g_free(mail->message_id);
    g_free(mail->from_name);
    g_free(mail->language);
    g_free(mail->date);
    g_free(mail->text);
    g_free(mail);
}

GPtrArray *store_thread(struct store *store, guint64 incident, const char *address, GError **error)
{
    static const struct column columns[] = {
        NUMBER_OF(struct thread_mail, mail),
        TEXT_OF(struct thread_mail, message_id),
        TEXT_OF(struct thread_mail, from_name),
        TEXT_OF(struct thread_mail, language),
        TEXT_OF(struct thread_mail, date),
        TEXT_OF(struct thread_mail, text),
    };
    static const struct shape shape = SHAPE(struct thread_mail, thread_mail_free, columns);
    g_autofree char *key = g_ascii_strdown(address, -1);

    return statement_rows(store,
        "SELECT mail.id, message_id, from_name, language, date, text FROM mail"
        " JOIN message ON message.mail = mail.id WHERE mail.incident = ?1 AND from_key = ?2"
        " ORDER BY mail.id DESC LIMIT ?3",
        VALUES(NUMBER(incident), TEXT(key), NUMBER(MOST_THREADED)), &shape, error);
}
