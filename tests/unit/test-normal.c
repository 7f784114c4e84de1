/* What is in normal form? The answer is GLib's, for whatever a broken role may send, and it takes
 * no time to speak of for a large mail. */
#include "ipc.h"
#include <mado/crypto.h>
#include <mado/keys.h>
#include <string.h>

enum { CHANGES = 1500, PIECE = 64, MANY_BYTES = 8 * 1024 * 1024 };

static const char *const types[] = {FACTS_TYPE, LAYER_TYPE, OPENED_TYPE, SEAL_JOB_TYPE, SEALED_TYPE,
    (KEY_INFOS_TYPE), "aay", "(ayasb)", "a(say)", "as", "s", "(tus)"};

static GVariant *value_of(const GVariantType *type, GRand *rand);

static GVariant *bytes_of(GRand *rand)
{
    guint8 bytes[PIECE];
    gsize size = (gsize)g_rand_int_range(rand, 0, PIECE);

    for (gsize i = 0; i < size; i++)
        bytes[i] = (guint8)g_rand_int(rand);
    return g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, bytes, size, 1);
}

static GVariant *basic_of(const GVariantType *type, GRand *rand)
{
    static const char *const words[] = {
        "", "a", "sakura", "\xe7\xaa\x93", "a longer word than those"};
    gint32 number = g_rand_int_range(rand, 0, 300);

    switch (*g_variant_type_peek_string(type)) {
    case 's':
        return g_variant_new_string(words[g_rand_int_range(rand, 0, G_N_ELEMENTS(words))]);
    case 'b':
        return g_variant_new_boolean(number % 2);
    case 'u':
        return g_variant_new_uint32((guint32)number);
    case 'x':
        return g_variant_new_int64(number);
    default:
        return g_variant_new_uint64((guint64)number);
    }
}

static GVariant *container_of(const GVariantType *type, GRand *rand)
{
    GVariantBuilder builder;
    gboolean array = g_variant_type_is_array(type);
    const GVariantType *part = array ? g_variant_type_element(type) : g_variant_type_first(type);

    g_variant_builder_init(&builder, type);
    for (gint left = g_rand_int_range(rand, 0, 4); array ? left > 0 : part != NULL; left--) {
        g_variant_builder_add_value(&builder, value_of(part, rand));
        if (!array)
            part = g_variant_type_next(part);
    }
    return g_variant_builder_end(&builder);
}

/* Some value of that type. */
static GVariant *value_of(const GVariantType *type, GRand *rand)
{
    if (g_variant_type_equal(type, G_VARIANT_TYPE_BYTESTRING))
        return bytes_of(rand);
    if (g_variant_type_is_maybe(type)) {
        const GVariantType *just = g_variant_type_element(type);
        return g_variant_new_maybe(just, g_rand_boolean(rand) ? value_of(just, rand) : NULL);
    }
    return g_variant_type_is_basic(type) ? basic_of(type, rand) : container_of(type, rand);
}

/* As it would come from a file. */
static GVariant *taken(const char *type, const guint8 *data, gsize size)
{
    g_autoptr(GBytes) bytes = g_bytes_new(data, size);

    return g_variant_ref_sink(g_variant_new_from_bytes(G_VARIANT_TYPE(type), bytes, FALSE));
}

static gboolean agrees(const char *type, const GByteArray *bytes)
{
    g_autoptr(GVariant) ours = taken(type, bytes->data, bytes->len);
    g_autoptr(GVariant) theirs = taken(type, bytes->data, bytes->len);
    gboolean normal = g_variant_is_normal_form(theirs);

    if (ipc_is_normal(ours) != normal) {
        g_autofree char *text = g_variant_print(theirs, FALSE);
        g_error("%s of %u bytes is%s normal: %s", type, bytes->len, normal ? "" : " not", text);
    }
    return normal;
}

/* Another byte, one less, or one more. */
static void change(GByteArray *bytes, GRand *rand)
{
    guint at = bytes->len ? (guint)g_rand_int_range(rand, 0, (gint)bytes->len) : 0;
    guint8 one = (guint8)g_rand_int_range(rand, 0, 40);

    if (!bytes->len)
        g_byte_array_append(bytes, &one, 1);
    else if (g_rand_int_range(rand, 0, 8) == 0)
        g_byte_array_remove_index(bytes, at);
    else if (g_rand_int_range(rand, 0, 8) == 0)
        g_byte_array_append(bytes, &one, 1);
    else
        bytes->data[at] = g_rand_boolean(rand) ? one : (guint8)g_rand_int(rand);
}

static void test_the_answer_is_that_of_glib(gconstpointer data)
{
    const char *type = data;
    g_autoptr(GRand) rand = g_rand_new_with_seed(20261122);
    guint normal = 0;

    for (int i = 0; i < CHANGES; i++) {
        g_autoptr(GVariant) value = g_variant_ref_sink(value_of(G_VARIANT_TYPE(type), rand));
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        g_byte_array_append(bytes, g_variant_get_data(value), (guint)g_variant_get_size(value));
        g_assert_true(agrees(type, bytes));
        for (gint times = g_rand_int_range(rand, 1, 4); times > 0; times--)
            change(bytes, rand);
        normal += agrees(type, bytes);
    }
    g_assert_cmpuint(normal, <, CHANGES);
}

static gint64 microseconds(GVariant *variant, gboolean (*is_normal)(GVariant *variant))
{
    gint64 since = g_get_monotonic_time();

    g_assert_true(is_normal(variant));
    return g_get_monotonic_time() - since;
}

static void test_a_large_mail_takes_no_time(void)
{
    g_autofree char *mail = g_malloc0(MANY_BYTES);
    g_autoptr(GVariant) value = g_variant_ref_sink(g_variant_new("(@ays)",
        g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, mail, MANY_BYTES, 1), "pgp-sha512"));
    g_autoptr(GVariant) ours =
        taken(SEALED_TYPE, g_variant_get_data(value), g_variant_get_size(value));
    g_autoptr(GVariant) theirs =
        taken(SEALED_TYPE, g_variant_get_data(value), g_variant_get_size(value));

    g_assert_cmpint(
        4 * microseconds(ours, ipc_is_normal), <, microseconds(theirs, g_variant_is_normal_form));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
        g_autofree char *path = g_strdup_printf("/normal/as GLib says: %zu", i);
        g_test_add_data_func(path, types[i], test_the_answer_is_that_of_glib);
    }
    g_test_add_func("/normal/large", test_a_large_mail_takes_no_time);
    return g_test_run();
}
