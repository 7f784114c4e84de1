/* Mail that a person sorts: listed with what it claims, and settled as they say. The word of an
 * operator is kept with the mail, which waits again as if it had just come: so the same rules make
 * its incident, and a crash loses nothing. */
#include "control-answers.h"
#include "error.h"
#include "now.h"
#include "sorting.h"
#include <inttypes.h>
#include <string.h>

enum { ASK_AGAIN_MS = 50 };

/* -- what is there -- */

static json_t *sorting_row(const struct sorted *sorting, gboolean done)
{
    if (!sorting)
        return json_null();
    return json_pack("{s:o,s:o,s:o,s:b}", "as", ctl_string(sorting->as), "by",
        ctl_string(sorting->actor), "reason", ctl_known(sorting->reason), "done", done);
}

/* Adds `why` and `sorted` to the row of a mail. */
static gboolean add_sorting(const struct answer *answer, guint64 mail, json_t *row, GError **error)
{
    struct store *store = answer->context->store;
    g_autofree char *why = store_mail_why(store, mail, error);
    struct sorted *sorting = NULL;
    gboolean done = FALSE;

    if (!why || !store_sorting_show(store, mail, &sorting, &done, error))
        return FALSE;
    answer_set(row, "why", ctl_known(why));
    answer_set(row, "sorted", sorting_row(sorting, done));
    sorted_free(sorting);
    return TRUE;
}

static gboolean add_row(struct answer *answer, json_t *row, guint64 mail, GError **error)
{
    return answer_add_if(answer, row, row && add_sorting(answer, mail, row, error));
}

static gboolean tell_pending(struct answer *answer, const struct mail_row *mail, GError **error)
{
    return add_row(answer, answer_mail_row(answer, mail), mail->id, error);
}

gboolean answer_inbox(struct answer *answer, GError **error)
{
    return answer_place(answer, LEDGER_PENDING, tell_pending, error);
}

/* "17" or "mail:17". */
static gboolean find_mail(const struct answer *answer, guint64 *mail, GError **error)
{
    const char *text = answer_string(answer, "mail");
    const char *number = text && g_str_has_prefix(text, "mail:") ? text + strlen("mail:") : text;

    if (number && g_ascii_string_to_unsigned(number, 10, 1, G_MAXINT64, mail, NULL))
        return TRUE;
    return answer_refuse(error, MADO_E_USAGE,
        "\"%s\" is no mail. Nothing was changed. Write it as 17 or mail:17; see: madoctl inbox",
        text ? text : "");
}

gboolean answer_inbox_show(struct answer *answer, GError **error)
{
    guint64 mail = 0;

    return find_mail(answer, &mail, error) &&
           add_row(answer, answer_full_mail(answer, mail, TRUE, error), mail, error);
}

/* -- what may be sorted -- */

static gboolean refuse_taken(const struct mail_row *mail, const char *why, GError **error)
{
    return answer_refuse(error, MADO_E_BAD_DATA,
        "Mail %" PRIu64 " cannot be sorted anew: %s. Nothing was changed. See: madoctl "
        "show mail:%" PRIu64,
        mail->id, why, mail->id);
}

static gboolean is_one_of(const char *word, const char *const *words)
{
    return g_strv_contains(words, word);
}

/* An answer that has not gone is taken back. */
static gboolean take_back_letters(
    const struct answer *answer, const struct mail_row *mail, GError **error)
{
    static const char *const here[] = {"queued", "held", "deferred", NULL};
    struct store *store = answer->context->store;
    g_autoptr(GPtrArray) letters = store_letters_of_incident(store, mail->incident, error);

    for (guint i = 0; letters && i < letters->len; i++) {
        const struct outbox_row *letter = g_ptr_array_index(letters, i);
        if (letter->mail != mail->id || g_str_equal(letter->state, "dropped"))
            continue;
        if (!is_one_of(letter->state, here))
            return refuse_taken(mail, "its sender was answered, or may have been", error);
        if (!store_drop_letter(
                store, letter->id, answer->user, "the mail is sorted anew", now_seconds(), error))
            return FALSE;
    }
    return letters != NULL;
}

static gboolean leave_incident(
    const struct answer *answer, const struct mail_row *mail, GError **error)
{
    struct store *store = answer->context->store;

    return store_set_incident(store, mail->incident, "state", "rejected", now_seconds(), error) &&
           store_journal(store, now_seconds(), answer->user, "taken-back", mail->incident, mail->id,
               "the mail that has opened it is sorted anew", error);
}

/* A ticket that an operator has opened of the mail, and in which nothing has happened yet. */
static gboolean take_back(const struct answer *answer, const struct mail_row *mail, GError **error)
{
    struct incident *incident = store_incident_show(answer->context->store, mail->incident, error);
    gboolean taken = incident && *incident->handler;
    gint64 mails;

    incident_free(incident);
    if (!incident || !store_count_mails(answer->context->store, mail->incident, &mails, error))
        return FALSE;
    if (taken)
        return refuse_taken(mail, _("somebody works on its ticket"), error);
    if (mails > 1)
        return refuse_taken(mail, _("other mail has joined its ticket"), error);
    return take_back_letters(answer, mail, error) && leave_incident(answer, mail, error);
}

/* As it was sorted before, or by the rules; `sorting` NULL: nobody has. */
static gboolean may_sort(const struct answer *answer, const struct mail_row *mail,
    const struct sorted *sorting, gboolean done, GError **error)
{
    static const char *const free_places[] = {"pending", "feed", "spam", NULL};
    static const char *const opening[] = {"accept", "reject", NULL};

    if (is_one_of(mail->ledger, free_places) || (!*mail->ledger && sorting && !done))
        return TRUE;
    if (!*mail->ledger)
        return refuse_taken(mail, _("it is being read at this moment"), error);
    if (!sorting)
        return refuse_taken(mail, _("it is none that waits for a person"), error);
    if (!mail->incident || !is_one_of(sorting->as, opening))
        return refuse_taken(mail, _("it is a part of a ticket"), error);
    return take_back(answer, mail, error);
}

static gboolean check_and_take_back(
    const struct answer *answer, const struct mail_row *mail, GError **error)
{
    struct sorted *sorting = NULL;
    gboolean done = FALSE;
    gboolean may = store_sorting_show(answer->context->store, mail->id, &sorting, &done, error) &&
                   may_sort(answer, mail, sorting, done, error);

    sorted_free(sorting);
    return may;
}

/* -- sorting -- */

static gboolean journal(const struct answer *answer, const struct mail_row *mail,
    const struct sorted *wanted, GError **error)
{
    g_autofree char *text =
        g_strdup_printf("%s%s%s", wanted->as, *wanted->reason ? ": " : "", wanted->reason);

    return store_journal(answer->context->store, now_seconds(), answer->user, "sorted",
        wanted->target, mail->id, text, error);
}

static gboolean put_in_order(
    struct answer *answer, guint64 id, const struct sorted *wanted, GError **error)
{
    struct store *store = answer->context->store;
    struct mail_row *mail = answer_sees_mail(answer, id) ? store_mail_show(store, id, NULL) : NULL;
    gboolean done;

    if (!mail)
        return answer_refuse(error, MADO_E_NO_SUCH,
            "There is no mail %" PRIu64 ". Nothing was changed. See: madoctl inbox", id);
    done = check_and_take_back(answer, mail, error) &&
           store_sort_mail(store, id, wanted, now_seconds(), error) &&
           journal(answer, mail, wanted, error);
    mail_row_free(mail);
    answer->next =
        done ? json_pack("{s:o,s:i}", "mail", answer_integer(id), "again_ms", ASK_AGAIN_MS) : NULL;
    return done;
}

/* What has come of it, or that it takes a while. */
static gboolean tell(struct answer *answer, guint64 mail, GError **error)
{
    struct store *store = answer->context->store;
    struct mail_row *row =
        answer_sees_mail(answer, mail) ? store_mail_show(store, mail, error) : NULL;
    gboolean told = TRUE;

    if (!row)
        return (error && *error) ||
               answer_refuse(error, MADO_E_NO_SUCH, "There is no mail %" PRIu64 ".", mail);
    if (*row->ledger)
        told = add_row(answer, answer_mail_row(answer, row), mail, error);
    else
        answer->next =
            json_pack("{s:o,s:i}", "mail", answer_integer(mail), "again_ms", ASK_AGAIN_MS);
    mail_row_free(row);
    return told;
}

static gboolean sort(struct answer *answer, const char *as, guint64 target, GError **error)
{
    const char *reason = answer_string(answer, "reason");
    const struct sorted wanted = {
        .as = (char *)as,
        .actor = (char *)answer->user,
        .reason = (char *)(reason ? reason : ""),
        .ack = answer_flag(answer, "ack"),
        .target = target,
    };
    guint64 mail = answer_page_number(answer, "mail");

    if (mail)
        return tell(answer, mail, error);
    return (!reason || answer_is_reason(reason, "--reason TEXT", error)) &&
           find_mail(answer, &mail, error) && put_in_order(answer, mail, &wanted, error);
}

gboolean answer_inbox_accept(struct answer *answer, GError **error)
{
    return sort(answer, "accept", 0, error);
}

gboolean answer_inbox_attach(struct answer *answer, GError **error)
{
    guint64 target = 0;

    return (answer_page_number(answer, "mail") || answer_find_ticket(answer, &target, error)) &&
           sort(answer, "attach", target, error);
}

gboolean answer_inbox_feed(struct answer *answer, GError **error)
{
    return sort(answer, "feed", 0, error);
}

gboolean answer_inbox_spam(struct answer *answer, GError **error)
{
    return sort(answer, "spam", 0, error);
}

gboolean answer_inbox_reject(struct answer *answer, GError **error)
{
    return sort(answer, "reject", 0, error);
}
