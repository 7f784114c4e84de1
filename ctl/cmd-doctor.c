/* doctor: what this side can see (configuration, templates, the socket) and what the daemon sees.
 */
#include "conf.h"
#include "error.h"
#include "madoctl.h"
#include "write.h"
#include <build-facts.h>
#include <errno.h>
#include <unistd.h>

static struct settings *examine_config(struct call *call, json_t *rows)
{
    const char *named = call->options.config ? call->options.config : g_getenv("MADOCTL_CONFIG");
    const char *path = named ? named : MADO_CONFDIR "/mado.conf";
    g_autoptr(GPtrArray) problems = conf_problems_new();
    struct settings *settings = NULL;
    g_autofree char *text = NULL;

    if (access(path, R_OK) < 0) {
        text = g_strdup_printf(_("%s cannot be read by you: %s"), path, g_strerror(errno));
        finding_add(rows, "config", FINDING_UNKNOWN, text, _("give the file with --config"));
        return NULL;
    }
    settings = conf_load(path, problems);
    text = g_strdup_printf(_("%s, problems: %u"), path, problems->len);
    finding_add(rows, "config",
        !settings       ? FINDING_FAILURE
        : problems->len ? FINDING_WARNING
                        : FINDING_OK,
        text, problems->len ? _("madoctl check-config") : NULL);
    return settings;
}

static void examine_templates(const struct settings *settings, json_t *rows)
{
    g_auto(GStrv) problems = templates_check(settings->daemon.templates);
    g_autofree char *text =
        g_strdup_printf(_("%s, all texts in both languages"), settings->daemon.templates);

    if (!*problems)
        finding_add(rows, "templates", FINDING_OK, text, NULL);
    for (char **problem = problems; *problem; problem++)
        finding_add(
            rows, "templates", FINDING_FAILURE, *problem, _("correct the file, then reload"));
}

static void examine_daemon(struct call *call, json_t *rows)
{
    g_autoptr(GError) error = NULL;

    /* The daemon asks mailboxes and relay meanwhile. */
    if (view_wait(call, "doctor", json_object(), rows, &error))
        finding_add(rows, "socket", FINDING_OK, _("the daemon answers"), NULL);
    else
        finding_add(rows, "socket",
            g_error_matches(error, MADO_ERROR, MADO_E_FORBIDDEN) ? FINDING_UNKNOWN
                                                                 : FINDING_FAILURE,
            error->message, NULL);
}

static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    finding_draw_all(screen, rows);
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
        status = finding_worst(rows);
    json_decref(rows);
    return status;
}

const struct view view_doctor = {"doctor", .draw = draw, .run = doctor};
