/* A party that was asked for something about an incident, and what has become of that. */
#pragma once
#include <glib.h>

struct coordination {
    guint64 id;
    int year, sequence;
    char *number; /* "C-2026-0057" */
    guint64 incident, contact;
    char *name;         /* of the contact */
    char *address;      /* to which is written */
    char *state;        /* "asked", "acknowledged", "answered", "done", "no-answer" */
    char *label;        /* of what they were told */
    char *language;     /* "ja", "en" */
    gint64 due;         /* by when an answer was asked for; 0: not */
    char *their_number; /* in their tracker; "" */
    char *shown;        /* why they may know who reported it; "": they may not */
    char *opened_by;    /* user name */
    gint64 opened_at, changed_at;
    gint64 reminded;      /* how often */
    gint64 next_reminder; /* when there is something to do; 0: nothing */
    char *result;         /* what came of it; "" */
    char *delivery;       /* state of the last letter: "sent", "held", "failed", ...; "" */
};
void coordination_free(struct coordination *coordination);

/* One letter of a notification, of an escalation or of a coordination, and how it fared. */
struct told_party {
    guint64 letter;
    char *purpose, *name, *address, *writer;
    char *state; /* of the outbox, and "dropped" */
    char *reply; /* what the server said last, why it is held */
    gint64 at;
    guint64 answer; /* the first mail that came from there since; 0: none */
    char *target;   /* of an escalation: "management", ...; "" */
};
void told_party_free(struct told_party *party);

typedef struct coordination mado_coordination;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_coordination, coordination_free)
