#include <mado/plan.h>

static const char *const ledger_names[LEDGER_PLACES] = {
    [LEDGER_NONE] = "",
    [LEDGER_INCIDENT] = "incident",
    [LEDGER_PENDING] = "pending",
    [LEDGER_FEED] = "feed",
    [LEDGER_BOUNCE] = "bounce",
    [LEDGER_MACHINE] = "machine",
    [LEDGER_SPAM] = "spam",
    [LEDGER_UNREADABLE] = "unreadable",
    [LEDGER_QUARANTINE] = "quarantine",
    [LEDGER_COPY] = "copy",
};

static const struct {
    const char *name;
    const char *fields[ACTION_FIELDS + 1];
} kinds[ACTION_KINDS] = {
    [ACTION_OPEN] = {"open",
        {"category", "severity", "label", "category_by", "severity_by", "label_by"}},
    [ACTION_JOIN] = {"join", {"number", "by"}},
    [ACTION_PENDING] = {"pending", {"claims"}},
    [ACTION_ACK] = {"ack", {"template", "language", "to", "sealed"}},
    [ACTION_NO_ACK] = {"no-ack", {NULL}},
    [ACTION_SET] = {"set", {"field", "value", "by"}},
    [ACTION_REFERENCE] = {"reference", {"authority", "id"}},
    [ACTION_RELATE] = {"relate", {"number", "by"}},
    [ACTION_NOTICE] = {"notice", {"to"}},
    [ACTION_DELIVERY] = {"delivery", {"letter", "number", "recipient", "outcome", "permanent",
                                         "status", "reply_code", "reason"}},
    [ACTION_RETURNED] = {"returned", {"letter", "reply"}},
    [ACTION_REVIEW] = {"review", {"review", "contact", "answer"}},
};

static void action_free(gpointer data)
{
    struct action *action = data;

    for (int i = 0; i < ACTION_FIELDS; i++)
        g_free(action->value[i]);
    g_free(action->why);
    g_free(action);
}

struct plan *plan_new(void)
{
    struct plan *plan = g_new0(struct plan, 1);
    plan->actions = g_ptr_array_new_with_free_func(action_free);
    return plan;
}

void plan_free(struct plan *plan)
{
    if (!plan)
        return;
    g_ptr_array_unref(plan->actions);
    g_free(plan);
}

struct action *plan_add(struct plan *plan, enum action_kind kind, const char *why, ...)
{
    struct action *action = g_new0(struct action, 1);
    const char *value;
    va_list values;

    action->kind = kind;
    action->why = g_strdup(why);
    va_start(values, why);
    for (int i = 0; kinds[kind].fields[i] && (value = va_arg(values, const char *)); i++)
        action->value[i] = g_strdup(value);
    va_end(values);
    g_ptr_array_add(plan->actions, action);
    return action;
}

const struct action *plan_find(const struct plan *plan, enum action_kind kind)
{
    for (guint i = 0; i < plan->actions->len; i++) {
        const struct action *action = g_ptr_array_index(plan->actions, i);
        if (action->kind == kind)
            return action;
    }
    return NULL;
}

const char *ledger_name(enum ledger ledger)
{
    return ledger_names[ledger];
}

enum ledger ledger_from_name(const char *name)
{
    for (int i = LEDGER_NONE + 1; i < LEDGER_PLACES; i++)
        if (g_str_equal(ledger_names[i], name))
            return i;
    return LEDGER_NONE;
}

const char *action_name(enum action_kind kind)
{
    return kinds[kind].name;
}

const char *const *action_fields(enum action_kind kind)
{
    return kinds[kind].fields;
}
