/* Who has to be told of an incident by rule, and what comes next. Pure. */
#pragma once
#include <mado/escalation.h>
#include <mado/settings.h>

struct escalation_found {
    gboolean holds;
    gint64 later;      /* where it does not: when it will, if nothing changes; 0: never */
    const char *words; /* the condition that holds, or will; NULL */
};
struct escalation_found escalation_weigh(
    const struct escalation_rule *rule, const struct escalation_facts *facts, gint64 now);

enum escalation_action {
    ESCALATION_FORGET,  /* there is nothing to wait for */
    ESCALATION_REST,    /* until `next`; 0: for good */
    ESCALATION_TELL,    /* them */
    ESCALATION_AGAIN,   /* them and the next above: nobody has read it */
    ESCALATION_GIVE_UP, /* whoever is on duty is told that nobody has */
};
struct escalation_plan {
    enum escalation_action action;
    gint64 next;
    gint64 since; /* the rule holds; 0: it does not */
};
/* `step` is all 0 where there is none yet. */
struct escalation_plan escalation_decide(const struct escalation_rule *rule,
    const struct escalation_found *found, const struct escalation_step *step, gboolean over,
    gint64 now);
/* How many of `up` are told in that round; the first is 1. */
guint escalation_reach(const struct escalation_rule *rule, gint64 round);

/* "waiting", "told", "read", "unread"; "none". */
const char *escalation_state(const struct escalation_step *step);
const struct escalation_rule *escalation_rule_of(
    const struct settings *settings, const char *target);
