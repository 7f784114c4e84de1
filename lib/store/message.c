/* What was read, and where the mail ended. */
#include <mado/message.h>
#include "search.h"

static gboolean keep_attachments(
    struct store *store, guint64 mail, const GPtrArray *attachments, GError **error)
{
    if (!statement_run(
            store, "DELETE FROM attachment WHERE mail = ?1", VALUES(NUMBER(mail)), error))
        return FALSE;
    for (guint i = 0; i < attachments->len; i++) {
        const struct attachment *one = g_ptr_array_index(attachments, i);
        if (!statement_run(store,
                "INSERT INTO attachment (mail, place, name, type, size, sha256)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                VALUES(NUMBER(mail), NUMBER(i), TEXT(one->name), TEXT(one->type), NUMBER(one->size),
                    TEXT(one->sha256)),
                error))
            return FALSE;
    }
    return TRUE;
}

static const char keep_sql[] =
    "INSERT INTO message (mail, from_name, from_addr, from_key, subject, subject_from, date,"
    " message_id, language, machine, machine_why, problems, text_from, text_sha256, text, fields,"
    " recipients)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)"
    " ON CONFLICT (mail) DO UPDATE SET from_name = excluded.from_name,"
    " from_addr = excluded.from_addr, from_key = excluded.from_key, subject = excluded.subject,"
    " subject_from = excluded.subject_from, date = excluded.date,"
    " message_id = excluded.message_id, language = excluded.language, machine = excluded.machine,"
    " machine_why = excluded.machine_why, problems = excluded.problems,"
    " text_from = excluded.text_from, text_sha256 = excluded.text_sha256, text = excluded.text,"
    " fields = excluded.fields, recipients = excluded.recipients";

/* For rules over past mail. */
static char *recipients_of(const struct message *message)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < message->to->len; i++)
        g_string_append_printf(out, "%s%s", out->len ? "\n" : "",
            ((const struct mailbox *)message->to->pdata[i])->addr);
    for (char **to = message->delivered_to; *to; to++)
        g_string_append_printf(out, "%s%s", out->len ? "\n" : "", *to);
    return g_string_free(out, FALSE);
}

gboolean store_keep_message(struct store *store, guint64 mail, const struct message *message,
    const char *text_sha256, GError **error)
{
    static const struct mailbox nobody = {(char *)"", (char *)""};
    const struct mailbox *from = message->from->len ? message->from->pdata[0] : &nobody;
    g_autofree char *from_key = g_ascii_strdown(from->addr, -1);
    g_autofree char *problems = g_strjoinv("\n", message->problems);
    g_autofree char *fields = g_strjoinv("\n", message->fields);
    g_autofree char *recipients = recipients_of(message);

    return search_drop_mail(store, mail, error) &&
           statement_run(store, keep_sql,
               VALUES(NUMBER(mail), TEXT(from->name), TEXT(from->addr), TEXT(from_key),
                   TEXT(message->subject), TEXT(message->subject_from), TEXT(message->date ?: ""),
                   TEXT(message->message_id ?: ""), TEXT(message->language),
                   TEXT(machine_name(message->machine)), TEXT(message->machine_why), TEXT(problems),
                   TEXT(message->text_from), TEXT(text_sha256), TEXT(message->text), TEXT(fields),
                   TEXT(recipients)),
               error) &&
           keep_attachments(store, mail, message->attachments, error) &&
           search_follow_mail(store, mail, error);
}

gboolean store_settle_mail(struct store *store, guint64 mail, enum ledger ledger, guint64 incident,
    const char *claims, const char *why, gint64 now, GError **error)
{
    return statement_change(store,
               "UPDATE mail SET ledger = ?2, incident = ?3, claims = ?4, why = ?5, settled_at = ?6"
               " WHERE id = ?1",
               VALUES(NUMBER(mail), TEXT(ledger_name(ledger)), ID(incident), TEXT(claims ?: ""),
                   TEXT(why ?: ""), NUMBER(now)),
               "mail", error) &&
           search_follow_mail(store, mail, error);
}

static const struct column columns[] = {
    NUMBER_OF(struct mail_row, id),
    TEXT_OF(struct mail_row, sha256),
    NUMBER_OF(struct mail_row, size),
    NUMBER_OF(struct mail_row, arrived_at),
    TEXT_OF(struct mail_row, source),
    TEXT_OF(struct mail_row, ledger),
    NUMBER_OF(struct mail_row, incident),
    TEXT_OF(struct mail_row, claims),
    TEXT_OF(struct mail_row, from_name),
    TEXT_OF(struct mail_row, from_addr),
    TEXT_OF(struct mail_row, subject),
    TEXT_OF(struct mail_row, date),
    TEXT_OF(struct mail_row, language),
    TEXT_OF(struct mail_row, machine),
    TEXT_OF(struct mail_row, machine_why),
    TEXT_OF(struct mail_row, problems),
    TEXT_OF(struct mail_row, text),
};
static const struct shape shape = SHAPE(struct mail_row, mail_row_free, columns);

/* Lists do not read the text. */
#define SELECT(text)                                                                               \
    "SELECT id, sha256, size, arrived_at, source, ledger, incident, claims, from_name, from_addr," \
    " subject, date, language, machine, machine_why, problems, " text                              \
    " FROM mail LEFT JOIN message ON message.mail = mail.id "

static GPtrArray *attachments_of(struct store *store, guint64 mail, GError **error)
{
    static const struct column attachment_columns[] = {
        TEXT_OF(struct attachment, name),
        TEXT_OF(struct attachment, type),
        NUMBER_OF(struct attachment, size),
        TEXT_OF(struct attachment, sha256),
    };
    static const struct shape attachment_shape =
        SHAPE(struct attachment, attachment_free, attachment_columns);

    return statement_rows(store,
        "SELECT name, type, size, sha256 FROM attachment WHERE mail = ?1 ORDER BY place",
        VALUES(NUMBER(mail)), &attachment_shape, error);
}

struct mail_row *store_mail_show(struct store *store, guint64 mail, GError **error)
{
    struct mail_row *row = statement_row(
        store, SELECT("text") "WHERE id = ?1", VALUES(NUMBER(mail)), &shape, "mail", error);

    if (row && !(row->attachments = attachments_of(store, mail, error)))
        g_clear_pointer(&row, mail_row_free);
    return row;
}

gboolean store_mail_original(struct store *store, guint64 mail, guint64 *original, GError **error)
{
    gint64 first;

    if (!statement_number(store,
            "SELECT min(first.mail) FROM message JOIN message AS first"
            " ON first.message_id = message.message_id AND first.message_id <> ''"
            " AND first.text_sha256 = message.text_sha256 AND first.from_key = message.from_key"
            " WHERE message.mail = ?1 AND first.mail < ?1",
            VALUES(NUMBER(mail)), &first, error))
        return FALSE;
    *original = (guint64)first;
    return TRUE;
}

GPtrArray *store_mails_of_incident(
    struct store *store, guint64 incident, guint64 after, guint most, GError **error)
{
    return statement_rows(store,
        SELECT("''") "WHERE mail.incident = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
        VALUES(NUMBER(incident), NUMBER(after), NUMBER(most)), &shape, error);
}

GPtrArray *store_mails_in_ledger(
    struct store *store, enum ledger ledger, guint64 after, guint most, GError **error)
{
    return statement_rows(store, SELECT("''") "WHERE ledger = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
        VALUES(TEXT(ledger_name(ledger)), NUMBER(after), NUMBER(most)), &shape, error);
}
