/*
 * The home stands in the folder of temporary files, may have private keys, and so must not outlive
 * us: a signal that would end us ends the worker, and we go the way of any failure.
 */
#include "keysmith.h"
#include "children.h"
#include "error.h"
#include "say.h"
#include "fd.h"
#include "ipc.h"
#include "own-role.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <mado/limits.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { SECONDS = 60, REMOVING_TRIES = 100, REMOVING_PAUSE_US = 5000 };

struct keysmith {
    char *program, *home;
    guint64 run;
    struct own_role role;
    guint64 asked; /* the number of the job that it has in hand */
};

/* -- signals -- */

static const int endings[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT};
static struct sigaction before[G_N_ELEMENTS(endings)];
static volatile sig_atomic_t ended_by, worker;

static void hear_signal(int number)
{
    ended_by = number;
    if (worker)
        kill(-(pid_t)worker, SIGKILL);
}

static void listen_to_signals(void)
{
    const struct sigaction ours = {.sa_handler = hear_signal, .sa_flags = SA_RESTART};

    ended_by = worker = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(endings); i++)
        sigaction(endings[i], &ours, &before[i]);
}

/* What was put off happens now. */
static void leave_signals(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(endings); i++)
        sigaction(endings[i], &before[i], NULL);
    if (ended_by)
        raise(ended_by);
}

/* -- its home -- */

static char *make_home(void)
{
    char *home = g_dir_make_tmp("mado-keys-XXXXXX", NULL);
    char shorter[] = "/tmp/mado-keys-XXXXXX";

    if (!home || strlen(home) <= LIMIT_KEYS_HOME_PATH)
        return home;
    g_rmdir(home);
    g_free(home);
    return g_strdup(g_mkdtemp(shorter)); /* gpg makes sockets there, whose names are short */
}

/* No link is followed. */
static void empty_folder(const char *path)
{
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    const char *name;

    while (folder && (name = g_dir_read_name(folder))) {
        g_autofree char *inside = g_build_filename(path, name, NULL);
        if (g_unlink(inside) == 0 || g_rmdir(inside) == 0)
            continue;
        if (!g_file_test(inside, G_FILE_TEST_IS_SYMLINK))
            empty_folder(inside);
        g_rmdir(inside);
    }
}

/* Whoever was just ended may still write there. */
static void remove_home(const char *home)
{
    for (int i = 0; i < REMOVING_TRIES && g_file_test(home, G_FILE_TEST_EXISTS); i++) {
        empty_folder(home);
        if (g_rmdir(home) != 0)
            g_usleep(REMOVING_PAUSE_US);
    }
}

struct keysmith *keysmith_new(const char *program)
{
    struct keysmith *keysmith = g_new0(struct keysmith, 1);

    keysmith->program = g_strdup(program);
    keysmith->role = OWN_ROLE_NONE;
    keysmith->run = (guint64)g_random_int() << 32 | g_random_int();
    return keysmith;
}

/* A reader is in our own group; what gpg started is not. */
static gboolean is_of_our_group(pid_t child, gconstpointer data)
{
    return getpgid(child) == getpgrp();
}

static void end_worker(struct keysmith *keysmith)
{
    worker = 0;
    own_role_end(&keysmith->role);
    children_end(is_of_our_group, NULL);
}

void keysmith_free(struct keysmith *keysmith)
{
    if (!keysmith)
        return;
    if (keysmith->home) {
        end_worker(keysmith);
        remove_home(keysmith->home);
        leave_signals();
    }
    g_free(keysmith->home);
    g_free(keysmith->program);
    g_free(keysmith);
}

/* -- jobs -- */

static gboolean fail(GError **error, const char *why)
{
    error_set(error, MADO_E_ROLE, "%s. Nothing was changed.", why);
    return FALSE;
}

static gboolean prepare(struct keysmith *keysmith, GError **error)
{
    if (keysmith->home)
        return TRUE;
    keysmith->home = make_home();
    if (!keysmith->home)
        return fail(error, _("No folder for keys can be made among the temporary files"));
    children_adopt(); /* gpg's agent: to end it */
    listen_to_signals();
    return TRUE;
}

static gboolean start(struct keysmith *keysmith, GError **error)
{
    g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT(NULL);

    if (ended_by)
        return fail(error, _("It was interrupted"));
    g_variant_dict_insert(&dict, "home", "s", keysmith->home);
    g_variant_dict_insert(&dict, "hourly", "x", G_MAXINT64);
    g_variant_dict_insert(&dict, "run", "t", keysmith->run);
    g_variant_dict_insert(&dict, "temporary", "b", TRUE);
    if (!own_role_start(
            &keysmith->role, keysmith->program, "keys", g_variant_dict_end(&dict), SECONDS, error))
        return FALSE;
    worker = keysmith->role.pid;
    return TRUE;
}

/* FALSE: it has to be tried again, with another worker. */
static gboolean take_answer(struct keysmith *keysmith, enum keys_op op,
    const struct ipc_message *answer, GVariant **result, GError **error)
{
    const char *why;
    guint32 outcome;
    guint64 job;

    if (answer->kind != IPC_WORKED)
        return FALSE;
    g_variant_get(answer->body, "(tu&s)", &job, &outcome, &why);
    if (job != keysmith->asked || outcome >= KEYS_OUTCOMES || outcome == KEYS_LATER)
        return FALSE;
    if (outcome == KEYS_REFUSED)
        error_set(error, MADO_E_KEYS_REFUSED, "%s", why);
    else if (answer->fd >= 0)
        *result = ipc_read_variant(answer->fd, keys_result(op), LIMIT_JOB_BYTES, NULL);
    return outcome == KEYS_REFUSED || *result;
}

static gboolean try(
    struct keysmith *keysmith, enum keys_op op, int argument, GVariant **result, GError **error)
{
    struct ipc_message answer;
    gboolean done = FALSE;

    keysmith->asked++;
    if (ipc_send(keysmith->role.channel, IPC_WORK,
            g_variant_new("(tu)", keysmith->asked, (guint32)op), argument, NULL) &&
        ipc_receive(keysmith->role.channel, &answer, NULL)) {
        done = take_answer(keysmith, op, &answer, result, error);
        ipc_message_clear(&answer);
    }
    if (!done)
        end_worker(keysmith);
    return done;
}

GVariant *keysmith_do(
    struct keysmith *keysmith, enum keys_op op, GVariant *argument, GError **error)
{
    g_autoptr(GVariant) held = g_variant_ref_sink(argument);
    GVariant *result = NULL;
    int file = prepare(keysmith, error) ? fd_new_memory("job", error) : -1;
    gboolean done = FALSE;

    if (file < 0)
        return NULL;
    if (ipc_write_variant(file, held, error)) {
        /* One that cannot start is tried again, too: on a busy machine gpg gives up its agent. */
        for (int i = 0; i < LIMIT_JOB_TRIES && !done && !ended_by; i++) {
            g_clear_error(error);
            done = start(keysmith, error) && try(keysmith, op, file, &result, error);
        }
        if (!done && error && !*error)
            fail(error,
                ended_by ? _("It was interrupted") : _("gpg ended each time that it was tried"));
    }
    close(file);
    return result;
}
