/* The reader's child: what parses a mail. */
#include "confine.h"
#include "fd.h"
#include "log.h"
#include <build-facts.h>
#include <fcntl.h>
#include <mado/limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define CANNOT_BE_CONFINED 90

static int silence; /* a pipe into which nobody writes */
static int usual_files[] = {STDERR_FILENO, -1, -1};

static int wait_for(pid_t child)
{
    int status;

    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    return status;
}

static void become_reader(void)
{
    if (!confine_role(&(struct confinement){.kind = CONFINE_READER}, NULL))
        _exit(CANNOT_BE_CONFINED);
}

/* Runs `work` as the child of a confined reader, and tells how it ended. */
static int end_of_child(const struct confinement *confinement, void (*work)(void *), void *data)
{
    pid_t reader = fork();
    pid_t child;
    int status;

    if (reader == 0) {
        become_reader();
        if ((child = fork()) == 0) {
            if (!confine_role(confinement, NULL))
                _exit(CANNOT_BE_CONFINED);
            work(data);
            _exit(0);
        }
        status = wait_for(child);
        /* as the kernel writes it, so that it passes through an exit status of eight bits */
        _exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
    }
    status = WEXITSTATUS(wait_for(reader));
    return status >= 128 ? status - 128 : status << 8;
}

static void read_mail(void *data)
{
    const int *files = data;
    char byte;

    if (pread(files[0], &byte, 1, 0) != 1 || write(files[1], &byte, 1) != 1)
        _exit(1);
}

static void use_channel(void *data)
{
    if (write(*(int *)data, "forged", 6) != 6)
        _exit(1);
}

static void test_child_has_its_files_and_no_other(void)
{
    int mail = fd_new_memory("mail", NULL), facts = fd_new_memory("facts", NULL);
    int channel[2];
    struct confinement child = {.kind = CONFINE_READER_CHILD, .keep = (int[]){facts, mail, -1}};
    guint8 byte = 0;

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel), ==, 0);
    g_assert_true(fd_write_all(mail, "x", 1, NULL));
    g_assert_cmpint(end_of_child(&child, read_mail, (int[]){mail, facts}), ==, 0);
    g_assert_cmpint(pread(facts, &byte, 1, 0), ==, 1);
    g_assert_cmpint(byte, ==, 'x');
    g_assert_cmpstr(confine_death(end_of_child(&child, use_channel, channel)), ==,
        "ran out of memory, or gave up");
    close(mail);
    close(facts);
    close(channel[0]);
    close(channel[1]);
}

static void use_memory(void *data)
{
    data = g_ptr_array_new();
    for (;;) { /* GLib ends the process when there is no more */
        char *block = g_malloc(1 << 20);
        memset(block, 1, 1 << 20);
        g_ptr_array_add(data, block);
    }
}

static void use_processor(void *data)
{
    for (volatile int i = 0;; i++)
        ;
}

static void use_time(void *data)
{
    char byte;

    _exit(read(silence, &byte, 1) == 0 ? 0 : 1);
}

static void write_much(void *data)
{
    char block[4096] = {0};

    for (int i = 0; i <= LIMIT_FACTS_BYTES / (int)sizeof block; i++)
        if (write(*(int *)data, block, sizeof block) != sizeof block)
            return;
}

static void test_limits_of_a_child(void)
{
    int facts = fd_new_memory("facts", NULL);
    const int keep[] = {facts, silence, -1};
    const struct {
        const char *limit;
        struct confinement as;
        void (*work)(void *);
        gboolean plain; /* the sanitizers map and fill more than any limit */
        const char *death;
    } rows[] = {
        {"memory", {.memory = 64 << 20}, use_memory, TRUE, "ran out of memory, or broke"},
        {"memory by default", {0}, use_memory, TRUE, "ran out of memory, or broke"},
        {"processor", {.cpu_seconds = 1}, use_processor, FALSE, "took too much processor time"},
        {"wall clock", {.wall_seconds = 1}, use_time, FALSE, "took too long"},
        {"facts", {0}, write_much, FALSE, "found more facts than may be kept"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct confinement as = rows[i].as;
        as.kind = CONFINE_READER_CHILD;
        as.keep = keep;
        if (rows[i].plain && MADO_SANITIZED) {
            g_test_message("%s: only in a build without sanitizers", rows[i].limit);
            continue;
        }
        g_test_message("%s", rows[i].limit);
        g_assert_cmpstr(confine_death(end_of_child(&as, rows[i].work, &facts)), ==, rows[i].death);
    }
    close(facts);
}

static void ignore_clock(void *data)
{
    sigset_t all;

    sigfillset(&all);
    signal(SIGALRM, SIG_IGN);
    sigprocmask(SIG_BLOCK, &all, NULL);
    alarm(0);
    use_time(data);
}

static void test_child_cannot_stop_its_clock(void)
{
    struct confinement as = {.kind = CONFINE_READER_CHILD, .keep = usual_files, .wall_seconds = 1};

    g_assert_cmpstr(confine_death(end_of_child(&as, ignore_clock, NULL)), ==, "took too long");
}

static void test_child_dies_with_its_reader(void)
{
    int alive[2], end[2];
    char byte;
    pid_t reader;

    g_assert_cmpint(pipe2(alive, O_CLOEXEC), ==, 0);
    g_assert_cmpint(pipe2(end, O_CLOEXEC), ==, 0);
    reader = fork();
    if (reader == 0) {
        become_reader();
        if (fork() == 0) {
            struct confinement as = {
                .kind = CONFINE_READER_CHILD, .keep = (int[]){alive[1], silence, -1}};
            if (confine_role(&as, NULL) && write(alive[1], "x", 1) == 1)
                use_time(NULL);
            _exit(CANNOT_BE_CONFINED);
        }
        close(alive[1]);
        close(end[1]);
        _exit(read(end[0], &byte, 1) == 0 ? 0 : 1);
    }
    close(alive[1]);
    close(end[0]);
    g_assert_cmpint(read(alive[0], &byte, 1), ==, 1);
    close(end[1]);
    g_assert_cmpint(wait_for(reader), ==, 0);
    g_assert_cmpint(read(alive[0], &byte, 1), ==, 0); /* end of file: nobody holds it any more */
    close(alive[0]);
}

static void parse_a_date(void *data)
{
    g_autoptr(GRegex) regex = g_regex_new("^[a-z]+@", G_REGEX_OPTIMIZE, 0, NULL);
    g_autoptr(GTimeZone) zone = g_time_zone_new_offset(9 * 3600);
    g_autoptr(GDateTime) date = g_date_time_new(zone, 2026, 2, 3, 9, 0, 0);
    g_autofree char *text = g_date_time_format_iso8601(date);

    if (!g_regex_match(regex, "a@b.example", 0, NULL) || !g_str_has_prefix(text, "2026-02-03"))
        _exit(1);
}

static void look_at_limits(void *data)
{
    static const __rlimit_resource_t nothing[] = {RLIMIT_CORE, RLIMIT_NPROC, RLIMIT_NOFILE};
    struct rlimit is;

    for (gsize i = 0; i < G_N_ELEMENTS(nothing); i++)
        if (getrlimit(nothing[i], &is) < 0 || is.rlim_cur != 0 || is.rlim_max != 0)
            _exit(1);
}

static void leave(void *data)
{
    exit(0);
}

static void break_itself(void *data)
{
    abort();
}

static void test_child_works_and_leaves(void)
{
    struct confinement as = {.kind = CONFINE_READER_CHILD, .keep = usual_files};

    fflush(NULL);
    g_assert_null(confine_death(end_of_child(&as, parse_a_date, NULL)));
    g_assert_null(confine_death(end_of_child(&as, look_at_limits, NULL)));
    g_assert_null(confine_death(end_of_child(&as, leave, NULL)));
    g_assert_nonnull(confine_death(end_of_child(&as, break_itself, NULL)));
}

static void test_only_a_readers_child_can_be_one(void)
{
    pid_t child = fork();

    if (child == 0)
        _exit(confine_role(&(struct confinement){.kind = CONFINE_READER_CHILD}, NULL) ? 1 : 0);
    g_assert_cmpint(wait_for(child), ==, 0);
}

/* A mail costs a fork, a filter and a wait; the reader is as large as one that has warmed up. */
static void test_child_is_cheap(void)
{
    enum { MAILS = 100 };
    pid_t reader = fork();

    if (reader == 0) {
        static char warmed_up[13 << 20];
        gint64 start;
        memset(warmed_up, 1, sizeof warmed_up);
        become_reader();
        start = g_get_monotonic_time();
        for (int i = 0; i < MAILS; i++) {
            pid_t child = fork();
            if (child == 0) {
                struct confinement as = {.kind = CONFINE_READER_CHILD, .keep = usual_files};
                _exit(confine_role(&as, NULL) ? 0 : 1);
            }
            if (wait_for(child) != 0)
                _exit(1);
        }
        g_printerr("# %.0f us a child\n", (double)(g_get_monotonic_time() - start) / MAILS);
        _exit(0);
    }
    g_assert_cmpint(wait_for(reader), ==, 0);
}

int main(int argc, char **argv)
{
    int pipe_of_silence[2];

    g_test_init(&argc, &argv, NULL);
    g_assert_cmpint(pipe2(pipe_of_silence, O_CLOEXEC), ==, 0);
    silence = usual_files[1] = pipe_of_silence[0];
    log_start("test"); /* as every role does: what GLib writes when it ends us must open nothing */
    g_test_add_func("/confine-child/work", test_child_works_and_leaves);
    g_test_add_func("/confine-child/whose", test_only_a_readers_child_can_be_one);
    g_test_add_func("/confine-child/files", test_child_has_its_files_and_no_other);
    g_test_add_func("/confine-child/limits", test_limits_of_a_child);
    g_test_add_func("/confine-child/clock", test_child_cannot_stop_its_clock);
    g_test_add_func("/confine-child/death", test_child_dies_with_its_reader);
    g_test_add_func("/confine-child/cheap", test_child_is_cheap);
    return g_test_run();
}
