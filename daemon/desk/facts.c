/* What only the desk knows at this moment, for `status` and `doctor`. */
#include "state.h"

static void add_source(const struct peer *peer, struct status_facts *facts)
{
    const struct source *source = peer->desk->settings->intake.sources->pdata[peer->instance];
    const struct source_facts one = {
        .name = source->name,
        .type = source->type,
        .state = peer->state,
        .well = peer_is_well(peer),
        .waiting = peer->left_there,
        .left = peer->left,
        .since = peer->changed_at,
        .proof = peer->proof,
    };

    status_facts_add_source(facts, &one);
}

static char *courier_state(const struct peer *courier)
{
    guint letters = g_queue_get_length(courier->work);

    if (peer_is_well(courier) && letters)
        return g_strdup_printf("%u letter%s on the way", letters, letters == 1 ? "" : "s");
    if (g_str_equal(courier->state, "ready"))
        return g_strdup("rests");
    return g_strdup(courier->state);
}

/* The first complaint stands for all: it is of gpg, or of the folder that they share. */
static char *keys_state(const struct desk *desk, gboolean *well)
{
    const char *trouble = NULL;
    guint at_work = 0;

    for (guint i = 0; i < desk->keys->len; i++) {
        const struct peer *worker = desk->keys->pdata[i];
        at_work += peer_is_at_work(worker) ? 1 : 0;
        trouble = trouble ? trouble : peer_trouble(worker);
    }
    *well = at_work > 0;
    if (at_work)
        return g_strdup_printf("%u at work", at_work);
    return g_strdup(trouble ? trouble : "starting");
}

void facts_tell(gpointer data, struct status_facts *facts)
{
    struct desk *desk = data;
    guint at_work = 0;

    facts->started_at = desk->started_at;
    for (guint i = 0; i < desk->intakes->len; i++)
        add_source(desk->intakes->pdata[i], facts);
    for (guint i = 0; i < desk->readers->len; i++)
        at_work += ((struct peer *)desk->readers->pdata[i])->ready ? 1 : 0;
    facts->reader = g_strdup_printf("%u of %u ready", at_work, desk->readers->len);
    facts->reader_well = at_work > 0;
    facts->keys_role = keys_state(desk, &facts->keys_role_well);
    facts->courier = courier_state(desk->courier);
    facts->courier_well = peer_is_well(desk->courier);
    facts->courier_since = desk->courier->changed_at;
    facts->courier_proof = g_strdup(desk->courier->proof);
    facts->not_taking = pressure_why(desk);
    facts->home_lacks = desk->keys_missing;
    facts->hooks = desk->announcer != NULL;
    facts->hooks_well = desk->announcer && peer_is_at_work(desk->announcer) && !desk->hook_failure;
    facts->hooks_state = !desk->announcer                ? NULL
                         : peer_trouble(desk->announcer) ? peer_trouble(desk->announcer)
                         : desk->hook_failure            ? desk->hook_failure
                                                         : desk->announcer->state;
}
