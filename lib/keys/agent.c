/* A word with gpg-agent itself, where gpg cannot tell us what we have to know. */
#include "keys-parts.h"
#include "fd.h"
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_SECONDS 10
#define ANSWER_BYTES 1000

/* In the home, or in a folder of the session: gpgconf knows. */
const char *agent_socket(struct home *home)
{
    const char *const argv[] = {
        "gpgconf", "--homedir", home->path, "--list-dirs", "agent-socket", NULL};
    char *path = NULL;

    if (!home->agent &&
        g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL,
            NULL, NULL, &path, NULL, NULL, NULL))
        home->agent = g_strchomp(path);
    return home->agent;
}

/* -1: it does not run. */
static int connect_to(struct home *home)
{
    const char *path = agent_socket(home);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    int link;

    if (!path ||
        g_strlcpy(address.sun_path, path, sizeof(address.sun_path)) >= sizeof(address.sun_path))
        return -1;
    link = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (link < 0)
        return -1;
    setsockopt(link, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    if (connect(link, (struct sockaddr *)&address, sizeof(address)) == 0)
        return link;
    close(link);
    return -1;
}

/* Until a line that begins with OK or ERR. */
static gboolean read_answer(int link, char answer[ANSWER_BYTES])
{
    gsize have = 0;
    gssize got;

    while (
        have < ANSWER_BYTES - 1 && (got = read(link, answer + have, ANSWER_BYTES - 1 - have)) > 0) {
        const char *last;
        have += (gsize)got;
        answer[have] = '\0';
        if (answer[have - 1] != '\n')
            continue;
        answer[have - 1] = '\0';
        last = strrchr(answer, '\n');
        last = last ? last + 1 : answer;
        answer[have - 1] = '\n';
        if (g_str_has_prefix(last, "OK") || g_str_has_prefix(last, "ERR"))
            return TRUE;
    }
    return FALSE;
}

static gboolean ask(struct home *home, const char *order, char answer[ANSWER_BYTES])
{
    int link = connect_to(home);
    gboolean answered;

    if (link < 0)
        return FALSE;
    answered = read_answer(link, answer) && fd_write_all(link, order, strlen(order), NULL) &&
               read_answer(link, answer);
    close(link);
    return answered;
}

gint64 agent_number(struct home *home)
{
    char answer[ANSWER_BYTES];

    if (!ask(home, "GETINFO pid\n", answer) || !g_str_has_prefix(answer, "D "))
        return 0;
    return strtoll(answer + 2, NULL, 10);
}

void agent_read_list_again(struct home *home)
{
    char answer[ANSWER_BYTES];

    if (!ask(home, "RELOADAGENT\n", answer))
        g_debug("no agent to tell of a new root");
}
