/* Where all mail has ended. */
#include "control-answers.h"
#include "error.h"

enum { PAGE = 100 };

/* The promise that nothing is lost, as a sum that anybody can check. */
static gboolean ledger_sum(struct answer *answer, GError **error)
{
    struct ledger_sum sum;
    json_t *row, *places = json_object();
    guint64 all;

    if (!store_ledger(answer->context->store, &sum, error)) {
        json_decref(places);
        return FALSE;
    }
    all = sum.waiting;
    for (int place = LEDGER_NONE + 1; place < LEDGER_PLACES; place++) {
        answer_set(places, ledger_name(place), answer_integer(sum.place[place]));
        all += sum.place[place];
    }
    row = ctl_row();
    answer_set(row, "arrived", answer_integer(sum.arrivals));
    answer_set(row, "repeats", answer_integer(sum.repeats));
    answer_set(row, "mails", answer_integer(sum.mails));
    answer_set(row, "places", places);
    answer_set(row, "waiting", answer_integer(sum.waiting));
    answer_set(row, "sum", answer_integer(all));
    answer_set(
        row, "balanced", json_boolean(all == sum.mails && sum.arrivals == sum.mails + sum.repeats));
    return answer_add_if(answer, row, answer_count_told(answer, row, error));
}

/* A page ends with what is seen: nothing tells of what was passed over. */
gboolean answer_place(struct answer *answer, enum ledger place, answer_teller tell, GError **error)
{
    guint64 after = answer_page_number(answer, "after");
    guint room = PAGE;

    for (gboolean more = TRUE; more && room > 0;) {
        g_autoptr(GPtrArray) mails =
            store_mails_in_ledger(answer->context->store, place, after, PAGE, error);
        if (!mails)
            return FALSE;
        more = mails->len == PAGE;
        for (guint i = 0; i < mails->len && room > 0; i++) {
            const struct mail_row *mail = g_ptr_array_index(mails, i);
            after = mail->id;
            if (!answer_sees_row(answer, mail))
                continue;
            if (!tell(answer, mail, error))
                return FALSE;
            room--;
        }
    }
    if (room == 0)
        answer->next = json_pack("{s:o}", "after", answer_integer(after));
    return TRUE;
}

static gboolean tell_mail(struct answer *answer, const struct mail_row *mail, GError **error)
{
    answer_add(answer, answer_mail_row(answer, mail));
    return TRUE;
}

gboolean answer_ledger(struct answer *answer, GError **error)
{
    const char *name = answer_string(answer, "place");
    enum ledger place = name ? ledger_from_name(name) : LEDGER_NONE;

    if (!name)
        return ledger_sum(answer, error);
    if (place == LEDGER_NONE)
        return answer_refuse(error, MADO_E_USAGE,
            "The ledger has no place \"%s\". Nothing was changed. See: madoctl ledger", name);
    return answer_place(answer, place, tell_mail, error);
}
