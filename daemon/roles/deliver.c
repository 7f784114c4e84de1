/*
 * madod --deliver: one mail from an MTA's pipe to the running daemon
 *
 * SECURITY: runs as whoever the MTA runs it; reads nothing but the configuration's run folder,
 * standard input and the delivery socket. Exit 0 is a promise: the mail is committed. Everything
 * else that may pass is 75, so that the MTA keeps the mail and comes again.
 */
#include "roles.h"
#include "conf.h"
#include "confine.h"
#include "error.h"
#include "fd.h"
#include "ipc.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

enum { ANSWER_SECONDS = 60 };

static int connect_to(const char *path, GError **error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int channel = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    if (channel >= 0 && strlen(path) < sizeof address.sun_path &&
        connect(channel, (struct sockaddr *)&address, sizeof address) == 0)
        return channel;
    g_set_error(error, MADO_ERROR, MADO_E_SOURCE,
        "%s does not answer: %s. The mail was not taken; try again when madod runs", path,
        g_strerror(errno));
    if (channel >= 0)
        close(channel);
    return -1;
}

static gboolean wait_until_taken(int channel, GError **error)
{
    struct pollfd on = {channel, POLLIN, 0};
    struct ipc_message answer;
    const char *why = "it did not answer in time";
    gboolean taken = FALSE;

    if (poll(&on, 1, ANSWER_SECONDS * 1000) > 0 && ipc_receive(channel, &answer, NULL)) {
        taken = answer.kind == IPC_TAKEN;
        if (answer.kind == IPC_REFUSED)
            g_variant_get(answer.body, "(t&s)", NULL, &why);
    }
    if (!taken)
        g_set_error(error, MADO_ERROR, MADO_E_SOURCE,
            "madod did not take the mail: %s. Try again later", why);
    return taken;
}

static gboolean hand_over(int channel, const struct settings *settings, GError **error)
{
    int mail = fd_new_memory("mail", error);
    g_autofree char *uid = g_uuid_string_random();
    guint64 size;

    return mail >= 0 && confine_role(&(struct confinement){.kind = CONFINE_DELIVER}, error) &&
           fd_copy(STDIN_FILENO, mail, (guint64)settings->intake.max_message, &size, error) &&
           ipc_send(channel, IPC_MAIL, g_variant_new("(tts)", (guint64)1, (guint64)0, uid), mail,
               error) &&
           wait_until_taken(channel, error);
}

int deliver(const struct options *options)
{
    g_autoptr(GError) error = NULL;
    struct settings *settings = conf_load(options->config, NULL);
    g_autofree char *path = NULL;
    int channel;

    if (!settings) {
        fprintf(stderr,
            "madod: MADO-%04d %s does not check out. The mail was not taken; "
            "see madoctl check-config\n",
            MADO_E_CONFIG_READ, options->config);
        return EX_TEMPFAIL;
    }
    path = g_build_filename(settings->daemon.run, "deliver.sock", NULL);
    channel = connect_to(path, &error);
    if (channel >= 0 && hand_over(channel, settings, &error))
        return EX_OK;
    error_print("madod", error);
    return g_error_matches(error, MADO_ERROR, MADO_E_BAD_DATA) ? EX_DATAERR : EX_TEMPFAIL;
}
