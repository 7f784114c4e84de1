/* The intake role at work: what its files share. */
#pragma once
#include "intake.h"
#include "ipc.h"
#include "means.h"

struct intake {
    struct means means;
    const struct source_kind *kind;
    gpointer source;
    gint64 rescan;       /* seconds */
    GHashTable *known;   /* uids that the store has and the mailbox was told of */
    GHashTable *handed;  /* seq -> uid, not answered yet */
    GHashTable *said;    /* uids of which the log knows that they cannot be taken */
    GPtrArray *to_tell;  /* uids that the store has: the mailbox hears of them next */
    guint64 *validities; /* of each place, as it was last */
    guint64 validity;    /* of the place where we are */
    guint64 next_seq;
    guint64 weight;   /* bytes handed over since nothing was in hand */
    guint64 waiting;  /* mails that the last whole look left in the mailbox */
    guint failures;   /* looks in a row that found no mailbox */
    guint losses;     /* waits in a row that ended with the connection */
    guint in_vain;    /* looks in a row for news that found nothing */
    GVariant *answer; /* of the desk's, to what was asked; NULL: none yet */
    char *untold;     /* why the mailbox could not be told in this look, or NULL */
    char *paused;     /* why nothing is taken now, or NULL */
    gboolean desk_gone, refused, proving;
    gboolean tells_last; /* the last look ended with `untold` */
};

/* -- intake-desk.c: what the desk says, and is told -- */

/* For struct means: one message. FALSE: the desk is gone. */
gboolean intake_hear(gpointer role);
void intake_tell_trouble(const char *text);
/* It is looked at again with every scan, and logged once. */
void intake_tell_left(struct intake *intake, const char *uid, const char *why);
