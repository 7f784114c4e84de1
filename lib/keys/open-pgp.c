/* One OpenPGP layer, opened. What gpg writes while it works is kept until gpg has said that all is
 * well, and thrown away if it does not: it emits plaintext before it knows that nobody has
 * changed it. */
#include "keys-parts.h"
#include <mado/limits.h>
#include <string.h>

/* What fails without a word of gpg fails so again in our own home, or does not. */
static struct home *home_for(struct keyring *keyring, int tried)
{
    return tried == 0 ? hot_choose(keyring->hot) : keyring->home;
}

/* -- decryption -- */

static gboolean is_hidden(const char *id)
{
    return strspn(id, "0") == strlen(id);
}

/* One encryption to a key, one text in it, every signature inside, and gpg came to the end. */
static gboolean is_sound(const struct run *run)
{
    const struct said *said = &run->said;

    return !run->failed && !run->unprotected && !run->wrong_use && said->key &&
           said->decryptions == 1 && said->ends == 1 && said->okays == 1 && said->refusals == 0 &&
           said->plaintexts <= 1 && said->outside == 0 && said->no_data == 0;
}

static gboolean any_is_hidden(const struct run *run)
{
    for (guint i = 0; i < run->ids->len; i++)
        if (is_hidden(run->ids->pdata[i]))
            return TRUE;
    return FALSE;
}

/* No key for it, says gpg; which is also what it says when the agent has no memory left, or is not
 * there. FALSE with `error`, or without one: once more. */
static gboolean fail_without_key(struct keyring *keyring, const struct run *run,
    struct opened *opened, int tried, GError **error)
{
    GError *cause = NULL;

    if (opened->to[0] && tried == 0)
        return FALSE;
    if (opened->to[0]) {
        failure_later(error, "decrypt a mail to a key of ours", gpgme_error(GPG_ERR_NO_SECKEY));
        return FALSE;
    }
    /* It may be for us: only an agent that is well can say that it is not. */
    if (any_is_hidden(run)) {
        known_forget(keyring->known);
        known_has_own(keyring->known, GPGME_PROTOCOL_OpenPGP, &cause);
        if (cause)
            g_propagate_error(error, cause);
        if (cause || tried == 0)
            return FALSE;
    }
    open_fail(opened, OPENED_NO_KEY, "it is encrypted, but not to a key of ours");
    return TRUE;
}

static void fail_for_good(const struct run *run, struct opened *opened)
{
    const struct said *said = &run->said;

    if (run->unsupported)
        open_fail(opened, OPENED_UNKNOWN, "it is encrypted in a way that is not known here");
    else if (said->decryptions == 0 && said->plaintexts > 0 && run->ids->len == 0)
        open_fail(opened, OPENED_BROKEN, "it says that it is encrypted, and it is not");
    else if (said->decryptions == 0 && said->strange && run->ids->len == 0)
        open_fail(opened, OPENED_UNKNOWN, "it is of a version that is not known here");
    else if (run->unprotected)
        open_fail(opened, OPENED_BROKEN,
            "it is encrypted without integrity protection: anybody can have changed it");
    else if (said->decryptions == 0 && run->ids->len == 0)
        open_fail(opened, OPENED_BROKEN, "it says that it is encrypted, and it is not");
    else if (said->decryptions > 1 || said->plaintexts > 1 || said->outside > 0)
        open_fail(opened, OPENED_BROKEN, "it is more than one message, put together");
    else
        open_fail(opened, OPENED_BROKEN, "it is damaged, or somebody has changed it");
}

/* Why it stays closed. FALSE as above. */
static gboolean fail(struct keyring *keyring, const struct run *run, struct opened *opened,
    int tried, GError **error)
{
    const struct said *said = &run->said;
    gboolean silent = said->refusals == 0 && said->no_data == 0 && said->okays == 0;

    if (run->out.over && (said->decryptions > 0 || run->ids->len > 0)) {
        open_fail(opened, OPENED_TOO_LARGE, "what comes out of it is more than we take");
        return TRUE;
    }
    if (run->out.over) {
        open_fail(opened, OPENED_BROKEN, "it says that it is encrypted, and it is not");
        return TRUE;
    }
    if (said->password > 0 && run->ids->len == 0) {
        open_fail(opened, OPENED_PASSWORD, "it is encrypted with a password, not to a key");
        return TRUE;
    }
    if (run->ended.killed || failure_is_passing(said->error) ||
        (said->password == 0 && failure_is_passing(run->failed))) {
        failure_later(error, "decrypt a mail", said->error ? said->error : run->failed);
        return FALSE;
    }
    if ((said->no_key > 0 || said->password > 0) && !said->error && said->okays == 0)
        return fail_without_key(keyring, run, opened, tried, error);
    if (silent && tried == 0)
        return FALSE;
    fail_for_good(run, opened);
    return TRUE;
}

static gboolean finish_decryption(
    struct keyring *keyring, struct run *run, struct opened *opened, GError **error)
{
    opened->state = OPENED_DONE;
    opened->encrypted = opened->integrity = TRUE;
    opened->content = sink_steal(&run->out);
    if (run->claims->len <= LIMIT_SIGNATURES)
        return judge_pgp(keyring, run, opened, error);
    open_fail(opened, OPENED_BROKEN, "it has more signatures than we look at");
    return TRUE;
}

/* FALSE without `error`: once more. */
static gboolean decrypt(struct keyring *keyring, const struct layer *layer, struct opened *opened,
    int tried, GError **error)
{
    g_auto(mado_run) run = {0};
    GError *cause = NULL;
    gboolean done;

    if (!run_gpg(home_for(keyring, tried), RUN_DECRYPT, layer, &run, error))
        return FALSE;
    done = open_take_recipients(keyring, GPGME_PROTOCOL_OpenPGP, &run, opened, &cause);
    for (char **to = opened->to; *to; to++)
        hot_used(keyring->hot, *to);
    if (done && is_sound(&run))
        done = finish_decryption(keyring, &run, opened, &cause);
    else if (done)
        done = fail(keyring, &run, opened, tried, &cause);
    if (cause)
        g_propagate_error(error, cause);
    return done;
}

/* -- signatures -- */

static void check_form(const struct run *run, gboolean detached, struct opened *opened)
{
    const struct said *said = &run->said;

    if (run->claims->len > LIMIT_SIGNATURES)
        open_fail(opened, OPENED_BROKEN, "it has more signatures than we look at");
    else if (run->out.over)
        open_fail(opened, OPENED_TOO_LARGE, "what comes out of it is more than we take");
    else if (said->decryptions > 0 || run->ids->len > 0)
        open_fail(opened, OPENED_BROKEN, "it says that it is signed, and it is encrypted");
    else if (detached && said->plaintexts > 0)
        open_fail(opened, OPENED_BROKEN, "its signature has a text of its own");
    else if (!detached && said->plaintexts != 1)
        open_fail(opened, OPENED_BROKEN, "it is not one signed text");
}

/* FALSE without `error`: once more. */
static gboolean verify(struct keyring *keyring, const struct layer *layer, struct opened *opened,
    int tried, GError **error)
{
    gboolean detached = layer->kind == LAYER_PGP_SIGNED;
    g_auto(mado_run) run = {0};

    if (!run_gpg(home_for(keyring, tried), detached ? RUN_VERIFY_DETACHED : RUN_VERIFY, layer, &run,
            error))
        return FALSE;
    if (!run.out.over && (run.ended.killed || failure_is_passing(run.failed))) {
        failure_later(error, "verify a mail", run.failed);
        return FALSE;
    }
    if (!run.ended.gone && tried == 0)
        return FALSE;
    check_form(&run, detached, opened);
    if (opened->state != OPENED_DONE)
        return TRUE;
    if (!detached)
        opened->content = sink_steal(&run.out);
    if (run.claims->len == 0) {
        g_free(opened->why);
        opened->why = g_strdup("what should be its signature is none");
    }
    return judge_pgp(keyring, &run, opened, error);
}

/* gpg passes over what stands before, between and after blocks of armour; here nothing may. */
static gboolean is_one_block(const struct layer *layer)
{
    gboolean is_signed = layer->kind == LAYER_INLINE_SIGNED;
    gsize size;
    const char *start = g_bytes_get_data(layer->payload, &size);
    g_autofree char *text = g_strstrip(g_strndup(size ? start : "", size));
    int begins = 0;

    if (strlen(text) < size && memchr(start, '\0', size))
        return FALSE;
    for (const char *at = text; at; at = strstr(at + 1, "\n-----BEGIN PGP "))
        begins++;
    return begins == (is_signed ? 2 : 1) &&
           g_str_has_prefix(text,
               is_signed ? "-----BEGIN PGP SIGNED MESSAGE-----" : "-----BEGIN PGP MESSAGE-----") &&
           g_str_has_suffix(
               text, is_signed ? "-----END PGP SIGNATURE-----" : "-----END PGP MESSAGE-----");
}

gboolean open_pgp(struct keyring *keyring, const struct layer *layer, struct opened *opened,
    int tried, GError **error)
{
    if ((layer->kind == LAYER_INLINE_SIGNED || layer->kind == LAYER_INLINE_ENCRYPTED) &&
        !is_one_block(layer)) {
        open_fail(opened, OPENED_BROKEN, "it is not one block of OpenPGP, and nothing else");
        return TRUE;
    }
    return (layer_is_encrypted(layer->kind) ? decrypt : verify)(
        keyring, layer, opened, tried, error);
}
