#include "conf-load.h"
#include "error.h"
#include "say.h"
#include <inttypes.h>
#include <mado/limits.h>
#include <stdlib.h>
#include <string.h>

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

struct conf_problem *conf_complain(struct conf_reading *reading, const char *group,
    const char *name, int code, const char *todo, const char *what)
{
    g_autofree char *path = g_strconcat(group, ".", name, NULL);
    struct conf_place place = place_of(reading, config_lookup(&reading->tree, path) ? path : group);

    return conf_problem_add(reading->problems, &place, code, todo, "%s", _(what));
}

gboolean conf_stands(const struct conf_reading *reading, const char *group, const char *name)
{
    g_autofree char *path = g_strconcat(group, ".", name, NULL);
    const config_setting_t *setting = config_lookup(&reading->tree, path);
    const char *text = setting ? config_setting_get_string(setting) : NULL;

    return setting && !(text && !*text) &&
           !(config_setting_is_aggregate(setting) && !config_setting_length(setting));
}

/* -- no two for one -- */

static void take_once(struct conf_reading *reading, const char *group, const char *setting,
    GHashTable *taken, char *what)
{
    g_autofree char *complaint = g_strdup_printf(_("two sources read %s"), what);

    if (!g_hash_table_add(taken, what))
        conf_complain(reading, group, setting, MADO_E_CONFIG_REFERENCE, NULL, complaint);
}

/* A folder may have two names. */
static void take_path(
    struct conf_reading *reading, const char *group, GHashTable *taken, const struct source *source)
{
    char *real = realpath(source->path, NULL);

    take_once(reading, group, "path", taken, g_strdup(real ? real : source->path));
    free(real);
}

/* POP3 knows one folder, the one that is always there (RFC 9051, 5.1). */
static void take_folders(
    struct conf_reading *reading, const char *group, GHashTable *taken, const struct source *source)
{
    static char inbox[] = "INBOX";
    char *one[] = {inbox, NULL};
    const struct server *server = &source->server;
    g_autofree char *host = g_ascii_strdown(server->host, -1);

    for (char **folder = g_str_equal(source->type, "imap") ? source->folders : one; *folder;
         folder++) {
        const char *name = g_ascii_strcasecmp(*folder, inbox) == 0 ? inbox : *folder;
        take_once(reading, group, g_strv_length(source->folders) > 1 ? "folders" : "host", taken,
            g_strdup_printf(_("the folder %s of %s at %s, port %" PRIi64), name, server->user, host,
                server->port));
    }
}

static void take_places(
    struct conf_reading *reading, const char *group, GHashTable *taken, const struct source *source)
{
    if (*source->path)
        take_path(reading, group, taken, source);
    if (*source->listen)
        take_once(reading, group, "listen", taken, g_strdup(source->listen));
    if (*source->server.host)
        take_folders(reading, group, taken, source);
}

static void check_source(
    struct conf_reading *reading, guint i, GHashTable *names, GHashTable *taken)
{
    const struct settings *settings = reading->settings;
    const struct source *source = settings->intake.sources->pdata[i];
    g_autofree char *group = g_strdup_printf("intake.sources.[%u]", i);
    struct conf_place name = place_in_list(reading, "intake.sources", i, "name");
    struct conf_place path = place_in_list(reading, "intake.sources", i, "path");

    if (!g_hash_table_add(names, source->name))
        conf_problem_add(reading->problems, &name, MADO_E_CONFIG_REFERENCE,
            "give each its own name", "two sources are named \"%s\"", source->name);
    take_places(reading, group, taken, source);
    if (g_strcmp0(source->path, settings->outgoing.path) == 0)
        conf_problem_add(reading->problems, &path, MADO_E_CONFIG_REFERENCE,
            "give `outgoing.path` a folder of its own",
            "what mado sends goes to %s too, and would come in again", source->path);
    conf_check_source(reading, group, source);
}

static void check_sources(struct conf_reading *reading)
{
    GPtrArray *sources = reading->settings->intake.sources;
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    struct conf_place place = place_of(reading, "intake.sources");

    if (sources->len > LIMIT_SOURCES)
        conf_problem_add(reading->problems, &place, MADO_E_CONFIG_RANGE, NULL,
            "up to %d sources can be read", LIMIT_SOURCES);
    for (guint i = 0; i < sources->len; i++)
        check_source(reading, i, names, taken);
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

/* Whoever is on duty is told by mail, and may do what an operator does. */
static void check_on_duty(struct conf_reading *reading, const char *name, const char *user)
{
    const GPtrArray *operators = reading->settings->operators;
    g_autofree char *path = g_strconcat("duty.", name, NULL);
    struct conf_place place = place_of(reading, path);
    const struct member *found = NULL;

    for (guint i = 0; i < operators->len; i++)
        if (g_strcmp0(((const struct member *)operators->pdata[i])->user, user) == 0)
            found = operators->pdata[i];
    if (!found)
        conf_problem_add(reading->problems, &place, MADO_E_CONFIG_REFERENCE, NULL,
            "\"%s\" is not among the `operators`", user);
    for (char **one = found ? found->addresses : NULL; one && *one; one++)
        if (is_ours(reading->settings, *one))
            conf_problem_add(reading->problems, &place, MADO_E_CONFIG_REFERENCE,
                "give them one that mado does not read",
                "the address %s of \"%s\" is one of the team itself, so that notices would come in "
                "as reports",
                *one, user);
}

static void check_duty(struct conf_reading *reading)
{
    const struct settings *settings = reading->settings;
    const struct {
        const char *name;
        char **users;
    } lists[] = {{"day", settings->duty.day}, {"night", settings->duty.night},
        {"holiday", settings->duty.holiday}};

    for (gsize i = 0; i < G_N_ELEMENTS(lists); i++)
        for (char **user = lists[i].users; user && *user; user++)
            check_on_duty(reading, lists[i].name, *user);
    if (*settings->duty.deputy)
        check_on_duty(reading, "deputy", settings->duty.deputy);
}

static void check_escalation(struct conf_reading *reading)
{
    GPtrArray *rules = reading->settings->escalation;
    g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; rules && i < rules->len; i++) {
        const struct escalation_rule *rule = rules->pdata[i];
        struct conf_place place = place_in_list(reading, "escalation", i, "to");
        if (rule->to && !g_hash_table_add(known, rule->to))
            conf_problem_add(reading->problems, &place, MADO_E_CONFIG_REFERENCE,
                "name all of them in one place", "\"%s\" stands there already", rule->to);
    }
}

static void check_reports(struct conf_reading *reading)
{
    GPtrArray *reports = reading->settings->reports;
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; reports && i < reports->len; i++) {
        const struct scheduled_report *report = reports->pdata[i];
        struct conf_place name = place_in_list(reading, "reports", i, "name");
        struct conf_place to = place_in_list(reading, "reports", i, "to");
        if (report->name && !g_hash_table_add(names, report->name))
            conf_problem_add(reading->problems, &name, MADO_E_CONFIG_REFERENCE,
                "give each its own name", "two reports are named \"%s\"", report->name);
        for (char **one = report->to; one && *one; one++)
            if (is_ours(reading->settings, *one))
                conf_problem_add(reading->problems, &to, MADO_E_CONFIG_REFERENCE,
                    "name a mailbox that mado does not read",
                    "%s is an address of the team itself, so that the report would come in as mail",
                    *one);
    }
}

/* The desk reads all that lies below daemon.state, and is never to see a private key. */
static void check_keys(struct conf_reading *reading)
{
    const struct settings *settings = reading->settings;
    g_autofree char *below = g_strconcat(settings->daemon.state, "/", NULL);
    struct conf_place place = place_of(reading, "keys.home");

    if (g_str_equal(settings->keys.home, settings->daemon.state) ||
        g_str_has_prefix(settings->keys.home, below))
        conf_problem_add(reading->problems, &place, MADO_E_CONFIG_REFERENCE,
            "name a folder beside it, which the keys alone have",
            "`keys.home` lies in `daemon.state`, where the desk may read everything");
}

/* Both are written with two digits each. */
static void check_hours(struct conf_reading *reading)
{
    const struct settings *settings = reading->settings;
    struct conf_place place = place_of(reading, "hours.to");

    if (strcmp(settings->hours.from, settings->hours.to) >= 0)
        conf_problem_add(reading->problems, &place, MADO_E_CONFIG_REFERENCE,
            "write a later time; a day of business ends before midnight, or at \"24:00\"",
            "`hours.to` is %s, and `hours.from` is %s", settings->hours.to, settings->hours.from);
}

void conf_check(struct conf_reading *reading)
{
    check_keys(reading);
    check_notices(reading);
    check_hours(reading);
    check_sources(reading);
    conf_check_outgoing(reading);
    check_operators(reading);
    check_escalation(reading);
    check_reports(reading);
    check_duty(reading);
    conf_check_rules(reading);
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
