/*
 * madod: the contact point's daemon
 *
 *   launcher -- starts every role and starts it again; reads nothing
 *     desk       decides, stores, schedules, answers madoctl; the only opener of the store
 *     intake N   one mailbox each, to the desk
 *     reader N   MIME to facts, each mail in a child of its own that can open nothing
 *     courier    letters to the relay
 *     dialler N  resolves and connects to the one server of an intake or of the courier
 *     hook N     runs the one program that prints their token
 *     keys N     gpg: opens and seals; holds the private keys
 *
 * One program: a role is `madod --role=NAME`, with its channel as file descriptor 3.
 */
#include "launcher.h"
#include "roles.h"
#include "error.h"
#include "log.h"
#include "now.h"
#include <build-facts.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sysexits.h>
#include <unistd.h>

static int (*const roles[ROLE_KINDS])(const struct options *) = {
    [ROLE_DESK] = role_desk,
    [ROLE_INTAKE] = role_intake,
    [ROLE_READER] = role_reader,
    [ROLE_COURIER] = role_courier,
    [ROLE_DIALLER] = role_dialler,
    [ROLE_HOOK] = role_hook,
    [ROLE_KEYS] = role_keys,
};

static struct {
    struct options options;
    char *role, *now;
    gboolean deliver, version;
} given;

static const GOptionEntry entries[] = {
    {"config", 'c', 0, G_OPTION_ARG_FILENAME, &given.options.config,
        "the configuration (" MADO_CONFDIR "/mado.conf)", "FILE"},
    {"once", 0, 0, G_OPTION_ARG_NONE, &given.options.once, "process what is there, then end", NULL},
    {"now", 0, 0, G_OPTION_ARG_STRING, &given.now, "fix the clock, for demonstrations and tests",
        "TIME"},
    {"deliver", 0, 0, G_OPTION_ARG_NONE, &given.deliver,
        "hand one mail from standard input to the running daemon", NULL},
    {"version", 0, 0, G_OPTION_ARG_NONE, &given.version, "print the version", NULL},
    {"role", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &given.role, NULL, NULL},
    {"instance", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_INT, &given.options.instance, NULL, NULL},
    G_OPTION_ENTRY_NULL,
};

static int run(char **arguments)
{
    enum role_kind kind = given.role ? role_from_name(given.role) : ROLE_KINDS;

    if (given.version) {
        puts("madod " MADO_VERSION);
        return EX_OK;
    }
    log_start(given.role ? given.role : "launcher");
    if (given.role) { /* for ps and top */
        g_autofree char *name = g_strconcat("mado-", given.role, NULL);
        prctl(PR_SET_NAME, name);
    }
    if (given.deliver)
        return deliver(&given.options);
    if (!given.role)
        return launcher_run(arguments);
    return kind < ROLE_KINDS ? roles[kind](&given.options) : EX_USAGE;
}

/* Whoever starts us with one of these closed would have a socket or the store in its place. What
 * was no standard input cannot be read: an empty mail would be a lie. */
static void open_standard_files(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        int opened = fcntl(fd, F_GETFD) < 0 ? open("/dev/null", O_WRONLY | O_CLOEXEC) : fd;
        if (opened != fd)
            _exit(EX_OSERR);
    }
}

int main(int argc, char **argv)
{
    g_auto(GStrv) arguments = g_strdupv(argv);
    g_autoptr(GOptionContext) context = g_option_context_new("- the contact point's daemon");
    g_autoptr(GError) error = NULL;
    int status;

    open_standard_files();
    given.options.config = g_strdup(MADO_CONFDIR "/mado.conf");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error) ||
        (given.now && !now_fix_from_text(given.now, &error))) {
        error_print("madod", error);
        return EX_USAGE;
    }
    if (argc > 1) {
        fprintf(stderr, "madod: unexpected argument; see madod --help\n");
        return EX_USAGE;
    }
    status = run(arguments);
    fflush(NULL);
    _exit(status); /* a confined process cannot do what libraries want to do at exit */
}
