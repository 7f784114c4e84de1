/* Which ticket and which operator is meant, and what stands of a ticket in every list. */
#include "control-answers.h"
#include "desk.h"
#include "duty.h"
#include "error.h"
#include "number.h"
#include "store-import.h"

enum { MOST_OLD = 10 };

guint64 answer_find_old(const struct answer *answer, const char *typed)
{
    g_autofree char *old = g_strstrip(g_strdup(typed));
    g_autoptr(GArray) all = store_find_old(answer->context->store, old, MOST_OLD, NULL);
    guint64 found = 0;

    for (guint i = 0; all && i < all->len; i++) {
        guint64 one = g_array_index(all, guint64, i);
        if (!answer_sees_incident(answer, one))
            continue;
        if (found)
            return 0;
        found = one;
    }
    return found;
}

/* What is written as a number of ours means one of ours, and nothing is done to another ticket that
 * was called so once; but whoever asks for it is told. */
static gboolean refuse_missing(const struct answer *answer, const char *id, GError **error)
{
    guint64 old = answer_find_old(answer, id);
    struct incident *incident = old ? store_incident_show(answer->context->store, old, NULL) : NULL;

    answer_refuse(error, MADO_E_NO_SUCH,
        incident ? "There is no ticket %s; %s had this number before it was imported. Nothing was "
                   "changed. See: madoctl show %s"
                 : N_("There is no ticket %s. Nothing was changed. See: madoctl list --all"),
        id, incident ? incident->number : "", incident ? incident->number : "");
    incident_free(incident);
    return FALSE;
}

gboolean answer_find_named(
    const struct answer *answer, const char *id, guint64 *incident, GError **error)
{
    g_autoptr(GError) failed = NULL;
    int year, sequence;
    gboolean check_ok;

    *incident = 0;
    if (!id ||
        !number_parse(id, answer->context->settings->tickets.tag, &year, &sequence, &check_ok))
        return (id && (*incident = answer_find_old(answer, id))) ||
               answer_refuse(error, MADO_E_USAGE,
                   "\"%s\" is no ticket number. Nothing was changed. Write it as 42 or "
                   "2026-0042-K7.",
                   id ? id : "");
    if (!check_ok)
        return answer_refuse(error, MADO_E_NO_SUCH,
            "The check characters of \"%s\" are wrong: one character is mistyped. Nothing was "
            "changed. See: madoctl list",
            id);
    *incident = store_find_incident(answer->context->store, year, sequence, &failed);
    if (failed) {
        g_propagate_error(error, g_steal_pointer(&failed));
        return FALSE;
    }
    if (*incident && answer_sees_incident(answer, *incident)) {
        *answer->about = *answer->about ? *answer->about : *incident;
        return TRUE;
    }
    *answer->hidden = *incident;
    *incident = 0;
    return refuse_missing(answer, id, error);
}

gboolean answer_find_ticket(const struct answer *answer, guint64 *incident, GError **error)
{
    return answer_find_named(answer, answer_string(answer, "id"), incident, error);
}

const struct member *answer_find_operator(const struct answer *answer, const char *user)
{
    return duty_member(answer->context->settings, user);
}

json_t *answer_person(const char *name, const char *address)
{
    return json_pack("{s:o,s:o}", "name", ctl_known(name), "address", ctl_known(address));
}

/* A result is that of the last time; what was opened again has none. */
json_t *answer_ticket_row(const struct answer *answer, const struct incident *incident)
{
    json_t *row = ctl_row();

    answer_set(row, "ticket", ctl_string(incident->number));
    answer_set(row, "severity", ctl_known(incident->severity));
    answer_set(row, "state", ctl_string(incident->state));
    answer_set(row, "age_seconds", answer_age(incident->opened_at));
    answer_set(row, "category", ctl_known(incident->category));
    answer_set(row, "category_by", ctl_known(incident->category_by));
    answer_set(row, "handler", ctl_known(incident->handler));
    answer_set(row, "team", ctl_known(incident->team));
    answer_set(row, "tlp", ctl_known(incident->label));
    answer_set(row, "subject", ctl_string(incident->subject));
    answer_set(row, "reporter", answer_person(incident->reporter_name, incident->reporter_addr));
    answer_set(row, "due", answer_moment(answer, incident->due));
    answer_set(row, "target", answer_next_target(answer, incident));
    answer_set(row, "waits_for", ctl_known(incident->waits_for));
    answer_set(row, "embargo_until", answer_moment(answer, incident->embargo_until));
    answer_set(row, "merged_into", answer_ticket_number(answer, incident->merged_into));
    answer_set(row, "kept", ctl_known(incident->kept));
    answer_set(row, "purged", answer_moment(answer, incident->purged_at));
    answer_set(row, "received", answer_moment(answer, incident->opened_at));
    answer_set(row, "updated", answer_moment(answer, incident->updated_at));
    answer_set(row, "closed", answer_moment(answer, incident->closed_at));
    answer_set(row, "result", ctl_known(state_is_over(incident->state) ? incident->result : NULL));
    return row;
}

json_t *answer_ticket_number(const struct answer *answer, guint64 id)
{
    struct incident *incident = id ? store_incident_show(answer->context->store, id, NULL) : NULL;
    json_t *number = ctl_string(incident ? incident->number : NULL);

    incident_free(incident);
    return number;
}
