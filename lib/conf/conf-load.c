#include "conf-load.h"
#include "error.h"
#include <string.h>

/* The hook of a setting is the number of its first token, plus one. */
static guint token_index(const config_setting_t *setting)
{
    return GPOINTER_TO_UINT(config_setting_get_hook(setting));
}

static struct conf_place place_of(
    const struct conf_reading *reading, config_setting_t *setting, guint offset)
{
    guint index = token_index(setting);
    struct conf_place place = {reading->path, 0, 0};

    if (index)
        return conf_token_place(reading->scan,
            &g_array_index(reading->scan->tokens, struct conf_token, index - 1 + offset));
    return place;
}

struct conf_place conf_place_of_name(const struct conf_reading *reading, config_setting_t *setting)
{
    return place_of(reading, setting, 0);
}

struct conf_place conf_place_of_value(const struct conf_reading *reading, config_setting_t *setting)
{
    return place_of(reading, setting, config_setting_name(setting) ? 2 : 0);
}

static gboolean token_fits(
    const struct conf_scan *scan, guint index, const config_setting_t *setting)
{
    const struct conf_token *token = &g_array_index(scan->tokens, struct conf_token, index);
    static const char opens[] = {[CONFIG_TYPE_GROUP] = '{',
        [CONFIG_TYPE_ARRAY] = '[',
        [CONFIG_TYPE_LIST] = '(',
        [CONFIG_TYPE_STRING] = CONF_TOKEN_STRING};
    char kind = setting->type < (int)sizeof opens ? opens[setting->type] : 0;

    if (config_setting_name(setting))
        return token->kind == CONF_TOKEN_WORD && token[1].kind == '=' &&
               strcmp(token->text, config_setting_name(setting)) == 0;
    return token->kind == (kind ? kind : CONF_TOKEN_WORD);
}

/* The tree and the tokens are in the same order, so that one walk along both finds each setting's
 * token. Returns the token behind the last one used. */
static guint place_settings(const struct conf_scan *scan, config_setting_t *group, guint at)
{
    for (int i = 0; i < config_setting_length(group); i++) {
        config_setting_t *setting = config_setting_get_elem(group, (guint)i);
        while (at + 1 < scan->tokens->len && !token_fits(scan, at, setting))
            at++;
        if (at + 1 >= scan->tokens->len)
            return at;
        config_setting_set_hook(setting, GUINT_TO_POINTER(at + 1));
        at += config_setting_name(setting) ? 3 : 1;
        while (setting->type == CONFIG_TYPE_STRING &&
               g_array_index(scan->tokens, struct conf_token, at).kind == CONF_TOKEN_STRING)
            at++; /* neighbouring strings are one value */
        if (config_setting_is_aggregate(setting))
            at = place_settings(scan, setting, at);
    }
    return at;
}

static void complain_of_syntax(
    struct conf_reading *reading, const struct conf_place *place, const char *why)
{
    conf_problem_add(reading->problems, place, MADO_E_CONFIG_SYNTAX, why,
        "the syntax is broken here, and nothing behind it was checked");
}

/* Our own look comes first: libconfig leaks what it has read of a broken file, passes over a
 * comment that is never closed, and knows no columns. */
static gboolean is_sound(struct conf_reading *reading)
{
    g_autofree char *why = NULL;
    const struct conf_token *token = conf_syntax_explain(reading->scan, &why);
    struct conf_place place;

    if (!token)
        return TRUE;
    place = conf_token_place(reading->scan, token);
    complain_of_syntax(reading, &place, why);
    return FALSE;
}

static gboolean parse(struct conf_reading *reading)
{
    g_autofree char *text = NULL;
    const struct conf_line *line;
    guint last = reading->scan->lines->len;

    if (!is_sound(reading))
        return FALSE;
    text = conf_scan_text(reading->scan);
    if (config_read_string(&reading->tree, text))
        return TRUE;
    line = reading->scan->lines->pdata[CLAMP(config_error_line(&reading->tree), 1, (int)last) - 1];
    complain_of_syntax(reading, &(struct conf_place){line->file, line->number, 0},
        config_error_text(&reading->tree));
    return FALSE;
}

static void read_settings(struct conf_reading *reading)
{
    reading->settings = g_new0(struct settings, 1);
    conf_rows_start(conf_rows, reading->settings);
    place_settings(reading->scan, config_root_setting(&reading->tree), 0);
    conf_walk(reading);
    conf_rows_complete(conf_rows, reading->settings);
}

static void check_settings(struct conf_reading *reading)
{
    read_settings(reading);
    conf_check_name_sources(reading->settings->intake.sources);
    conf_check(reading);
}

static void read_tree(struct conf_reading *reading, void (*take)(struct conf_reading *reading))
{
    config_init(&reading->tree);
    if (parse(reading))
        take(reading);
    config_destroy(&reading->tree);
}

static gboolean has_errors(const GPtrArray *problems, guint from)
{
    for (guint i = from; i < problems->len; i++)
        if (!((struct conf_problem *)problems->pdata[i])->warning)
            return TRUE;
    return FALSE;
}

struct settings *conf_load(const char *path, GPtrArray *problems)
{
    g_autoptr(GPtrArray) own = problems ? g_ptr_array_ref(problems) : conf_problems_new();
    guint before = own->len;
    struct conf_reading reading = {path, .scan = conf_scan_file(path, own), .problems = own};

    if (reading.scan)
        read_tree(&reading, check_settings);
    conf_scan_free(reading.scan);
    if (reading.settings && has_errors(own, before))
        g_clear_pointer(&reading.settings, conf_free);
    return reading.settings;
}

/* -- one setting -- */

static gboolean is_refused_at(const GPtrArray *problems, const struct conf_place *place)
{
    for (guint i = 0; i < problems->len; i++) {
        const struct conf_problem *problem = problems->pdata[i];
        if (problem->line == place->line && problem->column == place->column &&
            g_strcmp0(problem->file, place->file) == 0)
            return TRUE;
    }
    return FALSE;
}

/* Leaves the settings empty where the one in question, or the group around it, was refused. */
static void read_run(struct conf_reading *reading)
{
    static const char *const names[] = {"daemon", "daemon.run"};

    read_settings(reading);
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        config_setting_t *setting = config_lookup(&reading->tree, names[i]);
        struct conf_place place = {0};
        if (!setting)
            continue;
        place = conf_place_of_value(reading, setting);
        if (is_refused_at(reading->problems, &place))
            g_clear_pointer(&reading->settings->daemon.run, g_free);
    }
}

char *conf_load_run(const char *path)
{
    g_autoptr(GPtrArray) problems = conf_problems_new();
    struct conf_reading reading = {
        path, .scan = conf_scan_file(path, problems), .problems = problems};
    char *run = NULL;

    if (reading.scan)
        read_tree(&reading, read_run);
    if (reading.settings)
        run = g_steal_pointer(&reading.settings->daemon.run);
    conf_scan_free(reading.scan);
    conf_free(reading.settings);
    return run;
}
