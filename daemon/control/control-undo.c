/* Taking back a letter of a person: within its minute, or while it is held. */
#include "control-sheet.h"
#include "error.h"
#include "now.h"
#include <inttypes.h>

static gboolean may_undo(
    const struct outbox_row *letter, const struct writing *writing, GError **error)
{
    gboolean waits = g_str_equal(letter->state, "held") ||
                     (g_str_equal(letter->state, "queued") && !letter->attempts);

    if (!writing)
        return answer_refuse(error, MADO_E_BAD_DATA,
            "Letter %" PRIu64 " was written by nobody here. Nothing was changed. To give "
            "it up: madoctl outbox drop %" PRIu64 " --reason TEXT",
            letter->id, letter->id);
    return waits || answer_refuse(error, MADO_E_BAD_DATA,
                        "Letter %" PRIu64 " is %s: it cannot be taken back any more. "
                        "Nothing was changed. See: madoctl outbox show %" PRIu64,
                        letter->id, letter->state, letter->id);
}

/* The ticket goes back to what it was, unless somebody has changed its state since. */
static gboolean put_back(struct answer *answer, const struct writing *writing,
    const struct letter_move *move, GError **error)
{
    struct store *store = answer->context->store;
    gint64 now = now_seconds();
    const char *const fields[][2] = {
        {"state", writing->state_before}, {"waits_for", move->waits_for}, {"result", move->result}};
    g_autofree char *text = g_strdup_printf("state=%s (was %s): the letter was taken back",
        writing->state_before, writing->state_behind);

    for (gsize i = 0; i < G_N_ELEMENTS(fields); i++)
        if (!store_set_incident(store, move->incident, fields[i][0], fields[i][1], now, error))
            return FALSE;
    return store_journal(store, now, answer->user, "set", move->incident, 0, text, error);
}

static gboolean move_back(
    struct answer *answer, const struct writing *writing, guint64 letter, GError **error)
{
    g_autoptr(mado_letter_move) move = NULL;

    return store_find_move(answer->context->store, letter, &move, error) &&
           (!move || put_back(answer, writing, move, error));
}

static gboolean tell_undone(
    struct answer *answer, guint64 id, const struct writing *writing, GError **error)
{
    struct outbox_row *letter = store_letter_show(answer->context->store, id, error);
    json_t *row;

    if (!letter)
        return FALSE;
    row = answer_letter_row(answer, letter);
    answer_set(row, "purpose", ctl_string(writing->purpose));
    answer_set(row, "text", ctl_string(writing->text));
    answer_add(answer, row);
    outbox_row_free(letter);
    return TRUE;
}

static gboolean undo(struct answer *answer, const struct outbox_row *letter, GError **error)
{
    struct store *store = answer->context->store;
    g_autoptr(mado_writing) writing = NULL;

    answer->incident = letter->incident;
    return store_writing(store, letter->id, &writing, error) && may_undo(letter, writing, error) &&
           store_drop_letter(store, letter->id, answer->user, "taken back", now_seconds(), error) &&
           answer_note_letter(answer, letter, "undone", "taken back, and not sent", error) &&
           move_back(answer, writing, letter->id, error) &&
           answer_taken_back(answer, writing, "the letter was taken back, and not sent", error) &&
           tell_undone(answer, letter->id, writing, error);
}

gboolean answer_given_up(
    struct answer *answer, const struct outbox_row *letter, const char *reason, GError **error)
{
    static const char *const not_gone[] = {"queued", "held", "deferred", "failed", NULL};
    g_autoptr(mado_writing) writing = NULL;
    g_autofree char *why = g_strdup_printf("the letter was given up, and not sent: %s", reason);

    if (!store_writing(answer->context->store, letter->id, &writing, error))
        return FALSE;
    return !writing || !writing->coordination || !g_str_equal(writing->purpose, "coord") ||
           !g_strv_contains(not_gone, letter->state) ||
           (move_back(answer, writing, letter->id, error) &&
               answer_taken_back(answer, writing, why, error));
}

gboolean answer_undo(struct answer *answer, GError **error)
{
    struct outbox_row *letter = answer_find_letter(answer, error);
    gboolean done = letter && undo(answer, letter, error);

    outbox_row_free(letter);
    return done;
}
