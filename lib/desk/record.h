/* What is written down for the year, judged and reckoned. Pure. */
#pragma once
#include <mado/record.h>

/* -- facet.c: Howard and Longstaff, A Common Language for Computer Security Incidents, 1998 -- */
extern const char *const facet_names[]; /* NULL-terminated */
/* The words of one; NULL: there is no such facet. Borrowed, NULL-terminated. */
const char *const *facet_values(const char *name);

/* -- damage.c: the public formula of the JNSA (the JO model) -- */
/* One word of an operator: "persons=1200", "distress=2". FALSE with a sentence. */
gboolean damage_set(struct damage *damage, const char *word, GError **error);
/* What has not been said yet: the names with blanks between; "": nothing. The caller frees it. */
char *damage_missing(const struct damage *damage);
/* Each factor, and what comes of it, in yen. */
struct damage_sum {
    gint64 base, sensitivity, ease, responsibility, response;
    gint64 per_person, total;
};
/* Of one of which nothing is missing. */
struct damage_sum damage_reckon(const struct damage *damage);
/* What stands beside each such figure. */
extern const char *const damage_caution;

/* -- goal.c -- */
gboolean goal_set(struct goal *goal, const char *word, GError **error);
/* FALSE with a sentence: something of it does not fit together. */
gboolean goal_check(const struct goal *goal, GError **error);
gboolean goal_is_share(const struct goal *goal); /* of a hundred, and not a number */
struct goal_reached {
    gint64 count; /* of incidents; of those that were in time */
    gint64 all;   /* of those that had a time */
    gint64 begins, ends, now;
};
enum goal_state { GOAL_KEPT, GOAL_AT_RISK, GOAL_MISSED, GOAL_NOTHING, GOAL_STATES };
enum goal_state goal_judge(const struct goal *goal, const struct goal_reached *reached);
const char *goal_state_name(enum goal_state state); /* "kept", "at risk", "missed", "nothing yet" */
