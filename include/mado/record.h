/* What is written down for the year: kinds of attack, what a leak may cost, what we want to reach.
 */
#pragma once
#include <glib.h>

struct damage {
    gint64 persons;        /* whose data; 0: nobody has said */
    gint64 distress, loss; /* 1 to 3; 0: likewise */
    char *identification;  /* "easy", "partial", "hard"; "" */
    char *responsibility;  /* "high", "normal"; "" */
    char *response;        /* "good", "poor"; "" */
    char *said_by;
    gint64 said_at;
};
struct damage *damage_new(void);
void damage_free(struct damage *damage);

struct goal {
    char *name;
    char *measure;  /* "incidents", or of what it is to be in time: "acknowledge", ... */
    char *severity; /* from this one on; "" for all */
    char *category; /* "" for all */
    gint64 value; /* of incidents: at most; of others: at least, of a hundred; below 0: not said */
    char *period; /* "monthly", "quarterly", "half", "yearly" */
    char *said_by;
    gint64 said_at;
};
struct goal *goal_new(const char *name);
void goal_free(struct goal *goal);

typedef struct damage mado_damage;
typedef struct goal mado_goal;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_damage, damage_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_goal, goal_free)
