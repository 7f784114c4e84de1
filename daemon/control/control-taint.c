/* What came sealed, and single facts out of it that may leave otherwise. */
#include "control-answers.h"
#include "error.h"
#include "now.h"

enum { MOST_RUNS = 200 };

static GPtrArray *released_texts(struct store *store, guint64 incident, GError **error)
{
    g_autoptr(GPtrArray) facts = store_released_around(store, incident, error);
    GPtrArray *texts = facts ? g_ptr_array_new_with_free_func(g_free) : NULL;

    for (guint i = 0; facts && i < facts->len; i++)
        g_ptr_array_add(texts, g_strdup(((struct released *)facts->pdata[i])->text));
    return texts;
}

static GPtrArray *may_leave(const struct answer *answer, guint64 incident, GError **error)
{
    const struct control_context *context = answer->context;

    return context->may_leave ? context->may_leave(context->desk, incident, error)
                              : released_texts(context->store, incident, error);
}

static void add_runs(struct answer *answer, guint64 incident, const GPtrArray *runs)
{
    for (guint i = 0; i < MIN(runs->len, MOST_RUNS); i++) {
        json_t *row = ctl_row();
        answer_set(row, "ticket", answer_ticket_number(answer, incident));
        answer_set(row, "run", ctl_string(runs->pdata[i]));
        answer_set(row, "runs", answer_integer(runs->len));
        answer_add(answer, row);
    }
}

gboolean answer_taint_check(struct answer *answer, GError **error)
{
    struct store *store = answer->context->store;
    const char *text = answer_string(answer, "text");
    g_autoptr(GPtrArray) sealed = NULL, released = NULL, runs = NULL;
    guint64 incident;

    if (!answer_find_ticket(answer, &incident, error))
        return FALSE;
    sealed = store_sealed_texts_around(store, incident, error);
    released = sealed ? may_leave(answer, incident, error) : NULL;
    if (!released)
        return FALSE;
    runs = taint_find(text ? text : "", sealed, released);
    add_runs(answer, incident, runs);
    return TRUE;
}

/* -- release -- */

static gboolean release_one(struct answer *answer, guint64 incident, const GPtrArray *sealed,
    const char *text, GError **error)
{
    struct store *store = answer->context->store;
    const char *reason = answer_string(answer, "reason");
    const struct released fact = {.text = (char *)text,
        .actor = (char *)answer->user,
        .reason = (char *)reason,
        .at = now_seconds()};
    g_autofree char *shown = g_strdup_printf("\"%s\" may leave unsealed: %s", text, reason);
    json_t *row;

    if (!taint_is_fact(text))
        return answer_refuse(error, MADO_E_USAGE,
            "\"%s\" is too short to be a fact: it stands in every text. Nothing was changed. Write "
            "the words around it, too.",
            text);
    if (!taint_stands_in(text, sealed))
        return answer_refuse(error, MADO_E_NO_SUCH,
            "\"%s\" stands in no mail of this ticket that came sealed. Nothing was changed. Write "
            "it as the mail has it: madoctl show ID --mail",
            text);
    if (!store_release_fact(store, incident, &fact, error) ||
        !store_journal(store, fact.at, answer->user, "fact-released", incident, 0, shown, error))
        return FALSE;
    row = ctl_row();
    answer_set(row, "ticket", answer_ticket_number(answer, incident));
    answer_set(row, "fact", ctl_string(text));
    answer_set(row, "by", ctl_string(answer->user));
    answer_set(row, "reason", ctl_string(reason));
    answer_add(answer, row);
    return TRUE;
}

gboolean answer_taint_release(struct answer *answer, GError **error)
{
    static const char usage[] = "madoctl taint release ID TEXT... --reason TEXT";
    json_t *facts = json_object_get(answer->args, "facts"), *fact;
    g_autoptr(GPtrArray) sealed = NULL;
    guint64 incident;
    gsize i;

    if (!answer_find_ticket(answer, &incident, error) ||
        !answer_is_reason(answer_string(answer, "reason"), usage, error))
        return FALSE;
    if (!json_array_size(facts))
        return answer_refuse(
            error, MADO_E_USAGE, "Which fact? Nothing was changed. Write: %s", usage);
    sealed = store_sealed_texts(answer->context->store, incident, error);
    if (!sealed)
        return FALSE;
    json_array_foreach(facts, i, fact)
        if (!release_one(answer, incident, sealed, json_string_value(fact), error))
            return FALSE;
    return TRUE;
}
