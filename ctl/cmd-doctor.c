/* doctor: what this side can see (configuration, templates, the socket) and what the daemon sees.
 */
#include "conf.h"
#include "error.h"
#include "madoctl.h"
#include "write.h"
#include <build-facts.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { WIDEST_NAME = 24, MOST_ASKED = 1000, LONGEST_PAUSE_MS = 1000 };

static struct settings *examine_config(struct call *call, json_t *rows)
{
    const char *named = call->options.config ? call->options.config : g_getenv("MADOCTL_CONFIG");
    const char *path = named ? named : MADO_CONFDIR "/mado.conf";
    g_autoptr(GPtrArray) problems = conf_problems_new();
    struct settings *settings = NULL;
    g_autofree char *text = NULL;

    if (access(path, R_OK) < 0) {
        text = g_strdup_printf("%s cannot be read by you: %s", path, g_strerror(errno));
        finding_add(rows, "config", FINDING_UNKNOWN, text, "give the file with --config");
        return NULL;
    }
    settings = conf_load(path, problems);
    text = g_strdup_printf("%s, %u problem%s", path, problems->len, problems->len == 1 ? "" : "s");
    finding_add(rows, "config",
        !settings       ? FINDING_FAILURE
        : problems->len ? FINDING_WARNING
                        : FINDING_OK,
        text, problems->len ? "madoctl check-config" : NULL);
    return settings;
}

static void examine_templates(const struct settings *settings, json_t *rows)
{
    g_auto(GStrv) problems = templates_check(settings->daemon.templates);
    g_autofree char *text =
        g_strdup_printf("%s, all texts in both languages", settings->daemon.templates);

    if (!*problems)
        finding_add(rows, "templates", FINDING_OK, text, NULL);
    for (char **problem = problems; *problem; problem++)
        finding_add(rows, "templates", FINDING_FAILURE, *problem, "correct the file, then reload");
}

/* The daemon asks mailboxes and relay meanwhile, and says when to come again for their answers. */
static gboolean ask_until_done(struct call *call, json_t *rows, GError **error)
{
    json_t *next = NULL;
    gboolean done = client_ask(call, "doctor", json_object(), rows, &next, error);

    for (int asked = 0; done && next && asked < MOST_ASKED; asked++) {
        json_t *args = json_object();
        gint64 pause = CLAMP(row_number(next, "again_ms"), 1, LONGEST_PAUSE_MS);
        json_object_set_new(args, "page", next);
        next = NULL;
        g_usleep((gulong)pause * 1000);
        done = client_ask(call, "doctor", args, rows, &next, error);
    }
    json_decref(next);
    return done;
}

static void examine_daemon(struct call *call, json_t *rows)
{
    g_autoptr(GError) error = NULL;

    if (ask_until_done(call, rows, &error))
        finding_add(rows, "socket", FINDING_OK, "the daemon answers", NULL);
    else
        finding_add(rows, "socket",
            g_error_matches(error, MADO_ERROR, MADO_E_FORBIDDEN) ? FINDING_UNKNOWN
                                                                 : FINDING_FAILURE,
            error->message, NULL);
}

static int name_width(json_t *rows)
{
    gsize i, width = 0;
    json_t *row;

    json_array_foreach(rows, i, row)
        width = MAX(width, strlen(row_text(row, "check")));
    return (int)MIN(width, WIDEST_NAME);
}

static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    int width = name_width(rows);
    gsize i;
    json_t *row;
    int problems = 0;

    json_array_foreach(rows, i, row) {
        problems += finding_result(row) != FINDING_OK;
        finding_draw(screen, row, width);
    }
    if (screen->terminal)
        screen_print(screen, PLAIN, "%d problem%s.\n", problems, problems == 1 ? "" : "s");
}

/* A failure outweighs what could not be checked: the order of the monitoring plugins. */
static int worst(json_t *rows)
{
    static const int weight[FINDINGS] = {0, 1, 3, 2};
    enum finding worst = FINDING_OK;
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row)
        if (weight[finding_result(row)] > weight[worst])
            worst = finding_result(row);
    return (int)worst;
}

static int doctor(struct call *call, GError **error)
{
    json_t *rows = json_array();
    struct settings *settings = examine_config(call, rows);
    int status = -1;

    if (settings)
        examine_templates(settings, rows);
    conf_free(settings);
    examine_daemon(call, rows);
    if (view_show_rows(&view_doctor, call, rows, TRUE, error))
        status = worst(rows);
    json_decref(rows);
    return status;
}

const struct view view_doctor = {"doctor", .draw = draw, .run = doctor};
