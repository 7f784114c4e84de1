/*
 * A servant fetches one thing for one role, again and again. Each errand is done by a process of
 * its own, so that the servant itself waits for nothing and answers the desk at once.
 */
#pragma once
#include "ipc.h"
#include <glib.h>

struct servant {
    enum ipc_need what;
    guint wall; /* seconds that an errand may take; then it is ended by its own clock */
    /* In the new process: does the errand, and says with servant_say() what came of it. `with`: the
     * file that came along, or -1. */
    void (*errand)(gpointer role, int with, int answer);
    /* The errand is over: ends what it may have left running. NULL: it leaves nothing. */
    void (*clear)(pid_t errand);
    /* Is it still what was there when we were locked in? Asked while nothing is to do; if not, the
     * servant ends, and another takes its place. NULL: always. */
    gboolean (*still_fits)(gpointer role);
    const char *too_late; /* the sentence if it took longer */
    const char *broken;   /* the same if it ended without an answer */
    gpointer role;
};

/* Until the desk is gone. The exit status. */
int servant_serve(const struct servant *servant);
/* `fd` stays the caller's; -1: `why_not` says why there is none. */
void servant_say(int answer, enum ipc_need what, int fd, const char *why_not);
