/* The review of contacts: when somebody is asked whether what we hold of them is right, and what
 * they answer. Pure. */
#pragma once
#include <glib.h>

/* Of one contact; 0: never. */
struct review_facts {
    gint64 created_at;
    gint64 verified_at; /* a person made sure of them */
    gint64 reviewed_at; /* they said that nothing has changed, or a person took what has */
    gint64 asked_at;
    gint64 key_ends; /* of those that are pinned, the first */
};
struct review_cycle {
    gint64 every; /* seconds; 0: by the dates alone */
    char **dates; /* "04-01"; NULL-terminated */
    GTimeZone *zone;
};
/* When they are to be asked; in the past: now; G_MAXINT64: never. */
gint64 review_due(const struct review_facts *facts, const struct review_cycle *cycle);
/* Since when what we hold is known to be right; 0: nobody ever made sure. */
gint64 review_since(const struct review_facts *facts);

enum review_answer {
    REVIEW_UNCHANGED, /* nothing has changed, and they say nothing else */
    REVIEW_CHANGED,   /* whatever else: a person reads it */
    REVIEW_ANSWERS
};
/* Of the text of a mail that answers. */
enum review_answer review_read(const char *text);
const char *review_answer_name(enum review_answer answer); /* "unchanged", "changed" */
