/*
 * reader: the bytes of a mail to facts
 *
 * SECURITY: everything it looks at was written by strangers. The parent warms every table, locks
 * itself in, and from then on looks at nothing: it forks a child for each mail, hands it the mail
 * and an empty memory file for the result, waits, and passes the result on unseen. The child can
 * open no file, no socket, start nothing, signal nobody, and never touches the channel. Whoever
 * breaks a child can lie about that one mail.
 *
 * The charsets that mail is hardly ever written in are 1,200 mappings, six times as many as all the
 * rest, and a fork costs by its mappings. So the parent has a brother that holds them all: a mail
 * whose child dies of the wish to open a file goes to him.
 */
#include "roles.h"
#include "confine.h"
#include "fault.h"
#include "fd.h"
#include "ipc.h"
#include "read.h"
#include "report.h"
#include <build-facts.h>
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

/* Of each child; 0 is the limit of limits.h. */
static struct confinement of_child = {.kind = CONFINE_READER_CHILD};

/* -- the child -- */

/* The seals are the desk's, so that the size cannot change under us. */
static gboolean read_into(int mail, gboolean inner, int result)
{
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(mado_facts) facts = NULL;
    struct stat is;
    gconstpointer data;
    gsize size;

    if (fstat(mail, &is) < 0 || !(bytes = fd_map(mail, (guint64)is.st_size, NULL)))
        return FALSE;
    data = g_bytes_get_data(bytes, &size);
    facts = read_facts(data ? data : (gconstpointer) "", size, inner);
    report_find(facts);
    return ipc_write_variant(result, facts_to_variant(facts), NULL);
}

static G_NORETURN void child(int mail, gboolean inner, int result)
{
    /* A sanitizer or a fault speaks on stderr; a child that was broken must not. */
    const int keep[] = {
        mail, result, MADO_SANITIZED || fault_may_strike() ? STDERR_FILENO : -1, -1};

    of_child.keep = keep;
    if (!confine_role(&of_child, NULL))
        _exit(EX_OSERR);
    fault_pass("reader_child");
    _exit(read_into(mail, inner, result) ? EX_OK : EX_DATAERR);
}

/* -- the parent -- */

/* The wait status of a child that has read the mail, or failed to. */
static int run_child(int mail, gboolean inner, int result)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0)
        child(mail, inner, result);
    if (pid < 0)
        _exit(EX_OSERR); /* the launcher starts a reader that can fork */
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

static gboolean answer(int channel, guint64 mail, int status, int result)
{
    const char *how = confine_death(status);

    return ipc_send(channel, IPC_FACTS,
        g_variant_new("(tus)", mail, how ? READ_DIED : READ_DONE, how ? how : ""),
        how ? -1 : result, NULL);
}

/* The brother's answer is passed on as it is. */
static gboolean ask_brother(int brother, int channel, const struct ipc_message *asked)
{
    struct ipc_message facts;
    gboolean told;

    if (!ipc_send(brother, IPC_READ, asked->body, asked->fd, NULL) ||
        !ipc_receive(brother, &facts, NULL))
        return FALSE;
    told = facts.kind == IPC_FACTS && ipc_send(channel, IPC_FACTS, facts.body, facts.fd, NULL);
    ipc_message_clear(&facts);
    return told;
}

/* `brother` is -1 for the brother himself. */
static gboolean serve_mail(int channel, int brother, const struct ipc_message *message)
{
    guint64 mail;
    gboolean inner;
    int status, result = fd_new_memory("facts", NULL);
    gboolean told;

    if (result < 0)
        return FALSE;
    g_variant_get(message->body, "(tb)", &mail, &inner);
    status = run_child(message->fd, inner, result);
    if (brother >= 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
        told = ask_brother(brother, channel, message);
    else
        told = answer(channel, mail, status, result);
    close(result);
    return told;
}

static void serve(int channel, int brother)
{
    struct ipc_message message;
    gboolean more = TRUE;

    while (more && ipc_receive(channel, &message, NULL)) {
        more = message.kind == IPC_READ && message.fd >= 0 ? serve_mail(channel, brother, &message)
                                                           : role_answers_ping(message.kind);
        ipc_message_clear(&message);
    }
}

static gboolean warm_and_lock_in(gboolean rare)
{
    g_autoptr(GError) error = NULL;

    read_warm(rare);
    report_warm();
    if (!role_lock_in(&(struct confinement){.kind = CONFINE_READER}, &error)) {
        role_log_end("reader-trouble", error);
        return FALSE;
    }
    malloc_trim(0); /* else each child tidies this heap, and copies it page by page */
    return TRUE;
}

/* Our end of his channel, or -1. */
static int start_brother(void)
{
    int pair[2];
    pid_t pid;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return -1;
    pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(CHANNEL);
        close(pair[0]);
        if (warm_and_lock_in(TRUE))
            serve(pair[1], -1);
        _exit(EX_OK);
    }
    close(pair[1]);
    return pid > 0 ? pair[0] : -1;
}

int role_reader(const struct options *options)
{
    g_autoptr(GVariantDict) settings = role_settings();
    int brother;

    if (!settings)
        return EX_OK;
    g_variant_dict_lookup(settings, "wall", "u", &of_child.wall_seconds);
    g_variant_dict_lookup(settings, "cpu", "u", &of_child.cpu_seconds);
    g_variant_dict_lookup(settings, "memory", "t", &of_child.memory);
    report_know_tickets(settings);
    report_know_forms(settings);
    brother = start_brother();
    if (brother < 0 || !warm_and_lock_in(FALSE))
        return EX_OSERR;
    role_tell_ready();
    serve(CHANNEL, brother);
    return EX_OK;
}
