/* The proof: a daemon with the new configuration, as the user that it will have, sends to itself.
 */
#include "error.h"
#include "fd.h"
#include "init.h"
#include "program.h"
#include <build-facts.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { START_SECONDS = 60, PAUSE_MS = 100, LOG_SHOWN = 2000 };

struct trial {
    pid_t pid; /* 0: it ran already */
    int log;
};

static gboolean become_daemon_user(const struct init *init)
{
    const struct passwd *user = init->of_host ? getpwuid(init->uid) : NULL;

    return !init->of_host || (user && initgroups(user->pw_name, init->gid) == 0 &&
                                 setgid(init->gid) == 0 && setuid(init->uid) == 0);
}

/* In the new process. It ends with us, however we end. */
static G_NORETURN void become_daemon(const struct init *init, int log, const char *program)
{
    if (become_daemon_user(init) && prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 &&
        dup2(log, STDOUT_FILENO) >= 0 && dup2(log, STDERR_FILENO) >= 0 && chdir("/") == 0) {
        close(STDIN_FILENO);
        execl(program, program, "--config", init->path, NULL);
    }
    _exit(1);
}

static gboolean start(const struct init *init, struct trial *trial, GError **error)
{
    g_autofree char *program = program_find("madod", MADO_BINDIR);

    trial->log = fd_new_memory("log", error);
    if (trial->log < 0)
        return FALSE;
    trial->pid = fork();
    if (trial->pid == 0)
        become_daemon(init, trial->log, program);
    if (trial->pid > 0)
        return TRUE;
    error_set(error, MADO_E_ROLE,
        "%s cannot be started: %s. The configuration stays; start madod by hand, then: madoctl try",
        program, g_strerror(errno));
    return FALSE;
}

/* The end of the log, which says what is wrong. */
static void show_log(const struct trial *trial)
{
    g_autofree char *text = g_malloc0(LOG_SHOWN + 1);
    off_t size = lseek(trial->log, 0, SEEK_END);
    off_t from = MAX(size - LOG_SHOWN, 0);

    if (pread(trial->log, text, LOG_SHOWN, from) > 0)
        init_say("%s\n", from && strchr(text, '\n') ? strchr(text, '\n') + 1 : text);
}

static gboolean answers(struct call *call)
{
    json_t *rows = json_array();
    json_t *next = NULL;
    gboolean done = client_ask(call, "status", NULL, rows, &next, NULL);

    json_decref(next);
    json_decref(rows);
    return done;
}

static gboolean has_ended(struct trial *trial)
{
    if (waitpid(trial->pid, NULL, WNOHANG) != trial->pid)
        return FALSE;
    trial->pid = 0;
    return TRUE;
}

static gboolean wait_for_it(struct trial *trial, struct call *call, GError **error)
{
    gint64 until = g_get_monotonic_time() + START_SECONDS * G_USEC_PER_SEC;

    while (g_get_monotonic_time() < until && !has_ended(trial)) {
        if (answers(call))
            return TRUE;
        g_usleep(PAUSE_MS * 1000);
    }
    show_log(trial);
    error_set(error, MADO_E_NOT_RUNNING,
        "The daemon did not start with this configuration (its log is above). The configuration "
        "stays: mend it, then: madoctl check-config");
    return FALSE;
}

static void stop(struct trial *trial)
{
    if (trial->pid > 0 && kill(trial->pid, SIGTERM) == 0)
        waitpid(trial->pid, NULL, 0);
    if (trial->log >= 0)
        close(trial->log);
}

int init_try(const struct init *init, struct call *call, GError **error)
{
    struct trial trial = {.log = -1};
    int status = -1;

    init_say("\nA test: the daemon is started, and a letter goes out and should come in.\n");
    if (answers(call) || (start(init, &trial, error) && wait_for_it(&trial, call, error)))
        status = view_try.run(call, error);
    client_free(call->client);
    call->client = NULL;
    stop(&trial);
    return status;
}
