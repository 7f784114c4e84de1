/* X.509 certificates: their chain, the roots that gpgsm takes for trusted, and bundles with a
 * private key. A root is trusted here only so that gpgsm works with what hangs from it: whose a
 * certificate is, and whether it proves anything, the directory says. */
#include "keys-parts.h"
#include "fd.h"
#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHAIN 10 /* certificates */

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
    agent_read_list_again(home);
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
            "empty, or that of our keys, and openssl pkcs12 -export makes one that gpgsm knows "
            "only with -certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES -macalg sha1. If it was made "
            "so, export it again: of such files gpgsm misreads about one in twenty, by chance");
    return done;
}
