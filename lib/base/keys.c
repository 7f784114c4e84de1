/* The jobs of the keys role, and keys, on the wire. */
#include <mado/keys.h>
#include <mado/crypto.h>
#include "pack.h"
#include <mado/limits.h>

static const struct {
    const char *name, *argument, *result;
    gboolean private, once;
} ops[KEYS_OPS] = {
    [KEYS_OPEN] = {"open", LAYER_TYPE, OPENED_TYPE, TRUE},
    [KEYS_SEAL] = {"seal", SEAL_JOB_TYPE, SEALED_TYPE, TRUE},
    [KEYS_LOOK] = {"look", "ay", KEY_INFOS_TYPE, FALSE},
    [KEYS_IMPORT] = {"import", "(ayasb)", KEY_INFOS_TYPE, FALSE},
    [KEYS_LIST] = {"list", "()", KEY_INFOS_TYPE, FALSE},
    [KEYS_MAKE] = {"make", "(ssx)", KEY_INFOS_TYPE, TRUE, .once = TRUE},
    [KEYS_EXTEND] = {"extend", "(sx)", KEY_INFOS_TYPE, TRUE},
    [KEYS_EXPORT] = {"export", "s", "ay", FALSE},
};

const char *keys_outcome_name(enum keys_outcome outcome)
{
    static const char *const names[KEYS_OUTCOMES] = {"done", "refused", "later"};

    return names[outcome];
}

const char *keys_op_name(enum keys_op op)
{
    return ops[op].name;
}

gboolean keys_op_is_private(enum keys_op op)
{
    return ops[op].private;
}

gboolean keys_op_is_once(enum keys_op op)
{
    return ops[op].once;
}

const char *keys_argument(enum keys_op op)
{
    return ops[op].argument;
}

const char *keys_result(enum keys_op op)
{
    return ops[op].result;
}

/* -- sealing -- */

/* In the order of SEAL_JOB_TYPE. */
static const struct pack_field seal_fields[] = {
    {&pack_flag, G_STRUCT_OFFSET(struct seal_job, cms)},
    {&pack_string, G_STRUCT_OFFSET(struct seal_job, signer)},
    {&pack_strings, G_STRUCT_OFFSET(struct seal_job, to)},
    {&pack_bytes, G_STRUCT_OFFSET(struct seal_job, data)},
    {&pack_flag, G_STRUCT_OFFSET(struct seal_job, archive)},
};

struct seal_job *seal_job_new(void)
{
    struct seal_job *job = g_new0(struct seal_job, 1);

    job->signer = g_strdup("");
    job->to = g_new0(char *, 1);
    return job;
}

void seal_job_free(struct seal_job *job)
{
    if (!job)
        return;
    g_free(job->signer);
    g_strfreev(job->to);
    g_clear_pointer(&job->data, g_bytes_unref);
    g_free(job);
}

GVariant *seal_job_to_variant(const struct seal_job *job)
{
    return pack(seal_fields, G_N_ELEMENTS(seal_fields), job);
}

struct seal_job *seal_job_from_variant(GVariant *variant)
{
    g_autoptr(mado_seal_job) job = seal_job_new();

    if (!g_variant_is_of_type(variant, G_VARIANT_TYPE(SEAL_JOB_TYPE)) ||
        !unpack(seal_fields, G_N_ELEMENTS(seal_fields), job, variant))
        return NULL;
    return g_steal_pointer(&job);
}

/* -- keys -- */

/* In the order of KEY_INFO_TYPE. */
static const struct pack_field info_fields[] = {
    {&pack_string, G_STRUCT_OFFSET(struct key_info, fingerprint)},
    {&pack_flag, G_STRUCT_OFFSET(struct key_info, cms)},
    {&pack_strings, G_STRUCT_OFFSET(struct key_info, user_ids)},
    {&pack_strings, G_STRUCT_OFFSET(struct key_info, addresses)},
    {&pack_string, G_STRUCT_OFFSET(struct key_info, algorithm)},
    {&pack_time, G_STRUCT_OFFSET(struct key_info, created)},
    {&pack_time, G_STRUCT_OFFSET(struct key_info, expires)},
    {&pack_flag, G_STRUCT_OFFSET(struct key_info, revoked)},
    {&pack_flag, G_STRUCT_OFFSET(struct key_info, expired)},
    {&pack_flag, G_STRUCT_OFFSET(struct key_info, can_sign)},
    {&pack_flag, G_STRUCT_OFFSET(struct key_info, can_encrypt)},
    {&pack_flag, G_STRUCT_OFFSET(struct key_info, encrypts)},
    {&pack_time, G_STRUCT_OFFSET(struct key_info, encrypts_until)},
    {&pack_time, G_STRUCT_OFFSET(struct key_info, signs_until)},
    {&pack_flag, G_STRUCT_OFFSET(struct key_info, secret)},
    {&pack_bytes, G_STRUCT_OFFSET(struct key_info, bytes)},
};

struct key_info *key_info_new(void)
{
    struct key_info *info = g_new0(struct key_info, 1);

    info->fingerprint = g_strdup("");
    info->user_ids = g_new0(char *, 1);
    info->addresses = g_new0(char *, 1);
    info->algorithm = g_strdup("");
    return info;
}

void key_info_free(gpointer data)
{
    struct key_info *info = data;

    if (!info)
        return;
    g_free(info->fingerprint);
    g_strfreev(info->user_ids);
    g_strfreev(info->addresses);
    g_free(info->algorithm);
    g_clear_pointer(&info->bytes, g_bytes_unref);
    g_free(info);
}

GVariant *key_infos_to_variant(const GPtrArray *infos)
{
    GVariantBuilder builder;

    g_variant_builder_init(&builder, G_VARIANT_TYPE(KEY_INFOS_TYPE));
    for (guint i = 0; i < infos->len; i++)
        g_variant_builder_add_value(
            &builder, pack(info_fields, G_N_ELEMENTS(info_fields), infos->pdata[i]));
    return g_variant_builder_end(&builder);
}

GPtrArray *key_infos_from_variant(GVariant *variant)
{
    g_autoptr(GPtrArray) infos = g_ptr_array_new_with_free_func(key_info_free);

    if (!g_variant_is_of_type(variant, G_VARIANT_TYPE(KEY_INFOS_TYPE)) ||
        g_variant_n_children(variant) > LIMIT_KEYS)
        return NULL;
    for (gsize i = 0; i < g_variant_n_children(variant); i++) {
        g_autoptr(GVariant) one = g_variant_get_child_value(variant, i);
        struct key_info *info = key_info_new();
        g_ptr_array_add(infos, info);
        if (!unpack(info_fields, G_N_ELEMENTS(info_fields), info, one))
            return NULL;
    }
    return g_steal_pointer(&infos);
}
