#include "pack.h"
#include <mado/limits.h>

static GVariant *put_string(const void *field)
{
    return g_variant_new_string(*(char *const *)field);
}

static gboolean take_string(void *field, GVariant *value)
{
    char **string = field;

    g_free(*string);
    *string = g_variant_dup_string(value, NULL);
    return TRUE;
}

static GVariant *put_maybe(const void *field)
{
    return g_variant_new("ms", *(char *const *)field);
}

static gboolean take_maybe(void *field, GVariant *value)
{
    g_variant_get(value, "ms", field);
    return TRUE;
}

static GVariant *put_strings(const void *field)
{
    return g_variant_new_strv(*(const char *const *const *)field, -1);
}

static gboolean take_strings(void *field, GVariant *value)
{
    char ***strings = field;

    g_strfreev(*strings);
    *strings = g_variant_dup_strv(value, NULL);
    return g_strv_length(*strings) <= LIMIT_HEADER_FIELDS;
}

static GVariant *put_flag(const void *field)
{
    return g_variant_new_boolean(*(const gboolean *)field);
}

static gboolean take_flag(void *field, GVariant *value)
{
    *(gboolean *)field = g_variant_get_boolean(value);
    return TRUE;
}

static GVariant *put_time(const void *field)
{
    return g_variant_new_int64(*(const gint64 *)field);
}

static gboolean take_time(void *field, GVariant *value)
{
    *(gint64 *)field = g_variant_get_int64(value);
    return TRUE;
}

static GVariant *put_bytes(const void *field)
{
    GBytes *bytes = *(GBytes *const *)field;

    return bytes ? g_variant_new_from_bytes(G_VARIANT_TYPE_BYTESTRING, bytes, TRUE)
                 : g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, NULL, 0, 1);
}

/* No copy: the bytes hold the variant that they lie in. */
static gboolean take_bytes(void *field, GVariant *value)
{
    GBytes **bytes = field;

    g_clear_pointer(bytes, g_bytes_unref);
    *bytes = g_variant_get_data_as_bytes(value);
    return TRUE;
}

const struct pack_codec pack_string = {put_string, take_string};
const struct pack_codec pack_maybe = {put_maybe, take_maybe};
const struct pack_codec pack_strings = {put_strings, take_strings};
const struct pack_codec pack_flag = {put_flag, take_flag};
const struct pack_codec pack_time = {put_time, take_time};
const struct pack_codec pack_bytes = {put_bytes, take_bytes};

GVariant *pack(const struct pack_field *fields, gsize count, const void *base)
{
    GVariantBuilder builder;

    g_variant_builder_init(&builder, G_VARIANT_TYPE_TUPLE);
    for (gsize i = 0; i < count; i++)
        g_variant_builder_add_value(
            &builder, fields[i].codec->put((const guint8 *)base + fields[i].offset));
    return g_variant_builder_end(&builder);
}

gboolean unpack(const struct pack_field *fields, gsize count, void *base, GVariant *variant)
{
    for (gsize i = 0; i < count; i++) {
        g_autoptr(GVariant) value = g_variant_get_child_value(variant, i);
        if (!fields[i].codec->take((guint8 *)base + fields[i].offset, value))
            return FALSE;
    }
    return TRUE;
}
