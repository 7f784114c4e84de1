/* Those who decide: when they have to be told, whether they were, and who has read it. */
#pragma once
#include <glib.h>

/* What a rule looks at. */
enum { ESCALATION_KINDS = 7 }; /* of targets */
struct escalation_facts {
    char *severity, *category, *label, *state, *team;
    gboolean over;                 /* nobody is told of it any more */
    gint64 late[ESCALATION_KINDS]; /* when each target is late that is not met; 0: never */
};
extern const char *const escalation_kinds[]; /* of these, NULL-terminated */
void escalation_facts_clear(struct escalation_facts *facts);

/* Where it stands with one incident and those of one kind. */
struct escalation_step {
    guint64 incident;
    char *target;   /* "management", ... */
    gint64 since;   /* when their rule began to hold; 0: it does not */
    gint64 told_at; /* the last time; 0: never */
    gint64 rounds;  /* how often, while none of them has read it */
    gint64 read_at; /* 0: none of them has */
    gint64 next;    /* when there is something to do; 0: never */
};
void escalation_step_free(struct escalation_step *step);

/* One letter of it. */
struct escalation_letter {
    guint64 letter;
    char *target, *name, *address, *actor;
    gint64 at;
    gint64 read_at; /* 0: not known */
    char *read_by, *read_how;
    guint64 answer; /* mail; 0: none */
    char *state;    /* of the outbox, or "dropped" */
};
void escalation_letter_free(struct escalation_letter *letter);

typedef struct escalation_step mado_escalation_step;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_escalation_step, escalation_step_free)
