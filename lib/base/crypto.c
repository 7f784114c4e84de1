/* Layers, facts and openings on the wire, and the words for what they say. */
#include <mado/crypto.h>
#include "pack.h"
#include <mado/limits.h>
#include <string.h>

static const char *const signature_names[SIGNATURE_STATES] = {
    [SIGNATURE_GOOD] = "good",
    [SIGNATURE_BAD] = "bad",
    [SIGNATURE_EXPIRED_KEY] = "expired-key",
    [SIGNATURE_REVOKED_KEY] = "revoked-key",
    [SIGNATURE_EXPIRED] = "expired",
    [SIGNATURE_FUTURE] = "future",
    [SIGNATURE_WEAK] = "weak",
    [SIGNATURE_UNKNOWN_KEY] = "unknown-key",
    [SIGNATURE_ERROR] = "error",
};
static const char *const opened_names[OPENED_STATES] = {
    [OPENED_DONE] = "opened",
    [OPENED_NO_KEY] = "no-key",
    [OPENED_BROKEN] = "broken",
    [OPENED_PASSWORD] = "password",
    [OPENED_TOO_LARGE] = "too-large",
    [OPENED_UNKNOWN] = "unknown",
};
static const char *const extent_names[EXTENTS] = {
    [EXTENT_NONE] = "none",
    [EXTENT_PARTIAL] = "partial",
    [EXTENT_FULL] = "full",
};
static const char *const integrity_names[INTEGRITIES] = {
    [INTEGRITY_NOT_ASKED] = "n/a",
    [INTEGRITY_OK] = "ok",
    [INTEGRITY_NONE] = "none",
};

const char *signature_state_name(enum signature_state state)
{
    return signature_names[state];
}

const char *opened_state_name(enum opened_state state)
{
    return opened_names[state];
}

const char *extent_name(enum extent extent)
{
    return extent_names[extent];
}

const char *integrity_name(enum integrity integrity)
{
    return integrity_names[integrity];
}

/* -- layers -- */

static GVariant *put_layer_kind(const void *field)
{
    return g_variant_new_uint32(*(const enum layer_kind *)field);
}

static gboolean take_layer_kind(void *field, GVariant *value)
{
    *(enum layer_kind *)field = g_variant_get_uint32(value);
    return g_variant_get_uint32(value) < LAYER_KINDS;
}

static const struct pack_codec layer_kind = {put_layer_kind, take_layer_kind};

/* In the order of LAYER_TYPE. */
static const struct pack_field layer_fields[] = {
    {&layer_kind, G_STRUCT_OFFSET(struct layer, kind)},
    {&pack_flag, G_STRUCT_OFFSET(struct layer, whole)},
    {&pack_bytes, G_STRUCT_OFFSET(struct layer, payload)},
    {&pack_bytes, G_STRUCT_OFFSET(struct layer, signature)},
    {&pack_string, G_STRUCT_OFFSET(struct layer, header)},
    {&pack_flag, G_STRUCT_OFFSET(struct layer, has_signed_part)},
    {&pack_flag, G_STRUCT_OFFSET(struct layer, has_encrypted_part)},
};

gboolean layer_is_encrypted(enum layer_kind kind)
{
    return kind == LAYER_PGP_ENCRYPTED || kind == LAYER_INLINE_ENCRYPTED ||
           kind == LAYER_CMS_ENCRYPTED;
}

gboolean layer_is_cms(enum layer_kind kind)
{
    return kind == LAYER_CMS_SIGNED || kind == LAYER_CMS_OPAQUE || kind == LAYER_CMS_ENCRYPTED;
}

struct layer *layer_new(void)
{
    struct layer *layer = g_new0(struct layer, 1);

    layer->header = g_strdup("");
    return layer;
}

void layer_free(struct layer *layer)
{
    if (!layer)
        return;
    g_clear_pointer(&layer->payload, g_bytes_unref);
    g_clear_pointer(&layer->signature, g_bytes_unref);
    g_free(layer->header);
    g_free(layer);
}

GVariant *layer_to_variant(const struct layer *layer)
{
    return pack(layer_fields, G_N_ELEMENTS(layer_fields), layer);
}

struct layer *layer_from_variant(GVariant *variant)
{
    g_autoptr(mado_layer) layer = layer_new();

    if (!g_variant_is_of_type(variant, G_VARIANT_TYPE(LAYER_TYPE)) ||
        !unpack(layer_fields, G_N_ELEMENTS(layer_fields), layer, variant))
        return NULL;
    if (g_bytes_get_size(layer->signature) == 0)
        g_clear_pointer(&layer->signature, g_bytes_unref);
    return g_steal_pointer(&layer);
}

/* -- facts -- */

struct part_file *part_file_new(const char *name, const char *type, const char *text)
{
    struct part_file *file = g_new0(struct part_file, 1);

    file->name = g_strdup(name);
    file->type = g_strdup(type);
    file->text = g_strdup(text);
    return file;
}

void part_file_free(gpointer data)
{
    struct part_file *file = data;

    if (!file)
        return;
    g_free(file->name);
    g_free(file->type);
    g_free(file->text);
    g_free(file);
}

struct facts *facts_new(void)
{
    struct facts *facts = g_new0(struct facts, 1);

    facts->message = message_new();
    facts->layer = layer_new();
    facts->offers = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    facts->parts = g_ptr_array_new_with_free_func(part_file_free);
    return facts;
}

void facts_free(struct facts *facts)
{
    if (!facts)
        return;
    message_free(facts->message);
    layer_free(facts->layer);
    g_ptr_array_unref(facts->offers);
    g_ptr_array_unref(facts->parts);
    g_free(facts);
}

GVariant *facts_to_variant(const struct facts *facts)
{
    GVariantBuilder offers;

    g_variant_builder_init(&offers, G_VARIANT_TYPE("aay"));
    for (guint i = 0; i < facts->offers->len; i++)
        g_variant_builder_add_value(&offers,
            g_variant_new_from_bytes(G_VARIANT_TYPE_BYTESTRING, facts->offers->pdata[i], TRUE));
    return g_variant_new("(@" MESSAGE_TYPE "@" LAYER_TYPE "@aay)",
        message_to_variant(facts->message), layer_to_variant(facts->layer),
        g_variant_builder_end(&offers));
}

struct facts *facts_from_variant(GVariant *variant)
{
    g_autoptr(mado_facts) facts = NULL;
    g_autoptr(GVariant) message = NULL, layer = NULL, offers = NULL;

    if (!g_variant_is_of_type(variant, G_VARIANT_TYPE(FACTS_TYPE)))
        return NULL;
    g_variant_get(variant, "(@" MESSAGE_TYPE "@" LAYER_TYPE "@aay)", &message, &layer, &offers);
    if (g_variant_n_children(offers) > LIMIT_OFFERS)
        return NULL;
    facts = g_new0(struct facts, 1);
    facts->offers = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    facts->parts = g_ptr_array_new_with_free_func(part_file_free);
    for (gsize i = 0; i < g_variant_n_children(offers); i++) {
        g_autoptr(GVariant) one = g_variant_get_child_value(offers, i);
        g_ptr_array_add(facts->offers, g_variant_get_data_as_bytes(one));
    }
    facts->message = message_from_variant(message);
    facts->layer = layer_from_variant(layer);
    return facts->message && facts->layer ? g_steal_pointer(&facts) : NULL;
}

/* -- what came out -- */

struct signature *signature_new(const char *fingerprint, enum signature_state state, gint64 at)
{
    struct signature *signature = g_new0(struct signature, 1);

    signature->fingerprint = g_strdup(fingerprint);
    signature->state = state;
    signature->at = at;
    return signature;
}

void signature_free(gpointer data)
{
    struct signature *signature = data;

    if (!signature)
        return;
    g_free(signature->fingerprint);
    g_free(signature->owner);
    g_free(signature);
}

static GVariant *put_signatures(const void *field)
{
    const GPtrArray *list = *(GPtrArray *const *)field;
    GVariantBuilder builder;

    g_variant_builder_init(&builder, G_VARIANT_TYPE("a(sux)"));
    for (guint i = 0; i < list->len; i++) {
        const struct signature *one = g_ptr_array_index(list, i);
        g_variant_builder_add(
            &builder, "(sux)", one->fingerprint, (guint32)one->state, (gint64)one->at);
    }
    return g_variant_builder_end(&builder);
}

static gboolean take_signatures(void *field, GVariant *value)
{
    GPtrArray *list = *(GPtrArray **)field;
    GVariantIter iter;
    const char *fingerprint;
    guint32 state;
    gint64 at;

    g_variant_iter_init(&iter, value);
    while (g_variant_iter_next(&iter, "(&sux)", &fingerprint, &state, &at)) {
        if (state >= SIGNATURE_STATES || list->len >= LIMIT_SIGNATURES)
            return FALSE;
        g_ptr_array_add(list, signature_new(fingerprint, state, at));
    }
    return TRUE;
}

static GVariant *put_opened_state(const void *field)
{
    return g_variant_new_uint32(*(const enum opened_state *)field);
}

static gboolean take_opened_state(void *field, GVariant *value)
{
    *(enum opened_state *)field = g_variant_get_uint32(value);
    return g_variant_get_uint32(value) < OPENED_STATES;
}

static const struct pack_codec signatures = {put_signatures, take_signatures};
static const struct pack_codec opened_state = {put_opened_state, take_opened_state};

/* In the order of OPENED_TYPE. */
static const struct pack_field opened_fields[] = {
    {&opened_state, G_STRUCT_OFFSET(struct opened, state)},
    {&pack_flag, G_STRUCT_OFFSET(struct opened, encrypted)},
    {&pack_flag, G_STRUCT_OFFSET(struct opened, integrity)},
    {&pack_strings, G_STRUCT_OFFSET(struct opened, to)},
    {&pack_strings, G_STRUCT_OFFSET(struct opened, key_ids)},
    {&signatures, G_STRUCT_OFFSET(struct opened, signatures)},
    {&pack_bytes, G_STRUCT_OFFSET(struct opened, content)},
    {&pack_string, G_STRUCT_OFFSET(struct opened, why)},
};

struct opened *opened_new(void)
{
    struct opened *opened = g_new0(struct opened, 1);

    opened->to = g_new0(char *, 1);
    opened->key_ids = g_new0(char *, 1);
    opened->signatures = g_ptr_array_new_with_free_func(signature_free);
    opened->why = g_strdup("");
    return opened;
}

void opened_free(struct opened *opened)
{
    if (!opened)
        return;
    g_strfreev(opened->to);
    g_strfreev(opened->key_ids);
    g_ptr_array_unref(opened->signatures);
    g_clear_pointer(&opened->content, g_bytes_unref);
    g_free(opened->why);
    g_free(opened);
}

GVariant *opened_to_variant(const struct opened *opened)
{
    return pack(opened_fields, G_N_ELEMENTS(opened_fields), opened);
}

struct opened *opened_from_variant(GVariant *variant)
{
    g_autoptr(mado_opened) opened = opened_new();

    if (!g_variant_is_of_type(variant, G_VARIANT_TYPE(OPENED_TYPE)) ||
        !unpack(opened_fields, G_N_ELEMENTS(opened_fields), opened, variant))
        return NULL;
    return g_steal_pointer(&opened);
}

/* -- the directory and the verdict -- */

struct known_key *known_key_new(const char *fingerprint, const char *owner, char **addresses)
{
    struct known_key *key = g_new0(struct known_key, 1);

    key->fingerprint = g_strdup(fingerprint);
    key->owner = g_strdup(owner);
    key->addresses = g_strdupv(addresses);
    return key;
}

void known_key_free(gpointer data)
{
    struct known_key *key = data;

    if (!key)
        return;
    g_free(key->fingerprint);
    g_free(key->owner);
    g_strfreev(key->addresses);
    g_free(key);
}

struct crypto *crypto_new(void)
{
    struct crypto *crypto = g_new0(struct crypto, 1);

    crypto->encrypted_to = g_new0(char *, 1);
    crypto->signatures = g_ptr_array_new_with_free_func(signature_free);
    crypto->payload_sha256 = g_strdup("");
    crypto->sealed_sha256 = g_strdup("");
    crypto->outer_subject = g_strdup("");
    crypto->outer_language = g_strdup("");
    crypto->key_ids = g_new0(char *, 1);
    crypto->problems = g_new0(char *, 1);
    return crypto;
}

void crypto_free(struct crypto *crypto)
{
    if (!crypto)
        return;
    g_strfreev(crypto->encrypted_to);
    g_ptr_array_unref(crypto->signatures);
    g_free(crypto->signed_by);
    g_free(crypto->payload_sha256);
    g_free(crypto->sealed_sha256);
    g_free(crypto->outer_subject);
    g_free(crypto->outer_language);
    g_strfreev(crypto->key_ids);
    g_strfreev(crypto->problems);
    g_free(crypto);
}

/* Only a name of which all is proven is told as one; each key and state besides. */
char *crypto_words(const struct crypto *crypto)
{
    GString *words = g_string_new(NULL);

    g_string_append_printf(words, "encrypted %s", extent_name(crypto->encrypted));
    if (crypto->integrity != INTEGRITY_NOT_ASKED)
        g_string_append_printf(words, ", integrity %s", integrity_name(crypto->integrity));
    if (crypto->left != OPENED_DONE)
        g_string_append_printf(words, ", stays closed: %s", opened_state_name(crypto->left));
    g_string_append_printf(words, "; signed %s", extent_name(crypto->is_signed));
    if (crypto->signed_by)
        g_string_append_printf(words, " by %s", crypto->signed_by);
    for (guint i = 0; i < crypto->signatures->len; i++) {
        const struct signature *one = g_ptr_array_index(crypto->signatures, i);
        g_string_append_printf(
            words, ", %s %s", one->fingerprint, signature_state_name(one->state));
    }
    return g_string_free(words, FALSE);
}

/* RFC 9788 section 3.2.1, the older draft, and what mail programs write; "[SAKURA#2026-0042-K7]" is
 * our own. */
gboolean subject_is_hidden(const char *subject)
{
    static const char *const words[] = {"", "...", "encrypted", "(encrypted)", "encrypted message",
        "encrypted mail", "encrypted email", "encrypted e-mail", "secure message", NULL};
    g_autofree char *plain = g_strstrip(g_ascii_strdown(subject, -1));
    const char *at = plain;
    gsize length;

    while (g_str_has_prefix(at, "re:") || g_str_has_prefix(at, "fw:"))
        for (at += 3; *at == ' '; at++)
            ;
    length = strlen(at);
    return g_strv_contains(words, at) ||
           (length > 1 && strcspn(at, "[") == 0 && strcspn(at, "]") == length - 1);
}
