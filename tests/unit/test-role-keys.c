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

static char *home; /* of gpg; of one test */

static void start_keys(struct role_child *keys, gint64 hourly)
{
    g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT(NULL);

    g_variant_dict_insert(&dict, "home", "s", home);
    g_variant_dict_insert(&dict, "passphrase_file", "s", "");
    g_variant_dict_insert(&dict, "passphrase_credential", "s", "");
    g_variant_dict_insert(&dict, "hourly", "x", hourly);
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
    return outcome;
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

int main(int argc, char **argv)
{
    int status;

    g_test_init(&argc, &argv, NULL);
    children_adopt();
    home = g_dir_make_tmp("mk-XXXXXX", NULL);
    g_test_add_func("/keys/works", test_it_works_behind_its_locks);
    status = g_test_run();
    children_end_all();
    folder_remove(home);
    return status;
}
