#include "conf-load.h"
#include "error.h"
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

static void check_sources(struct conf_reading *reading)
{
    const struct settings *settings = reading->settings;
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) paths = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < settings->intake.sources->len; i++) {
        const struct source *source = settings->intake.sources->pdata[i];
        struct conf_place name = place_in_list(reading, "intake.sources", i, "name");
        struct conf_place path = place_in_list(reading, "intake.sources", i, "path");
        if (!g_hash_table_add(names, source->name))
            conf_problem_add(reading->problems, &name, MADO_E_CONFIG_REFERENCE,
                "give each its own name", "two sources are named \"%s\"", source->name);
        if (source->path && !g_hash_table_add(paths, source->path))
            conf_problem_add(reading->problems, &path, MADO_E_CONFIG_REFERENCE, NULL,
                "two sources read %s", source->path);
        if (g_strcmp0(source->path, settings->outgoing.path) == 0)
            conf_problem_add(reading->problems, &path, MADO_E_CONFIG_REFERENCE,
                "give `outgoing.path` a folder of its own",
                "what mado sends goes to %s too, and would come in again", source->path);
    }
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
