/* When a contact is asked whether anything has changed. */
#include "review.h"
#include <stdio.h>

#define DAY G_GINT64_CONSTANT(86400)

enum { REST_DAYS = 14, BEFORE_KEY_DAYS = 30, YEARS = 3 };

/* The 29th of February is the 1st of March where there is none. */
static gint64 midnight(const struct review_cycle *cycle, int year, const char *date)
{
    g_autoptr(GDateTime) begins = NULL;
    int month = 1, day = 1;

    if (sscanf(date, "%d-%d", &month, &day) != 2)
        return G_MAXINT64;
    begins = g_date_time_new(cycle->zone, year, month, day, 0, 0, 0);
    if (!begins)
        begins = g_date_time_new(cycle->zone, year, month + 1, 1, 0, 0, 0);
    return begins ? g_date_time_to_unix(begins) : G_MAXINT64;
}

/* Whoever has answered a fortnight before is not asked again for the date's sake. */
static gint64 next_date(const struct review_cycle *cycle, gint64 since, const char *date)
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(since);
    g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, cycle->zone);

    for (int year = g_date_time_get_year(local), i = 0; i < YEARS; i++) {
        gint64 begins = midnight(cycle, year + i, date);
        if (begins > since + REST_DAYS * DAY)
            return begins;
    }
    return G_MAXINT64;
}

/* Once a key, unless they were asked, or made sure of, within that time. */
static gint64 before_key(const struct review_facts *facts, gint64 since)
{
    gint64 at = facts->key_ends - BEFORE_KEY_DAYS * DAY;

    return facts->key_ends && at > since ? at : G_MAXINT64;
}

gint64 review_due(const struct review_facts *facts, const struct review_cycle *cycle)
{
    gint64 known = MAX(facts->verified_at, facts->reviewed_at);
    gint64 since = MAX(MAX(known, facts->asked_at), facts->created_at);
    gint64 due = before_key(facts, since);

    if (cycle->every)
        due = MIN(due, since + cycle->every);
    for (char **date = cycle->dates; *date; date++)
        due = MIN(due, next_date(cycle, since, *date));
    return due;
}

gint64 review_since(const struct review_facts *facts)
{
    return facts->verified_at ? MAX(facts->verified_at, facts->reviewed_at) : 0;
}
