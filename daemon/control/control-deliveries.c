/* What bounces said of letters, all of a ticket or one, as JSON. */
#include "control-answers.h"

enum { DELIVERIES_SHOWN = 100 };

static json_t *delivery_row(const struct answer *answer, const struct delivery *delivery)
{
    json_t *row = json_object();

    answer_set(row, "at", answer_moment(answer, delivery->at));
    answer_set(row, "mail", answer_integer(delivery->mail));
    answer_set(row, "letter", delivery->letter ? answer_integer(delivery->letter) : json_null());
    answer_set(row, "recipient", ctl_string(delivery->recipient));
    answer_set(row, "outcome", ctl_string(delivery->outcome));
    answer_set(row, "permanent", json_boolean(delivery->permanent));
    answer_set(row, "status", ctl_known(delivery->status));
    answer_set(row, "reply_code", ctl_known(delivery->reply_code));
    answer_set(row, "reason", ctl_string(delivery->reason));
    return row;
}

static gboolean add_rows(const struct answer *answer, const GPtrArray *found, json_t *row)
{
    json_t *rows = json_array();

    answer_set(row, "deliveries", rows);
    for (guint i = 0; found && i < found->len; i++)
        json_array_append_new(rows, delivery_row(answer, g_ptr_array_index(found, i)));
    return found != NULL;
}

gboolean answer_deliveries(
    const struct answer *answer, guint64 incident, json_t *row, GError **error)
{
    g_autoptr(GPtrArray) found =
        store_deliveries_of_incident(answer->context->store, incident, DELIVERIES_SHOWN, error);
    return add_rows(answer, found, row);
}

gboolean answer_letter_deliveries(
    const struct answer *answer, guint64 letter, json_t *row, GError **error)
{
    g_autoptr(GPtrArray) found =
        store_deliveries_of_letter(answer->context->store, letter, DELIVERIES_SHOWN, error);
    return add_rows(answer, found, row);
}
