#include "reader.h"
#include "error.h"
#include "ipc.h"
#include <build-facts.h>
#include <mado/limits.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHANNEL = 3, GRACE_SECONDS = 30 };

struct reader {
    char *program;
    int channel; /* -1: none runs */
    GPid pid;
    guint64 asked; /* the number of the mail that it has in hand */
};

char *reader_program(void)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *folder = self ? g_path_get_dirname(self) : NULL;
    g_autofree char *beside = folder ? g_build_filename(folder, "madod", NULL) : NULL;

    if (beside && access(beside, X_OK) == 0)
        return g_steal_pointer(&beside);
    return g_strdup(MADO_BINDIR "/madod");
}

struct reader *reader_new(const char *program)
{
    struct reader *reader = g_new0(struct reader, 1);

    reader->program = g_strdup(program);
    reader->channel = -1;
    return reader;
}

static void end(struct reader *reader)
{
    if (reader->channel < 0)
        return;
    close(reader->channel);
    reader->channel = -1;
    kill(reader->pid, SIGKILL);
    waitpid(reader->pid, NULL, 0);
    g_spawn_close_pid(reader->pid);
}

void reader_free(struct reader *reader)
{
    if (!reader)
        return;
    end(reader);
    g_free(reader->program);
    g_free(reader);
}

/* It limits its own child; whoever is silent for longer hangs. */
static void be_patient(int channel)
{
    struct timeval patience = {.tv_sec = LIMIT_READER_WALL_SECONDS + GRACE_SECONDS};

    setsockopt(channel, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(channel, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

static gboolean spawn(struct reader *reader, int theirs, GError **error)
{
    const char *const arguments[] = {reader->program, "--role=reader", NULL};
    const int target = CHANNEL;

    return g_spawn_async_with_pipes_and_fds(NULL, arguments, NULL,
        G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, -1, -1, -1, &theirs,
        &target, 1, &reader->pid, NULL, NULL, NULL, error);
}

static gboolean greet(struct reader *reader)
{
    struct ipc_message message;
    gboolean ready;

    if (!ipc_send(reader->channel, IPC_SETTINGS, g_variant_new("a{sv}", NULL), -1, NULL) ||
        !ipc_receive(reader->channel, &message, NULL))
        return FALSE;
    ready = message.kind == IPC_READY;
    ipc_message_clear(&message);
    return ready;
}

static gboolean start(struct reader *reader, GError **error)
{
    g_autoptr(GError) why = NULL;
    int pair[2];

    if (reader->channel >= 0)
        return TRUE;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
        g_set_error(error, MADO_ERROR, MADO_E_ROLE, "No channel to a reader can be made.");
        return FALSE;
    }
    if (spawn(reader, pair[1], &why)) {
        reader->channel = pair[0];
        be_patient(reader->channel);
    } else {
        close(pair[0]);
    }
    close(pair[1]);
    if (reader->channel >= 0 && greet(reader))
        return TRUE;
    end(reader);
    g_set_error(error, MADO_ERROR, MADO_E_ROLE,
        "The reader %s cannot be started: %s. Nothing was changed.", reader->program,
        why ? why->message : "it ended before it was ready");
    return FALSE;
}

/* NULL with `*why`: this try has failed. `*well`: the reader itself can go on. */
static struct facts *take_facts(
    struct reader *reader, const struct ipc_message *answer, char **why, gboolean *well)
{
    g_autoptr(GVariant) variant = NULL;
    struct facts *facts;
    guint64 mail;
    guint32 outcome;
    const char *how;

    *well = FALSE;
    if (answer->kind != IPC_FACTS)
        return NULL;
    g_variant_get(answer->body, "(tu&s)", &mail, &outcome, &how);
    if (mail != reader->asked || outcome >= READ_OUTCOMES)
        return NULL;
    *well = outcome == READ_DIED;
    if (outcome == READ_DIED)
        *why = g_strdup(how);
    if (outcome == READ_DIED || answer->fd < 0)
        return NULL;
    variant = ipc_read_variant(answer->fd, FACTS_TYPE, LIMIT_FACTS_BYTES, NULL);
    facts = variant ? facts_from_variant(variant) : NULL;
    *well = facts != NULL;
    return facts;
}

static struct facts *try(struct reader *reader, int mail, gboolean inner, char **why)
{
    struct ipc_message answer;
    struct facts *facts = NULL;
    gboolean well = FALSE;

    reader->asked++;
    if (ipc_send(
            reader->channel, IPC_READ, g_variant_new("(tb)", reader->asked, inner), mail, NULL) &&
        ipc_receive(reader->channel, &answer, NULL)) {
        facts = take_facts(reader, &answer, why, &well);
        ipc_message_clear(&answer);
    }
    if (!well)
        end(reader);
    return facts;
}

struct facts *reader_read(
    struct reader *reader, int mail, gboolean inner, char **why, GError **error)
{
    struct facts *facts = NULL;

    *why = NULL;
    for (int i = 0; i < LIMIT_READER_DEATHS && !facts; i++) {
        g_clear_pointer(why, g_free);
        if (!start(reader, error))
            return NULL;
        facts = try(reader, mail, inner, why);
    }
    if (!facts && !*why)
        *why = g_strdup("its reader ended or spoke out of turn");
    return facts;
}
