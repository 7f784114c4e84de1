/* What each kind of mailbox, and the relay, cannot do without, and what it has no use for. */
#include "conf-load.h"
#include "error.h"
#include "say.h"
#include <errno.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>

/* Whoever may not look there is told nothing: the daemon runs as another user. */
static gboolean is_folder(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 ? S_ISDIR(facts.st_mode) : errno == EACCES;
}

/* A name that begins so is not yet an address. */
static gboolean is_local(const char *host)
{
    return g_ascii_strcasecmp(host, "localhost") == 0 || g_str_equal(host, "::1") ||
           (g_str_has_prefix(host, "127.") && g_hostname_is_ip_address(host));
}

/* -- login -- */

#define LOGIN_SETTINGS "user auth password_file password_credential token_command"

static gboolean is_absent(const char *program)
{
    struct stat facts;
    return stat(program, &facts) < 0 ? errno == ENOENT : !S_ISREG(facts.st_mode);
}

static void check_token(
    struct conf_reading *reading, const char *group, const struct server *server)
{
    const char *program = *server->token_command;

    if (program && !g_path_is_absolute(program))
        conf_complain(reading, group, "token_command", MADO_E_CONFIG_REFERENCE,
            "write the program with its whole path",
            "no folders are searched for `token_command`, and no shell runs it");
    else if (program && is_absent(program))
        conf_complain(reading, group, "token_command", MADO_E_CONFIG_REFERENCE, NULL,
            "the program of `token_command` is not there")
            ->warning = TRUE; /* it may be on its way */
}

/* A password or token has one place that it comes from. One that was refused is not missing. */
static void check_login(
    struct conf_reading *reading, const char *group, const struct server *server)
{
    gboolean by_token =
        g_str_has_suffix(server->auth, "2") || g_str_has_prefix(server->auth, "oauth");
    gboolean token = conf_stands(reading, group, "token_command");
    int passwords = conf_stands(reading, group, "password_file") +
                    conf_stands(reading, group, "password_credential");

    if (by_token && (!token || passwords))
        conf_complain(reading, group, "token_command", MADO_E_CONFIG_REFERENCE,
            "name the program that prints the token, and no password",
            "this way to log in takes a token of `token_command`");
    if (!by_token && (passwords != 1 || token))
        conf_complain(reading, group, "user", MADO_E_CONFIG_REFERENCE,
            "name either `password_file` or `password_credential`",
            "a password has exactly one place");
    check_token(reading, group, server);
}

/* Whoever writes a password means to log in. */
static void check_no_login(struct conf_reading *reading, const char *group)
{
    g_auto(GStrv) names = g_strsplit(LOGIN_SETTINGS, " ", -1);

    for (char **name = names; *name; name++)
        if (conf_stands(reading, group, *name)) {
            conf_complain(reading, group, *name, MADO_E_CONFIG_REFERENCE, "name it in `user`",
                "nobody logs in without a user");
            return;
        }
}

/* -- server -- */

static void check_server(struct conf_reading *reading, const char *group,
    const struct server *server, gboolean needs_user)
{
    if (!*server->host) {
        if (!conf_stands(reading, group, "host"))
            conf_complain(
                reading, group, "host", MADO_E_CONFIG_REQUIRED, NULL, "`host` is missing");
        return;
    }
    if (!server->port)
        conf_complain(
            reading, group, "port", MADO_E_CONFIG_RANGE, NULL, "no server is at the port 0");
    if (g_str_equal(server->tls, "none") && !is_local(server->host))
        conf_complain(reading, group, "tls", MADO_E_CONFIG_REFERENCE,
            "write \"tls\" or \"starttls\"",
            "without TLS everybody on the way could read mail and password");
    if (*server->user)
        check_login(reading, group, server);
    else if (conf_stands(reading, group, "user"))
        return; /* refused, and said already */
    else if (needs_user)
        conf_complain(reading, group, "user", MADO_E_CONFIG_REQUIRED, NULL, "`user` is missing");
    else
        check_no_login(reading, group);
}

void conf_check_outgoing(struct conf_reading *reading)
{
    const struct settings *settings = reading->settings;

    if (g_str_equal(settings->outgoing.transport, "smtp"))
        check_server(reading, "outgoing", &settings->outgoing.server, FALSE);
}

/* -- the kinds of mailboxes -- */

static void check_maildir(
    struct conf_reading *reading, const char *group, const struct source *source)
{
    if (!*source->path)
        conf_complain(reading, group, "path", MADO_E_CONFIG_REQUIRED, NULL,
            "`intake.sources.path` is missing");
    else if (!is_folder(source->path))
        conf_complain(reading, group, "path", MADO_E_CONFIG_REFERENCE, "name a Maildir",
            "there is no folder of that name");
}

static gboolean is_read(const struct source *source, const char *name)
{
    for (char **folder = source->folders; *folder; folder++)
        if (g_str_equal(*folder, name) ||
            (g_ascii_strcasecmp(name, "INBOX") == 0 && g_ascii_strcasecmp(*folder, name) == 0))
            return TRUE;
    return FALSE;
}

static void check_imap(struct conf_reading *reading, const char *group, const struct source *source)
{
    check_server(reading, group, &source->server, TRUE);
    if (g_str_equal(source->after, "move") && is_read(source, source->move_to))
        conf_complain(reading, group, "move_to", MADO_E_CONFIG_REFERENCE,
            "name a folder that is not among `folders`",
            "what is moved there would be taken again, and moved again, for ever");
}

static void check_pop3(struct conf_reading *reading, const char *group, const struct source *source)
{
    check_server(reading, group, &source->server, TRUE);
}

/* Why no socket of ours can ever have that name; NULL if one can. */
static const char *fault_of_name(const struct settings *settings, const char *path)
{
    static const char *const taken[] = {"control.sock", "deliver.sock"};

    for (gsize i = 0; i < G_N_ELEMENTS(taken); i++) {
        g_autofree char *other = g_build_filename(settings->daemon.run, taken[i], NULL);
        if (g_str_equal(path, other))
            return N_("that socket is mado's own, for something else");
    }
    return strlen(path) >= sizeof(((struct sockaddr_un *)NULL)->sun_path)
               ? N_("the name of a socket has up to 107 characters")
               : NULL;
}

/* Why none can be there now; daemon.run is made at the start. */
static const char *fault_of_place(const struct settings *settings, const char *path)
{
    g_autofree char *folder = g_path_get_dirname(path);
    struct stat facts;

    if (!g_str_equal(folder, settings->daemon.run) && !is_folder(folder))
        return N_("there is no folder in which the socket could be");
    return stat(path, &facts) == 0 && !S_ISSOCK(facts.st_mode) ? N_("there is something else")
                                                               : NULL;
}

static void check_socket(struct conf_reading *reading, const char *group, const char *path)
{
    const char *never = fault_of_name(reading->settings, path);
    const char *now = never ? NULL : fault_of_place(reading->settings, path);

    if (never)
        conf_complain(reading, group, "path", MADO_E_CONFIG_REFERENCE, "name another", never);
    if (now) /* mail comes in by the other sources */
        conf_complain(reading, group, "path", MADO_E_CONFIG_REFERENCE, NULL, now)->warning = TRUE;
}

static void check_lmtp(struct conf_reading *reading, const char *group, const struct source *source)
{
    if (conf_stands(reading, group, "path") == conf_stands(reading, group, "listen"))
        conf_complain(reading, group, "path", MADO_E_CONFIG_REQUIRED,
            "name a socket in `path`, or an address in `listen`",
            "LMTP needs one place at which it waits");
    else if (*source->path)
        check_socket(reading, group, source->path);
}

/* `takes`: of what others have, beside what a server has. `after`: what it can do with a mail that
 * was taken. */
static const struct {
    const char *type;
    gboolean server;
    const char *takes, *after;
    void (*check)(struct conf_reading *, const char *group, const struct source *);
} kinds[] = {
    {"maildir", FALSE, "path", "leave", check_maildir},
    {"imap", TRUE, "folders move_to", "leave keyword move", check_imap},
    {"pop3", TRUE, "", "leave delete", check_pop3},
    {"lmtp", FALSE, "path listen", "leave", check_lmtp},
};

static gboolean is_among(const char *words, const char *word)
{
    g_auto(GStrv) all = g_strsplit(words, " ", -1);
    return g_strv_contains((const char *const *)all, word);
}

/* A setting that does nothing here is one that was meant to do something. */
static void check_others(
    struct conf_reading *reading, const char *group, gsize kind, const struct source *source)
{
    static const char always[] = "name type after";
    static const char of_servers[] = "host tls port ca_file fingerprint timeout " LOGIN_SETTINGS;
    g_autofree char *complaint =
        g_strdup_printf(_("a mailbox of the type \"%s\" has no such setting"), kinds[kind].type);

    for (const struct conf_row *row = conf_source_rows; row->name; row++)
        if (!is_among(always, row->name) && !is_among(kinds[kind].takes, row->name) &&
            !(kinds[kind].server && is_among(of_servers, row->name)) &&
            conf_stands(reading, group, row->name) && !conf_row_is_default(row, source))
            conf_complain(
                reading, group, row->name, MADO_E_CONFIG_REFERENCE, "take it out", complaint)
                ->warning = TRUE;
}

/* The default stands in the place of a type that there is not. */
static gboolean is_refused(
    struct conf_reading *reading, const char *group, const struct source *source)
{
    g_autofree char *path = g_strconcat(group, ".type", NULL);
    const char *type = source->type;

    config_lookup_string(&reading->tree, path, &type);
    return *type && !g_str_equal(type, source->type);
}

void conf_check_source(struct conf_reading *reading, const char *group, const struct source *source)
{
    gsize kind = 0;

    while (kind < G_N_ELEMENTS(kinds) && !g_str_equal(kinds[kind].type, source->type))
        kind++;
    if (kind == G_N_ELEMENTS(kinds) || is_refused(reading, group, source))
        return; /* said already, and what it was to be is not known */
    kinds[kind].check(reading, group, source);
    check_others(reading, group, kind, source);
    if (!is_among(kinds[kind].after, source->after))
        conf_complain(reading, group, "after", MADO_E_CONFIG_REFERENCE, kinds[kind].after,
            "this kind of mailbox cannot do that");
}
