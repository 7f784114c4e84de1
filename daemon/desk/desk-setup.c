/* What the desk opens before it is locked in, and what it takes again on a reload. */
#include "state.h"
#include "conf.h"
#include "error.h"
#include "log.h"
#include "now.h"
#include "say.h"
#include "socket.h"
#include <build-facts.h>
#include <stdio.h>
#include <sys/socket.h>

/* -- configuration -- */

/* Says what is wrong, all of it; NULL then. */
static struct settings *load_settings(const char *path)
{
    g_autoptr(GPtrArray) problems = conf_problems_new();
    struct settings *settings = conf_load(path, problems);

    if (problems->len) {
        g_autofree char *text = conf_problems_to_text(problems);
        fputs(text, stderr);
    }
    return settings;
}

gboolean setup_take_configuration(struct desk *desk, GError **error)
{
    desk->settings = load_settings(desk->options->config);
    if (!desk->settings) {
        error_set(error, MADO_E_CONFIG_READ,
            "%s does not check out (see above). Nothing was started; mend it and start again",
            desk->options->config);
        return FALSE;
    }
    desk->templates = templates_load(desk->settings->daemon.templates, error);
    desk->zone = g_time_zone_new_identifier(desk->settings->team.timezone);
    hours_take(desk);
    return desk->templates != NULL;
}

static gboolean may_change(
    const struct settings *before, const struct settings *after, GError **error)
{
    g_auto(GStrv) fixed = conf_changed_fixed(before, after);
    g_autofree char *names = g_strjoinv(", ", fixed);

    if (*fixed)
        error_set(error, MADO_E_CONFIG_READ, "%s can change with a restart only", names);
    return !*fixed;
}

/* Without room nothing can be planned: it is when there is some, at the start of work. */
static void plan_anew(struct desk *desk)
{
    g_autoptr(GError) error = NULL;

    if (!desk->at_work)
        return;
    desk_change(desk);
    if (!reporting_plan(desk, &error))
        desk_give_up(error);
    desk_keep(desk);
}

/* All of the new configuration, or all of the old one. */
void setup_reload(struct desk *desk)
{
    g_autoptr(GError) error = NULL;
    struct settings *settings = load_settings(desk->options->config);
    struct templates *templates = NULL;

    if (settings && may_change(desk->settings, settings, &error))
        templates = templates_load(settings->daemon.templates, &error);
    if (!templates) {
        log_event(LOG_LEVEL_ALARM, 0, "reload-refused", "%s; the present settings are kept",
            error ? error->message : "the configuration does not check out");
        conf_free(settings);
        return;
    }
    conf_free(desk->settings);
    templates_free(desk->templates);
    desk->settings = settings;
    desk->templates = templates;
    g_time_zone_unref(desk->zone);
    desk->zone = g_time_zone_new_identifier(settings->team.timezone);
    desk->context.settings = settings;
    desk->context.zone = desk->zone;
    hours_take(desk);
    reviewing_look_again(desk);
    desk->look_at_duty = TRUE;
    for (guint i = 0; i < desk->intakes->len; i++)
        peer_tell_settings(desk->intakes->pdata[i]); /* to whom mail may come */
    plan_anew(desk);
    log_event(LOG_LEVEL_INFO, 0, "reloaded", "%s", desk->options->config);
}

/* -- store, sockets, confinement -- */

static int listen_at(
    struct desk *desk, const char *name, int type, const char *group, GError **error)
{
    g_autofree char *path = g_build_filename(desk->settings->daemon.run, name, NULL);
    return socket_listen(path, type, group, error);
}

gboolean setup_open_sockets(struct desk *desk, GError **error)
{
    const struct settings *settings = desk->settings;

    if (g_mkdir_with_parents(settings->daemon.run, 0755) < 0) {
        error_set(error, MADO_E_ROLE, "%s cannot be made for the sockets. Nothing was started",
            settings->daemon.run);
        return FALSE;
    }
    desk->control_socket =
        listen_at(desk, "control.sock", SOCK_STREAM, settings->daemon.operator_group, error);
    if (desk->control_socket < 0)
        return FALSE;
    desk->delivery_socket =
        listen_at(desk, "deliver.sock", SOCK_SEQPACKET, settings->daemon.deliver_group, error);
    return desk->delivery_socket >= 0;
}

gboolean setup_open_store(struct desk *desk, GError **error)
{
    g_autofree char *path = g_build_filename(desk->settings->daemon.state, "mado.db", NULL);

    g_mkdir_with_parents(desk->settings->daemon.state, 0700);
    if (desk->options->rebuild)
        return rebuild_open(desk, error);
    desk->store = store_open(path, error);
    if (!desk->store)
        return FALSE;
    desk->token_secret = store_secret(desk->store, "token", 32, error);
    targets_begin(desk);
    backup_clear(desk);
    return desk->token_secret && store_commit(desk->store, error);
}

gboolean setup_begin_work(struct desk *desk, GError **error)
{
    desk->look_at_duty = TRUE;
    return store_begin(desk->store, error) && outbox_recover(desk, error) &&
           clock_recover(desk, error) && hooks_begin(desk, error) && reporting_plan(desk, error) &&
           store_journal(
               desk->store, now_seconds(), "mado", "started", 0, 0, "madod " MADO_VERSION, error) &&
           store_commit(desk->store, error);
}

/* A folder of which the disk is away is a failure of the backup, not of the start. */
static const char *kept_in(const char *folder, const struct settings *settings)
{
    return *folder && g_mkdir_with_parents(folder, 0700) == 0 ? folder : settings->daemon.state;
}

gboolean setup_lock_in(struct desk *desk, GError **error)
{
    const struct settings *settings = desk->settings;
    const char *holidays = desk->settings->hours.holidays;
    g_autofree char *folder = g_path_get_dirname(desk->options->config);
    g_autofree char *beside = *holidays ? g_path_get_dirname(holidays) : g_strdup(folder);
    const struct confine_place places[] = {
        {settings->daemon.state, CONFINE_WRITE},
        {kept_in(settings->backup.folder, settings), CONFINE_WRITE},
        {kept_in(settings->audit.folder, settings), CONFINE_WRITE},
        {folder, CONFINE_READ}, /* to reload */
        {desk->settings->daemon.templates, CONFINE_READ},
        {beside, CONFINE_READ}, /* of the list of holidays, which may be replaced */
        {"/usr/share/zoneinfo", CONFINE_READ},
        {NULL, CONFINE_READ},
    };

    say_open();
    return role_lock_in(&(struct confinement){.kind = CONFINE_DESK, .places = places}, error);
}
