/* Who somebody is, and what they may be told: verified contacts, and those named for an incident.
 */
#include "control-answers.h"
#include "error.h"
#include "now.h"
#include "people.h"

/* -- verified: today, though it may have been so before -- */

static gboolean verify(
    struct answer *answer, struct contact *contact, const char *how, GError **error)
{
    struct store *store = answer->context->store;
    gint64 now = now_seconds();
    g_autofree char *text = g_strdup_printf("%s: %s", contact->name, how);

    g_free(contact->verified_by);
    contact->verified_by = g_strdup(answer->user);
    contact->verified_at = now;
    return store_change_contact(store, contact, now, error) &&
           store_confirm_reviews(store, contact->id, now, error) &&
           store_journal(store, now, answer->user, "contact-verified", 0, 0, text, error);
}

gboolean answer_contact_verify(struct answer *answer, GError **error)
{
    g_autoptr(mado_contact) contact =
        answer_find_contact(answer, answer_string(answer, "contact"), error);
    const char *how = answer_string(answer, "how");
    g_autofree char *word = g_strconcat("verified=", how ? how : "", NULL);

    if (!contact || !answer_is_reason(how, "madoctl contact verify NAME --how TEXT", error))
        return FALSE;
    if (!contact_set(contact, word, error) || !verify(answer, contact, how, error))
        return FALSE;
    answer_add(answer, answer_contact_row(answer, contact));
    return TRUE;
}

/* -- named for an incident -- */

static json_t *naming_row(const struct answer *answer, guint64 incident, const struct naming *one)
{
    json_t *row = ctl_row();

    answer_set(row, "ticket", answer_ticket_number(answer, incident));
    answer_set(row, "contact", answer_integer(one->contact));
    answer_set(row, "name", ctl_string(one->name));
    answer_set(row, "by", ctl_string(one->user));
    answer_set(row, "reason", ctl_string(one->reason));
    answer_set(row, "at", answer_moment(answer, one->at));
    return row;
}

static gboolean add_all(struct answer *answer, guint64 incident, GError **error)
{
    g_autoptr(GPtrArray) all = store_named(answer->context->store, incident, error);

    for (guint i = 0; all && i < all->len; i++)
        answer_add(answer, naming_row(answer, incident, all->pdata[i]));
    return all != NULL;
}

gboolean answer_named(struct answer *answer, GError **error)
{
    guint64 incident;

    return answer_find_ticket(answer, &incident, error) && add_all(answer, incident, error);
}

typedef gboolean (*changer)(
    struct answer *answer, guint64 incident, const struct contact *contact, GError **error);

static gboolean change(struct answer *answer, changer do_it, const char *usage, GError **error)
{
    guint64 incident;
    g_autoptr(mado_contact) contact = NULL;

    if (!answer_find_ticket(answer, &incident, error) ||
        !answer_is_reason(answer_string(answer, "reason"), usage, error))
        return FALSE;
    contact = answer_find_contact(answer, answer_string(answer, "contact"), error);
    return contact && do_it(answer, incident, contact, error) && add_all(answer, incident, error);
}

static gboolean note(struct answer *answer, guint64 incident, const struct contact *contact,
    const char *kind, GError **error)
{
    g_autofree char *text =
        g_strdup_printf("%s: %s", contact->name, answer_string(answer, "reason"));

    return store_journal(
        answer->context->store, now_seconds(), answer->user, kind, incident, 0, text, error);
}

/* A person: a group is written to one by one. */
static gboolean add(
    struct answer *answer, guint64 incident, const struct contact *contact, GError **error)
{
    const struct naming naming = {.user = (char *)answer->user,
        .reason = (char *)answer_string(answer, "reason"),
        .at = now_seconds()};

    if (g_str_equal(contact->kind, "group"))
        return answer_refuse(error, MADO_E_BAD_DATA,
            "%s is a group, and persons are named one by one. Nothing was changed. See: madoctl "
            "contact show '%s'",
            contact->name, contact->name);
    return store_name_contact(answer->context->store, incident, contact->id, &naming, error) &&
           note(answer, incident, contact, "named", error);
}

static gboolean take_away(
    struct answer *answer, guint64 incident, const struct contact *contact, GError **error)
{
    return store_unname_contact(answer->context->store, incident, contact->id, error) &&
           note(answer, incident, contact, "unnamed", error);
}

gboolean answer_named_add(struct answer *answer, GError **error)
{
    return change(answer, add, "madoctl named add ID CONTACT --reason TEXT", error);
}

gboolean answer_named_remove(struct answer *answer, GError **error)
{
    return change(answer, take_away, "madoctl named remove ID CONTACT --reason TEXT", error);
}
