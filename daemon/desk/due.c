/*
 * What has its moment
 *
 * Each moment stands in the store, and is taken out, or put off, in the change that does what is to
 * be done then: so whatever happens to us in between, and whatever is done to the clock, it is done
 * once. While none is over there are two comparisons a turn; which is the next is asked again
 * behind each turn that has changed the store, and behind each command, which commits by itself.
 */
#include "state.h"
#include "letters.h"
#include "now.h"

/* Each does some of what is due, in a change that is ours, and no more of it than one turn may
 * take. */
static gboolean (*const feeds[])(struct desk *desk, GError **error) = {
    reminding_feed,
    targets_feed,
    waiting_feed,
    legal_feed,
    reviewing_feed,
    duty_feed,
    escalating_feed,
    notices_feed,
    reporting_feed,
};

static void ask(struct desk *desk)
{
    g_autoptr(GError) error = NULL;

    if (!store_next_due(desk->store, &desk->next_due, &error))
        desk_give_up(error);
    desk->due_turn = store_in_turn(desk->store) ? 0 : store_turns(desk->store);
}

gint64 due_next(struct desk *desk)
{
    if (desk->due_turn != store_turns(desk->store))
        ask(desk);
    return desk->look_at_duty ? 0 : desk->next_due;
}

void due_feed(struct desk *desk)
{
    g_autoptr(GError) error = NULL;

    if (now_seconds() < due_next(desk) || desk->draining || !desk->at_work)
        return;
    for (gsize i = 0; i < G_N_ELEMENTS(feeds); i++) {
        desk_change(desk);
        if (!feeds[i](desk, &error))
            desk_give_up(error);
        desk_keep(desk);
    }
    ask(desk);
}
