/* A confined role does its work, and what confines it is really there. */
#include "confine-world.h"
#include "error.h"
#include "fd.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static gpointer wait_in_thread(gpointer data)
{
    char byte;

    return read(*(int *)data, &byte, 1) == 0 ? NULL : data;
}

static void test_two_threads_are_refused(void)
{
    int hold[2];
    GThread *thread;
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(pipe(hold), ==, 0);
    thread = g_thread_new("second", wait_in_thread, &hold[0]);
    g_assert_false(confine_role(&(struct confinement){.kind = CONFINE_DELIVER}, &error));
    g_assert_error(error, MADO_ERROR, MADO_E_CONFINE);
    close(hold[1]);
    g_assert_null(g_thread_join(thread));
    close(hold[0]);
}

static void test_a_folder_to_write_in_must_be_there(void)
{
    static const struct {
        enum confine_access access;
        int status;
    } rows[] = {{CONFINE_READ, 0}, {CONFINE_WRITE, 1}};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        pid_t child = fork();
        if (child == 0) {
            struct confine_place places[] = {{"/no/such/folder", rows[i].access}, {NULL, 0}};
            struct confinement as = {.kind = CONFINE_COURIER, .places = places};
            _exit(confine_role(&as, NULL) ? 0 : 1);
        }
        g_assert_cmpint(WEXITSTATUS(wait_for(child)), ==, rows[i].status);
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

/* What the kernel says of a role, as another process sees it. */
static void look_at_role(pid_t role)
{
    static const struct {
        const char *file, *pattern;
    } rows[] = {{"status", "^NoNewPrivs:\t1$"}, {"status", "^Seccomp:\t2$"},
        {"limits", "^Max core file size +0 +0 "}, {"limits", "^Max processes +0 +0 "},
        {"limits", "^Max open files +64 +64 "}};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/proc/%d/%s", role, rows[i].file);
        g_autofree char *text = NULL;
        g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
        if (!g_regex_match_simple(rows[i].pattern, text, G_REGEX_MULTILINE, 0))
            g_error("%s is not in %s", rows[i].pattern, text);
    }
}

/* The files of a process that cannot be traced belong to root, whoever runs it. */
static gboolean is_undumpable(pid_t role)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/environ", role);
    struct stat is;

    return stat(path, &is) == 0 && is.st_uid == 0;
}

static void test_the_kernel_agrees(void)
{
    int ready[2], go[2];
    char byte;
    pid_t role;

    g_assert_cmpint(pipe(ready), ==, 0);
    g_assert_cmpint(pipe(go), ==, 0);
    if ((role = fork()) == 0) {
        if (geteuid() == 0)
            become_nobody();
        close(go[1]);
        if (write(ready[1], "n", 1) != 1 || read(go[0], &byte, 1) != 1)
            _exit(1);
        lock_in(CONFINE_DELIVER, 0);
        _exit(write(ready[1], "y", 1) == 1 && read(go[0], &byte, 1) == 0 ? 0 : 1);
    }
    g_assert_cmpint(read(ready[0], &byte, 1), ==, 1);
    g_assert_false(is_undumpable(role)); /* so that the question makes sense */
    g_assert_cmpint(write(go[1], "g", 1), ==, 1);
    g_assert_cmpint(read(ready[0], &byte, 1), ==, 1);
    look_at_role(role);
    g_assert_true(is_undumpable(role));
    close(go[1]);
    g_assert_cmpint(wait_for(role), ==, 0);
    close(go[0]);
    close(ready[0]);
    close(ready[1]);
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

int main(int argc, char **argv)
{
    int listener, status;

    g_test_init(&argc, &argv, NULL);
    log_start("test"); /* as every role does: what GLib writes when it ends us must open nothing */
    listener = make_world();
    g_test_add_func("/confine/place/whole", test_a_folder_of_its_own_is_a_whole_folder);
    g_test_add_func("/confine/place/missing", test_a_folder_to_write_in_must_be_there);
    g_test_add_func("/confine/roles", test_roles_work_and_leave);
    g_test_add_func("/confine/kernel", test_the_kernel_agrees);
    g_test_add_func("/confine/threads", test_two_threads_are_refused);
    status = g_test_run();
    remove_world(listener);
    return status;
}
