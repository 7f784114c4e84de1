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
 * A role is `madod --role=NAME`, with its channel as file descriptor 3. Two are programs of their
 * own, mado-reader and mado-keys: they fork for each mail, which costs by what a process has
 * mapped, and what they look at was written by strangers. So they are linked with what they need
 * alone: there is no store and no TLS in a reader, no MIME and no XML beside the private keys.
 */
#include "launcher.h"
#include "offline.h"
#include "roles.h"
#include "start.h"
#include <sysexits.h>

static int (*const roles[ROLE_KINDS])(const struct options *) = {
    [ROLE_DESK] = role_desk,
    [ROLE_INTAKE] = role_intake,
    [ROLE_COURIER] = role_courier,
    [ROLE_DIALLER] = role_dialler,
    [ROLE_HOOK] = role_hook,
};

static gboolean hands_mail_in, replaces;
static char *restored, *checked;

static const GOptionEntry entries[] = {
    {"deliver", 0, 0, G_OPTION_ARG_NONE, &hands_mail_in,
        "hand one mail from standard input to the running daemon", NULL},
    {"restore", 0, 0, G_OPTION_ARG_FILENAME, &restored,
        "make a backup the store (the daemon is stopped)", "FILE"},
    {"replace", 0, 0, G_OPTION_ARG_NONE, &replaces,
        "... in place of the one that is there, which is kept aside", NULL},
    {"check-backup", 0, 0, G_OPTION_ARG_FILENAME, &checked,
        "is this backup good? Restores it beside the store, and looks", "FILE"},
    G_OPTION_ENTRY_NULL,
};

static int run(const struct options *options, const char *role, char **arguments)
{
    enum role_kind kind = role ? role_from_name(role) : ROLE_KINDS;

    if (hands_mail_in)
        return deliver(options);
    if (restored || checked)
        return offline_restore(
            options, &(struct offline){restored ? restored : checked, !restored, replaces});
    if (!role)
        return launcher_run(arguments);
    return kind < ROLE_KINDS && roles[kind] ? roles[kind](options) : EX_USAGE;
}

int main(int argc, char **argv)
{
    start_program(&(struct start){"madod", entries, run}, argc, argv);
}
