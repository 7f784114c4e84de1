/* The clock of the host is set while mado runs: by hand, or by a time server behind a start without
 * a battery. Deadlines within a process are monotonic and do not notice; these are those that the
 * store keeps, because they outlive the process. */
#include "state.h"
#include "log.h"
#include "now.h"
#include "outbox-policy.h"
#include <inttypes.h>

enum { NOT_WORTH_IT = 30 }; /* seconds: what a time server corrects bit by bit */

static gint64 ahead(void)
{
    return now_seconds() - now_passed();
}

static gboolean shift(struct desk *desk, gint64 by, GError **error)
{
    g_autofree char *text =
        g_strdup_printf("the clock was set by %+" PRIi64 " s; what waits waits as before", by);

    log_event(LOG_LEVEL_WARN, 0, "clock-set", "%s", text);
    desk->look_at_duty = TRUE;
    return store_begin(desk->store, error) &&
           store_clock_was_set(desk->store, by, now_seconds(), OUTBOX_LONGEST_PAUSE, error) &&
           reporting_plan(desk, error) &&
           store_journal(desk->store, now_seconds(), "mado", "clock-set", 0, 0, text, error);
}

void clock_watch(struct desk *desk)
{
    gint64 before = desk->clock_is_ahead, now = ahead();
    g_autoptr(GError) error = NULL;

    /* On a full disk nothing can be noted: it is done when there is room. */
    if (now_is_fixed() || !desk->at_work || desk->room == ROOM_NONE)
        return;
    desk->clock_is_ahead = now;
    if (ABS(now - before) > NOT_WORTH_IT && !shift(desk, now - before, &error))
        desk_give_up(error);
}

gboolean clock_set(struct desk *desk, gint64 to, GError **error)
{
    gint64 by = to - now_seconds();

    now_fix(to);
    return shift(desk, by, error);
}

gboolean clock_recover(struct desk *desk, GError **error)
{
    desk->clock_is_ahead = ahead();
    return store_clock_was_set(desk->store, 0, now_seconds(), OUTBOX_LONGEST_PAUSE, error);
}
