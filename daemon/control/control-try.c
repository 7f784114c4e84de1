/* try: a letter to ourselves, and where it is. */
#include "control-answers.h"
#include "error.h"

static void add_trip(struct answer *answer, const char *message_id, const struct store_trip *trip)
{
    json_t *row = ctl_row();

    answer_set(row, "message_id", ctl_string(message_id));
    answer_set(row, "to", ctl_string(answer->context->settings->team.address));
    answer_set(row, "transport", ctl_string(answer->context->settings->outgoing.transport));
    answer_set(row, "letter", answer_integer(trip->letter));
    answer_set(row, "state", ctl_string(trip->state));
    answer_set(row, "reply", ctl_known(trip->reply));
    answer_set(row, "changed", answer_moment(answer, trip->changed_at));
    answer_set(row, "mail", trip->mail ? answer_integer(trip->mail) : json_null());
    answer_set(row, "source", ctl_known(trip->source));
    answer_set(row, "arrived", answer_moment(answer, trip->arrived_at));
    answer_add(answer, row);
}

gboolean answer_try(struct answer *answer, GError **error)
{
    const char *known = answer_string(answer, "message_id");
    g_autofree char *id = g_strdup(known);
    g_autoptr(mado_trip) trip = NULL;

    if (!id && !answer->context->send_test)
        return answer_refuse(error, MADO_E_BUSY, "No letter can be sent now. Try again.");
    if (!id && !answer->context->send_test(answer->context->desk, &id, error))
        return FALSE;
    trip = store_trip(answer->context->store, id, error);
    if (trip)
        add_trip(answer, id, trip);
    return trip != NULL;
}
