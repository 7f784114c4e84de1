/* An incident for a few: who may see it is named one by one. */
#include "control-answers.h"
#include "error.h"
#include "now.h"

static json_t *members_row(const struct answer *answer, guint64 incident, GError **error)
{
    g_auto(GStrv) members = store_members(answer->context->store, incident, error);

    return members ? ctl_texts(members) : NULL;
}

gboolean answer_restriction(
    const struct answer *answer, const struct incident *incident, json_t *row, GError **error)
{
    json_t *members = members_row(answer, incident->id, error);

    if (!members)
        return FALSE;
    answer_set(row, "restricted", json_boolean(incident->restricted));
    answer_set(row, "members", members);
    return TRUE;
}

static gboolean add_member(
    const struct answer *answer, guint64 incident, const char *user, GError **error)
{
    g_autofree char *text = g_strdup_printf("%s may see it", user);

    if (!answer_find_operator(answer, user))
        return answer_refuse(error, MADO_E_NO_SUCH,
            "There is no operator \"%s\" in mado.conf. Nothing was changed. See: madoctl config "
            "show",
            user);
    return store_add_member(answer->context->store, incident, user, error) &&
           store_journal(answer->context->store, now_seconds(), answer->user, "restricted",
               incident, 0, text, error);
}

/* Whoever does it goes on seeing it. */
static gboolean add_members(const struct answer *answer, guint64 incident, GError **error)
{
    json_t *members = json_object_get(answer->args, "members"), *one;
    gsize i;

    json_array_foreach(members, i, one)
        if (!add_member(answer, incident, json_string_value(one), error))
            return FALSE;
    return !answer_find_operator(answer, answer->user) ||
           store_add_member(answer->context->store, incident, answer->user, error);
}

static gboolean add_result(struct answer *answer, guint64 id, GError **error)
{
    struct incident *incident = store_incident_show(answer->context->store, id, error);
    json_t *row = ctl_row();
    gboolean done;

    answer_set(row, "ticket", ctl_string(incident ? incident->number : NULL));
    done = incident && answer_restriction(answer, incident, row, error);
    answer_add_if(answer, row, done);
    incident_free(incident);
    return done;
}

static gboolean set(
    struct answer *answer, guint64 incident, gboolean restricted, const char *why, GError **error)
{
    struct store *store = answer->context->store;

    return store_restrict_incident(store, incident, restricted, now_seconds(), error) &&
           store_journal(store, now_seconds(), answer->user,
               restricted ? "restricted" : "unrestricted", incident, 0, why, error);
}

gboolean answer_restrict(struct answer *answer, GError **error)
{
    guint64 incident;

    return answer_find_ticket(answer, &incident, error) &&
           set(answer, incident, TRUE, "members, commanders and admins alone see it", error) &&
           add_members(answer, incident, error) && add_result(answer, incident, error);
}

gboolean answer_unrestrict(struct answer *answer, GError **error)
{
    const char *reason = answer_string(answer, "reason");
    guint64 incident;

    return answer_find_ticket(answer, &incident, error) &&
           answer_is_reason(reason, "madoctl unrestrict ID --reason TEXT", error) &&
           set(answer, incident, FALSE, reason, error) && add_result(answer, incident, error);
}
