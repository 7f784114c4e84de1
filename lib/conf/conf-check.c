#include "conf-load.h"
#include "error.h"
#include <errno.h>
#include <mado/limits.h>
#include <string.h>
#include <sys/stat.h>

static struct conf_place place_of(struct conf_reading *reading, const char *name)
{
    config_setting_t *setting = config_lookup(&reading->tree, name);
    return setting ? conf_place_of_value(reading, setting)
                   : (struct conf_place){reading->path, 0, 0};
}

static struct conf_place place_in_list(
    struct conf_reading *reading, const char *list, guint index, const char *name)
{
    g_autofree char *path = g_strdup_printf("%s.[%u].%s", list, index, name);
    return place_of(reading, path);
}

static gboolean is_ours(const struct settings *settings, const char *address)
{
    if (settings->team.address && g_ascii_strcasecmp(settings->team.address, address) == 0)
        return TRUE;
    for (char **alias = settings->team.aliases; *alias; alias++)
        if (g_ascii_strcasecmp(*alias, address) == 0)
            return TRUE;
    return FALSE;
}

/* A notice that comes in again as a report would be told to operators, and so on. */
static void check_notices(struct conf_reading *reading)
{
    const char *to = reading->settings->notices.to;
    struct conf_place place = place_of(reading, "notices.to");

    if (*to && is_ours(reading->settings, to))
        conf_problem_add(reading->problems, &place, MADO_E_CONFIG_REFERENCE,
            "name a mailbox that mado does not read",
            "`notices.to` is %s, an address of the team itself, so that notices would come in as "
            "reports",
            to);
}

/* What each kind of source cannot do without, and what it can do with a mail that was taken. */
static const struct {
    const char *type;
    gboolean path, folder, server;
    const char *after;
} kinds[] = {
    {"maildir", TRUE, TRUE, FALSE, "leave"},
    {"imap", FALSE, FALSE, TRUE, "leave keyword move"},
    {"pop3", FALSE, FALSE, TRUE, "leave delete"},
    {"lmtp", FALSE, FALSE, FALSE, "leave"},
};

/* Whoever may not look there is told nothing: the daemon runs as another user. */
static gboolean is_folder(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 ? S_ISDIR(facts.st_mode) : errno == EACCES;
}

static gboolean is_local(const char *host)
{
    return g_ascii_strcasecmp(host, "localhost") == 0 || g_str_has_prefix(host, "127.") ||
           g_str_equal(host, "::1");
}

/* At a setting of a group ("outgoing", "intake.sources.[1]"), or at the group where it is missing.
 */
static void complain(struct conf_reading *reading, const char *group, const char *name, int code,
    const char *todo, const char *what)
{
    g_autofree char *path = g_strconcat(group, ".", name, NULL);
    struct conf_place place = place_of(reading, config_lookup(&reading->tree, path) ? path : group);

    conf_problem_add(reading->problems, &place, code, todo, "%s", what);
}

/* A password or token has one place that it comes from. */
static void check_login(
    struct conf_reading *reading, const char *group, const struct server *server)
{
    gboolean by_token =
        g_str_has_suffix(server->auth, "2") || g_str_has_prefix(server->auth, "oauth");
    guint passwords = (*server->password_file != 0) + (*server->password_credential != 0);

    if (by_token && (!*server->token_command || passwords))
        complain(reading, group, "token_command", MADO_E_CONFIG_REFERENCE,
            "name the program that prints the token, and no password",
            "this way to log in takes a token of `token_command`");
    if (*server->token_command && !g_path_is_absolute(*server->token_command))
        complain(reading, group, "token_command", MADO_E_CONFIG_REFERENCE,
            "write the program with its whole path",
            "no folders are searched for `token_command`, and no shell runs it");
    if (!by_token && (passwords != 1 || *server->token_command))
        complain(reading, group, "user", MADO_E_CONFIG_REFERENCE,
            "name either `password_file` or `password_credential`",
            "a password has exactly one place");
}

static void check_server(struct conf_reading *reading, const char *group,
    const struct server *server, gboolean needs_user)
{
    if (!*server->host) {
        complain(reading, group, "host", MADO_E_CONFIG_REQUIRED, NULL, "`host` is missing");
        return;
    }
    if (g_str_equal(server->tls, "none") && !is_local(server->host))
        complain(reading, group, "tls", MADO_E_CONFIG_REFERENCE, "write \"tls\" or \"starttls\"",
            "without TLS everybody on the way could read mail and password");
    if (*server->user)
        check_login(reading, group, server);
    else if (needs_user)
        complain(reading, group, "user", MADO_E_CONFIG_REQUIRED, NULL, "`user` is missing");
}

static void check_lmtp(struct conf_reading *reading, const char *group, const struct source *source)
{
    if ((*source->path != 0) == (*source->listen != 0))
        complain(reading, group, "path", MADO_E_CONFIG_REQUIRED,
            "name a socket in `path`, or an address in `listen`",
            "LMTP needs one place at which it waits");
}

static void check_kind(struct conf_reading *reading, const char *group, const struct source *source)
{
    gsize kind = 0;
    g_auto(GStrv) afters = NULL;

    while (kind < G_N_ELEMENTS(kinds) && !g_str_equal(kinds[kind].type, source->type))
        kind++;
    if (kind == G_N_ELEMENTS(kinds))
        return; /* said already */
    if (kinds[kind].path && !*source->path)
        complain(reading, group, "path", MADO_E_CONFIG_REQUIRED, NULL,
            "`intake.sources.path` is missing");
    if (kinds[kind].folder && *source->path && !is_folder(source->path))
        complain(reading, group, "path", MADO_E_CONFIG_REFERENCE, "name a Maildir",
            "there is no folder of that name");
    if (kinds[kind].server)
        check_server(reading, group, &source->server, TRUE);
    if (g_str_equal(source->type, "lmtp"))
        check_lmtp(reading, group, source);
    afters = g_strsplit(kinds[kind].after, " ", -1);
    if (!g_strv_contains((const char *const *)afters, source->after))
        complain(reading, group, "after", MADO_E_CONFIG_REFERENCE, kinds[kind].after,
            "this kind of mailbox cannot do that");
}

static void check_source(
    struct conf_reading *reading, guint i, GHashTable *names, GHashTable *paths)
{
    const struct settings *settings = reading->settings;
    const struct source *source = settings->intake.sources->pdata[i];
    g_autofree char *group = g_strdup_printf("intake.sources.[%u]", i);
    struct conf_place name = place_in_list(reading, "intake.sources", i, "name");
    struct conf_place path = place_in_list(reading, "intake.sources", i, "path");

    if (!g_hash_table_add(names, source->name))
        conf_problem_add(reading->problems, &name, MADO_E_CONFIG_REFERENCE,
            "give each its own name", "two sources are named \"%s\"", source->name);
    if (*source->path && !g_hash_table_add(paths, source->path))
        conf_problem_add(reading->problems, &path, MADO_E_CONFIG_REFERENCE, NULL,
            "two sources read %s", source->path);
    if (g_strcmp0(source->path, settings->outgoing.path) == 0)
        conf_problem_add(reading->problems, &path, MADO_E_CONFIG_REFERENCE,
            "give `outgoing.path` a folder of its own",
            "what mado sends goes to %s too, and would come in again", source->path);
    check_kind(reading, group, source);
}

static void check_sources(struct conf_reading *reading)
{
    GPtrArray *sources = reading->settings->intake.sources;
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) paths = g_hash_table_new(g_str_hash, g_str_equal);
    struct conf_place place = place_of(reading, "intake.sources");

    if (sources->len > LIMIT_SOURCES)
        conf_problem_add(reading->problems, &place, MADO_E_CONFIG_RANGE, NULL,
            "up to %d sources can be read", LIMIT_SOURCES);
    for (guint i = 0; i < sources->len; i++)
        check_source(reading, i, names, paths);
}

static void check_outgoing(struct conf_reading *reading)
{
    const struct settings *settings = reading->settings;

    if (g_str_equal(settings->outgoing.transport, "smtp"))
        check_server(reading, "outgoing", &settings->outgoing.server, FALSE);
}

static void check_operators(struct conf_reading *reading)
{
    GPtrArray *operators = reading->settings->operators;
    g_autoptr(GHashTable) users = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < operators->len; i++) {
        const struct member *member = operators->pdata[i];
        struct conf_place place = place_in_list(reading, "operators", i, "user");
        if (member->user && !g_hash_table_add(users, member->user))
            conf_problem_add(reading->problems, &place, MADO_E_CONFIG_REFERENCE, "one role each",
                "\"%s\" is an operator already", member->user);
    }
}

void conf_check(struct conf_reading *reading)
{
    check_notices(reading);
    check_sources(reading);
    check_outgoing(reading);
    check_operators(reading);
}

static gboolean is_named(GPtrArray *sources, const char *name)
{
    for (guint i = 0; i < sources->len; i++)
        if (g_strcmp0(((struct source *)sources->pdata[i])->name, name) == 0)
            return TRUE;
    return FALSE;
}

void conf_check_name_sources(GPtrArray *sources)
{
    for (guint i = 0; i < sources->len; i++) {
        struct source *source = sources->pdata[i];
        if (source->name)
            continue;
        g_autofree char *name = g_strdup(source->type);
        for (int n = 2; is_named(sources, name); n++) {
            g_free(name);
            name = g_strdup_printf("%s-%d", source->type, n);
        }
        source->name = g_steal_pointer(&name);
    }
}
