/* What each kind of process may do, tried out. */
#include "confine-world.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>

#define ANOTHER_ERROR 91

/* For writing alone, so that a right to read cannot stand in for it. */
static int make_file(const char *folder)
{
    g_autofree char *path = g_strdup_printf(
        "%s/%" G_GINT64_FORMAT "-%d", folder, g_get_monotonic_time(), (int)getpid());
    return open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

static int open_readable(void)
{
    return open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static int open_own(void)
{
    return make_file(world.own);
}

static int write_outside(void)
{
    return make_file(world.outside);
}

static int socket_inet(void)
{
    return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int connect_somewhere(void)
{
    return connect(world.socket, (struct sockaddr *)&world.listening, sizeof world.listening);
}

static int run_program(void)
{
    return execl("/bin/true", "true", NULL); /* leaves with 0, which is OUTCOME_MAY */
}

static int trace_process(void)
{
    return (int)ptrace(PTRACE_SEIZE, world.target, NULL, NULL);
}

static int signal_process(void)
{
    return kill(world.target, SIGTERM);
}

static int fork_once(void)
{
    pid_t child = fork();

    if (child == 0)
        _exit(0);
    return child;
}

static int make_memory_file(void)
{
    return memfd_create("probe", MFD_CLOEXEC);
}

static int (*const deeds[DEEDS])(void) = {open_readable, open_own, write_outside, socket_inet,
    socket_unix, connect_somewhere, run_program, trace_process, signal_process, fork_once,
    make_memory_file};

/* Other ways to what is forbidden. */
static int signal_by_thread(void)
{
    return tgkill(world.target, world.target, SIGTERM);
}

static int signal_by_file(void)
{
    return fcntl(world.socket, F_SETOWN, world.target);
}

static int limit_process(void)
{
    return prlimit(world.target, RLIMIT_CORE, &(struct rlimit){0}, NULL);
}

static int map_code(void)
{
    return mmap(NULL, 1, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
               ? -1
               : 0;
}

static int turn_data_into_code(void)
{
    void *data = mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return mprotect(data, 1, PROT_READ | PROT_EXEC);
}

static int (*const side_doors[])(void) = {
    signal_by_thread, signal_by_file, limit_process, map_code, turn_data_into_code};

static const char *const outcome_names[] = {"may", "EPERM", "EACCES", "killed"};

static int outcome_of_status(int status)
{
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS ? OUTCOME_KILLED
           : WIFEXITED(status)                               ? WEXITSTATUS(status)
                                                             : ANOTHER_ERROR;
}

static void leave_with_outcome(int result)
{
    _exit(result >= 0       ? OUTCOME_MAY
          : errno == EPERM  ? OUTCOME_EPERM
          : errno == EACCES ? OUTCOME_EACCES
                            : ANOTHER_ERROR);
}

/* It lives as long as somebody holds the other end of its pipe: the role, and its children. */
static void start_target(void)
{
    int life[2];
    char byte;

    g_assert_cmpint(pipe2(life, O_CLOEXEC), ==, 0);
    world.target = fork();
    if (world.target == 0) {
        close(life[1]);
        _exit(read(life[0], &byte, 1) == 0 ? 0 : 1);
    }
    close(life[0]);
}

static void lock_in_child(int pretend_abi)
{
    pid_t child;

    lock_in(CONFINE_READER, pretend_abi);
    child = fork();
    if (child > 0)
        _exit(outcome_of_status(wait_for(child)));
    lock_in(CONFINE_READER_CHILD, pretend_abi);
}

struct trial {
    enum confine_kind kind;
    int pretend_abi;
    gboolean as_nobody;
};

/* Does the deed in a process of that kind. */
static int try_deed(const struct trial *trial, int (*deed)(void))
{
    pid_t child = fork();

    g_assert_cmpint(child, >=, 0);
    if (child > 0)
        return outcome_of_status(wait_for(child));
    if (trial->as_nobody)
        become_nobody();
    start_target();
    world.socket = socket_unix();
    if (trial->kind == CONFINE_READER_CHILD)
        lock_in_child(trial->pretend_abi);
    else
        lock_in(trial->kind, trial->pretend_abi);
    leave_with_outcome(deed());
    return -1;
}

static gboolean needs_landlock(enum confine_kind kind, enum confine_deed deed)
{
    return confine_promise(kind, deed) == OUTCOME_EACCES;
}

static void try_row(const struct trial *trial)
{
    struct confinement as = {.kind = trial->kind, .pretend_abi = trial->pretend_abi};

    for (enum confine_deed deed = 0; deed < DEEDS; deed++) {
        int expected = confine_promise(trial->kind, deed);
        int found = try_deed(trial, deeds[deed]);
        if (confine_weakness(&as) && needs_landlock(trial->kind, deed))
            expected = OUTCOME_MAY; /* said in the log; and it shows that the probe is real */
        if (found == expected)
            continue;
        g_test_message("%s (ABI %d%s) shall %s: %s expected, %s found (%d)",
            confine_kind_name(trial->kind), trial->pretend_abi,
            trial->as_nobody ? ", as nobody" : "", confine_deed_name(deed), outcome_names[expected],
            found <= OUTCOME_KILLED ? outcome_names[found] : "another", found);
        g_test_fail();
    }
}

/* The launcher's row is the proof that the probes are real: there, all of them succeed. */
static void test_table(gconstpointer data)
{
    struct trial trial = {.kind = (enum confine_kind)GPOINTER_TO_INT(data)};
    static const int abis[] = {0, -1, 1, 2, 3, 4, 5, 6};

    for (int nobody = 0; nobody <= (geteuid() == 0); nobody++)
        for (gsize i = 0; i < G_N_ELEMENTS(abis); i++) {
            trial.as_nobody = nobody;
            trial.pretend_abi = abis[i];
            if (i < 2 || !nobody)
                try_row(&trial);
        }
}

static void test_side_doors_are_shut(void)
{
    for (enum confine_kind kind = 0; kind < CONFINE_KINDS; kind++)
        for (gsize i = 0; i < G_N_ELEMENTS(side_doors); i++) {
            /* without Landlock, so that it is seccomp that is seen */
            struct trial trial = {.kind = kind, .pretend_abi = -1};
            g_assert_cmpint(try_deed(&trial, side_doors[i]), ==,
                kind == CONFINE_LAUNCHER ? OUTCOME_MAY : OUTCOME_EPERM);
        }
}

static void add_tables(void)
{
    for (enum confine_kind kind = 0; kind < CONFINE_KINDS; kind++) {
        g_autofree char *path = g_strdup_printf("/confine/table/%s", confine_kind_name(kind));
        g_test_add_data_func(path, GINT_TO_POINTER(kind), test_table);
    }
}

int main(int argc, char **argv)
{
    int listener, status;

    g_test_init(&argc, &argv, NULL);
    log_start("test"); /* as every role does: what GLib writes when it ends us must open nothing */
    listener = make_world();
    add_tables();
    g_test_add_func("/confine/side-doors", test_side_doors_are_shut);
    status = g_test_run();
    remove_world(listener);
    return status;
}
