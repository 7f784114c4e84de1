/* What retention lets go, each day by itself if it is told to: a few at a time, between mails. */
#include "state.h"
#include "log.h"
#include "now.h"
#include <inttypes.h>

enum { AT_ONCE = 10, HALF_A_DAY = 12 * 60 * 60, TWO_DAYS = 48 * 60 * 60 };

void purge_leave_nothing(gpointer data)
{
    ((struct desk *)data)->purge_ended = TRUE;
}

static void note_end(struct desk *desk)
{
    g_autoptr(GError) error = NULL;

    log_event(LOG_LEVEL_INFO, 0, "purged", "count=%" PRIu64, desk->purged);
    if (!store_run_done(desk->store, "purge", "", desk->purged, now_seconds(), &error))
        desk_give_up(error);
    desk->purges = FALSE;
    desk->purge_ended = TRUE;
}

static gboolean purge_some(struct desk *desk, guint64 *count, GError **error)
{
    *count = 0;
    for (int rule = 0; rule < PURGE_RULES && !*count; rule++) {
        const struct purge_some some = {.rule = (enum purge_rule)rule,
            .before = purge_before(desk->settings, (enum purge_rule)rule),
            .now = now_seconds(),
            .most = AT_ONCE,
            .actor = "mado"};
        if (!store_purge_some(desk->store, &some, count, error))
            return FALSE;
    }
    desk->purged += *count;
    return TRUE;
}

static void go_on(struct desk *desk)
{
    g_autoptr(GError) error = NULL;
    guint64 count = 0;
    gboolean more = TRUE, done = TRUE;

    desk_change(desk);
    if (!desk->purge_round)
        done = purge_some(desk, &count, &error);
    if (done && !count)
        done = store_purge_clean(desk->store, desk->purge_round++ == 0, &more, &error);
    if (!done)
        desk_give_up(error);
    if (!more)
        note_end(desk);
    desk_keep(desk);
}

/* What is gone does not come back, and a clock that is years ahead would have all of it gone: so it
 * has to have gone on from one day to the next since it was looked at last. */
static gboolean is_trusted(const struct kept_run *run, gint64 now)
{
    return now - run->begun_at >= HALF_A_DAY && now - run->begun_at <= TWO_DAYS;
}

static gboolean is_new(const struct kept_run *run, gint64 now)
{
    return run->begun_at > now || now - run->begun_at > TWO_DAYS;
}

static void note_begin(struct desk *desk)
{
    g_autoptr(GError) error = NULL;

    desk_change(desk);
    if (!store_run_begins(desk->store, "purge", now_seconds(), &error))
        desk_give_up(error);
    desk_keep(desk);
}

static gboolean is_due(struct desk *desk)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(mado_kept_run) run = store_kept_run(desk->store, "purge", &error);

    if (!run)
        desk_give_up(error);
    if (is_new(run, now_seconds()))
        note_begin(desk);
    return run->done_at < backup_last_moment(desk) && is_trusted(run, now_seconds());
}

static void begin(struct desk *desk)
{
    note_begin(desk);
    desk->purges = TRUE;
    desk->purge_round = 0;
    desk->purged = 0;
}

/* Behind the copy of the day, which has it yet. */
void purge_watch(struct desk *desk)
{
    gboolean wanted = g_str_equal(desk->settings->retention.automatic, "yes");

    if (desk->purges && !desk->backup)
        go_on(desk);
    else if (wanted && !desk->options->once && !desk->backup && is_due(desk))
        begin(desk);
}

void purge_feed(struct desk *desk)
{
    g_autoptr(GError) error = NULL;

    if (!desk->purge_ended || store_in_turn(desk->store) || desk->backup)
        return;
    desk->purge_ended = FALSE;
    if (!store_purge_end(desk->store, &error))
        desk_give_up(error);
}
