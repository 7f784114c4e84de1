/*
 * launcher: starts the roles and starts them again
 *
 * SECURITY: it stays outside every filter, because filters survive exec, and so it must be too
 * simple to be fooled: it reads fixed-size notes from the desk, never a mail, a configuration or a
 * message of another role. It holds no key, no socket but the desk's channel, and no file but the
 * programs that it starts, open only to be run. A note that is out of range is not obeyed.
 *
 * The desk is the one role that it starts by itself. When the desk ends, everything ends with it,
 * and starts anew: the store is the only memory.
 *
 * A keys worker starts gpg, which stays in its process group, and gpg an agent, which leaves it.
 * Both become children of the launcher: what belongs to no worker any more is ended.
 */
#include "launcher.h"
#include "confine.h"
#include "children.h"
#include "error.h"
#include "log.h"
#include <errno.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>
#include <build-facts.h>
#if MADO_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

enum {
    STEADY_SECONDS = 10, /* a role that lived so long did not die of its start */
    FIRST_PAUSE_MS = 50, /* before the second start; doubles */
    LONGEST_PAUSE_MS = 30000,
    LONGEST_PAUSE_OF_KEYS_MS = 2000, /* gpg may end of what strangers send */
    DESK_SILENCE_SECONDS = 60,       /* then its loop hangs */
    DRAIN_SECONDS = 30,
    READER_STACK = 64 << 20,
};

struct slot {
    pid_t pid;                         /* 0: not running */
    gint64 started_at, start_again_at; /* monotonic microseconds; 0: not wanted */
    int pause_ms, longest_pause_ms;
    gboolean is_ended; /* by us, and not gone yet */
};

struct launcher {
    char **arguments;
    struct launcher_program programs[ROLE_KINDS];
    struct slot slots[ROLE_KINDS][ROLE_INSTANCES];
    int desk;                     /* our end of the desk's channel, or -1 */
    int signals;                  /* signalfd */
    gint64 desk_heard_at, end_by; /* end_by: 0 unless we are ending */
    gboolean was_running;
    int status; /* the daemon's exit status; -1 while it runs */
};

static void notify_systemd(const char *state)
{
#if MADO_SYSTEMD
    sd_notify(0, state);
#else
    (void)state;
#endif
}

/* -- starting -- */

/* In the new process, between fork and exec. */
static G_NORETURN void become_role(
    struct launcher *launcher, enum role_kind kind, guint instance, int channel)
{
    struct rlimit stack = {READER_STACK, READER_STACK};
    g_autofree char *role = g_strdup_printf("--role=%s", role_name(kind));
    g_autofree char *number = g_strdup_printf("--instance=%u", instance);
    g_autoptr(GPtrArray) line = g_ptr_array_new();
    sigset_t none;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (kind == ROLE_READER) /* the MIME library descends by recursion */
        setrlimit(RLIMIT_STACK, &stack);
    if (kind == ROLE_KEYS) /* and gpg with it */
        setpgid(0, 0);
    g_ptr_array_add(line, launcher->programs[kind].path);
    g_ptr_array_add(line, role);
    g_ptr_array_add(line, number);
    for (char **argument = launcher->arguments + 1; *argument; argument++)
        g_ptr_array_add(line, *argument);
    g_ptr_array_add(line, NULL);
    if (dup2(channel, CHANNEL_FD) == CHANNEL_FD &&
        close_range(CHANNEL_FD + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
        fexecve(launcher->programs[kind].fd, (char **)line->pdata, environ);
    _exit(EX_OSERR);
}

/* When it may start: at once if it lived long, else after a pause that doubles. */
static void plan_start(struct slot *slot)
{
    gint64 now = g_get_monotonic_time();

    slot->start_again_at = now + (gint64)slot->pause_ms * 1000;
    slot->pause_ms = CLAMP(slot->pause_ms * 2, FIRST_PAUSE_MS, slot->longest_pause_ms);
}

/* Our end of the new role's channel; -1 if there cannot be one now: it is tried again later. */
static int start_role(struct launcher *launcher, enum role_kind kind, guint instance)
{
    struct slot *slot = &launcher->slots[kind][instance];
    int pair[2];
    pid_t pid;

    slot->start_again_at = 0;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
        plan_start(slot);
        return -1;
    }
    pid = fork();
    if (pid == 0)
        become_role(launcher, kind, instance, pair[1]);
    close(pair[1]);
    if (pid < 0) {
        plan_start(slot);
        close(pair[0]);
        return -1;
    }
    slot->pid = pid;
    slot->is_ended = FALSE;
    slot->started_at = g_get_monotonic_time();
    return pair[0];
}

static void set_pauses(struct launcher *launcher)
{
    for (int kind = 0; kind < ROLE_KINDS; kind++)
        for (guint i = 0; i < ROLE_INSTANCES; i++)
            launcher->slots[kind][i].longest_pause_ms =
                kind == ROLE_KEYS ? LONGEST_PAUSE_OF_KEYS_MS : LONGEST_PAUSE_MS;
}

static void start_desk(struct launcher *launcher)
{
    launcher->desk = start_role(launcher, ROLE_DESK, 0);
    launcher->desk_heard_at = g_get_monotonic_time();
}

/* A role of the desk's; its channel goes to the desk. */
static void start_for_desk(struct launcher *launcher, enum role_kind kind, guint instance)
{
    struct launcher_note note = {LAUNCHER_STARTED, kind, instance, 0};
    int channel = start_role(launcher, kind, instance);

    if (channel < 0)
        return;
    /* Of a role whose channel it does not get the desk would never hear again. */
    if (!launcher_send(launcher->desk, &note, channel)) {
        kill(launcher->slots[kind][instance].pid, SIGKILL);
        plan_start(&launcher->slots[kind][instance]);
    }
    close(channel);
}

static void start_what_is_due(struct launcher *launcher)
{
    gint64 now = g_get_monotonic_time();

    for (int kind = 0; kind < ROLE_KINDS; kind++)
        for (guint i = 0; i < ROLE_INSTANCES; i++) {
            struct slot *slot = &launcher->slots[kind][i];
            if (slot->pid || !slot->start_again_at || slot->start_again_at > now)
                continue;
            if (kind == ROLE_DESK)
                start_desk(launcher);
            else
                start_for_desk(launcher, kind, i);
        }
}

/* -- the desk's notes -- */

static void note_start(struct launcher *launcher, struct slot *slot)
{
    /* The one before may be dying still; it is started when that one is gone. */
    if (!slot->start_again_at && !launcher->end_by)
        plan_start(slot);
}

static gboolean is_keys(const struct launcher *launcher, const struct slot *slot)
{
    return slot >= launcher->slots[ROLE_KEYS] && slot < launcher->slots[ROLE_KEYS] + ROLE_INSTANCES;
}

/* A role, or a gpg of a worker that lives. Whatever else is our child was left behind: an agent of
 * gpg, which may hang as well. */
static gboolean is_at_work(pid_t child, gconstpointer data)
{
    const struct launcher *launcher = data;
    pid_t group = getpgid(child);

    for (int kind = 0; kind < ROLE_KINDS; kind++)
        for (guint i = 0; i < ROLE_INSTANCES; i++) {
            const struct slot *slot = &launcher->slots[kind][i];
            if (slot->pid && (slot->pid == child || (kind == ROLE_KEYS && slot->pid == group)))
                return TRUE;
        }
    return FALSE;
}

/* Its agent is a child of ours when it is gone: see take_leave(). */
static void end_slot(struct launcher *launcher, struct slot *slot)
{
    if (!slot->pid)
        return;
    slot->is_ended = TRUE;
    kill(slot->pid, SIGKILL);
    if (is_keys(launcher, slot))
        kill(-slot->pid, SIGKILL);
}

static void note_running(struct launcher *launcher, struct slot *slot)
{
    launcher->was_running = TRUE;
    notify_systemd("READY=1\nSTATUS=at work");
}

static void note_alive(struct launcher *launcher, struct slot *slot)
{
    notify_systemd("WATCHDOG=1");
}

static void (*const obey[LAUNCHER_OPS])(struct launcher *, struct slot *) = {
    [LAUNCHER_START] = note_start,
    [LAUNCHER_KILL] = end_slot,
    [LAUNCHER_RUNNING] = note_running,
    [LAUNCHER_ALIVE] = note_alive,
};

static void hear_desk(struct launcher *launcher)
{
    struct launcher_note note;
    int fd;

    while (launcher_receive(launcher->desk, &note, &fd)) {
        launcher->desk_heard_at = g_get_monotonic_time();
        if (fd >= 0)
            close(fd);
        if (obey[note.op] && (note.kind != ROLE_DESK || note.op >= LAUNCHER_RUNNING))
            obey[note.op](launcher, &launcher->slots[note.kind][note.instance]);
    }
}

/* -- endings -- */

static void end_everything(struct launcher *launcher)
{
    for (int kind = 0; kind < ROLE_KINDS; kind++)
        for (guint i = 0; i < ROLE_INSTANCES; i++) {
            launcher->slots[kind][i].start_again_at = 0;
            end_slot(launcher, &launcher->slots[kind][i]);
        }
    children_end(is_at_work, launcher);
}

/* A desk that ends by itself before it ever ran has said why, and would say it again. One that ran
 * ends so only behind --once: all is done, or something has to stay (EX_TEMPFAIL). */
static gboolean is_final(const struct launcher *launcher, int status)
{
    return WIFEXITED(status) &&
           (launcher->end_by || !launcher->was_running || WEXITSTATUS(status) == EX_OK ||
               WEXITSTATUS(status) == EX_TEMPFAIL);
}

static void desk_ended(struct launcher *launcher, int status)
{
    close(launcher->desk);
    launcher->desk = -1;
    end_everything(launcher);
    if (is_final(launcher, status))
        launcher->status = WEXITSTATUS(status);
    else if (launcher->end_by)
        launcher->status = EX_TEMPFAIL;
    else
        plan_start(&launcher->slots[ROLE_DESK][0]);
}

static void log_ending(enum role_kind kind, guint instance, int status)
{
    if (WIFSIGNALED(status))
        log_event(LOG_LEVEL_WARN, 0, "role-died", "role=%s instance=%u signal=%d (%s)",
            role_name(kind), instance, WTERMSIG(status), strsignal(WTERMSIG(status)));
    else if (WEXITSTATUS(status))
        log_event(LOG_LEVEL_WARN, 0, "role-ended", "role=%s instance=%u status=%d", role_name(kind),
            instance, WEXITSTATUS(status));
}

static void role_ended(struct launcher *launcher, enum role_kind kind, guint instance, int status)
{
    struct slot *slot = &launcher->slots[kind][instance];

    if (g_get_monotonic_time() - slot->started_at > STEADY_SECONDS * G_USEC_PER_SEC)
        slot->pause_ms = 0;
    slot->pid = 0;
    log_ending(kind, instance, status);
    if (kind == ROLE_DESK)
        desk_ended(launcher, status);
    /* The desk sees the end of any other by its channel. */
}

/* Its group ends with a worker, while the number is still its own. Of one that was ended the agent
 * goes too, and others start another; of one that ended by itself it may still be of use. */
static void leave_keys(struct launcher *launcher, guint instance)
{
    struct slot *slot = &launcher->slots[ROLE_KEYS][instance];
    pid_t group = slot->pid;
    int status;

    kill(-group, SIGKILL);
    waitpid(group, &status, 0);
    role_ended(launcher, ROLE_KEYS, instance, status);
    if (slot->is_ended)
        children_end(is_at_work, launcher);
}

static void leave_role(struct launcher *launcher, enum role_kind kind, guint instance)
{
    int status;

    waitpid(launcher->slots[kind][instance].pid, &status, 0);
    role_ended(launcher, kind, instance, status);
}

static void take_leave(struct launcher *launcher, pid_t child)
{
    for (int kind = 0; kind < ROLE_KINDS; kind++)
        for (guint i = 0; i < ROLE_INSTANCES; i++)
            if (launcher->slots[kind][i].pid == child) {
                if (kind == ROLE_KEYS)
                    leave_keys(launcher, i);
                else
                    leave_role(launcher, kind, i);
                return;
            }
    waitpid(child, NULL, 0); /* adopted */
}

static void reap(struct launcher *launcher)
{
    siginfo_t ended = {0};

    while (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid) {
        take_leave(launcher, ended.si_pid);
        ended.si_pid = 0;
    }
}

/* -- signals, time, the loop -- */

static void begin_end(struct launcher *launcher)
{
    struct launcher_note note = {.op = LAUNCHER_DRAIN};

    if (launcher->end_by)
        return;
    notify_systemd("STOPPING=1\nSTATUS=finishing what is in hand");
    launcher->end_by = g_get_monotonic_time() + DRAIN_SECONDS * G_USEC_PER_SEC;
    if (launcher->desk < 0 || !launcher_send(launcher->desk, &note, -1))
        launcher->status = launcher->slots[ROLE_DESK][0].pid ? -1 : 0;
}

static void ask_reload(struct launcher *launcher)
{
    struct launcher_note note = {.op = LAUNCHER_RELOAD};

    if (launcher->desk >= 0)
        launcher_send(launcher->desk, &note, -1);
}

static void take_signals(struct launcher *launcher)
{
    struct signalfd_siginfo taken;

    while (read(launcher->signals, &taken, sizeof taken) == sizeof taken)
        if (taken.ssi_signo == SIGCHLD)
            reap(launcher);
        else if (taken.ssi_signo == SIGHUP)
            ask_reload(launcher);
        else
            begin_end(launcher);
}

static void watch_time(struct launcher *launcher)
{
    gint64 now = g_get_monotonic_time();

    if (launcher->end_by && now > launcher->end_by)
        end_everything(launcher);
    if (launcher->slots[ROLE_DESK][0].pid &&
        now - launcher->desk_heard_at > DESK_SILENCE_SECONDS * G_USEC_PER_SEC) {
        log_event(LOG_LEVEL_ALARM, 0, "desk-hangs", "no sign of life; it is started again");
        kill(launcher->slots[ROLE_DESK][0].pid, SIGKILL);
        launcher->desk_heard_at = now;
    }
}

static int until_next(const struct launcher *launcher)
{
    gint64 next = g_get_monotonic_time() + G_USEC_PER_SEC;

    for (int kind = 0; kind < ROLE_KINDS; kind++)
        for (guint i = 0; i < ROLE_INSTANCES; i++)
            if (launcher->slots[kind][i].start_again_at && !launcher->slots[kind][i].pid)
                next = MIN(next, launcher->slots[kind][i].start_again_at);
    return (int)MAX(0, (next - g_get_monotonic_time() + 999) / 1000);
}

static int open_signals(void)
{
    sigset_t wanted;

    sigemptyset(&wanted);
    sigaddset(&wanted, SIGCHLD);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGINT);
    sigaddset(&wanted, SIGHUP);
    sigprocmask(SIG_BLOCK, &wanted, NULL);
    return signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC);
}

int launcher_run(char **role_arguments)
{
    g_autofree struct launcher *launcher = g_new0(struct launcher, 1);
    g_autoptr(GError) error = NULL;

    if (!confine_role(&(struct confinement){.kind = CONFINE_LAUNCHER}, &error)) {
        log_event(LOG_LEVEL_ALARM, 0, "not-confined", "%s", error->message);
        return error_exit_status(error);
    }
    if (!launcher_open_programs(launcher->programs, role_arguments[0], &error)) {
        log_event(LOG_LEVEL_ALARM, 0, "not-whole", "%s", error->message);
        return error_exit_status(error);
    }
    children_adopt();
    launcher->arguments = role_arguments;
    launcher->status = -1;
    launcher->signals = open_signals();
    launcher->desk = -1;
    set_pauses(launcher);
    start_desk(launcher);
    while (launcher->status < 0) {
        struct pollfd on[] = {{launcher->signals, POLLIN, 0}, {launcher->desk, POLLIN, 0}};
        poll(on, G_N_ELEMENTS(on), until_next(launcher));
        if (launcher->desk >= 0)
            hear_desk(launcher);
        take_signals(launcher);
        watch_time(launcher);
        if (!launcher->end_by)
            start_what_is_due(launcher);
    }
    children_end_all(); /* nothing is left running behind us */
    return launcher->status;
}
