/* A letter that is ordered once more: the same one, and nothing is done; or another one. */
#include "control-work.h"
#include "error.h"

static gboolean is_the_same(
    const struct sheet *sheet, const struct outbox_row *sent, const struct writing *writing)
{
    return writing && sent->incident == sheet->incident &&
           g_str_equal(sent->recipient, sheet->to) && g_str_equal(sent->subject, sheet->subject) &&
           g_str_equal(writing->purpose, sheet->purpose) && g_str_equal(writing->text, sheet->text);
}

/* What was changed since it was sent has not been sent. */
static gboolean check(
    const struct answer *answer, const struct sheet *sheet, guint64 letter, GError **error)
{
    struct store *store = answer->context->store;
    struct outbox_row *sent = store_letter_show(store, letter, error);
    g_autoptr(mado_writing) writing = NULL;
    gboolean found = sent && store_writing(store, letter, &writing, error);
    gboolean same = found && is_the_same(sheet, sent, writing);

    outbox_row_free(sent);
    return same || (found && answer_refuse(error, MADO_E_BUSY,
                                 "This draft went already, and what is there now is another "
                                 "letter. Nothing was sent. Write it anew. What went: madoctl "
                                 "outbox"));
}

gboolean answer_was_sent(
    const struct answer *answer, const struct sheet *sheet, guint64 *letter, GError **error)
{
    g_autofree char *cause = g_strdup_printf("letter:%s", sheet->id);

    return store_find_letter(answer->context->store, "letter", cause, letter, error) &&
           (!*letter || check(answer, sheet, *letter, error));
}
