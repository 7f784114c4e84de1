#include "confine.h"
#include "fd.h"
#include "folder.h"
#include "log.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534
#define CANNOT_BE_CONFINED 90
#define ANOTHER_ERROR 91

/* What a deed is done with, made before the role is confined. */
static struct {
    char *own, *outside; /* folders in which our user may write */
    struct sockaddr_un listening;
    int socket;   /* unconnected */
    int listener; /* to which nobody connects; does not block */
    pid_t target; /* another process of our user, that it may trace */
} world;

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

static int socket_unix(void)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int connect_somewhere(void)
{
    return connect(world.socket, (struct sockaddr *)&world.listening, sizeof world.listening);
}

/* Nobody connects: what may accept finds that out. */
static int accept_connection(void)
{
    int taken = accept4(world.listener, NULL, NULL, SOCK_CLOEXEC);

    return taken < 0 && errno == EAGAIN ? 0 : taken;
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
    socket_unix, connect_somewhere, accept_connection, run_program, trace_process, signal_process,
    fork_once, make_memory_file};

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
    void *code = mmap(NULL, 1, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return code == MAP_FAILED ? -1 : munmap(code, 1);
}

static int turn_data_into_code(void)
{
    void *data = mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return mprotect(data, 1, PROT_READ | PROT_EXEC);
}

/* Ways to another server than the one that a connection was made to. */
static int send_elsewhere(void)
{
    return (int)sendto(world.socket, "x", 1, MSG_NOSIGNAL, (struct sockaddr *)&world.listening,
        sizeof world.listening);
}

static int connect_by_sending(void)
{
    struct msghdr packet = {.msg_name = &world.listening, .msg_namelen = sizeof world.listening};
    return (int)sendmsg(world.socket, &packet, MSG_NOSIGNAL | MSG_FASTOPEN);
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

static int wait_for(pid_t child)
{
    int status;

    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    return status;
}

static void leave_with_outcome(int result)
{
    _exit(result >= 0       ? OUTCOME_MAY
          : errno == EPERM  ? OUTCOME_EPERM
          : errno == EACCES ? OUTCOME_EACCES
                            : ANOTHER_ERROR);
}

static void become_nobody(void)
{
    if (setgroups(0, NULL) < 0 || setgid(NOBODY) < 0 || setuid(NOBODY) < 0 ||
        prctl(PR_SET_DUMPABLE, 1) < 0)
        _exit(CANNOT_BE_CONFINED);
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

static int listen_alone(void)
{
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_un nameless = {.sun_family = AF_UNIX};

    if (bind(listener, (struct sockaddr *)&nameless, sizeof nameless.sun_family) < 0 ||
        listen(listener, 1) < 0)
        _exit(CANNOT_BE_CONFINED);
    return listener;
}

static void lock_in(enum confine_kind kind, int pretend_abi)
{
    const struct confine_place places[] = {{world.own, CONFINE_WRITE}, {NULL, CONFINE_READ}};
    g_autoptr(GError) error = NULL;

    if (confine_role(&(struct confinement){.kind = kind,
                         .places = places,
                         .keep = (int[]){2, world.socket, -1},
                         .pretend_abi = pretend_abi},
            &error))
        return;
    g_printerr("# %s\n", error->message);
    _exit(CANNOT_BE_CONFINED);
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
    world.listener = listen_alone();
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

/* The rows of launcher and hook are the proof that the probes are real: there, all succeed. */
static void test_table(gconstpointer data)
{
    struct trial trial = {.kind = (enum confine_kind)GPOINTER_TO_INT(data)};
    static const int abis[] = {0, -1, 1, 2, 3, 4, 5, 6};

    const int users = geteuid() == 0 ? 2 : 1; /* root, and nobody */

    for (int nobody = 0; nobody < users; nobody++)
        for (gsize i = 0; i < G_N_ELEMENTS(abis); i++) {
            trial.as_nobody = nobody;
            trial.pretend_abi = abis[i];
            if (i < 2 || !nobody)
                try_row(&trial);
        }
}

/* What starts programs has no filter, because a filter survives exec. */
static gboolean is_free(enum confine_kind kind)
{
    return kind == CONFINE_LAUNCHER || kind == CONFINE_HOOK;
}

static void test_side_doors_are_shut(void)
{
    for (enum confine_kind kind = 0; kind < CONFINE_KINDS; kind++)
        for (gsize i = 0; i < G_N_ELEMENTS(side_doors); i++) {
            /* without Landlock, so that it is seccomp that is seen */
            struct trial trial = {.kind = kind, .pretend_abi = -1};
            int outcome = try_deed(&trial, side_doors[i]);
            g_assert_cmpint(outcome, ==, is_free(kind) ? OUTCOME_MAY : OUTCOME_EPERM);
        }
}

static void test_a_connection_stays_where_it_is(void)
{
    static const enum confine_kind kinds[] = {CONFINE_INTAKE, CONFINE_COURIER, CONFINE_LISTENER};

    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        struct trial trial = {.kind = kinds[i], .pretend_abi = -1};
        g_assert_cmpint(try_deed(&trial, send_elsewhere), ==, OUTCOME_EPERM);
        g_assert_cmpint(try_deed(&trial, connect_by_sending), ==, OUTCOME_EPERM);
    }
}

/* Runs `work` in a process of that kind and returns its wait status. */
static int run_in_role(enum confine_kind kind, void (*work)(void))
{
    pid_t role;

    fflush(NULL);
    if ((role = fork()) == 0) {
        lock_in(kind, 0);
        work();
        _exit(0);
    }
    return wait_for(role);
}

static void leave(void)
{
    exit(0); /* with all that libraries and sanitizers do at the end */
}

/* What the libraries of each role do all day. */
static void do_daily_work(void)
{
    g_autoptr(GRegex) regex = g_regex_new("^[a-z]+@", G_REGEX_OPTIMIZE, 0, NULL);
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *text = g_date_time_format(now, "%F");
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    GMainLoop *loop = g_main_loop_new(NULL, FALSE);

    g_checksum_update(sum, (const guchar *)text, -1);
    if (!g_regex_match(regex, "a@b.example", 0, NULL) || !g_checksum_get_string(sum))
        _exit(1);
    log_event(LOG_LEVEL_INFO, 0, "test", "at work");
    g_timeout_add(1, (GSourceFunc)(void (*)(void))g_main_loop_quit, loop);
    g_main_loop_run(loop);
    g_main_loop_unref(loop);
}

static void test_roles_work_and_leave(void)
{
    for (enum confine_kind kind = 0; kind < CONFINE_KINDS; kind++) {
        if (kind == CONFINE_READER_CHILD)
            continue; /* test-confine-child */
        g_assert_cmpint(run_in_role(kind, do_daily_work), ==, 0);
        g_assert_cmpint(run_in_role(kind, leave), ==, 0);
        /* whatever a role does to end itself ends it */
        g_assert_cmpint(WTERMSIG(run_in_role(kind, abort)), ==, SIGABRT);
    }
}

/* A mail is delivered as a Maildir wants it: written in tmp, made durable, renamed to new. */
static void deliver_by_rename(void)
{
    g_autofree char *tmp = g_build_filename(world.own, "tmp", NULL);
    g_autofree char *new = g_build_filename(world.own, "new", NULL);
    g_autofree char *from = g_build_filename(tmp, "1", NULL);
    g_autofree char *to = g_build_filename(new, "1", NULL);
    int fd;

    g_mkdir(tmp, 0700);
    g_mkdir(new, 0700);
    fd = open(from, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, "x", 1) != 1 || fsync(fd) < 0 || rename(from, to) < 0 ||
        !fd_sync_folder(new, NULL) || unlink(to) < 0)
        _exit(1);
    close(fd);
}

static void test_a_folder_of_its_own_is_a_whole_folder(void)
{
    static const enum confine_kind kinds[] = {CONFINE_DESK, CONFINE_INTAKE, CONFINE_COURIER};
    static const int abis[] = {0, 1, 2, -1};

    for (gsize i = 0; i < G_N_ELEMENTS(kinds) * G_N_ELEMENTS(abis); i++) {
        pid_t role = fork();
        if (role == 0) {
            lock_in(kinds[i / G_N_ELEMENTS(abis)], abis[i % G_N_ELEMENTS(abis)]);
            deliver_by_rename();
            _exit(0);
        }
        g_assert_cmpint(wait_for(role), ==, 0);
    }
}

static char *make_folder(void)
{
    char *folder = g_dir_make_tmp("mado-confine-XXXXXX", NULL);

    g_assert_nonnull(folder);
    if (geteuid() == 0)
        g_assert_cmpint(chmod(folder, 0777), ==, 0);
    return folder;
}

static int make_world(void)
{
    int listener = socket_unix();

    world.own = make_folder();
    world.outside = make_folder();
    world.listening.sun_family = AF_UNIX;
    g_snprintf(world.listening.sun_path, sizeof world.listening.sun_path, "%s/s", world.outside);
    g_assert_cmpint(
        bind(listener, (struct sockaddr *)&world.listening, sizeof world.listening), ==, 0);
    g_assert_cmpint(chmod(world.listening.sun_path, 0777), ==, 0);
    g_assert_cmpint(listen(listener, 1000), ==, 0);
    return listener;
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
    g_test_add_func("/confine/place/whole", test_a_folder_of_its_own_is_a_whole_folder);
    g_test_add_func("/confine/side-doors", test_side_doors_are_shut);
    g_test_add_func("/confine/connection", test_a_connection_stays_where_it_is);
    g_test_add_func("/confine/roles", test_roles_work_and_leave);
    status = g_test_run();
    close(listener);
    folder_remove(world.own);
    folder_remove(world.outside);
    return status;
}
