/* GPGME 1.18 starts gpg as a grandchild and never learns how it ended: a gpg that was killed looks
 * like one that found nothing. So this process makes itself their parent and asks the kernel. */
#include "keys-parts.h"
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define STEP 100       /* microseconds */
#define PATIENCE 10000 /* steps: it has closed its files, so it is as good as gone */
#define AFTER 4        /* when one ended well: it may have been what started the agent */
#define GAVE_UP 2      /* gpg's exit status of what is more than a bad signature */

gboolean ended_begin(void)
{
    return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0;
}

static void collect(struct ended *ended)
{
    int status;

    while (waitpid(-1, &status, WNOHANG) > 0) {
        ended->gone = TRUE;
        if (WIFSIGNALED(status)) {
            ended->killed = TRUE;
            ended->by_cpu |= WTERMSIG(status) == SIGXCPU;
        } else if (WEXITSTATUS(status) >= GAVE_UP) {
            ended->failed = TRUE;
        }
    }
}

void ended_forget(void)
{
    struct ended ended = {FALSE};

    collect(&ended);
}

struct ended ended_ask(gpgme_protocol_t protocol)
{
    int patience = protocol == GPGME_PROTOCOL_CMS ? 0 : PATIENCE;
    struct ended ended = {FALSE};

    collect(&ended);
    for (int i = 0, after = 0; i < patience && after < AFTER; i++) {
        if (ended.killed || ended.failed)
            break;
        after += ended.gone;
        g_usleep(STEP);
        collect(&ended);
    }
    return ended;
}
