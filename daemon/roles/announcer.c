/*
 * announcer: a hook that runs the programs in hooks.folder, one after the other, for each event
 *
 * SECURITY: as role-hook.c: nobody can tell it over a channel what to run, but that there is an
 * event; the folder stands in the configuration, which it reads itself. A program must be a file
 * that only its owner may write, root or the daemon's user, in a folder that is so, too. It gets
 * the event on standard input, three variables and no file of ours; what it prints goes to the log
 * where it fails, in three lines. It may use the network and any file but those of the store, of
 * the keys and of passwords, which Landlock keeps from it. When its time is over, when it prints
 * without end, or when it has left something running, all of it is ended: this process is the one
 * to which its orphans fall.
 */
#include "announcer.h"
#include "children.h"
#include "conf.h"
#include "error.h"
#include "fd.h"
#include "log.h"
#include "servant.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mado/limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

enum {
    KEPT_BYTES = 2048, /* of what it prints */
    KEPT_LINES = 3,
    NOT_STARTED = 127,
    NOT_CONFINED = 126,
    SLACK_SECONDS = 10, /* for all that stands around the programs */
};

struct announcer {
    char *folder;
    char **hidden; /* what no program may open */
    guint wall;
};

/* What a program prints. */
struct printed {
    int fd;
    gsize all;
    gsize kept;
    char bytes[KEPT_BYTES];
};

/* -- which programs -- */

static gboolean is_ours_alone(const struct stat *is)
{
    return (is->st_uid == 0 || is->st_uid == geteuid()) && !(is->st_mode & (S_IWGRP | S_IWOTH));
}

/* As run-parts: what an editor or a package leaves behind has another name. */
static gboolean has_a_fine_name(const char *name)
{
    gsize length = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    return length > 0 && !name[length];
}

static gboolean is_program(const char *path, const char *name)
{
    struct stat is;

    if (!has_a_fine_name(name) || stat(path, &is) < 0 || !S_ISREG(is.st_mode) ||
        access(path, X_OK) < 0)
        return FALSE;
    if (is_ours_alone(&is))
        return TRUE;
    log_event(
        LOG_LEVEL_WARN, 0, "hook-skipped", "%s: others than root and this user may write it", name);
    return FALSE;
}

static int by_name(gconstpointer one, gconstpointer other)
{
    return strcmp(*(char *const *)one, *(char *const *)other);
}

/* Paths, by name; NULL: the folder cannot be used, and why. */
static GPtrArray *find_programs(const char *folder, const char **why)
{
    g_autoptr(GPtrArray) programs = g_ptr_array_new_with_free_func(g_free);
    struct stat is;
    DIR *all = opendir(folder);

    *why = "cannot be read";
    if (!all)
        return NULL;
    *why = "may be written by others than root and this user";
    if (fstat(dirfd(all), &is) < 0 || !is_ours_alone(&is)) {
        closedir(all);
        return NULL;
    }
    for (struct dirent *entry; (entry = readdir(all));) {
        char *path = g_build_filename(folder, entry->d_name, NULL);
        if (is_program(path, entry->d_name))
            g_ptr_array_add(programs, path);
        else
            g_free(path);
    }
    closedir(all);
    g_ptr_array_sort(programs, by_name);
    if (programs->len > LIMIT_HOOK_PROGRAMS)
        g_ptr_array_set_size(programs, LIMIT_HOOK_PROGRAMS);
    return g_steal_pointer(&programs);
}

/* -- one program -- */

static void bound(int resource, rlim_t most)
{
    const struct rlimit limit = {most, most};

    setrlimit(resource, &limit);
}

static G_NORETURN void become_program(
    const struct announcer *announcer, const char *path, int event, int out)
{
    g_autofree char *home = g_strconcat("HOME=", g_getenv("HOME") ?: "/", NULL);
    char *const arguments[] = {(char *)path, NULL};
    char *const environment[] = {
        (char *)"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", home,
        (char *)"LANG=C.UTF-8", NULL};

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpgid(0, 0);
    alarm(0);
    bound(RLIMIT_CPU, announcer->wall + 1);
    if (!confine_hide((const char *const *)announcer->hidden))
        _exit(NOT_CONFINED);
    if (dup2(event, STDIN_FILENO) != STDIN_FILENO || dup2(out, STDOUT_FILENO) != STDOUT_FILENO ||
        dup2(out, STDERR_FILENO) != STDERR_FILENO || close_range(STDERR_FILENO + 1, ~0U, 0) < 0)
        _exit(NOT_STARTED);
    bound(RLIMIT_AS, LIMIT_HOOK_MEMORY); /* the program's, not ours */
    execve(path, arguments, environment);
    _exit(NOT_STARTED);
}

static pid_t start_program(
    const struct announcer *announcer, const char *path, int event, struct printed *printed)
{
    int pair[2];
    pid_t program;

    if (pipe2(pair, O_CLOEXEC) < 0)
        return -1;
    program = fork();
    if (program == 0)
        become_program(announcer, path, event, pair[1]);
    close(pair[1]);
    printed->fd = pair[0];
    return program;
}

/* FALSE: it has no more to say, or says too much. */
static gboolean read_printed(struct printed *printed)
{
    char block[4096];
    ssize_t got = read(printed->fd, block, sizeof block);
    gsize fits = got > 0 ? MIN((gsize)got, KEPT_BYTES - printed->kept) : 0;

    if (got < 0 && errno == EINTR)
        return TRUE;
    memcpy(printed->bytes + printed->kept, block, fits);
    printed->kept += fits;
    printed->all += got > 0 ? (gsize)got : 0;
    return got > 0 && printed->all <= LIMIT_HOOK_OUTPUT;
}

static gboolean has_ended(pid_t program)
{
    siginfo_t how = {0};

    return waitid(P_PID, (id_t)program, &how, WEXITED | WNOHANG | WNOWAIT) == 0 && how.si_pid;
}

/* Until it has ended (what it leaves running may keep its output open), or has had its time. TRUE:
 * it has ended by itself. */
static gboolean follow(pid_t program, struct printed *printed, guint wall)
{
    gint64 until = g_get_monotonic_time() + wall * G_USEC_PER_SEC;
    gboolean open = TRUE;

    while (!has_ended(program)) {
        struct pollfd on = {open ? printed->fd : -1, POLLIN, 0};
        if (g_get_monotonic_time() >= until)
            return FALSE;
        if (poll(&on, 1, 50) > 0 && !read_printed(printed)) {
            if (printed->all > LIMIT_HOOK_OUTPUT)
                return FALSE;
            open = FALSE;
        }
    }
    fcntl(printed->fd, F_SETFL, O_NONBLOCK);
    while (open && read_printed(printed))
        ;
    return TRUE;
}

/* NULL: it is well. The caller frees it. */
static char *why_not(int status, gboolean ended, const struct printed *printed, guint wall)
{
    if (!ended && printed->all > LIMIT_HOOK_OUTPUT)
        return g_strdup_printf("printed more than %d bytes and was ended", LIMIT_HOOK_OUTPUT);
    if (!ended)
        return g_strdup_printf("took longer than %u seconds and was ended", wall);
    if (WIFSIGNALED(status))
        return g_strdup_printf("was ended by signal %d", WTERMSIG(status));
    if (WEXITSTATUS(status) == NOT_STARTED)
        return g_strdup("could not be started (status 127)");
    return WEXITSTATUS(status) ? g_strdup_printf("ended with status %d", WEXITSTATUS(status))
                               : NULL;
}

static void log_printed(const char *name, const struct printed *printed)
{
    g_autofree char *text = g_strndup(printed->bytes, printed->kept);
    g_auto(GStrv) lines = g_strsplit(text, "\n", KEPT_LINES + 1);

    for (guint i = 0; i < KEPT_LINES && lines[i]; i++)
        if (*lines[i])
            log_event(LOG_LEVEL_WARN, 0, "hook", "%s says: %.200s", name, lines[i]);
}

static char *run_program(const struct announcer *announcer, const char *path, int event)
{
    struct printed printed = {.fd = -1};
    gint64 begun = g_get_monotonic_time();
    g_autofree char *name = g_path_get_basename(path);
    pid_t program = start_program(announcer, path, event, &printed);
    gboolean ended;
    int status = 0;
    char *why;

    if (program < 0)
        return g_strdup("could not be started: there are too many processes or files");
    ended = follow(program, &printed, announcer->wall);
    kill(-program, SIGKILL);
    while (waitpid(program, &status, 0) < 0 && errno == EINTR)
        ;
    children_end_all(); /* and what left its group */
    close(printed.fd);
    why = why_not(status, ended, &printed, announcer->wall);
    if (why)
        log_printed(name, &printed);
    log_event(why ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, 0, why ? "hook-failed" : "hook",
        "%s %s after %d ms", name, why ? why : "is done",
        (int)((g_get_monotonic_time() - begun) / 1000));
    return why;
}

/* -- an event -- */

/* Each reads it from the beginning, and none can change it for the next. */
static int open_again(int event)
{
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", event);

    return open(path, O_RDONLY | O_CLOEXEC);
}

static void run_one(
    const struct announcer *announcer, const char *path, int event, GString *failures)
{
    int own = open_again(event);
    g_autofree char *name = g_path_get_basename(path);
    g_autofree char *why =
        own < 0 ? g_strdup("could not be told") : run_program(announcer, path, own);

    if (own >= 0)
        close(own);
    if (why)
        g_string_append_printf(failures, "%s%s %s", failures->len ? "; " : "", name, why);
}

static void announce(gpointer role, int with, int answer)
{
    const struct announcer *announcer = role;
    g_autoptr(GString) failures = g_string_new(NULL);
    g_autoptr(GPtrArray) programs = NULL;
    const char *why;
    guint64 size;

    children_adopt();
    programs = find_programs(announcer->folder, &why);
    if (!programs)
        g_string_printf(failures, "the folder %s %s", announcer->folder, why);
    if (with < 0 || !fd_seal(with, LIMIT_HOOK_EVENT, &size, NULL))
        g_string_assign(failures, "the event could not be taken");
    for (guint i = 0, count = failures->len ? 0 : programs->len; i < count; i++)
        run_one(announcer, programs->pdata[i], with, failures);
    servant_say(answer, NEED_EVENT, -1, failures->str);
}

/* -- start -- */

static void hide(GPtrArray *hidden, const char *path)
{
    if (path && *path)
        g_ptr_array_add(hidden, g_strdup(path));
}

static char **hidden_places(const struct settings *settings)
{
    GPtrArray *hidden = g_ptr_array_new();

    hide(hidden, settings->daemon.state);
    hide(hidden, settings->keys.home);
    hide(hidden, settings->keys.passphrase_file);
    hide(hidden, settings->outgoing.server.password_file);
    hide(hidden, g_getenv("CREDENTIALS_DIRECTORY"));
    for (guint i = 0; i < settings->intake.sources->len; i++)
        hide(hidden, ((struct source *)settings->intake.sources->pdata[i])->server.password_file);
    g_ptr_array_add(hidden, NULL);
    return (char **)g_ptr_array_free(hidden, FALSE);
}

/* FALSE: the file is another one than the daemon started with. */
static gboolean take_settings(
    struct announcer *announcer, const struct options *options, GVariantDict *told)
{
    struct settings *settings = conf_load(options->config, NULL);
    const char *folder = "";
    gboolean same;

    if (!settings)
        return FALSE;
    g_variant_dict_lookup(told, "folder", "&s", &folder);
    same = *folder && g_str_equal(folder, settings->hooks.folder);
    announcer->folder = g_strdup(folder);
    announcer->hidden = hidden_places(settings);
    conf_free(settings);
    return same;
}

int announcer_serve(const struct options *options, GVariantDict *told, guint wall)
{
    struct announcer announcer = {.wall = wall};
    g_autoptr(GError) error = NULL;
    const struct servant servant = {
        .what = NEED_EVENT,
        .wall = LIMIT_HOOK_PROGRAMS * (wall + 1) + SLACK_SECONDS,
        .errand = announce,
        .too_late = "the programs of hooks.folder took too long in all and were ended",
        .broken = "the programs of hooks.folder could not be followed to their end",
        .role = &announcer,
    };

    if (!take_settings(&announcer, options, told)) {
        role_tell_trouble("the configuration has changed since the daemon started, and names "
                          "another hooks.folder; start the daemon again");
        return EX_CONFIG;
    }
    if (!role_lock_in(&(struct confinement){.kind = CONFINE_HOOK}, &error))
        return role_give_up("hook-trouble", error);
    role_tell_ready();
    return servant_serve(&servant);
}
