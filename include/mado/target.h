/* By when something is to have happened to an incident. */
#pragma once
#include <glib.h>

enum target_kind {
    TARGET_ACKNOWLEDGE, /* its reporter is told that we have it */
    TARGET_TRIAGE,      /* a person has looked at it */
    TARGET_REPLY,       /* a person has answered */
    TARGET_UPDATE,      /* and says again how it stands */
    TARGET_VERIFY,      /* of a vulnerability: it is one */
    TARGET_FIX,         /* it is no more */
    TARGET_PUBLISH,     /* everybody may know */
    TARGET_KINDS
};
/* NULL-terminated. */
extern const char *const target_names[];

/* It never happened, and nobody waits for it any more. */
enum { TARGET_RUNS, TARGET_OVER, TARGET_OF_PART /* as long as it is one */ };

struct target {
    guint64 incident;
    char *kind;
    gint64 began_at; /* since when it runs */
    gint64 due;      /* by when; 0: there is no target */
    gint64 met_at;   /* when it happened; 0: it has not yet */
    int over;
    gint64 told;      /* how often operators were told of that moment */
    gint64 next_word; /* when they are told again; 0: never */
    char *basis;      /* what it was named for: "high phishing"; "": nothing yet */
    char *span;       /* "4h", "24x7 4h"; "": none */
};
void target_clear(struct target *target);
void target_free(struct target *target);

/* A date that only lawyers can decide about, as the configuration names it. */
struct legal_clock {
    guint64 incident;
    char *name, *text;
    gint64 began_at, due;
    gint64 told_at; /* 0: nobody was told yet */
    int counts;     /* the incident is still of that kind */
};
void legal_clock_free(struct legal_clock *legal);

typedef struct target mado_target;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_target, target_free)
