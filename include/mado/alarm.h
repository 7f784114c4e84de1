/* What is wrong with the contact point itself, or was. */
#pragma once
#include <glib.h>

/* A condition that holds at this moment. */
struct alarm_found {
    char *condition; /* which: "source inbox", "relay", "disk" */
    char *text;      /* what a person reads; here only, never in a letter */
    gint64 since;
    gint64 worse_at; /* told once more since then, instead of every hour; 0: every hour */
};
void alarm_found_free(struct alarm_found *found);

/* One time that a condition held, as the store keeps it. */
struct alarm {
    guint64 id;
    char *condition, *text;
    gint64 since;
    char *told;       /* whom; "" for nobody yet */
    gint64 told_at;   /* the last time; 0 for never */
    gint64 times;     /* how often they were told */
    gint64 over_at;   /* 0 while it lasts */
    gint64 worse_at;  /* as in alarm_found */
    gint64 last_told; /* when they were told of this condition, this time or an earlier one; or 0 */
};
void alarm_free(struct alarm *alarm);
