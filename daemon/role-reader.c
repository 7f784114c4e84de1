/*
 * reader: the bytes of a mail to facts
 *
 * SECURITY: everything it looks at was written by strangers. The parent warms every table, locks
 * itself in, and from then on looks at nothing: it forks a child for each mail, hands it the mail
 * and an empty memory file for the result, waits, and passes the result on unseen. The child can
 * open no file, no socket, start nothing, signal nobody, and never touches the channel. Whoever
 * breaks a child can lie about that one mail.
 */
#include "roles.h"
#include "charset.h"
#include "confine.h"
#include "error.h"
#include "fault.h"
#include "fd.h"
#include "ipc.h"
#include "log.h"
#include "read.h"
#include <build-facts.h>
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

/* Of each child; 0 is the limit of limits.h. */
static struct confinement of_child = {.kind = CONFINE_READER_CHILD};

/* -- the child -- */

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
    /* A sanitizer or a fault speaks on stderr; a child that was broken must not. */
    const int keep[] = {mail, result, MADO_SANITIZED || MADO_FAULTS ? STDERR_FILENO : -1, -1};

    of_child.keep = keep;
    if (!confine_role(&of_child, NULL))
        _exit(EX_OSERR);
    fault_pass("reader_child");
    _exit(read_into(mail, result) ? EX_OK : EX_DATAERR);
}

/* -- the parent -- */

/* The wait status of a child that has read the mail, or failed to. */
static int run_child(int mail, int result)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0)
        child(mail, result);
    if (pid < 0)
        _exit(EX_OSERR); /* the launcher starts a reader that can fork */
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

/* What became of it, in words; NULL if it did its work. The first child has the common charsets
 * only; one that dies as it would for want of a rare one gets a brother that has them all. */
static const char *read_in_child(int mail, int result)
{
    int status = run_child(mail, result);

    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV && ftruncate(result, 0) == 0 &&
        lseek(result, 0, SEEK_SET) == 0) {
        charset_share_rare(TRUE);
        status = run_child(mail, result);
        charset_share_rare(FALSE);
    }
    return confine_death(status);
}

static gboolean serve_mail(const struct ipc_message *message)
{
    const char *how;
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
    g_variant_dict_lookup(settings, "wall", "u", &of_child.wall_seconds);
    g_variant_dict_lookup(settings, "cpu", "u", &of_child.cpu_seconds);
    g_variant_dict_lookup(settings, "memory", "t", &of_child.memory);
    read_warm();
    malloc_trim(0); /* else each child tidies the parent's heap, and copies it page by page */
    charset_share_rare(FALSE);
    if (!role_lock_in(&(struct confinement){.kind = CONFINE_READER}, &error))
        return error_exit_status(error);
    ipc_send(CHANNEL, IPC_READY, g_variant_new("()"), -1, NULL);
    while (more && ipc_receive(CHANNEL, &message, NULL)) {
        more = message.kind == IPC_READ && message.fd >= 0 ? serve_mail(&message)
                                                           : role_answers_ping(message.kind);
        ipc_message_clear(&message);
    }
    return EX_OK;
}
