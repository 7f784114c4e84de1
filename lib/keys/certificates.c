/* X.509 certificates: their chain, the roots that gpgsm takes for trusted, and bundles with a
 * private key. A root is trusted here only so that gpgsm works with what hangs from it: whose a
 * certificate is, and whether it proves anything, the directory says. */
#include "keys-parts.h"
#include "fd.h"
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHAIN 10 /* certificates */
#define AGENT_SECONDS 10

char **certificate_chain(struct home *home, const char *fingerprint, GError **error)
{
    g_autoptr(GStrvBuilder) chain = g_strv_builder_new();
    g_autofree char *next = g_strdup(fingerprint);

    for (int i = 0; i < CHAIN && next; i++) {
        gpgme_ctx_t context = home_context(home, GPGME_PROTOCOL_CMS, error);
        gpgme_key_t key = NULL;
        char *issuer;
        if (!context)
            return NULL;
        if (gpgme_get_key(context, next, &key, 0))
            break;
        g_strv_builder_add(chain, next);
        issuer = g_strcmp0(key->chain_id, next) == 0 ? NULL : g_strdup(key->chain_id);
        gpgme_key_unref(key);
        g_free(next);
        next = issuer;
    }
    return g_strv_builder_end(chain);
}

/* -- trust -- */

/* In the home, or in a folder of the session: gpgconf knows. */
static char *find_agent(const struct home *home)
{
    const char *const argv[] = {
        "gpgconf", "--homedir", home->path, "--list-dirs", "agent-socket", NULL};
    char *path = NULL;

    if (!g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL,
            NULL, NULL, &path, NULL, NULL, NULL))
        return NULL;
    return g_strchomp(path);
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval patience = {.tv_sec = AGENT_SECONDS};
    int link;

    if (!path ||
        g_strlcpy(address.sun_path, path, sizeof(address.sun_path)) >= sizeof(address.sun_path))
        return -1;
    link = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (link < 0)
        return -1;
    setsockopt(link, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    if (connect(link, (struct sockaddr *)&address, sizeof(address)) == 0)
        return link;
    close(link);
    return -1;
}

/* It reads the list once, and again when it is told to. One that does not run needs no telling. */
static void tell_agent(const struct home *home)
{
    static const char order[] = "RELOADAGENT\n";
    g_autofree char *path = find_agent(home);
    int link = connect_to(path);
    char answer[1000];

    if (link < 0)
        return;
    if (read(link, answer, sizeof(answer)) > 0 && fd_write_all(link, order, strlen(order), NULL) &&
        read(link, answer, sizeof(answer)) <= 0)
        g_debug("the agent did not say that it read the list again");
    close(link);
}

gboolean certificate_trust(struct home *home, const char *root, GError **error)
{
    g_autofree char *path = g_build_filename(home->path, "trustlist.txt", NULL);
    g_autofree char *list = NULL, *longer = NULL;
    g_autoptr(GError) cause = NULL;

    g_file_get_contents(path, &list, NULL, NULL);
    if (list && strstr(list, root))
        return TRUE;
    longer = g_strconcat(list ? list : "", root, " S relax\n", NULL);
    if (!g_file_set_contents_full(path, longer, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &cause)) {
        failure_refuse(
            error, "%s cannot be written: %s. Nothing was changed", path, cause->message);
        return FALSE;
    }
    tell_agent(home);
    return TRUE;
}

/* -- bundles -- */

/* PFX of RFC 7292: a sequence that begins with version 3. */
gboolean certificate_is_bundle(GBytes *file)
{
    static const guint8 version[] = {0x02, 0x01, 0x03};
    gsize size;
    const guint8 *start = g_bytes_get_data(file, &size);
    gsize skip;

    if (size < 10 || start[0] != 0x30)
        return FALSE;
    skip = start[1] & 0x80 ? 2 + (start[1] & 0x7f) : 2;
    return skip + sizeof(version) <= size && memcmp(start + skip, version, sizeof(version)) == 0;
}

static gboolean run_import(struct home *home, const char *path)
{
    const char *const argv[] = {"gpgsm", "--homedir", home->path, "--batch", "--pinentry-mode",
        "loopback", "--passphrase-fd", "0", "--import", path, NULL};
    g_autofree char *line = g_strconcat(home->passphrase ? home->passphrase : "", "\n", NULL);
    int in = fd_new_memory("passphrase", NULL), status = -1;
    GPid gpgsm;

    if (in >= 0 && fd_write_all(in, line, strlen(line), NULL) && lseek(in, 0, SEEK_SET) == 0 &&
        g_spawn_async_with_fds(NULL, (char **)argv, NULL,
            G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL |
                G_SPAWN_STDERR_TO_DEV_NULL,
            NULL, NULL, &gpgsm, in, -1, -1, NULL))
        waitpid(gpgsm, &status, 0);
    if (in >= 0)
        close(in);
    return status == 0;
}

gboolean certificate_take_bundle(struct home *home, GBytes *file, GError **error)
{
    g_autofree char *path = g_build_filename(home->path, "bundle", NULL);
    gboolean done;

    done = g_file_set_contents_full(
               path, g_bytes_get_data(file, NULL), (gssize)g_bytes_get_size(file), 0, 0600, NULL) &&
           run_import(home, path);
    g_unlink(path);
    if (!done)
        failure_refuse(error,
            "gpgsm cannot read that PKCS#12 file. Nothing was changed; its passphrase must be "
            "empty, "
            "or that of our keys, and openssl pkcs12 -export makes one that gpgsm knows only with "
            "-certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES -macalg sha1");
    return done;
}
