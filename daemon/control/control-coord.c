/* Who was asked and told, and what has become of that. */
#include "control-sheet.h"
#include "coordination.h"
#include "error.h"
#include "now.h"
#include "text.h"
#include <string.h>

enum { PAGE = 100, LONGEST_RESULT = 500 };

static json_t *coordination_row(const struct answer *answer, const struct coordination *one)
{
    json_t *row = ctl_row();

    answer_set(row, "coordination", ctl_string(one->number));
    answer_set(row, "ticket", answer_ticket_number(answer, one->incident));
    answer_set(row, "name", ctl_string(one->name));
    answer_set(row, "to", ctl_string(one->address));
    answer_set(row, "state", ctl_string(one->state));
    answer_set(row, "delivery", ctl_known(one->delivery));
    answer_set(row, "their_number", ctl_known(one->their_number));
    answer_set(row, "label", ctl_string(one->label));
    answer_set(row, "language", ctl_string(one->language));
    answer_set(row, "due", answer_moment(answer, one->due));
    answer_set(row, "reminded", json_integer(one->reminded));
    answer_set(row, "next_reminder", answer_moment(answer, one->next_reminder));
    answer_set(row, "opened_by", ctl_string(one->opened_by));
    answer_set(row, "opened", answer_moment(answer, one->opened_at));
    answer_set(row, "age_seconds", answer_age(one->opened_at));
    answer_set(row, "changed", answer_moment(answer, one->changed_at));
    answer_set(row, "reporter_shown", ctl_known(one->shown));
    answer_set(row, "result", ctl_known(one->result));
    return row;
}

/* -- which one -- */

struct coordination *answer_find_coordination(const struct answer *answer, GError **error)
{
    const char *typed = answer_string(answer, "coordination");
    struct coordination *one;
    int year, sequence;
    guint64 id = 0;

    if (!typed || !coordination_parse(typed, &year, &sequence)) {
        answer_refuse(error, MADO_E_USAGE,
            "\"%s\" is no number of a coordination. Nothing was changed. Write it as C-2026-0057 "
            "or 57. See: madoctl coord list",
            typed ? typed : "");
        return NULL;
    }
    if (!store_find_coordination(answer->context->store, year, sequence, &id, error))
        return NULL;
    one = id ? store_coordination(answer->context->store, id, error) : NULL;
    if (one && answer_sees_incident(answer, one->incident))
        return one;
    if (one)
        *answer->hidden = one->incident;
    if (!id || one)
        answer_refuse(error, MADO_E_NO_SUCH,
            "There is no coordination %s. Nothing was changed. See: madoctl coord list --all",
            typed);
    coordination_free(one);
    return NULL;
}

/* -- coord list [ID] [--all] -- */

static gboolean list_of_ticket(struct answer *answer, GError **error)
{
    guint64 incident;
    g_autoptr(GPtrArray) all = NULL;

    if (!answer_find_ticket(answer, &incident, error))
        return FALSE;
    all = store_coordinations(answer->context->store, incident, error);
    for (guint i = 0; all && i < all->len; i++)
        answer_add(answer, coordination_row(answer, all->pdata[i]));
    return all != NULL;
}

gboolean answer_coord_list(struct answer *answer, GError **error)
{
    g_autoptr(GPtrArray) all = NULL;

    if (answer_string(answer, "id"))
        return list_of_ticket(answer, error);
    all = store_all_coordinations(answer->context->store, answer_flag(answer, "all"),
        answer_page_number(answer, "before"), PAGE, error);
    for (guint i = 0; all && i < all->len; i++) {
        const struct coordination *one = all->pdata[i];
        if (answer_sees_incident(answer, one->incident))
            answer_add(answer, coordination_row(answer, one));
        if (i + 1 == PAGE)
            answer->next = json_pack("{s:o}", "before", answer_integer(one->id));
    }
    return all != NULL;
}

gboolean answer_coordinations(
    const struct answer *answer, guint64 incident, json_t *row, GError **error)
{
    g_autoptr(GPtrArray) all = store_coordinations(answer->context->store, incident, error);
    json_t *rows = json_array();

    answer_set(row, "coordinations", rows);
    for (guint i = 0; all && i < all->len; i++) {
        json_t *one = coordination_row(answer, all->pdata[i]);
        json_object_del(one, "schema");
        json_array_append_new(rows, one);
    }
    return all != NULL;
}

/* -- coord show NUMBER -- */

static gboolean is_of(const struct answer *answer, guint64 letter, guint64 coordination)
{
    guint64 its = 0;

    return store_coordination_of_letter(answer->context->store, letter, &its, NULL) &&
           its == coordination;
}

static json_t *party_row(const struct answer *answer, const struct told_party *one)
{
    json_t *row = ctl_row();

    answer_set(row, "letter", answer_integer(one->letter));
    answer_set(row, "purpose", ctl_string(one->purpose));
    answer_set(row, "target", ctl_known(one->target));
    answer_set(row, "name", ctl_known(one->name));
    answer_set(row, "to", ctl_string(one->address));
    answer_set(row, "writer", ctl_string(one->writer));
    answer_set(row, "state", ctl_string(one->state));
    answer_set(row, "at", answer_moment(answer, one->at));
    answer_set(row, "answered_by", one->answer ? answer_integer(one->answer) : json_null());
    answer_set(row, "reply", ctl_known(one->reply));
    return row;
}

static gboolean show(struct answer *answer, const struct coordination *one, GError **error)
{
    g_autoptr(GPtrArray) all =
        store_told_parties(answer->context->store, one->incident, NULL, error);
    json_t *row = coordination_row(answer, one), *letters = json_array();

    answer_set(row, "letters", letters);
    for (guint i = 0; all && i < all->len; i++) {
        const struct told_party *letter = all->pdata[i];
        json_t *told;
        if (!is_of(answer, letter->letter, one->id))
            continue;
        told = party_row(answer, letter);
        json_object_del(told, "schema");
        json_array_append_new(letters, told);
    }
    return answer_add_if(answer, row, all != NULL);
}

gboolean answer_coord_show(struct answer *answer, GError **error)
{
    g_autoptr(mado_coordination) one = answer_find_coordination(answer, error);

    return one && show(answer, one, error);
}

/* -- coord done NUMBER [--result TEXT] -- */

static gboolean journal(
    struct answer *answer, const struct coordination *one, const char *what, GError **error)
{
    g_autofree char *text = g_strdup_printf(
        "%s (%s): %s%s%s", one->number, one->name, what, *one->result ? ": " : "", one->result);

    return store_journal(answer->context->store, now_seconds(), answer->user, "coordination",
        one->incident, 0, text, error);
}

static gboolean end(
    struct answer *answer, struct coordination *one, const char *result, GError **error)
{
    g_autofree char *was = g_steal_pointer(&one->state);
    g_autofree char *what = NULL;
    gint64 now = now_seconds();

    one->state = g_strdup(coordination_behind(was, COORDINATION_DONE));
    one->next_reminder = 0;
    g_free(one->result);
    one->result = g_strdup(result);
    what = g_strdup_printf("%s -> %s", was, one->state);
    return store_keep_coordination(answer->context->store, one, now, error) &&
           journal(answer, one, what, error) &&
           store_drop_reminders(answer->context->store, one->id,
               &(struct giving_up){one->incident, answer->user, "it is done", now}, error);
}

gboolean answer_coord_done(struct answer *answer, GError **error)
{
    const char *given = answer_string(answer, "result");
    g_autofree char *result = g_strstrip(text_harmless(given ? given : "", NULL));
    g_autoptr(mado_coordination) one = answer_find_coordination(answer, error);

    if (!one)
        return FALSE;
    answer->incident = one->incident;
    if (strlen(result) > LONGEST_RESULT)
        return answer_refuse(error, MADO_E_BAD_DATA,
            "The text is longer than %d bytes. Nothing was changed. Write a shorter one, and a "
            "note with the rest.",
            LONGEST_RESULT);
    if (coordination_is_over(one->state))
        return answer_refuse(error, MADO_E_BAD_DATA,
            "%s is done already. Nothing was changed. See: madoctl coord show %s", one->number,
            one->number);
    if (!end(answer, one, result, error))
        return FALSE;
    answer_add(answer, coordination_row(answer, one));
    return TRUE;
}

/* A reminder that was taken back comes again when its time is over once more. */
gboolean answer_taken_back(
    struct answer *answer, const struct writing *writing, const char *why, GError **error)
{
    g_autoptr(mado_coordination) one = NULL;

    if (g_str_equal(writing->purpose, "escalate"))
        return store_escalation_taken_back(answer->context->store, writing->letter, error);
    if (!writing->coordination || !g_str_equal(writing->purpose, "coord"))
        return TRUE;
    one = store_coordination(answer->context->store, writing->coordination, error);
    return one && (coordination_is_over(one->state) || end(answer, one, why, error));
}

/* -- notify list ID -- */

gboolean answer_notify_list(struct answer *answer, GError **error)
{
    guint64 incident;
    g_autoptr(GPtrArray) all = NULL;

    if (!answer_find_ticket(answer, &incident, error))
        return FALSE;
    all = store_told_parties(answer->context->store, incident, NULL, error);
    for (guint i = 0; all && i < all->len; i++) {
        const struct told_party *one = all->pdata[i];
        if (g_str_equal(one->purpose, "notify") || g_str_equal(one->purpose, "escalate"))
            answer_add(answer, party_row(answer, one));
    }
    return all != NULL;
}
