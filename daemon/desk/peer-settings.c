/* What each role is told first: of the configuration what it needs, and no more. */
#include "state.h"
#include "conf.h"
#include "now.h"
#include <mado/limits.h>

/* An errand ends, and a child is ended, before our patience with its role does. */
static guint within_patience(const struct peer *peer, gint64 seconds)
{
    return (guint)MIN(seconds, MAX(1, peer->desk->settings->daemon.patience * 2 / 3));
}

static void add_server(GVariantDict *dict, const struct server *server)
{
    g_variant_dict_insert(dict, "host", "s", server->host);
    g_variant_dict_insert(dict, "port", "x", server->port);
    g_variant_dict_insert(dict, "tls", "s", server->tls);
    g_variant_dict_insert(dict, "ca_file", "s", server->ca_file);
    g_variant_dict_insert(dict, "fingerprint", "s", server->fingerprint);
    g_variant_dict_insert(dict, "user", "s", server->user);
    g_variant_dict_insert(dict, "auth", "s", server->auth);
    g_variant_dict_insert(dict, "password_file", "s", server->password_file);
    g_variant_dict_insert(dict, "password_credential", "s", server->password_credential);
    g_variant_dict_insert(dict, "timeout", "x", server->timeout);
    g_variant_dict_insert(dict, "has_token_command", "b", *server->token_command != NULL);
}

/* To whom mail may come: what reports and bounces are sent to. */
static GVariant *our_addresses(const struct settings *settings)
{
    GVariantBuilder list;

    g_variant_builder_init(&list, G_VARIANT_TYPE("as"));
    g_variant_builder_add(&list, "s", settings->team.address);
    if (*settings->outgoing.bounces)
        g_variant_builder_add(&list, "s", settings->outgoing.bounces);
    for (char **alias = settings->team.aliases; *alias; alias++)
        g_variant_builder_add(&list, "s", *alias);
    return g_variant_builder_end(&list);
}

static GVariant *intake_settings(const struct peer *peer)
{
    const struct settings *settings = peer->desk->settings;
    const struct source *source = settings->intake.sources->pdata[peer->instance];
    g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT(NULL);

    g_variant_dict_insert(&dict, "type", "s", source->type);
    g_variant_dict_insert(&dict, "path", "s", source->path);
    g_variant_dict_insert(&dict, "listen", "s", source->listen);
    g_variant_dict_insert(&dict, "group", "s", settings->daemon.deliver_group);
    g_variant_dict_insert_value(&dict, "addresses", our_addresses(settings));
    add_server(&dict, &source->server);
    g_variant_dict_insert(&dict, "folders", "^as", source->folders);
    g_variant_dict_insert(&dict, "after", "s", source->after);
    g_variant_dict_insert(&dict, "move_to", "s", source->move_to);
    g_variant_dict_insert(&dict, "max_message", "x", settings->intake.max_message);
    g_variant_dict_insert(&dict, "rescan", "x", settings->intake.rescan);
    g_variant_dict_insert(&dict, "idle", "x", source->idle);
    return g_variant_dict_end(&dict);
}

static GVariant *reader_settings(const struct peer *peer)
{
    g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT(NULL);

    g_variant_dict_insert(&dict, "wall", "u", within_patience(peer, LIMIT_READER_WALL_SECONDS));
    g_variant_dict_insert(&dict, "cpu", "u", (guint)peer->desk->settings->daemon.reader_time);
    g_variant_dict_insert(
        &dict, "memory", "t", (guint64)peer->desk->settings->daemon.reader_memory);
    conf_tell_reader(&dict, peer->desk->settings);
    return g_variant_dict_end(&dict);
}

static GVariant *courier_settings(const struct peer *peer)
{
    const struct settings *settings = peer->desk->settings;
    g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT(NULL);

    g_variant_dict_insert(&dict, "transport", "s", settings->outgoing.transport);
    g_variant_dict_insert(&dict, "path", "s", settings->outgoing.path);
    g_variant_dict_insert(&dict, "domain", "s", desk_mail_domain(peer->desk));
    add_server(&dict, &settings->outgoing.server);
    return g_variant_dict_end(&dict);
}

static GVariant *dialler_settings(const struct peer *peer)
{
    const struct server *server = errands_server(peer->desk, peer->instance);
    g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT(NULL);

    g_variant_dict_insert(&dict, "host", "s", server->host);
    g_variant_dict_insert(&dict, "port", "x", server->port);
    g_variant_dict_insert(&dict, "wall", "u", within_patience(peer, LIMIT_DIAL_SECONDS));
    return g_variant_dict_end(&dict);
}

static GVariant *announcer_settings(const struct peer *peer)
{
    g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT(NULL);

    g_variant_dict_insert(&dict, "folder", "s", peer->desk->settings->hooks.folder);
    g_variant_dict_insert(&dict, "wall", "u", (guint32)peer->desk->settings->hooks.time);
    return g_variant_dict_end(&dict);
}

/* Not the program: that stands in the configuration, which the hook reads itself. */
static GVariant *hook_settings(const struct peer *peer)
{
    const struct server *server = errands_server(peer->desk, peer->instance);
    g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT(NULL);

    if (peer == peer->desk->announcer)
        return announcer_settings(peer);
    g_variant_dict_insert(&dict, "host", "s", server->host);
    g_variant_dict_insert(&dict, "user", "s", server->user);
    g_variant_dict_insert(&dict, "wall", "u", within_patience(peer, LIMIT_HOOK_SECONDS));
    return g_variant_dict_end(&dict);
}

static GVariant *keys_settings(const struct peer *peer)
{
    const struct settings *settings = peer->desk->settings;
    g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT(NULL);

    g_variant_dict_insert(&dict, "home", "s", settings->keys.home);
    g_variant_dict_insert(&dict, "passphrase_file", "s", settings->keys.passphrase_file);
    g_variant_dict_insert(
        &dict, "passphrase_credential", "s", settings->keys.passphrase_credential);
    g_variant_dict_insert(&dict, "hourly", "x", settings->keys.hourly);
    g_variant_dict_insert(&dict, "run", "t", peer->desk->run);
    if (now_is_fixed())
        g_variant_dict_insert(&dict, "now", "x", now_seconds());
    return g_variant_dict_end(&dict);
}

static GVariant *(*const settings_of[ROLE_KINDS])(const struct peer *) = {
    [ROLE_INTAKE] = intake_settings,
    [ROLE_READER] = reader_settings,
    [ROLE_COURIER] = courier_settings,
    [ROLE_DIALLER] = dialler_settings,
    [ROLE_HOOK] = hook_settings,
    [ROLE_KEYS] = keys_settings,
};

void peer_tell_settings(struct peer *peer)
{
    peer_tell(peer, IPC_SETTINGS, settings_of[peer->kind](peer), -1);
}
