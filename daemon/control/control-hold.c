/* Letters that are held, and the people who let them go: never who has written one. */
#include "control-answers.h"
#include "error.h"
#include "now.h"
#include <inttypes.h>

/* What was held for want of a key never goes in clear, whatever has changed. */
static gboolean may_go(
    const struct outbox_row *letter, const struct gate_answer *gate, GError **error)
{
    if (!*letter->seal)
        return answer_refuse(error, MADO_E_BAD_DATA,
            "Letter %" PRIu64 " stays held: %s. Nothing was changed.", letter->id, letter->reply);
    if (gate_lets_go(gate, g_str_equal(letter->seal, "seal")))
        return TRUE;
    if (gate->way == GATE_CLEAR)
        return answer_refuse(error, MADO_E_BAD_DATA,
            "Letter %" PRIu64 " stays held: nothing asks for a seal any more (%s), but "
            "what was held never goes in clear. Nothing was changed. Give it up, and write anew: "
            "madoctl hold drop %" PRIu64 " --reason TEXT",
            letter->id, gate->said, letter->id);
    return answer_refuse(error, MADO_E_BAD_DATA,
        "Letter %" PRIu64 " stays held: %s. Nothing was changed.", letter->id, gate->said);
}

/* -- approval -- */

static gboolean has_approved(const GPtrArray *approvals, const char *user)
{
    for (guint i = 0; i < approvals->len; i++)
        if (g_str_equal(((const struct approval *)approvals->pdata[i])->user, user))
            return TRUE;
    return FALSE;
}

static gboolean may_approve(const struct answer *answer, const struct outbox_row *letter,
    const struct writing *writing, GError **error)
{
    g_autoptr(GPtrArray) given = NULL;

    if (g_str_equal(writing->writer, answer->user))
        return answer_refuse(error, MADO_E_FORBIDDEN,
            "Letter %" PRIu64 " waits for the approval of somebody who has not written "
            "it, and %s has. Nothing was changed. Ask a colleague: madoctl hold release "
            "%" PRIu64 " --reason TEXT",
            letter->id, answer->user, letter->id);
    if (!answer_find_operator(answer, answer->user))
        return answer_refuse(error, MADO_E_FORBIDDEN,
            "Letter %" PRIu64 " waits for the approval of a person, and %s may be "
            "anybody. Nothing was changed. It is given under a name of `operators` in mado.conf.",
            letter->id, answer->user);
    if (answer->role < CTL_COMMANDER)
        return answer_refuse(error, MADO_E_FORBIDDEN,
            "Letter %" PRIu64 " waits for the approval of a commander. Nothing was "
            "changed. An administrator can give you that role in `operators` of mado.conf.",
            letter->id);
    given = store_approvals(answer->context->store, letter->id, error);
    if (given && has_approved(given, answer->user))
        return answer_refuse(error, MADO_E_BAD_DATA,
            "You have approved letter %" PRIu64 " before; it waits for another person. "
            "Nothing was changed. See: madoctl hold",
            letter->id);
    return given != NULL;
}

/* `*given` is FALSE where none is asked for. */
static gboolean approve(struct answer *answer, const struct outbox_row *letter, const char *reason,
    gboolean *given, GError **error)
{
    g_autoptr(mado_writing) writing = NULL;
    g_autoptr(mado_gate_answer) gate = NULL;
    const struct approval approval = {(char *)answer->user, now_seconds(), (char *)reason};

    *given = FALSE;
    if (!store_writing(answer->context->store, letter->id, &writing, error))
        return FALSE;
    gate = writing ? answer_ask_gate(answer, letter, FALSE, error) : NULL;
    if (!gate || !gate->approvals)
        return !writing || gate;
    *given = TRUE;
    return may_approve(answer, letter, writing, error) &&
           store_approve(answer->context->store, letter->id, &approval, error) &&
           answer_note_letter(answer, letter, "approved", reason, error);
}

/* -- hold release ID --reason TEXT -- */

/* It is approved, and stays for another reason. */
static gboolean tell_approved(struct answer *answer, const struct outbox_row *letter,
    const struct gate_answer *gate, GError **error)
{
    g_autofree char *why =
        gate->approvals
            ? g_strdup_printf(
                  _("Approved. Approvals of others that it waits for yet: %u."), gate->approvals)
            : g_strdup_printf(_("Approved. It stays held: %s"), gate->said);

    return answer_tell_letter(answer, letter->id, why, error);
}

static gboolean stays(const struct outbox_row *letter, const struct gate_answer *gate)
{
    return gate->approvals || !gate_lets_go(gate, g_str_equal(letter->seal, "seal"));
}

static gboolean release(struct answer *answer, const struct outbox_row *letter, GError **error)
{
    const char *reason = answer_string(answer, "reason");
    g_autoptr(mado_gate_answer) gate = NULL;
    gboolean approved;

    answer->incident = letter->incident;
    if (!answer_is_reason(reason, "madoctl hold release ID --reason TEXT", error) ||
        !approve(answer, letter, reason, &approved, error))
        return FALSE;
    gate = answer_ask_gate(answer, letter, TRUE, error);
    if (gate && approved && stays(letter, gate))
        return tell_approved(answer, letter, gate, error);
    return gate && may_go(letter, gate, error) &&
           answer_note_letter(answer, letter, "released", reason, error) &&
           answer_tell_letter(answer, letter->id, NULL, error);
}

gboolean answer_release(struct answer *answer, GError **error)
{
    struct outbox_row *letter = answer_find_held(answer, error);
    gboolean done = letter && release(answer, letter, error);

    outbox_row_free(letter);
    return done;
}

/* -- hold [list] -- */

static void add_people(const struct answer *answer, const struct outbox_row *letter,
    const struct writing *writing, json_t *row)
{
    g_autoptr(GPtrArray) given = store_approvals(answer->context->store, letter->id, NULL);
    g_autoptr(mado_gate_answer) gate =
        writing && answer->context->ask_gate && g_str_equal(letter->state, "held")
            ? answer_ask_gate(answer, letter, FALSE, NULL)
            : NULL;
    json_t *by = json_array();

    for (guint i = 0; given && i < given->len; i++)
        json_array_append_new(by, ctl_string(((const struct approval *)given->pdata[i])->user));
    answer_set(row, "purpose", ctl_string(writing ? writing->purpose : NULL));
    answer_set(row, "writer", ctl_string(writing ? writing->writer : NULL));
    answer_set(row, "label", ctl_string(writing ? writing->label : NULL));
    answer_set(row, "approved_by", by);
    answer_set(row, "approvals_missing", json_integer(gate ? gate->approvals : 0));
}

static gboolean add_held(struct answer *answer, const struct outbox_row *letter, GError **error)
{
    g_autoptr(mado_writing) writing = NULL;
    json_t *row;

    if (!store_writing(answer->context->store, letter->id, &writing, error))
        return FALSE;
    row = answer_letter_row(answer, letter);
    add_people(answer, letter, writing, row);
    answer_add(answer, row);
    return TRUE;
}

/* What may be taken back yet comes first: that is soonest over. */
static gboolean add_fresh(struct answer *answer, GError **error)
{
    enum { MOST = 100 };
    g_autoptr(GPtrArray) fresh =
        store_fresh_letters(answer->context->store, now_seconds(), MOST, error);

    for (guint i = 0; fresh && i < fresh->len; i++)
        if (answer_sees_letter(answer, fresh->pdata[i]) &&
            !add_held(answer, fresh->pdata[i], error))
            return FALSE;
    return fresh != NULL;
}

gboolean answer_held(struct answer *answer, GError **error)
{
    return (answer_page_number(answer, "before") || add_fresh(answer, error)) &&
           answer_letters(answer, "held", add_held, error);
}
