/* What the mails of a ticket say, and which other tickets say the same; of these only those that
 * the operator may see. */
#include "control-answers.h"

enum { INDICATORS_SHOWN = 500, RELATED_SHOWN = 20 };

json_t *answer_shared(const GPtrArray *shared)
{
    json_t *rows = json_array();

    for (guint i = 0; i < shared->len; i++) {
        const struct shared *one = g_ptr_array_index(shared, i);
        json_array_append_new(rows,
            json_pack("{s:o,s:o}", "type", ctl_string(one->kind), "value", ctl_string(one->value)));
    }
    return rows;
}

static json_t *related_rows(const struct answer *answer, const GPtrArray *all)
{
    json_t *rows = json_array();

    for (guint i = 0; i < all->len; i++) {
        const struct related *one = g_ptr_array_index(all, i);
        if (!answer_sees_incident(answer, one->incident))
            continue;
        json_array_append_new(
            rows, json_pack("{s:o,s:o,s:o,s:o}", "ticket", ctl_string(one->number), "state",
                      ctl_string(one->state), "received", answer_moment(answer, one->opened_at),
                      "shared", answer_shared(one->shared)));
    }
    return rows;
}

gboolean answer_found(const struct answer *answer, guint64 incident, json_t *row, GError **error)
{
    struct store *store = answer->context->store;
    g_autoptr(GPtrArray) all =
        store_indicators_of_incident(store, incident, INDICATORS_SHOWN + 1, error);
    g_autoptr(GPtrArray) related =
        all ? store_related(store, incident, RELATED_SHOWN, error) : NULL;
    json_t *rows = json_array();

    for (guint i = 0; all && i < MIN(all->len, INDICATORS_SHOWN); i++) {
        const struct shared *one = g_ptr_array_index(all, i);
        json_array_append_new(
            rows, ctl_indicator(one->kind, one->value, one->as_written, one->origin));
    }
    answer_set(row, "indicators", rows);
    answer_set(row, "indicators_left_out", json_boolean(all && all->len > INDICATORS_SHOWN));
    if (related)
        answer_set(row, "related", related_rows(answer, related));
    return related != NULL;
}
