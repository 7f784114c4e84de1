/* One layer of S/MIME, opened by gpgsm. What it decrypts has no integrity: whoever changes the
 * ciphertext changes the text, and gpgsm does not see it. */
#include "keys-parts.h"
#include <mado/limits.h>
#include <string.h>

/* -- decryption -- */

#define HEAD_BYTES 64

/* Authenticated encryption (RFC 5083), which gpgsm 2.2 does not know: 1.2.840.113549.1.9.16.1.23 */
static const guint8 authenticated[] = {
    0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x17};
/* RFC 5652: 1.2.840.113549.1.7.2 */
static const guint8 signed_data[] = {
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02};

static gboolean is_of_type(const struct layer *layer, const guint8 *type, gsize length)
{
    gsize size;
    const guint8 *start = g_bytes_get_data(layer->payload, &size);

    return size > 0 && memmem(start, MIN(size, HEAD_BYTES), type, length);
}

/* gpgsm says "no secret key" of what it cannot decrypt for whatever reason: of a key that was
 * changed, and of an agent that is not there. FALSE with `error`, or without one: once more. */
static gboolean fail_without_key(
    struct keyring *keyring, struct opened *opened, int tried, GError **error)
{
    GError *cause = NULL;

    if (!opened->to[0]) {
        open_fail(opened, OPENED_NO_KEY, "it is encrypted, but not to a certificate of ours");
        return TRUE;
    }
    /* Only an agent that is well can tell us that it has that key. */
    known_forget(keyring->known);
    if (known_find_own(keyring->known, GPGME_PROTOCOL_CMS, opened->to[0], &cause) && tried > 0) {
        open_fail(opened, OPENED_BROKEN, "it is damaged, or somebody has changed it");
        return TRUE;
    }
    if (cause)
        g_propagate_error(error, cause);
    else if (tried > 0)
        failure_later(error, "decrypt a mail to a key of ours", gpgme_error(GPG_ERR_NO_SECKEY));
    return FALSE;
}

/* FALSE as above. */
static gboolean fail(struct keyring *keyring, const struct layer *layer, const struct run *run,
    struct opened *opened, int tried, GError **error)
{
    if (run->out.over) {
        open_fail(opened, OPENED_TOO_LARGE, "what comes out of it is more than we take");
    } else if (is_of_type(layer, authenticated, sizeof(authenticated)) || run->unsupported) {
        open_fail(opened, OPENED_UNKNOWN, "it is encrypted in a way that is not known here");
    } else if (run->ended.killed || failure_is_passing(run->failed)) {
        failure_later(error, "decrypt a mail", run->failed);
        return FALSE;
    } else if (gpgme_err_code(run->failed) == GPG_ERR_NO_SECKEY) {
        return fail_without_key(keyring, opened, tried, error);
    } else {
        open_fail(opened, OPENED_BROKEN, "it is damaged, or not what it says that it is");
    }
    return TRUE;
}

static gboolean decrypt(struct keyring *keyring, const struct layer *layer, struct opened *opened,
    int tried, GError **error)
{
    g_auto(mado_run) run = {0};

    if (!run_gpg(keyring->home, RUN_DECRYPT, layer, &run, error) ||
        !open_take_recipients(keyring, GPGME_PROTOCOL_CMS, &run, opened, error))
        return FALSE;
    if (run.failed || run.said.okays != 1 || !opened->to[0] || run.out.over)
        return fail(keyring, layer, &run, opened, tried, error);
    opened->state = OPENED_DONE;
    opened->encrypted = TRUE;
    opened->content = sink_steal(&run.out);
    return TRUE;
}

/* -- signatures -- */

static void check_form(const struct layer *layer, const struct run *run, struct opened *opened)
{
    gboolean detached = layer->kind == LAYER_CMS_SIGNED, empty = run->claims->len == 0;

    if (run->claims->len > LIMIT_SIGNATURES)
        open_fail(opened, OPENED_BROKEN, "it has more signatures than we look at");
    else if (run->out.over)
        open_fail(opened, OPENED_TOO_LARGE, "what comes out of it is more than we take");
    else if (detached && gpgme_err_code(run->failed) == GPG_ERR_CONFLICT)
        open_fail(opened, OPENED_BROKEN, "its signature carries a content of its own");
    else if (!detached && (run->out.bytes->len == 0 ||
                              (empty && !is_of_type(layer, signed_data, sizeof(signed_data)))))
        open_fail(opened, OPENED_BROKEN, "there is nothing in it that is signed");
    else if (empty) {
        g_free(opened->why);
        opened->why = g_strdup("what should be its signature is none");
    }
}

/* A stranger's certificates end with the home. */
static gboolean verify(struct keyring *keyring, const struct layer *layer, struct opened *opened,
    int tried, GError **error)
{
    gboolean detached = layer->kind == LAYER_CMS_SIGNED;
    g_autoptr(mado_home) home = home_open_copy(keyring->home, error);
    g_auto(mado_run) run = {0};

    if (!home || !run_gpg(home, detached ? RUN_VERIFY_DETACHED : RUN_VERIFY, layer, &run, error))
        return FALSE;
    if (!run.out.over && (run.ended.killed || failure_is_passing(run.failed))) {
        failure_later(error, "verify a mail", run.failed);
        return FALSE;
    }
    check_form(layer, &run, opened);
    if (opened->state != OPENED_DONE)
        return TRUE;
    if (!detached)
        opened->content = sink_steal(&run.out);
    return judge_cms(keyring, &run, opened, error);
}

gboolean open_cms(struct keyring *keyring, const struct layer *layer, struct opened *opened,
    int tried, GError **error)
{
    return (layer_is_encrypted(layer->kind) ? decrypt : verify)(
        keyring, layer, opened, tried, error);
}
