/*
 * keys: gpg and gpgsm
 *
 * SECURITY: the one role that holds private keys, and their passphrase. What it opens was written
 * by strangers, and is looked at by gpg and gpgsm, which it starts. It trusts the desk in this
 * alone, that it may ask for work; how often a private key is used in an hour is counted here, so
 * that a desk that was broken cannot drain the keys of what they could open. It has no network, no
 * store, no configuration: one folder with the keys, and the programs of GnuPG. No content goes to
 * its log. It may hang, or be ended at any moment: the desk watches the clock, and the launcher
 * ends it with all that it has started. Whoever breaks it has the keys, and nobody to tell.
 */
#include "roles.h"
#include "error.h"
#include "fault.h"
#include "fd.h"
#include "hourly.h"
#include "keys.h"
#include "leftovers.h"
#include "log.h"
#include "now.h"
#include "secret.h"
#include "text.h"
#include <mado/limits.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

enum { MOST_OF_A_SENTENCE = 600 };

struct keys_role {
    struct keyring *keyring;
    gint64 hourly;        /* operations with private keys, at most */
    int counts;           /* file of hourly.c */
    gboolean told_of_cap; /* since it was reached */
    gboolean temporary;   /* its keys are nobody's: what is done with them is not logged */
};

/* -- one job -- */

struct work {
    guint64 job;
    guint32 op; /* enum keys_op */
    GVariant *argument;
};

/* FALSE: the desk is not there any more. */
static gboolean answer(
    const struct work *work, enum keys_outcome outcome, const char *sentence, int result)
{
    g_autofree char *harmless = text_harmless(sentence, NULL);
    g_autofree char *why = text_fit(harmless, MOST_OF_A_SENTENCE);

    return ipc_send(CHANNEL, IPC_WORKED, g_variant_new("(tus)", work->job, (guint32)outcome, why),
        result, NULL);
}

static gboolean answer_with_result(const struct work *work, GVariant *result)
{
    int file = fd_new_memory("result", NULL);
    gboolean told =
        file >= 0 && ipc_write_variant(file, result, NULL) && answer(work, KEYS_DONE, "", file);

    if (file >= 0)
        close(file);
    return told;
}

static enum keys_outcome outcome_of(const GError *error)
{
    return !error                                                  ? KEYS_DONE
           : g_error_matches(error, MADO_ERROR, MADO_E_KEYS_LATER) ? KEYS_LATER
                                                                   : KEYS_REFUSED;
}

/* Never what was opened or sealed, nor for whom. */
static void log_work(
    const struct keys_role *role, const struct work *work, enum keys_outcome outcome)
{
    if (keys_op_is_private(work->op) && !role->temporary)
        log_event(LOG_LEVEL_INFO, 0, "private-key", "job=%" G_GUINT64_FORMAT " op=%s outcome=%s",
            work->job, keys_op_name(work->op), keys_outcome_name(outcome));
}

static gboolean may_use_keys(struct keys_role *role, const struct work *work)
{
    gboolean may = !keys_op_is_private(work->op) ||
                   hourly_take(role->counts, (guint64)role->hourly, now_seconds());

    if (!may && !role->told_of_cap)
        role_tell_trouble("as many operations with private keys as keys.hourly allows: the mails "
                          "and letters that need one wait");
    if (may && role->told_of_cap && keys_op_is_private(work->op))
        role_tell_state("ready");
    if (!may || keys_op_is_private(work->op))
        role->told_of_cap = !may;
    return may;
}

static gboolean do_work(struct keys_role *role, const struct work *work)
{
    g_autoptr(GVariant) result = NULL;
    g_autoptr(GError) error = NULL;
    enum keys_outcome outcome;

    if (!may_use_keys(role, work))
        return answer(work, KEYS_LATER,
            "this hour has seen as many operations with private keys as keys.hourly allows", -1);
    fault_pass("keys_work");
    result = keyring_do(role->keyring, work->op, work->argument, &error);
    if (keys_op_is_once(work->op))
        fault_pass("keys_once");
    outcome = outcome_of(error);
    log_work(role, work, outcome);
    if (outcome == KEYS_DONE)
        return answer_with_result(work, result);
    if (outcome == KEYS_REFUSED)
        return answer(work, KEYS_REFUSED, error->message, -1);
    /* What is left in this process of a gpg that has ended is not trusted: the next try is another
     * worker's. */
    log_event(LOG_LEVEL_WARN, 0, "gpg-ended", "%s", error->message);
    return FALSE;
}

/* FALSE: the desk asks for what there is not, and is no desk to work for. */
static gboolean take_work(struct keys_role *role, const struct ipc_message *message)
{
    struct work work = {0};
    gboolean more;

    g_variant_get(message->body, "(tu)", &work.job, &work.op);
    if (work.op >= KEYS_OPS || message->fd < 0)
        return FALSE;
    work.argument = ipc_read_variant(message->fd, keys_argument(work.op), LIMIT_JOB_BYTES, NULL);
    if (!work.argument)
        return FALSE;
    more = do_work(role, &work);
    g_variant_unref(work.argument);
    if (work.op == KEYS_LIST) /* else each start of gpg copies the map of what is free again */
        malloc_trim(0);
    return more;
}

/* A clock that was fixed with --now may have been moved since. */
static void take_clock(GVariantDict *settings)
{
    gint64 now;

    if (g_variant_dict_lookup(settings, "now", "x", &now))
        now_fix(now);
}

static gboolean follow_clock(struct keys_role *role, const struct ipc_message *message)
{
    g_auto(GVariantDict) settings = G_VARIANT_DICT_INIT(message->body);
    g_autoptr(GError) error = NULL;

    take_clock(&settings);
    if (keyring_follow_clock(role->keyring, &error))
        return TRUE;
    log_event(LOG_LEVEL_WARN, 0, "keys-trouble", "%s", error->message);
    return FALSE;
}

static gboolean hear(struct keys_role *role, const struct ipc_message *message)
{
    if (message->kind == IPC_WORK)
        return take_work(role, message);
    if (message->kind == IPC_SETTINGS)
        return follow_clock(role, message);
    return role_answers_ping(message->kind);
}

static void serve(struct keys_role *role)
{
    struct ipc_message message;
    gboolean more = TRUE;

    while (more && ipc_receive(CHANNEL, &message, NULL)) {
        more = hear(role, &message);
        ipc_message_clear(&message);
    }
}

/* -- start -- */

/* "" in both settings: NULL without error. */
static char *take_passphrase(GVariantDict *settings, GError **error)
{
    const char *file = "", *credential = "";

    g_variant_dict_lookup(settings, "passphrase_file", "&s", &file);
    g_variant_dict_lookup(settings, "passphrase_credential", "&s", &credential);
    if (*credential)
        return secret_from_credential(credential, error);
    return *file ? secret_from_file(file, error) : NULL;
}

static gboolean open_home(struct keys_role *role, const char *home, guint64 run, GError **error)
{
    if (g_mkdir_with_parents(home, 0700) < 0) {
        g_set_error(error, MADO_ERROR, MADO_E_ROLE,
            "%s, the folder of the keys, cannot be made: %s. No mail is opened or sealed", home,
            g_strerror(errno));
        return FALSE;
    }
    role->counts = hourly_open(home, error);
    return role->counts >= 0 && leftovers_clear(home, role->counts, run, error);
}

static gboolean is_temporary(GVariantDict *settings)
{
    return g_variant_dict_contains(settings, "temporary");
}

/* Where the user has a session gpg keeps its sockets there; of a home that will be thrown away
 * nothing is to be left there, and it finds that it has to do with the home. */
static char *session_folder(GVariantDict *settings)
{
    char *folder = g_strdup_printf("/run/user/%u/gnupg", getuid());

    if (is_temporary(settings) || !g_file_test(folder, G_FILE_TEST_IS_DIR))
        g_clear_pointer(&folder, g_free);
    return folder;
}

/* What the programs of GnuPG see of ours. In another language or time zone each start of gpg would
 * read a dozen files for texts that nobody sees. */
static void set_environment(void)
{
    static const struct {
        const char *name, *value; /* NULL: as it is */
    } ours[] = {{"PATH", "/usr/bin"}, {"LC_ALL", "C"}, {"TZ", "UTC"}, {"MADO_FAULT", NULL}};
    g_auto(GStrv) before = g_get_environ();

    clearenv();
    for (gsize i = 0; i < G_N_ELEMENTS(ours); i++) {
        const char *value = ours[i].value ?: g_environ_getenv(before, ours[i].name);
        if (value)
            setenv(ours[i].name, value, 1);
    }
}

/* The programs of GnuPG, and what they load. */
static gboolean confine_to_home(const char *home, const char *session, GError **error)
{
    const struct confine_place places[] = {
        {home, CONFINE_SOCKETS},
        {"/dev/null", CONFINE_WRITE},
        {"/dev/urandom", CONFINE_READ},
        {"/usr/bin/gpg", CONFINE_RUN},
        {"/usr/bin/gpgsm", CONFINE_RUN},
        {"/usr/bin/gpgconf", CONFINE_RUN},
        {"/usr/bin/gpg-agent", CONFINE_RUN},
        {"/usr/lib/gnupg", CONFINE_RUN},
        {"/lib", CONFINE_RUN},
        {"/lib64", CONFINE_RUN},
        {"/etc/ld.so.cache", CONFINE_READ},
        {"/usr/share/gnupg", CONFINE_READ},
        {session, CONFINE_SOCKETS},
        {NULL, CONFINE_READ},
    };

    return role_lock_in(&(struct confinement){.kind = CONFINE_KEYS, .places = places}, error);
}

/* gpg and its agent are started in confinement: that they answer is the proof that it lets them. */
static gboolean start(struct keys_role *role, GVariantDict *settings, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autofree char *session = session_folder(settings);
    const char *home = "";
    guint64 run = 0;
    char *passphrase;

    g_variant_dict_lookup(settings, "home", "&s", &home);
    g_variant_dict_lookup(settings, "hourly", "x", &role->hourly);
    g_variant_dict_lookup(settings, "run", "t", &run);
    role->temporary = is_temporary(settings);
    take_clock(settings);
    passphrase = take_passphrase(settings, &why);
    if (why) {
        g_propagate_error(error, g_steal_pointer(&why));
        return FALSE;
    }
    set_environment();
    if (open_home(role, home, run, error) && confine_to_home(home, session, error))
        role->keyring = keyring_open(home, passphrase, error);
    secret_free(passphrase);
    return role->keyring != NULL;
}

int role_keys(const struct options *options)
{
    g_autoptr(GVariantDict) settings = role_settings();
    g_autoptr(GError) error = NULL;
    struct keys_role role = {.counts = -1};

    if (!settings)
        return EX_OK;
    setpgid(0, 0); /* what it starts is ended with it */
    fcntl(CHANNEL, F_SETFD, FD_CLOEXEC);
    if (!start(&role, settings, &error))
        return role_give_up("keys-trouble", error);
    role_tell_ready();
    serve(&role);
    return EX_OK;
}
