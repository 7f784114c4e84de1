/* Letters to others than who told us: who is meant, and what is kept of each of them. */
#include "control-query.h"
#include "control-sheet.h"
#include "coordination.h"
#include "desk.h"
#include "error.h"
#include "escalation.h"
#include "now.h"
#include "text.h"
#include <string.h>

enum { DEEPEST_GROUP = 5, MOST_PARTIES = 1000 };

/* -- who is meant -- */

struct parties {
    struct answer *answer;
    GHashTable *known; /* addresses that stand there already */
    guint count;
};

static json_t *party_row(const char *name, const char *address, const char *relation)
{
    json_t *row = ctl_row();

    answer_set(row, "name", ctl_string(name));
    answer_set(row, "to", ctl_known(address));
    answer_set(row, "relation", ctl_known(relation));
    return row;
}

/* Who has no address is told of, and keeps nobody else from hearing. */
static gboolean add_party(struct parties *parties, const char *name, const char *address,
    const char *relation, GError **error)
{
    if (address && !g_hash_table_add(parties->known, g_ascii_strdown(address, -1)))
        return TRUE;
    if (parties->count++ >= MOST_PARTIES)
        return answer_refuse(error, MADO_E_BAD_DATA,
            "That is more than %d recipients. Nothing was sent. Write to smaller groups.",
            MOST_PARTIES);
    answer_add(parties->answer, party_row(name, address, relation));
    return TRUE;
}

static gboolean is_group(const struct contact *contact)
{
    return g_str_equal(contact->kind, "group");
}

static gboolean add_contact(
    struct parties *parties, const struct contact *contact, guint depth, GError **error);

static gboolean add_members(
    struct parties *parties, const struct contact *group, guint depth, GError **error)
{
    struct store *store = parties->answer->context->store;

    if (depth >= DEEPEST_GROUP)
        return answer_refuse(error, MADO_E_BAD_DATA,
            "The group %s has groups in groups, more than %d deep. Nothing was sent. See: madoctl "
            "contact show '%s'",
            group->name, DEEPEST_GROUP, group->name);
    for (char **name = group->members; name && *name; name++) {
        guint64 id = 0;
        g_autoptr(mado_contact) member = NULL;
        if (!store_find_contact(store, *name, &id, error))
            return FALSE;
        member = id ? store_contact(store, id, error) : NULL;
        if (id && (!member || !add_contact(parties, member, depth + 1, error)))
            return FALSE;
    }
    return TRUE;
}

static gboolean add_contact(
    struct parties *parties, const struct contact *contact, guint depth, GError **error)
{
    const char *address = contact->addresses ? *contact->addresses : NULL;

    return is_group(contact) ? add_members(parties, contact, depth, error)
                             : add_party(parties, contact->name, address, contact->relation, error);
}

static gboolean add_named(struct parties *parties, const char *who, GError **error)
{
    g_autoptr(mado_contact) contact = answer_find_contact(parties->answer, who, error);
    const char *purpose = answer_string(parties->answer, "purpose");

    if (!contact)
        return FALSE;
    if (g_strcmp0(purpose, "coord") == 0 && is_group(contact))
        return answer_refuse(error, MADO_E_BAD_DATA,
            "%s is a group, and each party is asked by itself. Nothing was sent. Name its members, "
            "or tell them all: madoctl notify ID --group '%s'",
            contact->name, contact->name);
    if (!is_group(contact) && !(contact->addresses && *contact->addresses))
        return answer_refuse(error, MADO_E_BAD_DATA,
            "%s has no mail address. Nothing was sent. Write it down: madoctl contact edit '%s' "
            "address+=ADDRESS",
            contact->name, contact->name);
    return add_contact(parties, contact, 0, error);
}

static gboolean add_group(struct parties *parties, const char *name, GError **error)
{
    g_autoptr(mado_contact) contact = answer_find_contact(parties->answer, name, error);

    if (!contact)
        return FALSE;
    if (!is_group(contact))
        return answer_refuse(error, MADO_E_BAD_DATA,
            "%s is no group. Nothing was sent. To tell them alone: madoctl notify ID --to '%s'",
            contact->name, contact->name);
    return add_contact(parties, contact, 0, error);
}

/* -- those who decide -- */

static gboolean add_decider(struct parties *parties, const char *who, GError **error)
{
    const struct member *member = answer_find_operator(parties->answer, who);

    if (!member)
        return add_named(parties, who, error);
    if (member->addresses && *member->addresses)
        return add_party(parties, member->name, *member->addresses, "inside", error);
    return answer_refuse(error, MADO_E_CONFIG_REFERENCE,
        "%s has no mail address. Nothing was sent. Write it in `operators` of mado.conf: "
        "addresses = [ \"...\" ];",
        who);
}

static gboolean add_deciders(struct parties *parties, const char *target, GError **error)
{
    const GPtrArray *rules = parties->answer->context->settings->escalation;

    for (guint i = 0; rules && i < rules->len; i++) {
        const struct escalation_rule *rule = rules->pdata[i];
        if (!g_str_equal(rule->to, target))
            continue;
        for (char **who = rule->who; *who; who++)
            if (!add_decider(parties, *who, error))
                return FALSE;
        return TRUE;
    }
    return answer_refuse(error, MADO_E_BAD_DATA,
        "Nobody knows who \"%s\" is. Nothing was sent. Name them in mado.conf: escalation = ( { to "
        "= \"%s\"; who = [ \"NAME\" ]; } );",
        target, target);
}

gboolean answer_recipients(struct answer *answer, GError **error)
{
    const char *group = answer_string(answer, "group"), *target = answer_string(answer, "target");
    json_t *names = json_object_get(answer->args, "names"), *name;
    g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    struct parties parties = {answer, known, 0};
    gsize i;

    if (!answer_find_ticket(answer, &answer->incident, error) ||
        (group && !add_group(&parties, group, error)) ||
        (target && !add_deciders(&parties, target, error)))
        return FALSE;
    json_array_foreach(names, i, name)
        if (!add_named(&parties, json_string_value(name), error))
            return FALSE;
    return parties.count || answer_refuse(error, MADO_E_BAD_DATA,
                                "That group has no members. Nothing was sent. See: madoctl contact "
                                "show '%s'",
                                group ? group : "");
}

/* -- what is kept -- */

static gboolean journal(
    struct answer *answer, const char *kind, guint64 incident, const char *text, GError **error)
{
    return store_journal(
        answer->context->store, now_seconds(), answer->user, kind, incident, 0, text, error);
}

static const char *label_now(const struct sheet *sheet, const struct incident *incident)
{
    return sheet->label ? sheet->label : incident->label;
}

static gboolean open_one(
    struct answer *answer, struct sheet *sheet, const struct incident *incident, GError **error)
{
    gint64 now = now_seconds();
    struct coordination wanted = {.year = when_year(answer, now),
        .incident = incident->id,
        .contact = sheet->contact,
        .address = sheet->to,
        .label = (char *)label_now(sheet, incident),
        .language = sheet->language,
        .due = sheet->due,
        .shown = sheet->shown,
        .opened_by = (char *)answer->user,
        .opened_at = now};
    g_autofree char *text = NULL;
    gboolean done =
        store_open_coordination(answer->context->store, &wanted, coordination_format, error);

    sheet->coordination = wanted.id;
    text = g_strdup_printf("%s: %s <%s> is asked", wanted.number, sheet->party, sheet->to);
    g_free(wanted.number);
    return done && journal(answer, "coordination", incident->id, text, error);
}

gboolean party_open(struct answer *answer, struct sheet *sheet, GError **error)
{
    struct incident *incident;
    gboolean done;

    if (!g_str_equal(sheet->purpose, "coord"))
        return TRUE;
    incident = store_incident_show(answer->context->store, sheet->incident, error);
    done = incident && open_one(answer, sheet, incident, error);
    incident_free(incident);
    return done;
}

/* Why they may know is of no use if nobody can read it. */
static gboolean note_shown(struct answer *answer, const struct sheet *sheet, GError **error)
{
    const char *typed = answer_string(answer, "show_reporter");
    g_autofree char *text = typed && *typed
                                ? g_strdup_printf("%s <%s> may know who reported it: %s",
                                      sheet->party, sheet->to, sheet->shown)
                                : NULL;

    return !text || journal(answer, "reporter-shown", sheet->incident, text, error);
}

/* Each report has to be read: whoever has read the one before has not read this. */
static gboolean keep_step(const struct answer *answer, const struct sheet *sheet, GError **error)
{
    const struct escalation_rule *rule =
        escalation_rule_of(answer->context->settings, sheet->target);
    struct store *store = answer->context->store;
    g_autoptr(mado_escalation_step) step =
        store_escalation_step(store, sheet->incident, sheet->target, error);

    if (!step)
        return FALSE;
    step->told_at = now_seconds();
    step->rounds = 1;
    step->read_at = 0;
    step->next = rule && rule->read_within ? step->told_at + rule->read_within : 0;
    return store_keep_escalation_step(store, step, error);
}

static gboolean keep_escalation(
    struct answer *answer, const struct sheet *sheet, guint64 letter, GError **error)
{
    const char *name = *sheet->party ? sheet->party : sheet->to;
    g_autofree char *text = g_strdup_printf("to %s: %s <%s>", sheet->target, name, sheet->to);

    return keep_step(answer, sheet, error) &&
           store_keep_escalation(answer->context->store,
               &(struct escalated){.incident = sheet->incident,
                   .letter = letter,
                   .target = sheet->target,
                   .name = name,
                   .actor = answer->user,
                   .at = now_seconds()},
               error) &&
           journal(answer, "escalated", sheet->incident, text, error);
}

/* What they answer by its number belongs there, too. */
gboolean party_keep(
    struct answer *answer, const struct sheet *sheet, guint64 letter, GError **error)
{
    static const char *const others[] = {"coord", "notify", "escalate", NULL};

    return note_shown(answer, sheet, error) &&
           (!g_str_equal(sheet->purpose, "escalate") ||
               keep_escalation(answer, sheet, letter, error)) &&
           (!g_strv_contains(others, sheet->purpose) ||
               store_add_correspondent(answer->context->store, sheet->incident, sheet->to, error));
}
