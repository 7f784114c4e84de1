#include "confine-parts.h"
#include "error.h"
#include <build-facts.h>
#include <errno.h>
#include <mado/limits.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* The filter of its children, made by a reader before it is confined. */
static GBytes *child_filter;
static pid_t reader_pid;
static gboolean confined; /* for LeakSanitizer, see below */

/* Both the soft and the hard limit, never above the hard one that is there. */
static const struct {
    enum confine_set roles;
    int resource;
    rlim_t value;
} limits[] = {
    {SET_ALL, RLIMIT_CORE, 0}, /* a core is mail and keys on disk */
    {SET_FILTERED & ~SET_STARTERS, RLIMIT_NPROC, 0}, {SET_DESK, RLIMIT_NOFILE, 1024},
    {SET_TALKERS & ~SET_DESK & ~SET_LISTENER & ~SET_KEYS, RLIMIT_NOFILE, 64},
    {SET_KEYS, RLIMIT_NOFILE, 256}, /* the agent's too */
    {SET_KEYS, RLIMIT_FSIZE, LIMIT_JOB_BYTES + (1 << 20)},
    {SET_LISTENER, RLIMIT_NOFILE, 256}, /* its clients, each with a mail */
    {SET_HOOK, RLIMIT_NOFILE, 256},     /* of the program that it starts */
    {SET_CHILD, RLIMIT_NOFILE, 0},      /* what it has open stays open; nothing new */
    {SET_CHILD, RLIMIT_FSIZE, LIMIT_FACTS_BYTES},
    {SET_READER, RLIMIT_STACK, 64 * 1024 * 1024}, /* GMime calls itself for each nested group */
};

static gboolean fail(GError **error, const char *what)
{
    g_set_error(error, MADO_ERROR, MADO_E_CONFINE, "%s: %s; the role does not start", what,
        g_strerror(errno));
    return FALSE;
}

static gboolean is_one_of(const struct confinement *confinement, enum confine_set roles)
{
    return (1 << confinement->kind & roles) != 0;
}

/* Filters and Landlock hold the thread that asks for them, and no other. */
static gboolean check_threads(const struct confinement *confinement, GError **error)
{
    g_autoptr(GDir) threads = NULL;
    guint count = 0;

    if (is_one_of(confinement, SET_CHILD | SET_LAUNCHER))
        return TRUE; /* a fork has one thread; the launcher has no filter */
    if (!(threads = g_dir_open("/proc/self/task", 0, NULL)))
        return fail(error, "/proc/self/task cannot be read");
    while (g_dir_read_name(threads))
        count++;
    if (count == 1)
        return TRUE;
    g_set_error(error, MADO_ERROR, MADO_E_CONFINE,
        "the %s has %u threads and can be confined with one alone; it does not start",
        confine_kind_name(confinement->kind), count);
    return FALSE;
}

/* Closes all but the files of `keep`, from the lowest gap to the highest. */
static gboolean keep_files(const struct confinement *confinement, GError **error)
{
    int from = 0;

    while (is_one_of(confinement, SET_CHILD)) {
        int next = G_MAXINT;
        for (const int *keep = confinement->keep; keep && *keep >= 0; keep++)
            if (*keep >= from)
                next = MIN(next, *keep);
        if (next > from && close_range((guint)from, (guint)next - 1, 0) < 0)
            return fail(error, "files cannot be closed");
        if (next == G_MAXINT)
            break;
        from = next + 1;
    }
    return TRUE;
}

static gboolean set_limit(int resource, rlim_t soft, rlim_t hard, GError **error)
{
    struct rlimit now;

    if (getrlimit((__rlimit_resource_t)resource, &now) < 0)
        return fail(error, "a limit cannot be read");
    now.rlim_max = MIN(now.rlim_max, hard);
    now.rlim_cur = MIN(now.rlim_max, soft);
    if (setrlimit((__rlimit_resource_t)resource, &now) < 0)
        return fail(error, "a limit cannot be set");
    return TRUE;
}

static gboolean set_limits(const struct confinement *confinement, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(limits); i++)
        if (is_one_of(confinement, limits[i].roles))
            if (!set_limit(limits[i].resource, limits[i].value, limits[i].value, error))
                return FALSE;
    return TRUE;
}

/* The signals by which a limit ends a child; what its reader does with them is not for the child.
 */
static gboolean make_limits_deadly(GError **error)
{
    static const int signals[] = {SIGALRM, SIGXCPU, SIGXFSZ};
    sigset_t set;

    sigemptyset(&set);
    for (gsize i = 0; i < G_N_ELEMENTS(signals); i++) {
        sigaddset(&set, signals[i]);
        if (signal(signals[i], SIG_DFL) == SIG_ERR)
            return fail(error, "a limit would not be heard");
    }
    return sigprocmask(SIG_UNBLOCK, &set, NULL) == 0 || fail(error, "a limit would not be heard");
}

/* The child's own clock ends it, so that nobody needs the right to signal. After the filter it can
 * neither stop that clock nor block or catch its signal. */
static gboolean limit_time_and_memory(const struct confinement *confinement, GError **error)
{
    /* The sanitizers map terabytes. */
    rlim_t memory = MADO_SANITIZED        ? RLIM_INFINITY
                    : confinement->memory ? confinement->memory
                                          : LIMIT_READER_MEMORY;
    guint cpu = confinement->cpu_seconds ? confinement->cpu_seconds : LIMIT_READER_CPU_SECONDS;
    guint wall = confinement->wall_seconds ? confinement->wall_seconds : LIMIT_READER_WALL_SECONDS;
    struct itimerval alarm_at = {.it_value.tv_sec = wall};

    if (!is_one_of(confinement, SET_CHILD))
        return TRUE;
    if (!make_limits_deadly(error))
        return FALSE;
    if (setitimer(ITIMER_REAL, &alarm_at, NULL) < 0)
        return fail(error, "a child's time cannot be limited");
    if (!set_limit(RLIMIT_AS, memory, memory, error))
        return FALSE;
    /* SIGXCPU at the soft limit says what it was; SIGKILL at the hard one would not. */
    return set_limit(RLIMIT_CPU, cpu, cpu + 1, error);
}

static gboolean die_with_parent(const struct confinement *confinement, GError **error)
{
    if (!is_one_of(confinement, SET_CHILD))
        return TRUE;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        return fail(error, "a child cannot be bound to its reader");
    /* It may have died before that call. */
    if (getppid() == reader_pid)
        return TRUE;
    errno = ESRCH;
    return fail(error, "only the child of a confined reader can be confined as one");
}

static gboolean give_up_privileges(const struct confinement *confinement, GError **error)
{
    if (is_one_of(confinement, SET_CHILD))
        return TRUE; /* both are inherited */
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return fail(error, "privileges cannot be given up");
    /* Nobody of the same user traces us or reads our memory. */
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        return fail(error, "tracing cannot be forbidden");
    return TRUE;
}

static gboolean lock_files(const struct confinement *confinement, GError **error)
{
    if (is_one_of(confinement, SET_CHILD | SET_FREE))
        return TRUE; /* a child has what its reader has: nothing */
    return landlock_apply(confinement, error);
}

static gboolean prepare_children(const struct confinement *confinement, GError **error)
{
    if (!is_one_of(confinement, SET_READER))
        return TRUE;
    reader_pid = getpid();
    child_filter = filter_build(CONFINE_READER_CHILD, error);
    return child_filter != NULL;
}

static gboolean lock_calls(const struct confinement *confinement, GError **error)
{
    g_autoptr(GBytes) filter = NULL;

    if (is_one_of(confinement, SET_FREE))
        return TRUE;
    filter = is_one_of(confinement, SET_CHILD) ? g_bytes_ref(child_filter)
                                               : filter_build(confinement->kind, error);
    confined = TRUE;
    return filter && filter_install(filter, error);
}

gboolean confine_role(const struct confinement *confinement, GError **error)
{
    static gboolean (*const steps[])(const struct confinement *, GError **) = {check_threads,
        die_with_parent, keep_files, give_up_privileges, lock_files, prepare_children, set_limits,
        limit_time_and_memory, lock_calls};

    for (gsize i = 0; i < G_N_ELEMENTS(steps); i++)
        if (!steps[i](confinement, error))
            return FALSE;
    return TRUE;
}

const char *confine_weakness(const struct confinement *confinement)
{
    if (!is_one_of(confinement, SET_PLACES | SET_DIALLER) ||
        landlock_is_enough(confinement->kind, landlock_abi(confinement->pretend_abi)))
        return NULL;
    return "this kernel has no Landlock (ABI 2, Linux 5.19): the role may open whatever its user "
           "may, and is held by seccomp alone";
}

const char *confine_death(int status)
{
    static const struct {
        int signal;
        const char *what;
    } deaths[] = {
        {SIGALRM, "took too long"},
        {SIGXCPU, "took too much processor time"},
        {SIGKILL, "was killed"},
        {SIGXFSZ, "found more facts than may be kept"},
        {SIGSYS, "tried what a reader may not do"},
        {SIGABRT, "ran out of memory, or broke"},
        {SIGTRAP, "ran out of memory, or broke"},
    };

    if (WIFEXITED(status))
        return WEXITSTATUS(status) == 0 ? NULL : "ran out of memory, or gave up";
    for (gsize i = 0; i < G_N_ELEMENTS(deaths); i++)
        if (deaths[i].signal == WTERMSIG(status))
            return deaths[i].what;
    return "broke";
}

#if MADO_SANITIZED
/* Looking for leaks takes a thread that traces; a confined role may do neither. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
    return confined;
}
#endif
