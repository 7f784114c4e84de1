#include "own-role.h"
#include "error.h"
#include "say.h"
#include "ipc.h"
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHANNEL = 3 };

/* With its group, if it has one of its own. */
void own_role_end(struct own_role *role)
{
    if (role->channel < 0)
        return;
    close(role->channel);
    role->channel = -1;
    kill(-role->pid, SIGKILL);
    kill(role->pid, SIGKILL);
    waitpid(role->pid, NULL, 0);
    g_spawn_close_pid(role->pid);
}

static void be_patient(int channel, int seconds)
{
    struct timeval patience = {.tv_sec = seconds};

    setsockopt(channel, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(channel, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

static gboolean spawn(
    struct own_role *role, const char *program, const char *name, int theirs, GError **error)
{
    g_autofree char *which = g_strconcat("--role=", name, NULL);
    const char *const arguments[] = {program, which, NULL};
    const int target = CHANNEL;

    return g_spawn_async_with_pipes_and_fds(NULL, arguments, NULL,
        G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, -1, -1, -1, &theirs,
        &target, 1, &role->pid, NULL, NULL, NULL, error);
}

/* `*why` (the caller's) is what it says if it cannot get ready. */
static gboolean greet(struct own_role *role, GVariant *settings, char **why)
{
    struct ipc_message message;
    gboolean ready;

    if (!ipc_send(role->channel, IPC_SETTINGS, settings, -1, NULL) ||
        !ipc_receive(role->channel, &message, NULL))
        return FALSE;
    ready = message.kind == IPC_READY;
    if (message.kind == IPC_TROUBLE)
        g_variant_get(message.body, "(s)", why);
    ipc_message_clear(&message);
    return ready;
}

gboolean own_role_start(struct own_role *role, const char *program, const char *name,
    GVariant *settings, int seconds, GError **error)
{
    g_autoptr(GVariant) held = g_variant_ref_sink(settings);
    g_autoptr(GError) failed = NULL;
    g_autofree char *why = NULL;
    int pair[2];

    if (role->channel >= 0)
        return TRUE;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
        error_set(error, MADO_E_ROLE, "No channel to a %s can be made.", name);
        return FALSE;
    }
    if (spawn(role, program, name, pair[1], &failed)) {
        role->channel = pair[0];
        be_patient(role->channel, seconds);
    } else {
        close(pair[0]);
    }
    close(pair[1]);
    if (role->channel >= 0 && greet(role, held, &why))
        return TRUE;
    own_role_end(role);
    error_set(error, MADO_E_ROLE, "The %s role of %s cannot be started: %s. Nothing was changed.",
        name, program,
        failed ? failed->message
        : why  ? why
               : _("it ended before it was ready"));
    return FALSE;
}
