/* check-config, config show: the configuration of this host. */
#include "conf.h"
#include "error.h"
#include "madoctl.h"
#include "write.h"
#include <build-facts.h>
#include <stdio.h>
#include <sysexits.h>

static json_t *problem_row(const struct conf_problem *problem)
{
    json_t *row = ctl_row();

    json_object_set_new(row, "file", ctl_string(problem->file));
    json_object_set_new(row, "line", problem->line ? json_integer(problem->line) : json_null());
    json_object_set_new(
        row, "column", problem->column ? json_integer(problem->column) : json_null());
    json_object_set_new(row, "code", json_integer(problem->code));
    json_object_set_new(row, "warning", json_boolean(problem->warning));
    json_object_set_new(row, "text", ctl_string(problem->text));
    return row;
}

static void print_problems(struct call *call, const GPtrArray *problems)
{
    g_autofree char *text = conf_problems_to_text(problems);

    for (guint i = 0; call->options.json && i < problems->len; i++) {
        json_t *row = problem_row(g_ptr_array_index(problems, i));
        g_autofree char *line = ctl_dump(row);
        g_string_append_printf(call->screen->text, "%s\n", line);
        json_decref(row);
    }
    if (!call->options.json && problems->len > 0)
        screen_print(call->screen, PLAIN, "%s", text);
}

/* The daemon starts with none that it cannot read. */
static gboolean check_texts(const char *path, const struct settings *settings, GPtrArray *problems)
{
    g_auto(GStrv) faults = templates_check(settings->daemon.templates);

    for (char **fault = faults; *fault; fault++) {
        struct conf_problem *problem = g_new0(struct conf_problem, 1);
        *problem = (struct conf_problem){
            .file = g_strdup(path), .code = MADO_E_TEMPLATE, .text = g_strdup(*fault)};
        g_ptr_array_add(problems, problem);
    }
    return !*faults;
}

/* Local, so that a file can be tried before the daemon sees it. */
static int check_config(struct call *call, GError **error)
{
    const char *named = call->words[0]         ? call->words[0]
                        : call->options.config ? call->options.config
                                               : g_getenv("MADOCTL_CONFIG");
    const char *path = named ? named : MADO_CONFDIR "/mado.conf";
    const char *spoken = say_in(call->options.json ? "en" : say_language()); /* data are English */
    g_autoptr(GPtrArray) problems = conf_problems_new();
    struct settings *settings = conf_load(path, problems);
    gboolean good = settings && check_texts(path, settings, problems);

    say_in(spoken);
    print_problems(call, problems);
    if (!call->options.json && good)
        screen_print(call->screen, GOOD, "ok: %s can be used.\n", path);
    else if (!call->options.json)
        screen_print(
            call->screen, PLAIN, "Nothing was changed. The daemon keeps its present settings.\n");
    screen_flush(call->screen, FALSE);
    conf_free(settings);
    return good ? 0 : EX_CONFIG;
}

static void draw_text(struct screen *screen, json_t *rows, gboolean first)
{
    screen_print(screen, PLAIN, "%s", row_text(json_array_get(rows, 0), "text"));
}

/* What the file says, where no daemon can tell what it uses. */
static gboolean from_file(struct call *call, json_t *rows, GError **error)
{
    g_autofree char *file = NULL;
    struct settings *settings = client_settings(&call->options, &file, error);
    g_autofree char *text = settings ? conf_to_text(settings, call->options.changed) : NULL;
    json_t *row;

    if (!settings)
        return FALSE;
    fprintf(stderr, _("madoctl: The daemon cannot be reached; this is what %s would give.\n"),
        file ? file : _("the built-in defaults"));
    row = ctl_row();
    json_object_set_new(row, "text", ctl_string(text));
    json_array_append_new(rows, row);
    conf_free(settings);
    return TRUE;
}

static int show_config(struct call *call, GError **error)
{
    json_t *rows = json_array();
    json_t *args = json_object();
    json_t *next = NULL;
    g_autoptr(GError) failed = NULL;
    gboolean done;

    if (call->options.changed)
        json_object_set_new(args, "changed", json_true());
    done = client_ask(call, "config show", args, rows, &next, &failed);
    if (!done && g_error_matches(failed, MADO_ERROR, MADO_E_NOT_RUNNING))
        done = from_file(call, rows, error);
    else if (!done)
        g_propagate_error(error, g_steal_pointer(&failed));
    done = done && view_show_rows(&view_config_show, call, rows, TRUE, error);
    json_decref(rows);
    return done ? 0 : -1;
}

const struct view view_check_config = {"check-config", .run = check_config};
const struct view view_config_show = {"config show", .draw = draw_text, .run = show_config};
