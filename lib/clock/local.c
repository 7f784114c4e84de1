#include "local.h"

#define EPOCH 719163 /* 1970-01-01 as GDate counts days */

static gint64 offset(GTimeZone *zone, gint64 at)
{
    return g_time_zone_get_offset(zone, g_time_zone_find_interval(zone, G_TIME_TYPE_UNIVERSAL, at));
}

gint64 local_wall(GTimeZone *zone, gint64 at)
{
    return at + offset(zone, at);
}

static gint64 days_of(gint64 seconds)
{
    return seconds / LOCAL_DAY - (seconds % LOCAL_DAY < 0);
}

gint64 local_day(GTimeZone *zone, gint64 at)
{
    return days_of(local_wall(zone, at));
}

/* 1970-01-01 was a Thursday. */
int local_weekday(gint64 day)
{
    return (int)(((day + 3) % 7 + 7) % 7);
}

/* `before` has the offset that was, `behind` the one that is: the first moment of the latter. */
static gint64 find_change(GTimeZone *zone, gint64 before, gint64 behind)
{
    gint64 was = offset(zone, before);

    while (behind - before > 1) {
        gint64 middle = before + (behind - before) / 2;
        if (offset(zone, middle) == was)
            before = middle;
        else
            behind = middle;
    }
    return behind;
}

struct shown {
    gint64 first, last;
};

/* A clock that is set back shows a time twice; one that is set forward leaves times out. */
static struct shown moments(GTimeZone *zone, gint64 wall)
{
    gint64 was = offset(zone, wall - LOCAL_DAY), is = offset(zone, wall + LOCAL_DAY);
    gint64 before = wall - was, behind = wall - is, change;
    gboolean shows_before = offset(zone, before) == was, shows_behind = offset(zone, behind) == is;

    if (shows_before && shows_behind)
        return (struct shown){MIN(before, behind), MAX(before, behind)};
    if (shows_before || shows_behind)
        return (struct shown){shows_before ? before : behind, shows_before ? before : behind};
    change = find_change(zone, MIN(before, behind), MAX(before, behind));
    return (struct shown){change, change - 1};
}

gint64 local_first(GTimeZone *zone, gint64 wall)
{
    return moments(zone, wall).first;
}

gint64 local_last(GTimeZone *zone, gint64 wall)
{
    return moments(zone, wall).last;
}

GDate *local_date(gint64 day)
{
    gint64 julian = day + EPOCH;

    return julian > 0 && g_date_valid_julian((guint32)julian) ? g_date_new_julian((guint32)julian)
                                                              : NULL;
}

gboolean local_day_of(int year, int month, int day, gint64 *found)
{
    GDate date;

    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31 ||
        !g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year))
        return FALSE;
    g_date_clear(&date, 1);
    g_date_set_dmy(&date, (GDateDay)day, (GDateMonth)month, (GDateYear)year);
    *found = (gint64)g_date_get_julian(&date) - EPOCH;
    return TRUE;
}
