#include "children.h"
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>

enum { LOOK_AGAIN_US = 2000 };

gboolean children_adopt(void)
{
    return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0;
}

/* The kernel's list has numbers alone; it may miss some while others end. */
void children_end(gboolean (*is_kept)(pid_t child, gconstpointer data), gconstpointer data)
{
    FILE *list = fopen("/proc/thread-self/children", "re");
    pid_t child;

    while (list && fscanf(list, "%d", &child) == 1)
        if (!is_kept || !is_kept(child, data))
            kill(child, SIGKILL);
    if (list)
        fclose(list);
}

void children_end_all(void)
{
    pid_t ended;

    while ((ended = waitpid(-1, NULL, WNOHANG)) >= 0)
        if (ended == 0) {
            children_end(NULL, NULL);
            g_usleep(LOOK_AGAIN_US);
        }
}
