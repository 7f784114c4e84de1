/* try: a letter to ourselves, and where it is. */
#include "control-answers.h"
#include "error.h"

/* What may keep the letter where it is now: the relay, then the mailboxes; NULL for nothing. The
 * caller frees it. */
static char *trouble(const struct answer *answer, const struct store_trip *trip)
{
    struct status_facts facts;
    char *found = NULL;

    answer_facts(answer, &facts);
    if (!g_str_equal(trip->state, "sent")) {
        found = facts.courier_well ? NULL : g_strdup(facts.courier);
    } else
        for (guint i = 0; i < facts.sources->len && !found; i++) {
            const struct source_facts *one = g_ptr_array_index(facts.sources, i);
            found = one->well ? NULL : g_strdup_printf("%s: %s", one->name, one->state);
        }
    answer_facts_clear(&facts);
    return found;
}

static void add_trip(struct answer *answer, const char *message_id, const struct store_trip *trip)
{
    json_t *row = ctl_row();
    g_autofree char *why = trouble(answer, trip);

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
    answer_set(row, "trouble", ctl_known(why));
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
