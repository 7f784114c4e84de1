/* The keys role: gpg at work behind its locks, counted and ended. */
#include "children.h"
#include "error.h"
#include "folder.h"
#include "keys.h"
#include "now.h"
#include "role-child.h"
#include <mado/limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <sysexits.h>

static char *home; /* of gpg */
static guint64 run = 1;
static const char *passphrase_file = "";

static void start_keys(struct role_child *keys, gint64 hourly)
{
    g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT(NULL);

    g_variant_dict_insert(&dict, "home", "s", home);
    g_variant_dict_insert(&dict, "passphrase_file", "s", passphrase_file);
    g_variant_dict_insert(&dict, "passphrase_credential", "s", "");
    g_variant_dict_insert(&dict, "hourly", "x", hourly);
    g_variant_dict_insert(&dict, "run", "t", run);
    role_start(keys, role_keys, &(struct options){.config = home}, g_variant_dict_end(&dict));
}

static void give(const struct role_child *keys, guint64 job, guint32 op, GVariant *argument)
{
    int file = fd_new_memory("job", NULL);

    g_assert_true(ipc_write_variant(file, argument, NULL));
    g_assert_true(ipc_send(keys->channel, IPC_WORK, g_variant_new("(tu)", job, op), file, NULL));
    close(file);
}

/* The result, or NULL and why; the caller frees both. */
static GVariant *take(
    const struct role_child *keys, guint64 job, enum keys_op op, guint32 *outcome, char **why)
{
    struct ipc_message message;
    GVariant *result = NULL;
    guint64 of;

    role_hear(keys, &message, NULL);
    g_assert_cmpint(message.kind, ==, IPC_WORKED);
    g_variant_get(message.body, "(tus)", &of, outcome, why);
    g_assert_cmpint(of, ==, job);
    g_assert_cmpint(message.fd >= 0, ==, *outcome == KEYS_DONE);
    if (message.fd >= 0)
        result = ipc_read_variant(message.fd, keys_result(op), LIMIT_JOB_BYTES, NULL);
    ipc_message_clear(&message);
    return result;
}

static GVariant *new_key(const char *name)
{
    g_autofree char *address = g_strdup_printf("%s@sakura.example", name);

    return g_variant_new("(ssx)", name, address, (gint64)0);
}

static gsize count_keys(const struct role_child *keys)
{
    g_autofree char *why = NULL;
    g_autoptr(GVariant) listed = NULL;
    guint32 outcome;

    give(keys, 99, KEYS_LIST, g_variant_new("()"));
    listed = take(keys, 99, KEYS_LIST, &outcome, &why);
    g_assert_cmpstr(why, ==, "");
    return g_variant_n_children(listed);
}

static guint32 make_key(const struct role_child *keys, guint64 job, const char *name, char **why)
{
    guint32 outcome;

    give(keys, job, KEYS_MAKE, new_key(name));
    g_clear_pointer(why, g_free);
    g_clear_pointer(&(GVariant *){take(keys, job, KEYS_MAKE, &outcome, why)}, g_variant_unref);
    if (**why)
        g_test_message("%s", *why);
    return outcome;
}

static void expect_later(const struct role_child *keys, guint64 job)
{
    g_autofree char *why = NULL;
    guint32 outcome;

    g_assert_null(take(keys, job, KEYS_MAKE, &outcome, &why));
    g_assert_cmpint(outcome, ==, KEYS_LATER);
    g_assert_nonnull(strstr(why, "keys.hourly"));
}

static void remove_counts(void)
{
    g_autofree char *path = g_build_filename(home, "private-operations", NULL);

    g_unlink(path);
}

static guint count_lines(const char *log, const char *with)
{
    guint count = 0;

    for (const char *at = log; (at = strstr(at, with)); at++)
        count++;
    return count;
}

static void test_it_works_behind_its_locks(void)
{
    struct role_child keys;
    g_autofree char *why = NULL, *log = NULL;

    start_keys(&keys, 100);
    role_expect(&keys, IPC_READY);
    role_ping(&keys);
    g_assert_cmpint(count_keys(&keys), ==, 0);
    g_assert_cmpint(make_key(&keys, 7, "team", &why), ==, KEYS_DONE);
    g_assert_cmpint(count_keys(&keys), ==, 1);
    role_ping(&keys);
    g_assert_cmpint(role_end(&keys, &log), ==, EX_OK);
    g_assert_cmpint(count_lines(log, "private-key"), ==, 1);
    g_assert_nonnull(strstr(log, "op=make outcome=done"));
    g_assert_null(strstr(log, "sakura"));
}

static void test_the_hour_is_counted_by_all_and_for_ever(void)
{
    struct role_child keys;
    g_autofree char *why = NULL, *log = NULL;

    remove_counts();
    start_keys(&keys, 2);
    role_expect(&keys, IPC_READY);
    g_assert_cmpint(make_key(&keys, 1, "a", &why), ==, KEYS_DONE);
    g_assert_cmpint(role_end(&keys, NULL), ==, EX_OK);
    start_keys(&keys, 2); /* another one does not forget */
    role_expect(&keys, IPC_READY);
    g_assert_cmpint(make_key(&keys, 2, "b", &why), ==, KEYS_DONE);
    for (guint64 job = 3; job < 5; job++) {
        give(&keys, job, KEYS_MAKE, new_key("c"));
        if (job == 3) /* said once */
            role_expect(&keys, IPC_TROUBLE);
        expect_later(&keys, job);
    }
    g_assert_cmpuint(count_keys(&keys), >=, 2); /* what needs no private key goes on */
    g_assert_cmpint(role_end(&keys, &log), ==, EX_OK);
    g_assert_cmpuint(count_lines(log, "private-key"), ==, 1);
}

static void test_an_hour_later_it_goes_on(void)
{
    struct role_child keys;
    g_autofree char *why = NULL;

    remove_counts();
    now_fix(1000000000);
    start_keys(&keys, 1);
    role_expect(&keys, IPC_READY);
    g_assert_cmpint(make_key(&keys, 1, "d", &why), ==, KEYS_DONE);
    g_assert_cmpint(role_end(&keys, NULL), ==, EX_OK);
    now_fix(1000000000 + 3540);
    start_keys(&keys, 1);
    role_expect(&keys, IPC_READY);
    give(&keys, 2, KEYS_MAKE, new_key("e"));
    role_expect(&keys, IPC_TROUBLE);
    expect_later(&keys, 2);
    g_assert_cmpint(role_end(&keys, NULL), ==, EX_OK);
    now_fix(1000000000 + 3600);
    start_keys(&keys, 1);
    role_expect(&keys, IPC_READY);
    g_assert_cmpint(make_key(&keys, 3, "e", &why), ==, KEYS_DONE);
    g_assert_cmpint(role_end(&keys, NULL), ==, EX_OK);
}

/* What a daemon before this one left, with the number of a process that lives. */
static void test_locks_of_the_dead_hold_up_nobody(void)
{
    struct role_child keys;
    g_autofree char *why = NULL;
    g_autofree char *lock = g_build_filename(home, "pubring.kbx.lock", NULL);
    g_autofree char *owner = g_strdup_printf("%10d\n%s\n", (int)getppid(), g_get_host_name());

    remove_counts();
    g_assert_true(g_file_set_contents(lock, owner, -1, NULL));
    run++;
    start_keys(&keys, 10);
    role_expect(&keys, IPC_READY);
    g_assert_cmpint(make_key(&keys, 1, "f", &why), ==, KEYS_DONE);
    g_assert_true(g_file_set_contents(lock, owner, -1, NULL));
    g_assert_cmpint(role_end(&keys, NULL), ==, EX_OK);
    start_keys(&keys, 10); /* of the same run: that lock may be somebody's */
    role_expect(&keys, IPC_READY);
    g_assert_true(g_file_test(lock, G_FILE_TEST_EXISTS));
    g_unlink(lock);
    g_assert_cmpint(role_end(&keys, NULL), ==, EX_OK);
}

static void test_a_home_that_cannot_be_is_said(void)
{
    struct role_child keys;
    struct ipc_message message;
    const char *sentence;
    char *ours = home;

    home = (char *)"/dev/null/keys";
    start_keys(&keys, 10);
    role_hear(&keys, &message, NULL);
    g_assert_cmpint(message.kind, ==, IPC_TROUBLE);
    g_variant_get(message.body, "(&s)", &sentence);
    g_assert_nonnull(strstr(sentence, "/dev/null/keys"));
    ipc_message_clear(&message);
    g_assert_cmpint(role_end(&keys, NULL), !=, EX_OK);
    home = ours;
}

static void test_the_passphrase_is_taken_if_it_is_a_secret(void)
{
    g_autofree char *path = g_build_filename(home, "passphrase", NULL);
    g_autofree char *why = NULL;
    struct role_child keys;

    remove_counts();
    g_assert_true(g_file_set_contents_full(
        path, "correct horse\n", -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    passphrase_file = path;
    start_keys(&keys, 10);
    role_expect(&keys, IPC_READY);
    g_assert_cmpint(make_key(&keys, 1, "g", &why), ==, KEYS_DONE);
    g_assert_cmpint(role_end(&keys, NULL), ==, EX_OK);
    g_assert_cmpint(chmod(path, 0644), ==, 0);
    start_keys(&keys, 10);
    role_expect(&keys, IPC_TROUBLE);
    g_assert_cmpint(role_end(&keys, NULL), !=, EX_OK);
    passphrase_file = "";
}

/* Where gpg writes its log is where it may write. */
static gboolean gpg_writes(const char *file)
{
    g_autofree char *options = g_build_filename(home, "gpg.conf", NULL);
    g_autofree char *before = NULL, *after = NULL;
    struct role_child keys;

    start_keys(&keys, 10);
    role_expect(&keys, IPC_READY);
    g_assert_true(g_file_get_contents(options, &before, NULL, NULL));
    after = g_strdup_printf("%slog-file %s\nverbose\n", before, file);
    g_assert_true(g_file_set_contents(options, after, -1, NULL));
    give(&keys, 1, KEYS_LIST, g_variant_new("()"));
    role_end(&keys, NULL);
    g_assert_true(g_file_set_contents(options, before, -1, NULL));
    return g_file_test(file, G_FILE_TEST_EXISTS);
}

static void test_gpg_writes_in_its_home_alone(void)
{
    g_autofree char *inside = g_build_filename(home, "log", NULL);
    g_autofree char *outside = g_strconcat(home, "-log", NULL);

    g_assert_true(gpg_writes(inside)); /* the probe is real */
    g_assert_false(gpg_writes(outside));
}

/* -- the desk asks for what there is not -- */

static void test_a_desk_that_makes_no_sense_is_left(void)
{
    static const guint32 ops[] = {KEYS_OPS, KEYS_SEAL};

    for (gsize i = 0; i < G_N_ELEMENTS(ops); i++) {
        struct role_child keys;
        struct pollfd on = {.events = POLLIN};
        start_keys(&keys, 10);
        role_expect(&keys, IPC_READY);
        give(&keys, 1, ops[i], g_variant_new("(s)", "no such thing"));
        on.fd = keys.channel;
        g_assert_cmpint(poll(&on, 1, BOUND_SECONDS * 1000), ==, 1);
        g_assert_true(on.revents & POLLHUP);
        role_end(&keys, NULL);
    }
}

int main(int argc, char **argv)
{
    int status;

    g_test_init(&argc, &argv, NULL);
    children_adopt();
    home = g_dir_make_tmp("mk-XXXXXX", NULL);
    g_test_add_func("/keys/works", test_it_works_behind_its_locks);
    g_test_add_func("/keys/cap", test_the_hour_is_counted_by_all_and_for_ever);
    g_test_add_func("/keys/hour", test_an_hour_later_it_goes_on);
    g_test_add_func("/keys/locks", test_locks_of_the_dead_hold_up_nobody);
    g_test_add_func("/keys/home", test_a_home_that_cannot_be_is_said);
    g_test_add_func("/keys/passphrase", test_the_passphrase_is_taken_if_it_is_a_secret);
    if (!confine_weakness(&(struct confinement){.kind = CONFINE_KEYS}))
        g_test_add_func("/keys/inside", test_gpg_writes_in_its_home_alone);
    g_test_add_func("/keys/nonsense", test_a_desk_that_makes_no_sense_is_left);
    status = g_test_run();
    children_end_all();
    folder_remove(home);
    return status;
}
