/* When a report goes: at its time of the first day of business behind its period. What lies ahead
 * is reckoned anew whenever it may have become something else, so that a clock that was wrong for a
 * while leaves nothing planned for another century; what is over goes, and its letter has a cause
 * of its own, of which there is one. */
#include "state.h"
#include "figures.h"
#include "local.h"
#include "now.h"
#include <stdio.h>

enum { TRIES = 8 };

struct calendar reporting_calendar(const struct desk *desk)
{
    return (struct calendar){desk->zone, (int)desk->settings->figures.first_month};
}

/* Behind what it comes: a meeting is held each week. */
static const char *rhythm_of(const struct scheduled_report *report)
{
    return g_str_equal(report->kind, "meeting") ? "weekly" : report->kind;
}

static gint64 seconds_of(const char *time)
{
    int hours = 0, minutes = 0;

    sscanf(time, "%2d:%2d", &hours, &minutes);
    return ((gint64)hours * 60 + minutes) * 60;
}

/* On the first day of business that begins at `boundary` or behind it. */
static gint64 moment_behind(const struct desk *desk, gint64 boundary, const char *at)
{
    gint64 opens;

    if (!clock_next_open(desk->clock, boundary, &opens))
        opens = boundary;
    return local_first(desk->zone, local_day(desk->zone, opens) * LOCAL_DAY + seconds_of(at));
}

gint64 reporting_moment(
    const struct desk *desk, const struct scheduled_report *report, gint64 after)
{
    const struct calendar calendar = reporting_calendar(desk);
    g_autoptr(mado_period) last = period_new(&calendar, rhythm_of(report), NULL, after, NULL);

    for (int i = 0; last && i < TRIES; i++) {
        g_autoptr(mado_period) period = period_before(&calendar, last, -i);
        gint64 moment = moment_behind(desk, period->begins, report->at);
        if (moment > after)
            return moment;
    }
    return 0;
}

/* -- the plan -- */

const struct scheduled_report *reporting_planned(
    const struct desk *desk, const struct planned *planned)
{
    const GPtrArray *reports = desk->settings->reports;

    for (guint i = 0; reports && i < reports->len; i++) {
        const struct scheduled_report *report = reports->pdata[i];
        if (g_str_equal(report->name, planned->name + strlen(REPORTING_PREFIX)))
            return report;
    }
    return NULL;
}

static gboolean forget_others(struct desk *desk, GError **error)
{
    g_autoptr(GPtrArray) plans = store_plans(desk->store, REPORTING_PREFIX, error);

    for (guint i = 0; plans && i < plans->len; i++) {
        const struct planned *planned = plans->pdata[i];
        if (!reporting_planned(desk, planned) &&
            !store_forget_plan(desk->store, planned->name, error))
            return FALSE;
    }
    return plans != NULL;
}

static gboolean plan(struct desk *desk, const struct scheduled_report *report, GError **error)
{
    g_autofree char *name = g_strconcat(REPORTING_PREFIX, report->name, NULL);
    gint64 now = now_seconds(), stands, next = reporting_moment(desk, report, now);

    if (!store_planned(desk->store, name, &stands, error))
        return FALSE;
    return !next || (stands && stands <= now) || stands == next ||
           store_plan(desk->store, name, next, error);
}

gboolean reporting_plan(struct desk *desk, GError **error)
{
    const GPtrArray *reports = desk->settings->reports;
    gboolean done = forget_others(desk, error);

    for (guint i = 0; done && reports && i < reports->len; i++)
        done = plan(desk, reports->pdata[i], error);
    return done;
}
