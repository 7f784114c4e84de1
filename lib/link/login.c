/* Who we are: what is said to the server behind AUTH or AUTHENTICATE, once it is the right one. */
#include "link-parts.h"
#include "error.h"
#include "fd.h"
#include <mado/limits.h>
#include <string.h>
#include <unistd.h>

/* RFC 6750, 2.1: a bearer token is of visible characters. A control character would begin a field
 * of its own in what follows. */
static gboolean is_token(const char *token)
{
    for (const char *at = token; *at; at++)
        if (!g_ascii_isgraph(*at))
            return FALSE;
    return TRUE;
}

static char *take_token(int fd, GError **error)
{
    guint64 size;
    g_autofree char *data = NULL;
    char *token;

    if (!fd_seal(fd, LIMIT_SECRET_BYTES, &size, error)) {
        g_prefix_error(error, "what token_command printed is no token: ");
        return NULL;
    }
    data = g_malloc(size + 1);
    if (pread(fd, data, size, 0) != (ssize_t)size) {
        g_set_error_literal(error, MADO_ERROR, MADO_E_LINK,
            "the token could not be read. Nothing was sent; it is tried again");
        return NULL;
    }
    token = secret_take_line(data, size, "what token_command printed", error);
    if (!token || is_token(token))
        return token;
    g_set_error_literal(error, MADO_ERROR, MADO_E_LINK,
        "token_command printed something else than a token. Nothing was sent; try it by hand");
    secret_free(token);
    return NULL;
}

static char *fetch_token(const struct link_server *server, GError **error)
{
    int fd = server->means->need(server->means->role, NEED_TOKEN, error);
    char *token;

    if (fd < 0)
        return NULL;
    token = take_token(fd, error);
    close(fd);
    return token;
}

/* Consumes `said`. */
static char *encode(char *said, gsize length)
{
    char *encoded = g_base64_encode((const guchar *)said, length);

    explicit_bzero(said, length);
    g_free(said);
    return encoded;
}

/* RFC 4616: no authorisation identity, NUL, name, NUL, password. g_strconcat() leaves no copies
 * behind. */
static char *say_plain(const struct link_server *server, const char *password)
{
    char *said = g_strconcat("\n", server->user, "\n", password, NULL);
    gsize length = strlen(said);

    said[0] = said[strlen(server->user) + 1] = '\0';
    return encode(said, length);
}

static char *say_xoauth2(const struct link_server *server, const char *token)
{
    char *said = g_strconcat("user=", server->user, "\001auth=Bearer ", token, "\001\001", NULL);
    return encode(said, strlen(said));
}

/* RFC 5801: "," and "=" in a name. */
static char *escape_name(const char *name)
{
    g_autoptr(GString) escaped = g_string_new(name);

    g_string_replace(escaped, "=", "=3D", 0);
    g_string_replace(escaped, ",", "=2C", 0);
    return g_strdup(escaped->str);
}

/* RFC 7628, 3.1 */
static char *say_oauthbearer(const struct link_server *server, const char *token)
{
    g_autofree char *name = escape_name(server->user);
    g_autofree char *port = g_strdup_printf("%" G_GINT64_FORMAT, server->port);
    char *said = g_strconcat("n,a=", name, ",\001host=", server->host, "\001port=", port,
        "\001auth=Bearer ", token, "\001\001", NULL);

    return encode(said, strlen(said));
}

static const struct {
    const char *auth, *mechanism;
    gboolean token;
    char *(*say)(const struct link_server *server, const char *secret); /* NULL: piece by piece */
} ways[] = {
    {"plain", "PLAIN", FALSE, say_plain},
    {"login", "LOGIN", FALSE, NULL},
    {"xoauth2", "XOAUTH2", TRUE, say_xoauth2},
    {"oauthbearer", "OAUTHBEARER", TRUE, say_oauthbearer},
};

static struct link_secret *make_login(const struct link_server *server, gsize way, GError **error)
{
    char *secret = ways[way].token ? fetch_token(server, error) : g_strdup(server->password);
    struct link_secret *login;

    if (!secret)
        return NULL;
    login = g_new0(struct link_secret, 1);
    login->mechanism = g_strdup(ways[way].mechanism);
    login->user = g_strdup(server->user);
    login->initial = ways[way].say ? ways[way].say(server, secret) : NULL;
    if (ways[way].token)
        secret_free(secret);
    else
        login->password = secret;
    return login;
}

struct link_secret *link_login(const struct link_server *server, GError **error)
{
    if (!*server->verified) {
        g_set_error(error, MADO_ERROR, MADO_E_LINK,
            "%s: the server has not shown who it is. No secret was sent; it is tried again",
            server->host);
        return NULL;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(ways); i++)
        if (g_str_equal(server->auth, ways[i].auth))
            return make_login(server, i, error);
    g_set_error(error, MADO_ERROR, MADO_E_LINK,
        "%s: no login is configured: set `user` and `auth`. Nothing was sent", server->host);
    return NULL;
}

void link_secret_free(struct link_secret *secret)
{
    if (!secret)
        return;
    secret_free(secret->password);
    secret_free(secret->initial);
    g_free(secret->user);
    g_free(secret->mechanism);
    g_free(secret);
}
