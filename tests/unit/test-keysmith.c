/* A keys role for `explain --keys`: it works, and leaves nothing. */
#include "error.h"
#include "keysmith.h"
#include "own-role.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char *program, *folder; /* madod; of temporary files */

static guint count_inside(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    guint count = 0;

    while (dir && g_dir_read_name(dir))
        count++;
    return count;
}

/* Of processes whose command line names that folder; `number` 0 signals none. */
static guint signal_processes(int number)
{
    g_autoptr(GDir) all = g_dir_open("/proc", 0, NULL);
    const char *name;
    guint count = 0;

    while ((name = g_dir_read_name(all))) {
        g_autofree char *path = g_build_filename("/proc", name, "cmdline", NULL);
        g_autofree char *line = NULL;
        gsize size = 0;
        if (g_ascii_isdigit(*name) && g_file_get_contents(path, &line, &size, NULL) &&
            memmem(line, size, folder, strlen(folder)) && kill(atoi(name), number) == 0)
            count++;
    }
    return count;
}

static void expect_nothing_left(void)
{
    gint64 until = g_get_monotonic_time() + 60 * G_USEC_PER_SEC;

    while (signal_processes(0) && g_get_monotonic_time() < until)
        poll(NULL, 0, 10);
    g_assert_cmpuint(signal_processes(0), ==, 0);
    g_assert_cmpuint(count_inside(folder), ==, 0);
}

static GVariant *make_key(struct keysmith *keysmith)
{
    return keysmith_do(keysmith, KEYS_MAKE,
        g_variant_new("(ssx)", "Team", "team@sakura.example", (gint64)0), NULL);
}

static void test_it_works_and_leaves_nothing(void)
{
    struct keysmith *keysmith = keysmith_new(program);
    g_autoptr(GVariant) made = make_key(keysmith);
    g_autoptr(GVariant) listed = keysmith_do(keysmith, KEYS_LIST, g_variant_new("()"), NULL);

    g_assert_nonnull(made);
    g_assert_cmpuint(g_variant_n_children(listed), ==, 1);
    g_assert_cmpuint(count_inside(folder), ==, 1);
    g_assert_cmpuint(signal_processes(0), >, 0); /* the agent */
    keysmith_free(keysmith);
    expect_nothing_left();
}

static void test_what_gpg_refuses_is_said(void)
{
    struct keysmith *keysmith = keysmith_new(program);
    g_autoptr(GError) error = NULL;

    g_assert_null(keysmith_do(keysmith, KEYS_EXPORT,
        g_variant_new("s", "0000000000000000000000000000000000000000"), &error));
    g_assert_error(error, MADO_ERROR, MADO_E_KEYS_REFUSED);
    keysmith_free(keysmith);
    expect_nothing_left();
}

static void test_a_program_that_is_none_is_said(void)
{
    struct keysmith *keysmith = keysmith_new("/bin/true");
    g_autoptr(GError) error = NULL;

    g_assert_null(keysmith_do(keysmith, KEYS_LIST, g_variant_new("()"), &error));
    g_assert_error(error, MADO_ERROR, MADO_E_ROLE);
    keysmith_free(keysmith);
    expect_nothing_left();
}

static void test_an_agent_that_is_ended_is_started_again(void)
{
    struct keysmith *keysmith = keysmith_new(program);
    g_autoptr(GVariant) first = make_key(keysmith);
    g_autoptr(GVariant) second = NULL;

    g_assert_nonnull(first);
    g_assert_cmpuint(signal_processes(SIGKILL), >, 0); /* the agent */
    second = make_key(keysmith);
    g_assert_nonnull(second);
    keysmith_free(keysmith);
    expect_nothing_left();
}

/* As gpg that gives up a slow agent would end it. */
static void test_a_worker_that_cannot_start_is_tried_again(void)
{
    g_autofree char *place = g_dir_make_tmp("mado-slow-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(place, "keys", NULL);
    g_autofree char *mark = g_build_filename(place, "been-here", NULL);
    g_autofree char *text = g_strdup_printf(
        "#!/bin/sh\nif mkdir %s 2>/dev/null; then exit 1; fi\nexec %s \"$@\"\n", mark, program);
    struct keysmith *keysmith = keysmith_new(path);
    g_autoptr(GVariant) listed = NULL;

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    g_assert_cmpint(g_chmod(path, 0700), ==, 0);
    listed = keysmith_do(keysmith, KEYS_LIST, g_variant_new("()"), NULL);
    g_assert_nonnull(listed);
    g_assert_true(g_file_test(mark, G_FILE_TEST_IS_DIR));
    keysmith_free(keysmith);
    g_rmdir(mark);
    g_unlink(path);
    g_rmdir(place);
    expect_nothing_left();
}

/* What it does before it ends is to remove what nobody else may find. */
static void test_a_signal_leaves_nothing(void)
{
    int ready[2], status;
    pid_t child;
    char byte;

    g_assert_cmpint(pipe2(ready, O_CLOEXEC), ==, 0);
    child = fork();
    if (child == 0) {
        struct keysmith *keysmith = keysmith_new(program);
        g_autoptr(GVariant) made = make_key(keysmith);
        g_autoptr(GVariant) more = NULL;
        if (!made || write(ready[1], "x", 1) != 1)
            _exit(1);
        while ((more = make_key(keysmith)))
            g_clear_pointer(&more, g_variant_unref);
        keysmith_free(keysmith);
        _exit(2);
    }
    g_assert_cmpint(read(ready[0], &byte, 1), ==, 1);
    kill(child, SIGINT);
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
    close(ready[0]);
    close(ready[1]);
    expect_nothing_left();
}

int main(int argc, char **argv)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *here = g_path_get_dirname(self);
    int status;

    folder = g_mkdtemp(g_strdup("/tmp/ks-XXXXXX"));
    g_setenv("TMPDIR", folder, TRUE); /* before GLib asks */
    g_test_init(&argc, &argv, NULL);
    program = g_build_filename(here, "..", "mado-keys", NULL);
    g_test_add_func("/keysmith/works", test_it_works_and_leaves_nothing);
    g_test_add_func("/keysmith/refused", test_what_gpg_refuses_is_said);
    g_test_add_func("/keysmith/no program", test_a_program_that_is_none_is_said);
    g_test_add_func("/keysmith/agent", test_an_agent_that_is_ended_is_started_again);
    g_test_add_func("/keysmith/slow start", test_a_worker_that_cannot_start_is_tried_again);
    g_test_add_func("/keysmith/signal", test_a_signal_leaves_nothing);
    status = g_test_run();
    g_rmdir(folder);
    g_free(folder);
    g_free(program);
    return status;
}
