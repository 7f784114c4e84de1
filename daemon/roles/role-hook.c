/*
 * hook: the output of one program
 *
 * SECURITY: trusts the configuration file, which it reads itself, and the operators who write it:
 * nobody can tell it over a channel what to run. Talks to the desk alone; sees no mail. It has
 * neither filter nor Landlock, because filters survive exec and its program may need anything to
 * get a token. That program gets a fixed command line, no shell, an empty standard input, three
 * variables and no other file of ours; its output is a secret and goes into no log and no message,
 * but as a memory file to the one role that needs it. Whoever breaks the program has the rights of
 * the daemon's user.
 */
#include "roles.h"
#include "conf.h"
#include "error.h"
#include "fd.h"
#include "log.h"
#include "announcer.h"
#include "servant.h"
#include <mado/limits.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

enum {
    COMPLAINT_BYTES = 4096, /* of its standard error */
    COMPLAINT_LINES = 3,
    TELLING_BYTES = 8, /* so many bytes of a secret in a row give it away */
    NOT_STARTED = 127, /* as a shell says it */
};

struct hook {
    char **command;
    guint wall;
};

/* What is read of the program, in a buffer that is wiped. */
struct stream {
    int fd;
    gsize size, used; /* what does not fit is counted, and thrown away */
    guint8 *bytes;
};

/* -- the program -- */

static G_NORETURN void become_program(char **command, int in, int out, int complaints)
{
    g_autofree char *home = g_strconcat("HOME=", g_getenv("HOME") ?: "/", NULL);
    g_autofree char *language = g_strconcat("LANG=", g_getenv("LANG") ?: "C.UTF-8", NULL);
    char *const environment[] = {
        (char *)"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", home, language,
        NULL};

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    alarm(0); /* is ours; the program is ended with its group */
    if (dup2(in, STDIN_FILENO) == STDIN_FILENO && dup2(out, STDOUT_FILENO) == STDOUT_FILENO &&
        dup2(complaints, STDERR_FILENO) == STDERR_FILENO &&
        close_range(STDERR_FILENO + 1, ~0U, 0) == 0)
        execve(command[0], command, environment);
    _exit(NOT_STARTED);
}

/* FALSE: no more files or processes. */
static gboolean start_program(
    const struct hook *hook, struct stream *out, struct stream *complaints, pid_t *program)
{
    int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int to_us[2], to_log[2];

    if (in < 0 || pipe2(to_us, O_CLOEXEC) < 0 || pipe2(to_log, O_CLOEXEC) < 0)
        return FALSE;
    *program = fork();
    if (*program == 0)
        become_program(hook->command, in, to_us[1], to_log[1]);
    close(in);
    close(to_us[1]);
    close(to_log[1]);
    out->fd = to_us[0];
    complaints->fd = to_log[0];
    return *program > 0;
}

/* FALSE: it has no more to say. */
static gboolean read_stream(struct stream *stream)
{
    guint8 block[4096];
    ssize_t got = read(stream->fd, block, sizeof block);
    gsize fits =
        got > 0 && stream->used < stream->size ? MIN((gsize)got, stream->size - stream->used) : 0;

    if (got < 0 && errno == EINTR)
        return TRUE;
    memcpy(stream->bytes + MIN(stream->used, stream->size), block, fits);
    explicit_bzero(block, sizeof block);
    if (got > 0)
        stream->used += (gsize)got;
    return got > 0;
}

/* Our clock runs: see servant.h. */
static void read_both(struct stream *out, struct stream *complaints)
{
    struct pollfd on[] = {{out->fd, POLLIN, 0}, {complaints->fd, POLLIN, 0}};
    struct stream *const streams[] = {out, complaints};

    while (on[0].fd >= 0 || on[1].fd >= 0) {
        if (poll(on, G_N_ELEMENTS(on), -1) < 0)
            continue;
        for (gsize i = 0; i < G_N_ELEMENTS(on); i++)
            if (on[i].revents && !read_stream(streams[i]))
                on[i].fd = -1;
    }
}

/* -- what is said of it -- */

/* Does the line have a piece of the secret? */
static gboolean gives_away(const char *line, const struct stream *out)
{
    gsize length = strlen(line), known = MIN(out->used, out->size);
    gsize piece = MIN(known, TELLING_BYTES);

    for (gsize i = 0; piece && i + piece <= known; i++)
        if (memmem(line, length, out->bytes + i, piece))
            return TRUE;
    return FALSE;
}

static void log_complaints(const struct stream *complaints, const struct stream *out)
{
    g_autofree char *text =
        g_strndup((const char *)complaints->bytes, MIN(complaints->used, complaints->size));
    g_auto(GStrv) lines = g_strsplit(text, "\n", COMPLAINT_LINES + 1);

    for (guint i = 0; i < COMPLAINT_LINES && lines[i]; i++)
        if (*lines[i] && !gives_away(lines[i], out))
            log_event(LOG_LEVEL_WARN, 0, "token-command", "it says: %.200s", lines[i]);
}

static gboolean is_blank(const struct stream *out)
{
    for (gsize i = 0; i < out->used; i++)
        if (!g_ascii_isspace(out->bytes[i]))
            return FALSE;
    return TRUE;
}

/* NULL if there is a token. The caller frees it. */
static char *why_no_token(int status, const struct stream *out)
{
    if (WIFSIGNALED(status))
        return g_strdup_printf("was ended by signal %d", WTERMSIG(status));
    if (WEXITSTATUS(status) == NOT_STARTED)
        return g_strdup("could not be started (status 127)");
    if (WEXITSTATUS(status))
        return g_strdup_printf("ended with status %d", WEXITSTATUS(status));
    if (out->used > out->size)
        return g_strdup_printf("printed more than %" G_GSIZE_FORMAT " bytes", out->size);
    return is_blank(out) ? g_strdup("printed nothing") : NULL;
}

static void hand_over(int answer, const struct stream *out)
{
    g_autoptr(GError) error = NULL;
    int file = fd_new_memory("token", &error);

    if (file >= 0 && fd_write_all(file, out->bytes, out->used, &error))
        servant_say(answer, NEED_TOKEN, file, "");
    else
        servant_say(answer, NEED_TOKEN, -1, error->message);
}

/* -- the errand -- */

static void get_token(gpointer role, int with, int answer)
{
    static guint8 secret[LIMIT_SECRET_BYTES], said[COMPLAINT_BYTES];
    const struct hook *hook = role;
    struct stream out = {.size = sizeof secret, .bytes = secret};
    struct stream complaints = {.size = sizeof said, .bytes = said};
    g_autofree char *why = NULL;
    g_autofree char *sentence = NULL;
    pid_t program;
    int status;

    setpgid(0, 0); /* what it starts is ended with it */
    if (!start_program(hook, &out, &complaints, &program))
        return;
    read_both(&out, &complaints);
    while (waitpid(program, &status, 0) < 0 && errno == EINTR)
        ;
    why = why_no_token(status, &out);
    if (why) {
        log_complaints(&complaints, &out);
        sentence = g_strdup_printf("token_command %s %s", hook->command[0], why);
        servant_say(answer, NEED_TOKEN, -1, sentence);
    } else {
        hand_over(answer, &out);
    }
    explicit_bzero(secret, sizeof secret);
    explicit_bzero(said, sizeof said);
}

static void end_group(pid_t errand)
{
    kill(-errand, SIGKILL);
}

/* -- start -- */

/* Of the source of that number, or of the courier behind the last one. NULL: the file is another
 * one than the daemon started with. The caller frees it. */
static char **choose_command(const struct options *options, GVariantDict *told)
{
    struct settings *settings = conf_load(options->config, NULL);
    GPtrArray *sources = settings ? settings->intake.sources : NULL;
    guint instance = (guint)options->instance;
    const struct server *server;
    const char *host, *user;
    char **command = NULL;

    if (!settings)
        return NULL;
    server = instance < sources->len ? &((struct source *)sources->pdata[instance])->server
                                     : &settings->outgoing.server;
    if (g_variant_dict_lookup(told, "host", "&s", &host) &&
        g_variant_dict_lookup(told, "user", "&s", &user) && g_str_equal(host, server->host) &&
        g_str_equal(user, server->user) && *server->token_command)
        command = g_strdupv(server->token_command);
    conf_free(settings);
    return command;
}

static int fail(const char *sentence)
{
    log_event(LOG_LEVEL_WARN, 0, "hook-trouble", "%s", sentence);
    role_tell_trouble(sentence);
    return EX_CONFIG;
}

static int serve(struct hook *hook)
{
    g_autofree char *too_late = g_strdup_printf(
        "token_command %s took longer than %u seconds and was ended", hook->command[0], hook->wall);
    g_autofree char *broken = g_strdup_printf(
        "token_command %s could not be followed to its end; it is tried again", hook->command[0]);
    const struct servant servant = {
        .what = NEED_TOKEN,
        .wall = hook->wall,
        .errand = get_token,
        .clear = end_group,
        .too_late = too_late,
        .broken = broken,
        .role = hook,
    };

    role_tell_ready();
    return servant_serve(&servant);
}

int role_hook(const struct options *options)
{
    g_autoptr(GVariantDict) settings = role_settings();
    g_autoptr(GError) error = NULL;
    struct hook hook = {0};

    if (!settings || !g_variant_dict_lookup(settings, "wall", "u", &hook.wall))
        return EX_OK;
    if (g_variant_dict_contains(settings, "folder"))
        return announcer_serve(options, settings, hook.wall);
    hook.command = choose_command(options, settings);
    if (!hook.command)
        return fail("the configuration has changed since the daemon started, and names no "
                    "token_command for this server any more; start the daemon again");
    if (!role_lock_in(&(struct confinement){.kind = CONFINE_HOOK}, &error))
        return role_give_up("hook-trouble", error);
    return serve(&hook);
}
