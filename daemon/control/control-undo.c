/* Taking back a letter of a person: within its minute, or while it is held. */
#include "control-sheet.h"
#include "error.h"
#include "now.h"

static gboolean may_undo(
    const struct outbox_row *letter, const struct writing *writing, GError **error)
{
    gboolean waits = g_str_equal(letter->state, "held") ||
                     (g_str_equal(letter->state, "queued") && !letter->attempts);

    if (!writing)
        return answer_refuse(error, MADO_E_BAD_DATA,
            "Letter %" G_GUINT64_FORMAT " was written by nobody here. Nothing was changed. To give "
            "it up: madoctl outbox drop %" G_GUINT64_FORMAT " --reason TEXT",
            letter->id, letter->id);
    return waits || answer_refuse(error, MADO_E_BAD_DATA,
                        "Letter %" G_GUINT64_FORMAT " is %s: it cannot be taken back any more. "
                        "Nothing was changed. See: madoctl outbox show %" G_GUINT64_FORMAT,
                        letter->id, letter->state, letter->id);
}

/* The ticket goes back to its state, if nobody has changed that since. */
static gboolean move_back(
    struct answer *answer, const struct writing *writing, guint64 incident, GError **error)
{
    struct store *store = answer->context->store;
    struct incident *now;
    g_autofree char *text = g_strdup_printf("state=%s (was %s): the letter was taken back",
        writing->state_before, writing->state_behind);
    gboolean done;

    if (!*writing->state_before)
        return TRUE;
    now = store_incident_show(store, incident, error);
    done = now && (!g_str_equal(now->state, writing->state_behind) ||
                      (store_set_incident(
                           store, incident, "state", writing->state_before, now_seconds(), error) &&
                          store_journal(store, now_seconds(), answer->user, "set", incident, 0,
                              text, error)));
    incident_free(now);
    return done;
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
           move_back(answer, writing, letter->incident, error) &&
           answer_taken_back(answer, writing, letter->incident, error) &&
           tell_undone(answer, letter->id, writing, error);
}

gboolean answer_undo(struct answer *answer, GError **error)
{
    struct outbox_row *letter = answer_find_letter(answer, error);
    gboolean done = letter && undo(answer, letter, error);

    outbox_row_free(letter);
    return done;
}
