#include "conf-load.h"
#include "error.h"
#include "say.h"
#include "text.h"
#include <string.h>

/* What a group or an element of the file is read into. */
struct level {
    const struct conf_row *rows;
    gpointer base;
    const char *prefix; /* of the names in `rows`: "team.", or "" */
    const char *shown;  /* before names in complaints: "team.", "intake.sources." */
};

static void walk_group(
    struct conf_reading *reading, config_setting_t *group, const struct level *level);

static const char *kind_of(const config_setting_t *setting)
{
    static const char *const names[] = {[CONFIG_TYPE_GROUP] = N_("a group { }"),
        [CONFIG_TYPE_INT] = N_("a number"),
        [CONFIG_TYPE_INT64] = N_("a number"),
        [CONFIG_TYPE_FLOAT] = N_("a number with a point"),
        [CONFIG_TYPE_STRING] = N_("text in quotes"),
        [CONFIG_TYPE_BOOL] = N_("true or false"),
        [CONFIG_TYPE_ARRAY] = N_("a list [ ]"),
        [CONFIG_TYPE_LIST] = N_("a list ( )")};
    return names[setting->type];
}

static void complain_of_type(
    struct conf_reading *reading, config_setting_t *setting, const char *name, const char *wanted)
{
    struct conf_place place = conf_place_of_value(reading, setting);
    g_autofree char *note = g_strdup_printf(_("write %s"), _(wanted));

    conf_problem_add(reading->problems, &place, MADO_E_CONFIG_TYPE, note, "`%s` cannot be %s", name,
        _(kind_of(setting)));
}

static const struct conf_token *value_token(
    const struct conf_reading *reading, const config_setting_t *setting)
{
    guint index = GPOINTER_TO_UINT(config_setting_get_hook(setting));

    if (!index)
        return NULL;
    index += config_setting_name(setting) ? 1 : (guint)-1;
    return &g_array_index(reading->scan->tokens, struct conf_token, index);
}

/* A string, or a number as it was written; NULL if it is neither of what the row takes. */
static const char *source_text(
    const struct conf_reading *reading, const struct conf_row *row, const config_setting_t *setting)
{
    const struct conf_token *token = value_token(reading, setting);

    if (setting->type == CONFIG_TYPE_STRING && row->type->takes_quoted)
        return config_setting_get_string(setting);
    if ((setting->type == CONFIG_TYPE_INT || setting->type == CONFIG_TYPE_INT64) &&
        row->type->takes_bare)
        return token ? token->text : NULL;
    return NULL;
}

/* \xNN can write bytes that the file itself may not hold. */
static gboolean writes_nul(const char *source)
{
    for (const char *at = source; *at; at++)
        if (*at == '\\' && *++at && g_ascii_strncasecmp(at, "x00", 3) == 0)
            return TRUE;
    return FALSE;
}

static gboolean is_clean(
    const struct conf_reading *reading, const config_setting_t *setting, const char *text)
{
    const struct conf_token *token = value_token(reading, setting);

    return g_utf8_validate(text, -1, NULL) && !(token && token->text && writes_nul(token->text));
}

/* One plain value as it is kept, or NULL after a complaint. The caller frees it. */
static char *walk_value(struct conf_reading *reading, config_setting_t *setting,
    const struct conf_row *row, const char *name)
{
    const char *text = source_text(reading, row, setting);
    g_autofree char *value = NULL, *note = NULL, *shown = NULL;
    struct conf_place place = conf_place_of_value(reading, setting);
    int code = MADO_E_CONFIG_RANGE;

    if (!text) {
        complain_of_type(reading, setting, name, row->type->form);
        return NULL;
    }
    if (is_clean(reading, setting, text)) {
        value = conf_value_normal(row, text, reading->scan->folder);
        note = conf_value_refuse(row, value, &code);
    } else {
        note = g_strdup(_("write it as UTF-8 text"));
    }
    if (!note)
        return g_steal_pointer(&value);
    shown = text_harmless(text, NULL);
    conf_problem_add(reading->problems, &place, code, note,
        setting->type == CONFIG_TYPE_STRING ? N_("`%s` cannot be \"%.60s\"")
                                            : N_("`%s` cannot be %.60s"),
        name, shown);
    return NULL;
}

static void walk_words(struct conf_reading *reading, config_setting_t *setting,
    const struct conf_row *row, const struct level *level, const char *name)
{
    g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);
    struct conf_place place = conf_place_of_value(reading, setting);

    if (!config_setting_is_array(setting) && !config_setting_is_list(setting)) {
        complain_of_type(reading, setting, name, "a list: [ \"...\", \"...\" ]");
        return;
    }
    for (int i = 0; i < config_setting_length(setting); i++) {
        config_setting_t *member = config_setting_get_elem(setting, (guint)i);
        char *value = walk_value(reading, member, row, name);
        struct conf_place twice = conf_place_of_value(reading, member);
        if (value && g_ptr_array_find_with_equal_func(values, value, g_str_equal, NULL))
            conf_problem_add(reading->problems, &twice, MADO_E_CONFIG_REFERENCE, NULL,
                "\"%s\" stands in `%s` a second time", value, name);
        if (value)
            g_ptr_array_add(values, value);
    }
    if (config_setting_length(setting) < row->min)
        conf_problem_add(reading->problems, &place, MADO_E_CONFIG_RANGE, "name at least one",
            "`%s` is empty", name);
    g_ptr_array_add(values, NULL);
    conf_row_set(row, level->base, (const char *const *)values->pdata);
}

static void walk_element(struct conf_reading *reading, config_setting_t *setting,
    const struct conf_row *row, GPtrArray *members)
{
    g_autofree char *shown = g_strconcat(row->name, ".", NULL);
    struct level level = {row->element->rows, NULL, "", shown};

    level.base = g_malloc0(row->element->size);
    conf_rows_start(level.rows, level.base);
    g_ptr_array_add(members, level.base);
    if (config_setting_is_group(setting))
        walk_group(reading, setting, &level);
    else
        complain_of_type(reading, setting, row->name, "a group: { ... }");
    conf_rows_complete(level.rows, level.base);
}

static void walk_elements(struct conf_reading *reading, config_setting_t *setting,
    const struct conf_row *row, const struct level *level)
{
    GPtrArray *members = g_ptr_array_new();
    struct conf_place place = conf_place_of_value(reading, setting);

    *(GPtrArray **)conf_row_field(row, level->base) = members;
    if (!config_setting_is_list(setting)) {
        complain_of_type(reading, setting, row->name, "a list of groups: ( { ... }, { ... } )");
        return;
    }
    for (int i = 0; i < config_setting_length(setting); i++)
        walk_element(reading, config_setting_get_elem(setting, (guint)i), row, members);
    if (config_setting_length(setting) < row->min)
        conf_problem_add(reading->problems, &place, MADO_E_CONFIG_RANGE, "name at least one",
            "`%s` is empty", row->name);
}

/* "" means the default where that is nothing, or follows from other settings. */
static gboolean is_left_empty(const struct conf_row *row, const config_setting_t *setting)
{
    return setting->type == CONFIG_TYPE_STRING && !*config_setting_get_string(setting) &&
           (row->derived || (row->fallback && !*row->fallback));
}

static void walk_row(struct conf_reading *reading, config_setting_t *setting,
    const struct conf_row *row, const struct level *level)
{
    g_autofree char *name = g_strconcat(level->shown, config_setting_name(setting), NULL);

    if (row->element) {
        walk_elements(reading, setting, row, level);
    } else if (row->flags & CONF_LIST) {
        walk_words(reading, setting, row, level, name);
    } else if (!is_left_empty(row, setting)) {
        g_autofree char *value = walk_value(reading, setting, row, name);
        const char *const values[] = {value, NULL};
        if (value)
            conf_row_set(row, level->base, values);
    }
}

/* The names that may stand in a group: "team", "intake", ... or "name", "address", ... */
static GPtrArray *names_in(const struct level *level)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

    for (const struct conf_row *row = level->rows; row->name; row++)
        if (g_str_has_prefix(row->name, level->prefix)) {
            const char *rest = row->name + strlen(level->prefix);
            g_ptr_array_add(names, g_strndup(rest, strcspn(rest, ".")));
        }
    g_ptr_array_add(names, NULL);
    return names;
}

/* The full name of a setting that is right but stands in the wrong group, or NULL. */
static const char *at_home_elsewhere(const struct level *level, const char *name)
{
    for (const struct conf_row *row = level->rows; row->name; row++)
        if (strcmp(conf_row_leaf(row), name) == 0)
            return row->name;
    return NULL;
}

static void complain_of_unknown(
    struct conf_reading *reading, config_setting_t *setting, const struct level *level)
{
    const char *name = config_setting_name(setting);
    g_autoptr(GPtrArray) names = names_in(level);
    const char *guess = conf_guess(name, (const char *const *)names->pdata);
    struct conf_place place = conf_place_of_name(reading, setting);
    g_autofree char *note = NULL;

    if (!guess)
        guess = at_home_elsewhere(level, name);
    if (conf_names_secret(name))
        note = g_strdup(_("put it into a file that only mado may read, and name that in "
                          "`password_file`"));
    else if (guess)
        note = g_strdup_printf(_("did you mean `%s`?"), guess);
    conf_problem_add(reading->problems, &place, MADO_E_CONFIG_UNKNOWN, note,
        "there is no setting `%s%s`", level->shown, name);
}

static const struct conf_row *find_row(const struct level *level, const char *name)
{
    g_autofree char *full = g_strconcat(level->prefix, name, NULL);

    for (const struct conf_row *row = level->rows; row->name; row++)
        if (strcmp(row->name, full) == 0)
            return row;
    return NULL;
}

static gboolean walk_subgroup(
    struct conf_reading *reading, config_setting_t *setting, const struct level *level)
{
    const char *name = config_setting_name(setting);
    g_autofree char *prefix = g_strconcat(level->prefix, name, ".", NULL);
    g_autofree char *shown = g_strconcat(level->shown, name, ".", NULL);
    struct level below = {level->rows, level->base, prefix, shown};
    g_autoptr(GPtrArray) names = names_in(&below);

    if (names->len == 1)
        return FALSE;
    if (config_setting_is_group(setting))
        walk_group(reading, setting, &below);
    else
        complain_of_type(reading, setting, name, "a group: { ... }");
    return TRUE;
}

/* Elements of the tree say what is missing in themselves; what the file lacks has no line. */
static void complain_of_missing(
    struct conf_reading *reading, config_setting_t *group, const struct level *level)
{
    for (const struct conf_row *row = level->rows; row->name; row++) {
        struct conf_place place = {reading->path, 0, 0};
        config_setting_t *around = group;
        g_autofree char *outer = conf_row_group(row);
        if (*outer)
            around = config_setting_get_member(group, outer);
        if (!(row->flags & CONF_REQUIRED) ||
            (around && config_setting_get_member(around, conf_row_leaf(row))))
            continue;
        if (around && !config_setting_is_root(around))
            place = conf_place_of_name(reading, around);
        conf_problem_add(reading->problems, &place, MADO_E_CONFIG_REQUIRED, NULL,
            "`%s%s` is missing: %s", level->shown, row->name, _(row->help));
    }
}

static void walk_group(
    struct conf_reading *reading, config_setting_t *group, const struct level *level)
{
    for (int i = 0; i < config_setting_length(group); i++) {
        config_setting_t *setting = config_setting_get_elem(group, (guint)i);
        const struct conf_row *row = find_row(level, config_setting_name(setting));
        if (row)
            walk_row(reading, setting, row, level);
        else if (!walk_subgroup(reading, setting, level))
            complain_of_unknown(reading, setting, level);
    }
    if (!*level->prefix)
        complain_of_missing(reading, group, level);
}

void conf_walk(struct conf_reading *reading)
{
    struct level level = {conf_rows, reading->settings, "", ""};
    walk_group(reading, config_root_setting(&reading->tree), &level);
}
