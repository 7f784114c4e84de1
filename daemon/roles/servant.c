/* What dialler and hook have in common: see servant.h. */
#include "servant.h"
#include "roles.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

struct work {
    const struct servant *servant;
    GArray *asked; /* int: what came along, or -1; not answered yet, and the first is being done */
    pid_t errand;  /* 0: none runs */
    int answer;    /* our end of its channel, or -1 */
};

void servant_say(int answer, enum ipc_need what, int fd, const char *why_not)
{
    ipc_send(answer, IPC_HAVE, g_variant_new("(us)", (guint32)what, why_not), fd, NULL);
}

static gboolean tell_desk(const struct work *work, int fd, const char *why_not)
{
    return ipc_send(
        CHANNEL, IPC_HAVE, g_variant_new("(us)", (guint32)work->servant->what, why_not), fd, NULL);
}

/* -- an errand -- */

static G_NORETURN void run_errand(const struct servant *servant, int with, int answer)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(CHANNEL);
    alarm(servant->wall);
    servant->errand(servant->role, with, answer);
    _exit(EX_OK);
}

static void start_errand(struct work *work)
{
    int pair[2] = {-1, -1};
    gboolean paired = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0;

    work->errand = paired ? fork() : -1;
    if (work->errand < 0)
        _exit(EX_OSERR); /* the launcher starts one that can */
    if (work->errand == 0) {
        close(pair[0]);
        run_errand(work->servant, g_array_index(work->asked, int, 0), pair[1]);
    }
    close(pair[1]);
    work->answer = pair[0];
}

/* Its own clock ended it, or something else did. */
static const char *why_no_answer(const struct servant *servant, int status)
{
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM ? servant->too_late : servant->broken;
}

static void forget_first(struct work *work)
{
    int with = g_array_index(work->asked, int, 0);

    if (with >= 0)
        close(with);
    g_array_remove_index(work->asked, 0);
}

/* It has answered, or died. FALSE: the desk is gone. */
static gboolean end_errand(struct work *work)
{
    struct ipc_message message;
    const char *why_not = NULL;
    int status = 0;
    gboolean told, heard = ipc_receive(work->answer, &message, NULL);

    if (heard && message.kind == IPC_HAVE)
        g_variant_get(message.body, "(u&s)", NULL, &why_not);
    if (work->servant->clear)
        work->servant->clear(work->errand);
    close(work->answer);
    while (waitpid(work->errand, &status, 0) < 0 && errno == EINTR)
        ;
    told = tell_desk(work, message.fd, why_not ? why_not : why_no_answer(work->servant, status));
    ipc_message_clear(&message);
    work->errand = 0;
    work->answer = -1;
    forget_first(work);
    return told;
}

/* -- the desk -- */

static gboolean hear_desk(struct work *work)
{
    struct ipc_message message;
    gboolean more = ipc_receive(CHANNEL, &message, NULL);

    if (more && message.kind == IPC_NEED) {
        g_array_append_val(work->asked, message.fd);
        message.fd = -1;
    } else if (more) {
        more = role_answers_ping(message.kind);
    }
    ipc_message_clear(&message);
    return more;
}

static gboolean still_fits(const struct work *work)
{
    return work->asked->len || !work->servant->still_fits ||
           work->servant->still_fits(work->servant->role);
}

int servant_serve(const struct servant *servant)
{
    g_autoptr(GArray) asked = g_array_new(FALSE, FALSE, sizeof(int));
    struct work work = {.servant = servant, .asked = asked, .answer = -1};
    gboolean more = TRUE;

    while (more) {
        struct pollfd on[] = {{CHANNEL, POLLIN, 0}, {work.answer, POLLIN, 0}};
        if (poll(on, G_N_ELEMENTS(on), -1) < 0)
            continue;
        if (on[1].revents)
            more = end_errand(&work);
        if (more && on[0].revents)
            more = hear_desk(&work) && still_fits(&work);
        if (more && work.asked->len && !work.errand)
            start_errand(&work);
    }
    return EX_OK;
}
