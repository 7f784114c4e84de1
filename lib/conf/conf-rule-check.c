/* Whether rules and categories name what there is. */
#include "category.h"
#include "conf-load.h"
#include "error.h"
#include "say.h"
#include <errno.h>
#include <sys/stat.h>

static void complain_at(struct conf_reading *reading, const char *list, guint index,
    const char *name, const char *todo, const char *what)
{
    g_autofree char *group = g_strdup_printf("%s.[%u]", list, index);

    conf_complain(reading, group, name, MADO_E_CONFIG_REFERENCE, todo, what);
}

static void check_twice(struct conf_reading *reading, const char *list, guint index,
    const char *name, GHashTable *seen, const char *value)
{
    g_autofree char *what = g_strdup_printf(_("\"%s\" stands in `%s` a second time"), value, list);

    if (value && !g_hash_table_add(seen, (gpointer)value))
        complain_at(reading, list, index, name, NULL, what);
}

static void check_categories(struct conf_reading *reading)
{
    const GPtrArray *list = reading->settings->categories;
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    g_autofree char *none =
        g_strdup_printf(_("`categories` has none with the id \"%s\""), CATEGORY_OTHER);

    for (guint i = 0; i < list->len; i++)
        check_twice(reading, "categories", i, "id", seen, ((struct category *)list->pdata[i])->id);
    if (!category_find(list, CATEGORY_OTHER))
        conf_complain(reading, "categories", "", MADO_E_CONFIG_REFERENCE,
            "it is for what no word and no report says", none);
}

/* -- rules -- */

static char *known_categories(const GPtrArray *list)
{
    g_autoptr(GString) names = g_string_new(NULL);

    for (guint i = 0; i < list->len; i++)
        g_string_append_printf(
            names, "%s%s", i ? "\", \"" : "", ((const struct category *)list->pdata[i])->id ?: "");
    return g_strdup_printf(_("write one of \"%s\""), names->str);
}

static void check_category(struct conf_reading *reading, guint index, const struct rule *rule)
{
    const GPtrArray *list = reading->settings->categories;
    g_autofree char *todo = known_categories(list);
    g_autofree char *what =
        g_strdup_printf(_("there is no category \"%s\""), rule->sets.category ?: "");

    if (rule->sets.category && *rule->sets.category && !category_find(list, rule->sets.category))
        complain_at(reading, "rules", index, "set.category", todo, what);
}

static void check_handler(struct conf_reading *reading, guint index, const struct rule *rule)
{
    const GPtrArray *operators = reading->settings->operators;
    const char *handler = rule->sets.handler ?: "";
    g_autofree char *what = g_strdup_printf(_("\"%s\" is not among the `operators`"), handler);
    gboolean found = !*handler;

    for (guint i = 0; i < operators->len; i++)
        found |= g_strcmp0(((const struct member *)operators->pdata[i])->user, handler) == 0;
    if (!found)
        complain_at(reading, "rules", index, "set.handler", NULL, what);
}

struct used {
    const char *list, *setting, *template;
    guint index;
};

/* In each language in which the team answers. Whoever may not look there is told nothing. */
static void check_template(struct conf_reading *reading, const struct used *used)
{
    const struct settings *settings = reading->settings;
    const char *name = used->template ?: "";

    for (char **language = settings->team.languages; *name && *language; language++) {
        g_autofree char *path =
            g_strdup_printf("%s/%s/%s.tmpl", settings->daemon.templates, *language, name);
        g_autofree char *what = g_strdup_printf(_("there is no template %s"), path);
        struct stat facts;
        if (stat(path, &facts) < 0 && errno != EACCES)
            complain_at(reading, used->list, used->index, used->setting, NULL, what);
    }
}

static void check_escalations(struct conf_reading *reading)
{
    const GPtrArray *list = reading->settings->escalation;

    for (guint i = 0; list && i < list->len; i++) {
        const struct escalation_rule *rule = list->pdata[i];
        if (g_strcmp0(rule->template, "escalate-rule") != 0)
            check_template(reading, &(struct used){"escalation", "template", rule->template, i});
    }
}

/* Without one it would hit all mail, which nobody writes down on purpose. What was refused has been
 * told. */
static gboolean has_tests(struct conf_reading *reading, guint index)
{
    g_autofree char *path = g_strdup_printf("rules.[%u].if", index);
    const config_setting_t *group = config_lookup(&reading->tree, path);

    for (int i = 0; group && i < config_setting_length(group); i++)
        if (config_setting_length(config_setting_get_elem(group, (guint)i)) > 0)
            return TRUE;
    return FALSE;
}

static void check_tests(struct conf_reading *reading, guint index)
{
    if (!has_tests(reading, index))
        complain_at(reading, "rules", index, "name", "name at least one in `if`",
            "the rule has no test, and would hit every mail");
}

static void check_rules(struct conf_reading *reading)
{
    const GPtrArray *list = reading->settings->rules;
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < list->len; i++) {
        const struct rule *rule = list->pdata[i];
        check_twice(reading, "rules", i, "name", seen, rule->name);
        check_tests(reading, i);
        check_category(reading, i, rule);
        check_handler(reading, i, rule);
        check_template(reading, &(struct used){"rules", "set.template", rule->sets.template, i});
    }
}

void conf_check_rules(struct conf_reading *reading)
{
    check_categories(reading);
    check_rules(reading);
    check_escalations(reading);
}
