/* How a mail is protected, and mail that stays closed: shown, and tried again. */
#include "control-answers.h"
#include "error.h"
#include "now.h"
#include <string.h>

enum { MOST_SHOWN = 1000 };

static json_t *closed_row(const struct answer *answer, const struct unreadable *one)
{
    return json_pack("{s:o,s:o,s:o,s:o,s:o}", "reason", ctl_string(one->reason), "key_ids",
        ctl_lines(one->key_ids), "since", answer_moment(answer, one->since), "tried",
        answer_moment(answer, one->tried_at), "tries", json_integer(one->tries));
}

gboolean answer_protection(const struct answer *answer, guint64 mail, json_t *row, GError **error)
{
    g_autoptr(GPtrArray) closed = store_unreadable(answer->context->store, mail, 0, 1, error);
    g_autoptr(mado_crypto) crypto = NULL;

    if (!closed || !store_crypto_show(answer->context->store, mail, &crypto, error))
        return FALSE;
    answer_set(row, "crypto", ctl_crypto(crypto, answer->context->zone));
    answer_set(row, "closed", closed->len ? closed_row(answer, closed->pdata[0]) : json_null());
    return TRUE;
}

/* -- retry -- */

static gboolean retry_one(struct answer *answer, const struct unreadable *one, GError **error)
{
    const struct control_context *context = answer->context;
    struct mail_row *mail = store_mail_show(context->store, one->mail, error);
    guint64 incident = mail ? mail->incident : 0;
    json_t *row;

    mail_row_free(mail);
    if (!mail || !store_journal(context->store, now_seconds(), answer->user, "mail-retried",
                     incident, one->mail, "it is tried again", error))
        return FALSE;
    row = ctl_row();
    answer_set(row, "mail", answer_integer(one->mail));
    answer_set(row, "ticket", ctl_known(one->number));
    answer_set(row, "closed", closed_row(answer, one));
    answer_add(answer, row);
    return TRUE;
}

/* All of one ticket, one mail, or all that there are: `*mail` and `*incident` are 0 then. */
static gboolean find_wanted(
    const struct answer *answer, guint64 *mail, guint64 *incident, GError **error)
{
    const char *id = answer_string(answer, "id");

    *mail = *incident = 0;
    if (!id || (g_str_has_prefix(id, "mail:") &&
                   g_ascii_string_to_unsigned(id + strlen("mail:"), 10, 1, G_MAXINT64, mail, NULL)))
        return TRUE;
    return answer_find_ticket(answer, incident, error);
}

static gboolean is_of_ticket(
    const struct answer *answer, const struct unreadable *one, guint64 incident)
{
    struct mail_row *mail =
        incident ? store_mail_show(answer->context->store, one->mail, NULL) : NULL;
    gboolean is = !incident || (mail && mail->incident == incident);

    mail_row_free(mail);
    return is;
}

gboolean answer_open_again(struct answer *answer, GError **error)
{
    const struct control_context *context = answer->context;
    guint64 wanted, incident;
    g_autoptr(GPtrArray) all = NULL;
    gboolean any = FALSE;

    if (!find_wanted(answer, &wanted, &incident, error) ||
        !(all = store_unreadable(context->store, wanted, 0, MOST_SHOWN, error)))
        return FALSE;
    for (guint i = 0; i < all->len; i++) {
        const struct unreadable *one = g_ptr_array_index(all, i);
        if (!is_of_ticket(answer, one, incident) || !answer_sees_mail(answer, one->mail))
            continue;
        any = TRUE;
        if (!retry_one(answer, one, error) || !context->retry(context->desk, one->mail, error))
            return FALSE;
    }
    if (any || !answer_string(answer, "id"))
        return TRUE;
    return answer_refuse(error, MADO_E_NO_SUCH,
        "There is no mail that stays closed in %s. Nothing was changed. "
        "See: madoctl ledger unreadable",
        answer_string(answer, "id"));
}
