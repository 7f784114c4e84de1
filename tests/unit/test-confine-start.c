/* When confinement begins: what it refuses, and what the kernel says afterwards. */
#include "confine.h"
#include "error.h"
#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534
#define CANNOT_BE_CONFINED 90

static int wait_for(pid_t child)
{
    int status;

    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    return status;
}

static void become_nobody(void)
{
    if (setgroups(0, NULL) < 0 || setgid(NOBODY) < 0 || setuid(NOBODY) < 0 ||
        prctl(PR_SET_DUMPABLE, 1) < 0)
        _exit(CANNOT_BE_CONFINED);
}

static gpointer wait_in_thread(gpointer data)
{
    char byte;

    return read(*(int *)data, &byte, 1) == 0 ? NULL : data;
}

static void test_two_threads_are_refused(void)
{
    int hold[2];
    g_autoptr(GThread) thread = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(pipe2(hold, O_CLOEXEC), ==, 0);
    thread = g_thread_new("second", wait_in_thread, &hold[0]);
    g_assert_false(confine_role(&(struct confinement){.kind = CONFINE_DELIVER}, &error));
    g_assert_error(error, MADO_ERROR, MADO_E_CONFINE);
    close(hold[1]);
    g_assert_null(g_thread_join(g_steal_pointer(&thread)));
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

    g_assert_cmpint(pipe2(ready, O_CLOEXEC), ==, 0);
    g_assert_cmpint(pipe2(go, O_CLOEXEC), ==, 0);
    if ((role = fork()) == 0) {
        if (geteuid() == 0)
            become_nobody();
        close(go[1]);
        if (write(ready[1], "n", 1) != 1 || read(go[0], &byte, 1) != 1)
            _exit(1);
        if (!confine_role(&(struct confinement){.kind = CONFINE_DELIVER}, NULL))
            _exit(CANNOT_BE_CONFINED);
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

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/confine-start/threads", test_two_threads_are_refused);
    g_test_add_func("/confine-start/missing", test_a_folder_to_write_in_must_be_there);
    g_test_add_func("/confine-start/kernel", test_the_kernel_agrees);
    return g_test_run();
}
