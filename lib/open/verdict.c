/*
 * What may be said of a mail's protection
 *
 * A signature counts for the mail only if it covers all that is read: each layer between the root
 * and the text is the whole of its document. A signature outside of encryption covers the text too,
 * as in triple wrapping (RFC 2634 section 1.1) and in what the mail programs show; but who made it
 * may not know what is inside, and that is said as a problem, without a name. It has a name only if
 * every signature is good and its key pinned, and if a contact to whom one of them belongs has the
 * only From address: by our directory, never by what the key says of itself.
 */
#include "opening.h"
#include "reason.h"
#include "say.h"
#include "text.h"
#include <mado/limits.h>
#include <string.h>

enum { OLD_SECONDS = 7 * 24 * 3600 };

struct verdict {
    const struct opening *opening;
    const GPtrArray *known;
    const struct message *outer;
    const struct facts *read; /* the innermost document */
    struct crypto *crypto;
    GPtrArray *problems;
};

static void add_problem(struct verdict *verdict, const char *text)
{
    g_ptr_array_add(verdict->problems, g_strdup(text));
}

static void add_doubt(struct verdict *verdict, const char *of, const char *what)
{
    g_ptr_array_add(verdict->problems, reason_make(REASON_SIGNATURE, of, what, NULL));
}

/* -- encryption -- */

static void add_strings(char ***list, char **more)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

    g_strv_builder_addv(builder, (const char **)*list);
    for (; *more; more++)
        if (!g_strv_contains((const char *const *)*list, *more))
            g_strv_builder_add(builder, *more);
    g_strfreev(*list);
    *list = g_strv_builder_end(builder);
}

static gboolean has_good_signature(const struct open_layer *layer)
{
    for (guint i = 0; i < layer->opened->signatures->len; i++) {
        const struct signature *one = g_ptr_array_index(layer->opened->signatures, i);
        if (one->state == SIGNATURE_GOOD)
            return TRUE;
    }
    return FALSE;
}

/* CMS encryption lets anybody change what comes out (EFAIL); only what is inside of it tells: a
 * signature, or encryption that shows changes. Around it that tells nothing, for whoever has
 * changed it can put it into a new envelope to us. */
static enum integrity weigh_integrity(const GPtrArray *layers)
{
    enum integrity integrity = INTEGRITY_NOT_ASKED;

    for (guint i = 0; i < layers->len; i++) {
        const struct open_layer *layer = g_ptr_array_index(layers, i);
        if (layer->opened->encrypted)
            integrity = layer->opened->integrity && !layer_is_cms(layer->kind) ? INTEGRITY_OK
                                                                               : INTEGRITY_NONE;
        else if (integrity == INTEGRITY_NONE && has_good_signature(layer))
            integrity = INTEGRITY_OK;
    }
    return integrity;
}

static gboolean has_encrypted_part(const struct layer *layer)
{
    return layer->has_encrypted_part || (!layer->whole && layer_is_encrypted(layer->kind));
}

static void judge_encryption(struct verdict *verdict)
{
    const struct opening *opening = verdict->opening;
    struct crypto *crypto = verdict->crypto;
    gboolean part = has_encrypted_part(verdict->read->layer);

    crypto->encrypted = part || opening->left_encrypted ? EXTENT_PARTIAL : EXTENT_NONE;
    for (guint i = 0; i < opening->layers->len; i++) {
        const struct open_layer *layer = g_ptr_array_index(opening->layers, i);
        if (!layer->opened->encrypted)
            continue;
        crypto->encrypted = EXTENT_FULL;
        add_strings(&crypto->encrypted_to, layer->opened->to);
    }
    crypto->integrity = weigh_integrity(opening->layers);
    if (crypto->integrity == INTEGRITY_NONE)
        add_problem(verdict, "S/MIME encryption has no integrity: what came out of it may have "
                             "been changed on its way");
    if (part)
        add_problem(verdict, "a part of it is encrypted, and stays closed");
}

/* -- signatures -- */

/* The only From mailbox; NULL if there is none, or another. */
static const char *from_address(const struct message *message)
{
    const struct mailbox *from = message->from->len == 1 ? message->from->pdata[0] : NULL;
    return from && *from->addr ? from->addr : NULL;
}

static const struct known_key *find_key(const GPtrArray *known, const char *fingerprint)
{
    for (guint i = 0; *fingerprint && i < known->len; i++) {
        const struct known_key *key = g_ptr_array_index(known, i);
        if (g_ascii_strcasecmp(key->fingerprint, fingerprint) == 0)
            return key;
    }
    return NULL;
}

static gboolean has_address(const struct known_key *key, const char *address)
{
    for (char **one = key->addresses; address && *one; one++)
        if (g_ascii_strcasecmp(*one, address) == 0)
            return TRUE;
    return FALSE;
}

static void list_signatures(struct verdict *verdict, const GPtrArray *signatures)
{
    const char *from = from_address(verdict->outer);

    for (guint i = 0; i < signatures->len; i++) {
        const struct signature *one = g_ptr_array_index(signatures, i);
        const struct known_key *key = find_key(verdict->known, one->fingerprint);
        struct signature *listed = signature_new(one->fingerprint, one->state, one->at);
        if (key) {
            listed->pinned = TRUE;
            listed->owner = g_strdup(key->owner);
            listed->is_from = has_address(key, from);
        }
        g_ptr_array_add(verdict->crypto->signatures, listed);
    }
}

static void list_all_signatures(struct verdict *verdict)
{
    const struct opening *opening = verdict->opening;
    struct crypto *crypto = verdict->crypto;

    for (guint i = 0; i < opening->layers->len; i++) {
        const struct open_layer *layer = g_ptr_array_index(opening->layers, i);
        list_signatures(verdict, layer->opened->signatures);
        if (*layer->payload_sha256) {
            g_free(crypto->payload_sha256);
            crypto->payload_sha256 = g_strdup(layer->payload_sha256);
        }
    }
    if (opening->part)
        list_signatures(verdict, opening->part);
}

static enum extent weigh_signed(const struct verdict *verdict)
{
    const struct layer *layer = verdict->read->layer;

    if (opening_is_signed(verdict->opening))
        return EXTENT_FULL;
    if (layer->has_signed_part ||
        (!layer->whole && layer->kind != LAYER_NONE && !layer_is_encrypted(layer->kind)))
        return EXTENT_PARTIAL;
    return EXTENT_NONE;
}

/* How many of the listed signatures stand outside of an encryption. Whoever made them may not know
 * the text: anybody can put a signature around what another has sealed, and even signed, and be
 * taken for its author. */
static guint count_outside(const struct opening *opening)
{
    guint before = 0, outside = 0;

    for (guint i = 0; i < opening->layers->len; i++) {
        const struct open_layer *layer = g_ptr_array_index(opening->layers, i);
        if (layer->opened->encrypted)
            outside = before;
        before += layer->opened->signatures->len;
    }
    return opening->left == OPENED_DONE ? outside : before;
}

/* The name, or NULL. */
static const char *weigh_name(const struct verdict *verdict)
{
    guint outside = count_outside(verdict->opening);
    const char *name = NULL;

    if (verdict->crypto->is_signed != EXTENT_FULL || verdict->opening->other_from ||
        !from_address(verdict->outer))
        return NULL;
    for (guint i = 0; i < verdict->crypto->signatures->len; i++) {
        const struct signature *one = g_ptr_array_index(verdict->crypto->signatures, i);
        if (one->state != SIGNATURE_GOOD || !one->pinned)
            return NULL;
        if (one->is_from && !name && i >= outside)
            name = one->owner;
    }
    return name;
}

/* -- what is wrong with them -- */

static void tell_signature(struct verdict *verdict, const struct signature *one)
{
    static const char *const wrong[SIGNATURE_STATES] = {
        [SIGNATURE_BAD] = N_("is bad: what it covers is not what was signed"),
        [SIGNATURE_EXPIRED_KEY] = N_("was made with a key that has expired"),
        [SIGNATURE_REVOKED_KEY] = N_("was made with a key that is revoked"),
        [SIGNATURE_EXPIRED] = N_("has expired"),
        [SIGNATURE_FUTURE] = N_("is dated in the future"),
        [SIGNATURE_WEAK] = N_("has a weak digest, which proves nothing"),
        [SIGNATURE_UNKNOWN_KEY] = N_("is of a key that is not known here"),
        [SIGNATURE_ERROR] = N_("could not be checked"),
    };
    g_autofree char *harmless = text_harmless(one->fingerprint, NULL);
    const char *of = *harmless ? harmless : "an unknown key";
    gint64 age = verdict->opening->arrived - one->at;
    gboolean is_old = one->at && age > OLD_SECONDS;
    g_autofree char *days = g_strdup_printf("%" G_GINT64_FORMAT, age / (24 * 3600));
    g_autofree char *old = reason_make(REASON_SIGNED_LONG_AGO, days, NULL);
    g_autofree char *another = reason_make(REASON_SIGNED_BY_ELSE, one->owner ?: "", NULL);

    verdict->crypto->passed_on |= is_old;
    if (wrong[one->state])
        add_doubt(verdict, of, wrong[one->state]);
    else if (!one->pinned)
        add_doubt(verdict, of, N_("is of a key that nobody has pinned"));
    else if (!one->is_from)
        add_doubt(verdict, of, another);
    if (is_old)
        add_doubt(verdict, of, old);
}

static gboolean says_signed_only(const struct open_layer *layer)
{
    return !layer_is_encrypted(layer->kind) && !layer->opened->signatures->len;
}

static void judge_signatures(struct verdict *verdict)
{
    const struct opening *opening = verdict->opening;
    struct crypto *crypto = verdict->crypto;

    list_all_signatures(verdict);
    crypto->is_signed = weigh_signed(verdict);
    crypto->signed_by = g_strdup(weigh_name(verdict));
    for (guint i = 0; i < crypto->signatures->len; i++)
        tell_signature(verdict, crypto->signatures->pdata[i]);
    for (guint i = 0; i < opening->layers->len; i++)
        if (says_signed_only(opening->layers->pdata[i]))
            add_problem(verdict, "it says that it is signed, and no signature is in it");
    if (crypto->is_signed == EXTENT_PARTIAL)
        add_problem(verdict, "only a part of it is signed, which says nothing of the rest");
    if (count_outside(opening) > 0)
        add_problem(verdict, "the signature is around the encryption: who signed may not know "
                             "what is inside");
    if (crypto->is_signed == EXTENT_FULL && verdict->outer->from->len != 1)
        add_problem(verdict, "it is signed, and has not exactly one From address");
    if (opening->other_from)
        add_problem(verdict, "the protected From is another than the one outside");
    crypto->passed_on |= opening->other_to;
    if (opening->other_to)
        add_problem(verdict,
            "by its protected header it was for others, not for those whom the mail "
            "names: it may have been passed on");
}

/* -- the mail as it is read -- */

static struct message *copy_message(const struct message *message)
{
    g_autoptr(GVariant) variant = g_variant_ref_sink(message_to_variant(message));
    return message_from_variant(variant);
}

static void put(char **field, const char *value)
{
    g_free(*field);
    *field = g_strdup(value);
}

/* A header that is only signed, and badly, is as good as the one outside. */
static gboolean is_protected(const GPtrArray *layers)
{
    for (guint i = 0; i < layers->len; i++) {
        const struct open_layer *layer = g_ptr_array_index(layers, i);
        if (layer->opened->encrypted)
            return TRUE;
        for (guint k = 0; k < layer->opened->signatures->len; k++) {
            const struct signature *one = layer->opened->signatures->pdata[k];
            if (one->state != SIGNATURE_BAD && one->state != SIGNATURE_ERROR)
                return TRUE;
        }
    }
    return FALSE;
}

static void take_subject(struct verdict *verdict, struct message *message)
{
    const struct message *inner = verdict->read->message;

    if (!verdict->opening->inner || !g_str_equal(inner->subject_from, "protected") ||
        !is_protected(verdict->opening->layers))
        return;
    if (!subject_is_hidden(message->subject) && !g_str_equal(message->subject, inner->subject))
        add_problem(verdict, "the protected subject is another than the one outside");
    put(&message->subject, inner->subject);
    put(&message->subject_from, inner->subject_from);
}

/* The letters of a ciphertext are no text for people, or for the search. */
static void put_ciphertext_aside(const struct layer *layer, struct message *message)
{
    put(&message->text, "");
    put(&message->text_from, "none");
    if (!message->attachments->len && layer->payload) {
        g_autofree char *sha256 = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, layer->payload);
        g_ptr_array_add(message->attachments,
            attachment_new("",
                layer_is_cms(layer->kind) ? "application/pkcs7-mime" : "application/pgp-encrypted",
                g_bytes_get_size(layer->payload), sha256));
    }
}

static struct message *make_message(struct verdict *verdict)
{
    struct message *message = copy_message(verdict->outer);
    const struct message *inner = verdict->read->message;

    if (verdict->opening->inner) {
        g_autoptr(mado_message) copy = copy_message(inner);
        take_subject(verdict, message);
        put(&message->text, inner->text);
        put(&message->text_from, inner->text_from);
        if (*inner->language)
            put(&message->language, inner->language);
        g_ptr_array_unref(message->attachments);
        message->attachments = g_ptr_array_ref(copy->attachments);
        report_take_subject(copy->report, message->report);
        report_free(message->report);
        message->report = g_steal_pointer(&copy->report);
        add_strings(&message->problems, inner->problems);
        if (g_strv_length(message->problems) > LIMIT_PROBLEMS)
            for (guint i = LIMIT_PROBLEMS; message->problems[i]; i++)
                g_clear_pointer(&message->problems[i], g_free);
    }
    if (verdict->opening->left != OPENED_DONE)
        put_ciphertext_aside(verdict->read->layer, message);
    return message;
}

static void keep_problems(struct verdict *verdict)
{
    g_autoptr(GPtrArray) kept = g_ptr_array_new();

    for (guint i = 0; i < verdict->problems->len && kept->len < LIMIT_PROBLEMS; i++)
        if (!g_ptr_array_find_with_equal_func(kept, verdict->problems->pdata[i], g_str_equal, NULL))
            g_ptr_array_add(kept, verdict->problems->pdata[i]);
    g_ptr_array_add(kept, NULL);
    g_strfreev(verdict->crypto->problems);
    verdict->crypto->problems = g_strdupv((char **)kept->pdata);
}

struct message *opening_finish(
    const struct opening *opening, const GPtrArray *known, struct crypto **crypto)
{
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    struct verdict verdict = {opening, known, opening->outer->message, opening_innermost(opening),
        crypto_new(), problems};
    struct message *message;

    for (guint i = 0; i < opening->problems->len; i++)
        add_problem(&verdict, opening->problems->pdata[i]);
    judge_encryption(&verdict);
    judge_signatures(&verdict);
    message = make_message(&verdict);
    verdict.crypto->left = opening->left;
    verdict.crypto->quiet = opening->quiet;
    put(&verdict.crypto->sealed_sha256, opening->sealed_sha256);
    put(&verdict.crypto->outer_subject, verdict.outer->subject);
    put(&verdict.crypto->outer_language, verdict.outer->language);
    g_strfreev(verdict.crypto->key_ids);
    verdict.crypto->key_ids = g_strdupv(opening->key_ids);
    keep_problems(&verdict);
    *crypto = verdict.crypto;
    return message;
}
