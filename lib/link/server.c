/* What is known of a mail server before anybody speaks with it: all that comes from files. */
#include "link-parts.h"
#include "error.h"
#include <string.h>

static gboolean take_settings(struct link_server *server, GVariantDict *settings, GError **error)
{
    const struct {
        const char *name;
        char **at;
    } rows[] = {{"host", &server->host}, {"fingerprint", &server->fingerprint},
        {"user", &server->user}, {"auth", &server->auth}};
    const char *tls = "";
    gboolean complete = g_variant_dict_lookup(settings, "port", "x", &server->port) &&
                        g_variant_dict_lookup(settings, "timeout", "x", &server->timeout) &&
                        g_variant_dict_lookup(settings, "tls", "&s", &tls);

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        complete &= g_variant_dict_lookup(settings, rows[i].name, "s", rows[i].at);
    server->starttls = g_str_equal(tls, "starttls");
    server->plain = g_str_equal(tls, "none");
    if (complete && *server->host && (server->starttls || server->plain || g_str_equal(tls, "tls")))
        return TRUE;
    g_set_error_literal(error, MADO_ERROR, MADO_E_ROLE,
        "a mail server is described in a way that is not understood. Nothing was connected");
    return FALSE;
}

static gboolean load_password(struct link_server *server, GVariantDict *settings, GError **error)
{
    const char *file = "", *credential = "";

    if (!*server->user ||
        !(g_str_equal(server->auth, "plain") || g_str_equal(server->auth, "login")))
        return TRUE;
    g_variant_dict_lookup(settings, "password_file", "&s", &file);
    g_variant_dict_lookup(settings, "password_credential", "&s", &credential);
    if (*file)
        server->password = secret_from_file(file, error);
    else if (*credential)
        server->password = secret_from_credential(credential, error);
    else
        g_set_error(error, MADO_ERROR, MADO_E_CONFIG_REFERENCE,
            "%s: there is no password for %s. Nothing was connected; set `password_file` or "
            "`password_credential`",
            server->host, server->user);
    return server->password != NULL;
}

struct link_server *link_server_new(
    GVariantDict *settings, const struct means *means, GError **error)
{
    struct link_server *server = g_new0(struct link_server, 1);
    const char *ca_file = "";

    server->means = means;
    server->verified = g_new0(gboolean, 1);
    g_variant_dict_lookup(settings, "ca_file", "&s", &ca_file);
    if (take_settings(server, settings, error) && load_password(server, settings, error) &&
        (server->plain || tls_prepare(server, ca_file, error)))
        return server;
    link_server_free(server);
    return NULL;
}

void link_server_free(struct link_server *server)
{
    if (!server)
        return;
    tls_release(server);
    secret_free(server->password);
    g_free(server->verified);
    g_free(server->host);
    g_free(server->fingerprint);
    g_free(server->user);
    g_free(server->auth);
    g_free(server);
}

const char *link_server_host(const struct link_server *server)
{
    return server->host;
}

const char *link_server_auth(const struct link_server *server)
{
    return *server->user ? server->auth : "";
}

gboolean link_server_wants_starttls(const struct link_server *server)
{
    return server->starttls;
}

guint link_server_timeout(const struct link_server *server)
{
    return (guint)server->timeout;
}
