/* One run of gpg or gpgsm over a layer, and all that it said. */
#include "keys-parts.h"
#include <mado/limits.h>

static void claim_free(gpointer data)
{
    struct claim *claim = data;

    g_free(claim->fingerprint);
    g_free(claim);
}

void run_clear(struct run *run)
{
    said_clear(&run->said);
    sink_clear(&run->out);
    g_clear_pointer(&run->ids, g_ptr_array_unref);
    g_clear_pointer(&run->claims, g_ptr_array_unref);
}

static void take_decryption(struct run *run, gpgme_decrypt_result_t result)
{
    if (!result)
        return;
    run->unprotected = result->legacy_cipher_nomdc;
    run->wrong_use = result->wrong_key_usage;
    run->unsupported = result->unsupported_algorithm != NULL;
    for (gpgme_recipient_t one = result->recipients; one && run->ids->len < LIMIT_HEADER_FIELDS;
         one = one->next)
        g_ptr_array_add(run->ids, g_strdup(one->keyid ? one->keyid : ""));
}

static void take_signatures(struct run *run, gpgme_verify_result_t result)
{
    for (gpgme_signature_t one = result ? result->signatures : NULL;
         one && run->claims->len <= LIMIT_SIGNATURES; one = one->next) {
        struct claim *claim = g_new0(struct claim, 1);
        claim->fingerprint = g_ascii_strup(one->fpr ? one->fpr : "", -1);
        claim->status = one->status;
        claim->at = (gint64)one->timestamp;
        claim->hash = one->hash_algo;
        claim->wrong_use = one->wrong_key_usage;
        g_ptr_array_add(run->claims, claim);
    }
}

gboolean run_gpg(struct home *home, enum run_what what, const struct layer *layer, struct run *run,
    GError **error)
{
    gpgme_protocol_t protocol = protocol_of(layer_is_cms(layer->kind));
    gpgme_ctx_t context = home_context(home, protocol, error);
    struct waiting waiting;
    g_auto_data in = data_from(layer->payload);
    g_auto_data out = data_into(&run->out, LIMIT_PLAINTEXT_BYTES);
    g_auto_data signature = layer->signature ? data_from(layer->signature) : NULL;

    run->ids = g_ptr_array_new_with_free_func(g_free);
    run->claims = g_ptr_array_new_with_free_func(claim_free);
    if (!context)
        return FALSE;
    if (!in || !out || (what == RUN_VERIFY_DETACHED && !signature)) {
        failure_later(error, "open a mail", gpgme_error(GPG_ERR_ENOMEM));
        return FALSE;
    }
    wait_begin(&waiting, context, g_bytes_get_size(layer->payload));
    if (what == RUN_DECRYPT)
        run->failed = gpgme_op_decrypt_verify_start(context, in, out);
    else if (what == RUN_VERIFY)
        run->failed = gpgme_op_verify_start(context, in, NULL, out);
    else
        run->failed = gpgme_op_verify_start(context, signature, in, NULL);
    run->failed = wait_end(&waiting, context, run->failed);
    if (run->failed || what != RUN_DECRYPT)
        run->ended = ended_ask(protocol);
    if (what == RUN_DECRYPT)
        take_decryption(run, gpgme_op_decrypt_result(context));
    take_signatures(run, gpgme_op_verify_result(context));
    /* After an error gpgsm answers everything with one. */
    if (run->failed && protocol == GPGME_PROTOCOL_CMS)
        home_forget_context(home, protocol);
    run->said = home->said;
    run->unprotected |= run->said.unprotected;
    home->said = (struct said){0};
    return TRUE;
}
