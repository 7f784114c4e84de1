/* export: all of one ticket, its mails as they came; or everything, as tables. */
#include "control-enclose.h"
#include "error.h"
#include "now.h"
#include <string.h>

enum { ROWS_AT_ONCE = 500, MAILS_AT_ONCE = 1 };

/* -- one ticket: its mails, a piece an answer -- */

/* Behind the mail `after`: the next one; 0: there is none. */
static gboolean next_mail(const struct answer *answer, guint64 incident, guint64 after,
    struct mail_row **mail, GError **error)
{
    g_autoptr(GPtrArray) mails =
        store_mails_of_incident(answer->context->store, incident, after, MAILS_AT_ONCE, error);

    *mail = mails && mails->len ? g_ptr_array_steal_index(mails, 0) : NULL;
    return mails != NULL;
}

static json_t *mail_page(guint64 mail, guint place, guint64 done)
{
    return json_pack("{s:o,s:i,s:o}", "after", answer_integer(mail), "place", (int)place, "mails",
        answer_integer(done));
}

static gboolean tell_piece(
    struct answer *answer, const struct mail_row *mail, guint place, GError **error)
{
    g_autoptr(GBytes) bytes = store_mail_chunk(answer->context->store, mail->id, place, error);
    guint64 done = answer_page_number(answer, "mails");
    gsize size;
    const guchar *data = bytes ? g_bytes_get_data(bytes, &size) : NULL;
    g_autofree char *coded = bytes ? g_base64_encode(data ? data : (const guchar *)"", size) : NULL;
    json_t *row;

    if (!bytes)
        return FALSE;
    row = ctl_row();
    answer_set(row, "mail", answer_integer(mail->id));
    answer_set(row, "arrived_seconds", answer_integer((guint64)mail->arrived_at));
    answer_set(row, "size", answer_integer(mail->size));
    answer_set(row, "piece", ctl_string(coded));
    answer_add(answer, row);
    answer->next =
        size ? mail_page(mail->id - 1, place + 1, done) : mail_page(mail->id, 0, done + 1);
    return TRUE;
}

/* -- its letters -- */

static gboolean tell_letter(struct answer *answer, const struct outbox_row *letter, GError **error)
{
    struct store *store = answer->context->store;
    g_autoptr(mado_writing) writing = NULL;
    g_autoptr(GPtrArray) files = store_enclosures(store, letter->id, error);
    json_t *row;

    if (!files || !store_writing(store, letter->id, &writing, error))
        return FALSE;
    row = answer_letter_row(answer, letter);
    answer_set(row, "purpose", ctl_string(writing ? writing->purpose : NULL));
    answer_set(row, "writer", ctl_string(writing ? writing->writer : NULL));
    answer_set(row, "text", ctl_string(writing ? writing->text : NULL));
    answer_set(row, "files", answer_file_rows(files));
    answer_add(answer, row);
    return TRUE;
}

static gboolean tell_letters(struct answer *answer, guint64 incident, GError **error)
{
    g_autoptr(GPtrArray) letters =
        store_letters_of_incident(answer->context->store, incident, error);

    for (guint i = 0; letters && i < letters->len; i++)
        if (!tell_letter(answer, letters->pdata[i], error))
            return FALSE;
    return letters != NULL;
}

static gboolean note(struct answer *answer, guint64 incident, const char *text, GError **error)
{
    return store_journal(
        answer->context->store, now_seconds(), answer->user, "exported", incident, 0, text, error);
}

static gboolean export_one(struct answer *answer, GError **error)
{
    gboolean first = !json_object_get(answer->args, "page");
    struct mail_row *mail = NULL;
    guint64 incident;
    gboolean done;

    if (!answer_find_ticket(answer, &incident, error))
        return FALSE;
    answer->incident = incident;
    if ((first && !note(answer, incident, "all of it, with its mails", error)) ||
        !next_mail(answer, incident, answer_page_number(answer, "after"), &mail, error))
        return FALSE;
    done = mail ? tell_piece(answer, mail, (guint)answer_page_number(answer, "place"), error)
                : tell_letters(answer, incident, error);
    mail_row_free(mail);
    return done;
}

/* -- everything -- */

static gboolean sees(const struct answer *answer, const struct export_row *row)
{
    if (row->incident)
        return answer_sees_incident(answer, row->incident);
    return !row->mail || answer_sees_mail(answer, row->mail);
}

static void tell_row(struct answer *answer, const char *table, char **cells)
{
    json_t *row = ctl_row();

    answer_set(row, "table", ctl_string(table));
    answer_set(row, "cells", ctl_texts(cells));
    answer_add(answer, row);
}

static gboolean export_all(struct answer *answer, GError **error)
{
    guint table = (guint)answer_page_number(answer, "table");
    gint64 after = (gint64)answer_page_number(answer, "after");
    guint64 told = answer_page_number(answer, "checked");
    const char *name = store_export_name(table);
    g_autoptr(GPtrArray) rows = NULL;
    g_auto(GStrv) columns = name ? store_export_columns(table) : NULL;

    if (!name)
        return TRUE;
    rows = store_export(answer->context->store, table, after, ROWS_AT_ONCE, error);
    if (!rows)
        return FALSE;
    if (!after)
        tell_row(answer, name, columns);
    for (guint i = 0; i < rows->len; i++) {
        const struct export_row *row = rows->pdata[i];
        if (sees(answer, row))
            tell_row(answer, name, row->cells);
        after = row->key;
    }
    answer->next =
        rows->len == ROWS_AT_ONCE
            ? json_pack("{s:i,s:o,s:o}", "table", (int)table, "after",
                  answer_integer((guint64)after), "checked", answer_integer(told + rows->len))
            : json_pack("{s:i,s:i,s:o}", "table", (int)table + 1, "after", 0, "checked",
                  answer_integer(told + rows->len));
    return TRUE;
}

gboolean answer_export(struct answer *answer, GError **error)
{
    gboolean first = !json_object_get(answer->args, "page");

    if (!answer_flag(answer, "all"))
        return export_one(answer, error);
    if (answer->role < CTL_ADMIN)
        return answer_refuse(error, MADO_E_FORBIDDEN,
            "Everything is exported by administrators. Nothing was written. One ticket: madoctl "
            "export ID");
    return (!first || note(answer, 0, "everything, as tables", error)) && export_all(answer, error);
}
