/* What is due of a ticket, and in how much time. */
#include "control-answers.h"
#include "now.h"
#include "target.h"

static gboolean runs(const struct target *target)
{
    return target->due && !target->met_at && !target->over;
}

static json_t *left(gint64 due)
{
    return json_integer(due - now_seconds());
}

static json_t *due_row(const struct answer *answer, const char *kind, gint64 due)
{
    return json_pack("{s:o,s:o,s:o,s:b}", "kind", ctl_string(kind), "due",
        answer_moment(answer, due), "left_seconds", left(due), "late", due <= now_seconds());
}

/* What an operator has set counts as the others do. */
json_t *answer_next_target(const struct answer *answer, const struct incident *incident)
{
    g_autoptr(GPtrArray) targets = store_targets(answer->context->store, incident->id, NULL);
    gboolean over = incident->closed_at || incident->merged_into;
    const char *kind = "due";
    gint64 due = over ? 0 : incident->due;

    for (guint i = 0; targets && i < targets->len; i++) {
        const struct target *one = targets->pdata[i];
        if (!runs(one) || (due && due <= one->due))
            continue;
        due = one->due;
        kind = one->kind;
    }
    return due ? due_row(answer, kind, due) : json_null();
}

static json_t *target_row(const struct answer *answer, const struct target *target)
{
    gint64 end = target->met_at ? target->met_at : now_seconds();
    gboolean late = target->due && (target->met_at || runs(target)) && end > target->due;

    return json_pack("{s:o,s:o,s:o,s:o,s:o,s:b,s:o}", "kind", ctl_string(target->kind), "began",
        answer_moment(answer, target->began_at), "due", answer_moment(answer, target->due), "met",
        answer_moment(answer, target->met_at), "left_seconds",
        runs(target) ? left(target->due) : json_null(), "late", late, "within",
        ctl_known(target->span));
}

gboolean answer_targets(
    const struct answer *answer, const struct incident *incident, json_t *row, GError **error)
{
    g_autoptr(GPtrArray) targets = store_targets(answer->context->store, incident->id, error);
    json_t *rows = json_array();

    for (int kind = 0; targets && kind < TARGET_KINDS; kind++)
        for (guint i = 0; i < targets->len; i++) {
            const struct target *one = targets->pdata[i];
            if (g_str_equal(one->kind, target_names[kind]))
                json_array_append_new(rows, target_row(answer, one));
        }
    answer_set(row, "targets", rows);
    return targets != NULL;
}
