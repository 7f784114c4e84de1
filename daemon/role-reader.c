/*
 * reader: the bytes of a mail to facts
 *
 * SECURITY: everything it looks at was written by strangers. The parent warms every table, locks
 * itself in, and from then on looks at nothing: it forks a child for each mail, hands it the mail and
 * an empty memory file for the result, waits, and passes the result on unseen. The child can
 * open no file, no socket, start nothing, signal nobody, and never touches the channel. Whoever
 * breaks a child can lie about that one mail.
 */
#include "roles.h"
#include "confine.h"
#include "error.h"
#include "fault.h"
#include "fd.h"
#include "ipc.h"
#include "log.h"
#include "read.h"
#include <mado/limits.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

static gint64 wall_seconds = LIMIT_READER_WALL_SECONDS;

/* -- the child ------------------------------------------------------------------------------------ */

/* The seals are the desk's, so that the size cannot change under us. */
static gboolean read_into(int mail, int result)
{
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(mado_message) message = NULL;
    struct stat is;
    gconstpointer data;
    gsize size;

    if (fstat(mail, &is) < 0 || !(bytes = fd_map(mail, (guint64)is.st_size, NULL)))
        return FALSE;
    data = g_bytes_get_data(bytes, &size);
    message = read_message(data ? data : "", size);
    return ipc_write_variant(result, message_to_variant(message), NULL);
}

static G_NORETURN void child(int mail, int result)
{
    close(CHANNEL);
    if (!confine_role(&(struct confinement){.kind = CONFINE_READER_CHILD}, NULL))
        _exit(EX_OSERR);
    fault_pass("reader_child");
    _exit(read_into(mail, result) ? EX_OK : EX_DATAERR);
}

/* -- the parent ----------------------------------------------------------------------------------- */

/* How the child ended, as a clause for the operator; NULL if it ended well. */
static char *ending(int pidfd)
{
    struct pollfd on = {pidfd, POLLIN, 0};
    gboolean late = poll(&on, 1, (int)(wall_seconds * 1000)) == 0;
    siginfo_t how = {0};

    if (late)
        pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
    while (waitid(P_PIDFD, (id_t)pidfd, &how, WEXITED) < 0 && errno == EINTR)
        ;
    if (late)
        return g_strdup_printf("took more than %d s", (int)wall_seconds);
    if (how.si_code == CLD_EXITED)
        return how.si_status == EX_OK ? NULL
                                      : g_strdup_printf("gave up with status %d", how.si_status);
    if (how.si_status == SIGXCPU || how.si_status == SIGKILL)
        return g_strdup_printf("needed more than %d s of processor time", LIMIT_READER_CPU_SECONDS);
    return g_strdup_printf("died of signal %d (out of memory, or broken)", how.si_status);
}

static char *read_in_child(int mail, int result)
{
    char *how;
    int pidfd;
    pid_t pid = fork();

    if (pid == 0)
        child(mail, result);
    pidfd = pid > 0 ? pidfd_open(pid, 0) : -1;
    if (pidfd < 0)
        _exit(EX_OSERR); /* the launcher starts a reader that can fork */
    how = ending(pidfd);
    close(pidfd);
    return how;
}

static gboolean serve_mail(const struct ipc_message *message)
{
    g_autofree char *how = NULL;
    guint64 mail;
    int result = fd_new_memory("facts", NULL);
    gboolean told;

    if (result < 0)
        return FALSE;
    g_variant_get(message->body, "(t)", &mail);
    how = read_in_child(message->fd, result);
    told = ipc_send(CHANNEL, IPC_FACTS,
        g_variant_new("(tus)", mail, how ? READ_DIED : READ_DONE, how ? how : ""),
        how ? -1 : result, NULL);
    close(result);
    return told;
}

int role_reader(const struct options *options)
{
    g_autoptr(GVariantDict) settings = role_settings();
    g_autoptr(GError) error = NULL;
    struct ipc_message message;
    gboolean more = TRUE;

    if (!settings)
        return EX_OK;
    g_variant_dict_lookup(settings, "wall", "x", &wall_seconds);
    read_warm();
    if (!confine_role(&(struct confinement){.kind = CONFINE_READER}, &error)) {
        log_event(LOG_LEVEL_ALARM, 0, "not-confined", "%s", error->message);
        return error_exit_status(error);
    }
    ipc_send(CHANNEL, IPC_READY, g_variant_new("()"), -1, NULL);
    while (more && ipc_receive(CHANNEL, &message, NULL)) {
        more = message.kind == IPC_READ && message.fd >= 0 ? serve_mail(&message)
                                                           : role_answers_ping(message.kind);
        ipc_message_clear(&message);
    }
    return EX_OK;
}
