/* escalate list, ack-escalation: who decides, whether they were told, and who has read it. */
#include "control-answers.h"
#include "error.h"
#include "escalation.h"
#include "now.h"
#include <string.h>

enum { MOST_SHOWN = 200 };

/* -- as rows -- */

static json_t *letter_rows(const struct answer *answer, const GPtrArray *letters)
{
    json_t *rows = json_array();

    for (guint i = 0; i < letters->len; i++) {
        const struct escalation_letter *one = letters->pdata[i];
        json_array_append_new(
            rows, json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "letter",
                      answer_integer(one->letter), "name", ctl_string(one->name), "to",
                      ctl_string(one->address), "writer", ctl_string(one->actor), "state",
                      ctl_string(one->state), "at", answer_moment(answer, one->at), "read",
                      answer_moment(answer, one->read_at), "read_by", ctl_known(one->read_by),
                      "answered_by", one->answer ? answer_integer(one->answer) : json_null()));
    }
    return rows;
}

static const char *state_of(const struct escalation_step *step, const GPtrArray *letters)
{
    for (guint i = 0; i < letters->len; i++)
        if (((const struct escalation_letter *)letters->pdata[i])->answer && step->read_at)
            return "answered";
    return escalation_state(step);
}

static json_t *step_row(
    const struct answer *answer, const struct escalation_step *step, GError **error)
{
    g_autoptr(GPtrArray) letters =
        store_escalation_letters(answer->context->store, step->incident, step->target, error);
    json_t *row;

    if (!letters)
        return NULL;
    row = ctl_row();
    answer_set(row, "ticket", answer_ticket_number(answer, step->incident));
    answer_set(row, "target", ctl_string(step->target));
    answer_set(row, "state", ctl_string(state_of(step, letters)));
    answer_set(row, "since", answer_moment(answer, step->since));
    answer_set(row, "told", answer_moment(answer, step->told_at));
    answer_set(row, "rounds", json_integer(step->rounds));
    answer_set(row, "read", answer_moment(answer, step->read_at));
    answer_set(row, "next", answer_moment(answer, step->next));
    answer_set(row, "letters", letter_rows(answer, letters));
    return row;
}

/* Which condition of the rule holds now, or when one will. */
static void set_rule(const struct answer *answer, const struct escalation_rule *rule,
    const struct escalation_facts *facts, json_t *row)
{
    struct escalation_found found =
        rule ? escalation_weigh(rule, facts, now_seconds()) : (struct escalation_found){0};

    answer_set(row, "conditions", ctl_texts(rule ? rule->when : NULL));
    answer_set(row, "holds", json_boolean(found.holds));
    answer_set(row, "condition", ctl_string(found.words));
    answer_set(row, "holds_from", answer_moment(answer, found.later));
}

static gboolean add_step(struct answer *answer, const struct escalation_step *step, GError **error)
{
    struct escalation_facts facts = {0};
    gboolean known = store_escalation_facts(answer->context->store, step->incident, &facts, error);
    json_t *row = known ? step_row(answer, step, error) : NULL;

    if (row) {
        set_rule(answer, escalation_rule_of(answer->context->settings, step->target), &facts, row);
        answer_add(answer, row);
    }
    escalation_facts_clear(&facts);
    return row != NULL;
}

/* -- escalate list [ID] -- */

static gboolean list_all(struct answer *answer, GError **error)
{
    g_autoptr(GPtrArray) steps = store_open_escalations(answer->context->store, MOST_SHOWN, error);

    for (guint i = 0; steps && i < steps->len; i++) {
        const struct escalation_step *step = steps->pdata[i];
        if (answer_sees_incident(answer, step->incident) && !add_step(answer, step, error))
            return FALSE;
    }
    return steps != NULL;
}

/* Those of whom there is a rule, and those who were told of it by another one before. */
static gboolean list_of_ticket(struct answer *answer, GError **error)
{
    static const char *const targets[] = {"management", "pr", "legal", "commander"};
    const struct settings *settings = answer->context->settings;
    guint64 incident;

    if (!answer_find_ticket(answer, &incident, error))
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(targets); i++) {
        g_autoptr(mado_escalation_step) step =
            store_escalation_step(answer->context->store, incident, targets[i], error);
        if (!step)
            return FALSE;
        if ((step->told_at || step->next || escalation_rule_of(settings, targets[i])) &&
            !add_step(answer, step, error))
            return FALSE;
    }
    return TRUE;
}

gboolean answer_escalations(struct answer *answer, GError **error)
{
    return answer_string(answer, "id") ? list_of_ticket(answer, error) : list_all(answer, error);
}

/* -- ack-escalation ID [--to TARGET] [--how TEXT] -- */

static gboolean is_me(const struct answer *answer, const struct escalation_letter *letter)
{
    const struct member *member = answer_find_operator(answer, answer->user);

    for (char **one = member ? member->addresses : NULL; one && *one; one++)
        if (g_ascii_strcasecmp(*one, letter->address) == 0)
            return TRUE;
    return FALSE;
}

/* Of those who were told, one who says so; or whoever has heard it from them. */
static gboolean may_note(const struct answer *answer, const struct escalation_letter *letter,
    gboolean *may, GError **error)
{
    const char *how = answer_string(answer, "how");

    *may = is_me(answer, letter);
    if (*may || (how && *how && answer->role >= CTL_NIGHT)) {
        *may = TRUE;
        return TRUE;
    }
    return answer->role < CTL_NIGHT ||
           answer_is_reason(how, "madoctl ack-escalation ID --how 'by telephone'", error);
}

static gboolean note(struct answer *answer, const struct escalation_letter *letter, GError **error)
{
    const char *how = answer_string(answer, "how");
    g_autofree char *text = g_strdup_printf(
        "%s: %s has read it%s%s", letter->target, letter->name, how ? ": " : "", how ? how : "");
    g_autoptr(mado_escalation_step) step =
        store_escalation_step(answer->context->store, answer->incident, letter->target, error);
    gint64 now = now_seconds();

    if (!step ||
        !store_escalation_is_read(answer->context->store,
            &(struct escalation_read){letter->letter, 0, answer->user, how ? how : "", now}, error))
        return FALSE;
    step->read_at = step->read_at ? step->read_at : now;
    step->next = 0;
    return store_keep_escalation_step(answer->context->store, step, error) &&
           store_journal(answer->context->store, now, answer->user, "escalation-read",
               answer->incident, 0, text, error);
}

static gboolean note_all(
    struct answer *answer, const GPtrArray *letters, guint *count, GError **error)
{
    for (guint i = 0; i < letters->len; i++) {
        const struct escalation_letter *one = letters->pdata[i];
        gboolean may = FALSE;
        if (one->read_at || g_str_equal(one->state, "dropped"))
            continue;
        if (!may_note(answer, one, &may, error) || (may && !note(answer, one, error)))
            return FALSE;
        *count += may;
    }
    return TRUE;
}

gboolean answer_ack_escalation(struct answer *answer, GError **error)
{
    const char *target = answer_string(answer, "target"), *id = answer_string(answer, "id");
    static const char *const targets[] = {"management", "pr", "legal", "commander", NULL};
    g_autoptr(GPtrArray) letters = NULL;
    guint count = 0;

    if (!answer_is_one_of("target", target, targets, error) ||
        !answer_find_ticket(answer, &answer->incident, error))
        return FALSE;
    letters = store_escalation_letters(answer->context->store, answer->incident, target, error);
    if (!letters || !note_all(answer, letters, &count, error))
        return FALSE;
    if (!count)
        return answer_refuse(error, MADO_E_BAD_DATA,
            "There is no report of %s to them that nobody has read and that you could say that of. "
            "Nothing was changed. See: madoctl escalate list %s",
            id, id);
    return list_of_ticket(answer, error);
}
