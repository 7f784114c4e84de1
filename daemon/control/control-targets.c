/* What is due of a ticket, and in how much time. */
#include "control-work.h"
#include "control-query.h"
#include "error.h"
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

/* Of all that they see. */
json_t *answer_first_target(const struct answer *answer)
{
    enum { LOOKED_AT = 100 };
    g_autoptr(GPtrArray) first = store_first_targets(answer->context->store, LOOKED_AT, NULL);

    for (guint i = 0; first && i < first->len; i++) {
        const struct target *one = first->pdata[i];
        json_t *row;
        if (!answer_sees_incident(answer, one->incident))
            continue;
        row = due_row(answer, one->kind, one->due);
        answer_set(row, "ticket", answer_ticket_number(answer, one->incident));
        return row;
    }
    return json_null();
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

static json_t *legal_row(const struct answer *answer, const struct legal_clock *legal)
{
    return json_pack("{s:o,s:o,s:o,s:o,s:o,s:b,s:o}", "name", ctl_string(legal->name), "text",
        ctl_string(legal->text), "from", answer_moment(answer, legal->began_at), "due",
        answer_moment(answer, legal->due), "left_seconds", left(legal->due), "late",
        legal->due <= now_seconds(), "told", answer_moment(answer, legal->told_at));
}

static gboolean add_legal(
    const struct answer *answer, guint64 incident, json_t *row, GError **error)
{
    g_autoptr(GPtrArray) all = store_legal_clocks(answer->context->store, incident, error);
    json_t *rows = json_array();

    for (guint i = 0; all && i < all->len; i++)
        if (((const struct legal_clock *)all->pdata[i])->counts)
            json_array_append_new(rows, legal_row(answer, all->pdata[i]));
    answer_set(row, "legal", rows);
    return all != NULL;
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
    return targets && add_legal(answer, incident->id, row, error);
}

/* -- what no letter and no deed tells -- */

static struct target *find(const GPtrArray *targets, const char *kind)
{
    for (guint i = 0; i < targets->len; i++) {
        struct target *one = targets->pdata[i];
        if (g_str_equal(one->kind, kind))
            return one;
    }
    return NULL;
}

static gboolean refuse_kind(const struct deed *deed, const char *kind, GError **error)
{
    return answer_refuse(error, MADO_E_BAD_DATA,
        "%s is no vulnerability, and has nothing to %s. Nothing was changed. See: madoctl show %s",
        deed->was->number, kind, deed->was->number);
}

/* The next update runs from then on; of the others, what has happened is over. */
static void take(struct target *target, gint64 at)
{
    if (g_str_equal(target->kind, target_names[TARGET_UPDATE])) {
        g_free(target->basis);
        target->basis = g_strdup("");
        return;
    }
    target->met_at = at ? MAX(at, target->began_at) : 0;
    target->told = 0;
    target->next_word = at || target->over ? 0 : target->due;
}

gboolean deed_set_target(struct deed *deed, const struct wish *wish, GError **error)
{
    struct store *store = deed->answer->context->store;
    g_autoptr(GPtrArray) targets = store_targets(store, deed->was->id, error);
    struct target *target = targets ? find(targets, wish->field) : NULL;
    gint64 at = g_ascii_strtoll(wish->value, NULL, 10);
    g_autofree char *before = target ? when_words(deed->answer, target->met_at) : NULL;
    g_autofree char *behind = when_words(deed->answer, at);

    if (!target)
        return targets && refuse_kind(deed, wish->field, error);
    if (target->met_at == at && at)
        return TRUE;
    take(target, at);
    return store_keep_target(store, target, error) &&
           deed_note(deed, &(struct wish){wish->field, behind, wish->reason}, before, error);
}
