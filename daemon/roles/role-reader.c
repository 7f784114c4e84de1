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

/* What is asked of a mail, and where the result goes. */
struct asked {
    enum ipc_kind answer;
    guint64 id;
    int mail, result;
    gboolean inner;
    const char *wanted; /* the SHA-256 of a file of it */
};

static gboolean give_facts(const struct asked *asked, gconstpointer data, gsize size)
{
    g_autoptr(mado_facts) facts = read_facts(data, size, asked->inner);

    report_find(facts);
    return ipc_write_variant(asked->result, facts_to_variant(facts), NULL);
}

static gboolean give_piece(const struct asked *asked, gconstpointer data, gsize size)
{
    g_autoptr(GBytes) piece = read_cut(data, size, asked->inner, asked->wanted);

    return !piece || fd_write_all(asked->result, g_bytes_get_data(piece, NULL),
                         g_bytes_get_size(piece), NULL);
}

/* The seals are the desk's, so that the size cannot change under us. */
static gboolean read_into(const struct asked *asked)
{
    g_autoptr(GBytes) bytes = NULL;
    struct stat is;
    gconstpointer data;
    gsize size;

    if (fstat(asked->mail, &is) < 0 || !(bytes = fd_map(asked->mail, (guint64)is.st_size, NULL)))
        return FALSE;
    data = g_bytes_get_data(bytes, &size);
    if (!data)
        data = "";
    return asked->wanted ? give_piece(asked, data, size) : give_facts(asked, data, size);
}

static G_NORETURN void child(const struct asked *asked)
{
    /* A sanitizer or a fault speaks on stderr; a child that was broken must not. */
    const int keep[] = {
        asked->mail, asked->result, MADO_SANITIZED || fault_may_strike() ? STDERR_FILENO : -1, -1};

    of_child.keep = keep;
    if (!confine_role(&of_child, NULL))
        _exit(EX_OSERR);
    fault_pass("reader_child");
    _exit(read_into(asked) ? EX_OK : EX_DATAERR);
}

/* -- the parent -- */

/* The wait status of a child that has read the mail, or failed to. */
static int run_child(const struct asked *asked)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0)
        child(asked);
    if (pid < 0)
        _exit(EX_OSERR); /* the launcher starts a reader that can fork */
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

static gboolean answer(int channel, const struct asked *asked, int status)
{
    const char *how = confine_death(status);

    return ipc_send(channel, asked->answer,
        g_variant_new("(tus)", asked->id, how ? READ_DIED : READ_DONE, how ? how : ""),
        how ? -1 : asked->result, NULL);
}

/* The brother's answer is passed on as it is. */
static gboolean ask_brother(int brother, int channel, const struct ipc_message *message)
{
    enum ipc_kind wanted = message->kind == IPC_CUT ? IPC_PIECE : IPC_FACTS;
    struct ipc_message said;
    gboolean told;

    if (!ipc_send(brother, message->kind, message->body, message->fd, NULL) ||
        !ipc_receive(brother, &said, NULL))
        return FALSE;
    told = said.kind == wanted && ipc_send(channel, said.kind, said.body, said.fd, NULL);
    ipc_message_clear(&said);
    return told;
}

static void take_question(const struct ipc_message *message, struct asked *asked)
{
    if (message->kind == IPC_CUT)
        g_variant_get(message->body, "(tb&s)", &asked->id, &asked->inner, &asked->wanted);
    else
        g_variant_get(message->body, "(tb)", &asked->id, &asked->inner);
    asked->answer = message->kind == IPC_CUT ? IPC_PIECE : IPC_FACTS;
}

/* `brother` is -1 for the brother himself. */
static gboolean serve_mail(int channel, int brother, const struct ipc_message *message)
{
    struct asked asked = {.mail = message->fd, .result = fd_new_memory("facts", NULL)};
    gboolean told;
    int status;

    if (asked.result < 0)
        return FALSE;
    take_question(message, &asked);
    status = run_child(&asked);
    if (brother >= 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
        told = ask_brother(brother, channel, message);
    else
        told = answer(channel, &asked, status);
    close(asked.result);
    return told;
}

static gboolean is_question(const struct ipc_message *message)
{
    return (message->kind == IPC_READ || message->kind == IPC_CUT) && message->fd >= 0;
}

static void serve(int channel, int brother)
{
    struct ipc_message message;
    gboolean more = TRUE;

    while (more && ipc_receive(channel, &message, NULL)) {
        more = is_question(&message) ? serve_mail(channel, brother, &message)
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
