/* The way to the daemon: which configuration, which socket, one line there, lines back. */
#include "conf.h"
#include "error.h"
#include "madoctl.h"
#include <build-facts.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define USUAL_CONFIGURATION MADO_CONFDIR "/mado.conf"

enum { PATIENCE_SECONDS = 60, LONGEST_LINE = 128 * 1024 * 1024 };

struct client {
    FILE *stream;
    char *path;
    char *line; /* getline's */
    size_t room;
};

/* NULL: the usual place, where there need not be one. */
static const char *named_configuration(const struct options *options)
{
    return options->config ? options->config : g_getenv("MADOCTL_CONFIG");
}

static void refuse_configuration(const char *path, GError **error)
{
    error_set(error, MADO_E_CONFIG_READ,
        "The configuration %s cannot be used. Nothing was changed. See: madoctl check-config %s",
        path, path);
}

struct settings *client_settings(const struct options *options, char **file, GError **error)
{
    const char *named = named_configuration(options);
    const char *path = named ? named : USUAL_CONFIGURATION;
    g_autoptr(GPtrArray) problems = conf_problems_new();
    struct settings *settings = conf_load(path, problems);

    if (file)
        *file = settings ? g_strdup(path) : NULL;
    if (settings)
        return settings;
    if (!named)
        return conf_defaults();
    refuse_configuration(path, error);
    return NULL;
}

/* Order: flag, environment, configuration, the usual place. A daemon runs on while somebody edits
 * its configuration, and operators want to see it then above all. */
static char *socket_path(const struct options *options, GError **error)
{
    const char *named = options->socket ? options->socket : g_getenv("MADOCTL_SOCKET");
    const char *configuration = named_configuration(options);
    g_autofree char *run = NULL;

    if (named && *named)
        return g_strdup(named);
    run = conf_load_run(configuration ? configuration : USUAL_CONFIGURATION);
    if (run || !configuration)
        return g_build_filename(run ? run : "/run/mado", "control.sock", NULL);
    refuse_configuration(configuration, error);
    return NULL;
}

static int code_of(int failure)
{
    return failure == EACCES || failure == EPERM ? MADO_E_FORBIDDEN : MADO_E_NOT_RUNNING;
}

static int connect_to(const char *path, int seconds, GError **error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval patience = {.tv_sec = seconds ? seconds : PATIENCE_SECONDS};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    if (strlen(path) < sizeof address.sun_path && fd >= 0 &&
        connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        return fd;
    }
    error_set(error, code_of(errno),
        "The daemon cannot be reached at %s: %s. Nothing was changed. %s", path, g_strerror(errno),
        code_of(errno) == MADO_E_FORBIDDEN
            ? _("Are you in its group (daemon.operator_group), and have you logged in since?")
            : _("Is it running? See: systemctl status madod"));
    if (fd >= 0)
        close(fd);
    return -1;
}

static struct client *client_open(const struct options *options, GError **error)
{
    g_autofree char *path = socket_path(options, error);
    int fd = path ? connect_to(path, options->patience, error) : -1;
    struct client *client;

    if (fd < 0)
        return NULL;
    client = g_new0(struct client, 1);
    client->stream = fdopen(fd, "r");
    client->path = g_steal_pointer(&path);
    return client;
}

void client_free(struct client *client)
{
    if (!client)
        return;
    fclose(client->stream);
    free(client->line);
    g_free(client->path);
    g_free(client);
}

static gboolean lost(const struct client *client, GError **error)
{
    error_set(error, MADO_E_NOT_RUNNING,
        "The daemon at %s did not answer to the end. What was asked may have been done, or not: "
        "look before you ask again. See its log.",
        client->path);
    return FALSE;
}

/* send(), because writing to a daemon that has gone must not end us by SIGPIPE. */
static gboolean send_line(struct client *client, const char *line, GError **error)
{
    g_autofree char *whole = g_strconcat(line, "\n", NULL);
    gsize size = strlen(whole);

    for (gsize done = 0; done < size;) {
        gssize put = send(fileno(client->stream), whole + done, size - done, MSG_NOSIGNAL);
        if (put <= 0)
            /* It may have turned us away with a reason, which is still to be read. */
            return errno == EPIPE || errno == ECONNRESET ? TRUE : lost(client, error);
        done += (gsize)put;
    }
    return TRUE;
}

static gboolean take_answer(struct client *client, json_t *rows, json_t **next, GError **error)
{
    for (;;) {
        gssize size = getline(&client->line, &client->room, client->stream);
        json_t *line =
            size > 0 && size < LONGEST_LINE ? json_loadb(client->line, (gsize)size, 0, NULL) : NULL;
        json_t *here = NULL;
        enum ctl_line kind;

        if (!line)
            return lost(client, error);
        kind = ctl_sort_line(line, &here, error);
        if (kind == CTL_LINE_END)
            *next = json_incref(here);
        if (kind == CTL_LINE_ROW)
            json_array_append(rows, line);
        json_decref(line);
        if (kind != CTL_LINE_ROW)
            return kind == CTL_LINE_END;
    }
}

/* Who sits in an editor for long is silent for long, and the daemon closes what is silent; it may
 * have been started again, too. Nothing is asked yet, so that another connection is as good. */
static gboolean is_gone(const struct client *client)
{
    char byte;
    gssize got = recv(fileno(client->stream), &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT);

    return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}

gboolean client_begin(struct call *call, const char *command, json_t *args, GError **error)
{
    json_t *request = ctl_request(command, args);
    g_autofree char *line = ctl_dump(request);

    json_decref(request);
    if (call->client && is_gone(call->client))
        g_clear_pointer(&call->client, client_free);
    if (!call->client)
        call->client = client_open(&call->options, error);
    return call->client && send_line(call->client, line, error);
}

int client_descriptor(const struct call *call)
{
    return fileno(call->client->stream);
}

gboolean client_end(struct call *call, json_t *rows, json_t **next, GError **error)
{
    return take_answer(call->client, rows, next, error);
}

gboolean client_ask(struct call *call, const char *command, json_t *args, json_t *rows,
    json_t **next, GError **error)
{
    return client_begin(call, command, args, error) && client_end(call, rows, next, error);
}
