/* What parties do who were asked for something: their mail lands in the record, and moves it. */
#include "state.h"
#include "coordination.h"
#include "log.h"
#include <string.h>

enum { BEGINNING = 4096 }; /* bytes of a text in which somebody names what they answer */

/* -- does it belong to one? -- */

/* A stranger's claim moves nothing, and nor does what colleagues write, or the same report of
 * somebody else. */
static gboolean is_part(const struct plan *plan)
{
    static const char *const proofs[] = {
        "token", "signature", "number", "reference", "operator", "retry", "earlier", NULL};
    const struct action *join = plan_find(plan, ACTION_JOIN);

    return plan->ledger == LEDGER_INCIDENT && join && join->value[1] &&
           g_strv_contains(proofs, join->value[1]);
}

gboolean coordinating_proves(const struct plan *plan)
{
    const struct action *join = plan_find(plan, ACTION_JOIN);

    return is_part(plan) ||
           (plan->ledger == LEDGER_INCIDENT && join && g_strcmp0(join->value[1], "colleague") == 0);
}

static gboolean is_acknowledgement(const struct plan *plan)
{
    const struct action *relate = plan_find(plan, ACTION_RELATE);

    return relate && g_str_equal(relate->value[1], "acknowledged");
}

static gboolean find(struct desk *desk, const struct landing *landing, guint64 *id, GError **error)
{
    const GPtrArray *from = landing->message->from;
    const struct mailbox *sender = from->len == 1 ? from->pdata[0] : NULL;
    g_autofree char *references = g_strjoinv("\n", landing->message->references);

    return store_coordination_of(desk->store,
        &(struct answering){landing->incident, sender ? sender->addr : "", references}, id, error);
}

/* -- numbers of theirs -- */

static void add_numbers(const struct message *message, const struct contact *contact)
{
    g_autofree char *beginning = g_strndup(message->text, MIN(strlen(message->text), BEGINNING));
    g_autofree char *text = g_utf8_make_valid(beginning, -1);
    const struct {
        const char *from, *text;
    } places[] = {{"subject", message->subject}, {"text", text}};

    for (char **shape = contact->numbers; shape && *shape; shape++)
        for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
            g_auto(GStrv) found = shape_find(*shape, places[i].text);
            for (char **one = found; *one; one++)
                report_add_ticket(message->report, contact->name, *one, places[i].from);
        }
}

gboolean coordinating_find_numbers(struct desk *desk, const struct message *message, GError **error)
{
    const struct mailbox *from = message->from->len == 1 ? message->from->pdata[0] : NULL;
    g_autoptr(mado_contact) contact = NULL;
    guint64 id = 0;

    if (!from || !*from->addr || !store_find_address(desk->store, from->addr, &id, error))
        return !from || !*from->addr;
    if (!id)
        return TRUE;
    contact = store_contact(desk->store, id, error);
    if (contact)
        add_numbers(message, contact);
    return contact != NULL;
}

/* -- what it says -- */

/* A number of their own tracker is theirs before one that they quote from others. */
static const char *their_number(
    const struct plan *plan, const struct coordination *coordination, char *const *shapes)
{
    const char *first = NULL;

    for (guint i = 0; i < plan->actions->len; i++) {
        const struct action *one = plan->actions->pdata[i];
        if (one->kind != ACTION_REFERENCE)
            continue;
        if (g_str_equal(one->value[0], coordination->name))
            return one->value[1];
        for (char *const *shape = shapes; shape && *shape; shape++) {
            g_auto(GStrv) found = shape_find(*shape, one->value[1]);
            if (*found)
                return one->value[1];
        }
        if (!first)
            first = one->value[1];
    }
    return first;
}

static gboolean take_number(struct desk *desk, const struct landing *landing,
    struct coordination *coordination, GError **error)
{
    g_autoptr(mado_contact) contact = store_contact(desk->store, coordination->contact, error);
    const char *number =
        contact ? their_number(landing->plan, coordination, contact->numbers) : NULL;

    if (number && !*coordination->their_number) {
        g_free(coordination->their_number);
        coordination->their_number = g_strdup(number);
    }
    return contact != NULL;
}

/* -- the incident waits no longer -- */

static gboolean waits_for_another(const GPtrArray *all, guint64 this)
{
    for (guint i = 0; i < all->len; i++) {
        const struct coordination *one = all->pdata[i];
        if (one->id != this && coordination_waits(one->state))
            return TRUE;
    }
    return FALSE;
}

static gboolean go_on(
    struct desk *desk, const struct coordination *coordination, gint64 now, GError **error)
{
    struct incident *incident = store_incident_show(desk->store, coordination->incident, error);
    g_autoptr(GPtrArray) all =
        incident ? store_coordinations(desk->store, incident->id, error) : NULL;
    gboolean waits = all && g_str_equal(incident->state, "waiting") &&
                     g_str_has_prefix(incident->waits_for, "peer: ") &&
                     !waits_for_another(all, coordination->id);
    gboolean done =
        all &&
        (!waits || (store_set_incident(desk->store, incident->id, "state", "open", now, error) &&
                       store_journal(desk->store, now, "mado", "set", incident->id, 0,
                           "state=open (was waiting): whoever was asked has answered", error)));

    incident_free(incident);
    return done;
}

/* -- landing -- */

static gboolean note(struct desk *desk, const struct coordination *coordination,
    const struct landing *landing, const char *was, GError **error)
{
    g_autofree char *number = *coordination->their_number
                                  ? g_strdup_printf(", their number %s", coordination->their_number)
                                  : g_strdup("");
    g_autofree char *text = g_strdup_printf("%s (%s): %s -> %s%s", coordination->number,
        coordination->name, was, coordination->state, number);

    return store_journal(desk->store, landing->now, "mado", "coordination", landing->incident,
        landing->mail, text, error);
}

/* One that waits for a person, or for the relay, would come behind their answer. */
static gboolean drop_reminders(struct desk *desk, const struct coordination *coordination,
    const struct landing *landing, GError **error)
{
    return coordination_waits(coordination->state) ||
           store_drop_reminders(desk->store, coordination->id,
               &(struct giving_up){landing->incident, "mado", "they have answered", landing->now},
               error);
}

static gboolean move(struct desk *desk, struct coordination *coordination,
    const struct landing *landing, enum coordination_event event, GError **error)
{
    g_autofree char *was = g_steal_pointer(&coordination->state);

    coordination->state = g_strdup(coordination_behind(was, event));
    if (!coordination_waits(coordination->state))
        coordination->next_reminder = 0;
    return take_number(desk, landing, coordination, error) &&
           store_keep_coordination(desk->store, coordination, landing->now, error) &&
           note(desk, coordination, landing, was, error) &&
           drop_reminders(desk, coordination, landing, error) &&
           (event != COORDINATION_ANSWERED || go_on(desk, coordination, landing->now, error));
}

gboolean coordinating_land(struct desk *desk, const struct landing *landing, GError **error)
{
    gboolean machine = landing->message->machine != MACHINE_NO;
    gboolean acknowledges =
        is_acknowledgement(landing->plan) ||
        (machine && is_part(landing->plan) && plan_find(landing->plan, ACTION_REFERENCE));
    gboolean answers = !machine && is_part(landing->plan);
    g_autoptr(mado_coordination) coordination = NULL;
    guint64 id = 0;

    if (!acknowledges && !answers)
        return TRUE;
    if (!find(desk, landing, &id, error))
        return FALSE;
    if (!id)
        return TRUE;
    coordination = store_coordination(desk->store, id, error);
    return coordination && move(desk, coordination, landing,
                               answers ? COORDINATION_ANSWERED : COORDINATION_ACKNOWLEDGED, error);
}
