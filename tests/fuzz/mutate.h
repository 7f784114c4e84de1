/* For a quick test of a fuzz target: a fixed number of fixed mutations of its seeds. */
#pragma once
#include <glib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t size);

static inline void mutate(GRand *rand, GByteArray *bytes, const char *const *pieces, gsize how_many)
{
    const char *piece = pieces[g_rand_int_range(rand, 0, (gint)how_many)];
    gint length_wanted = g_rand_int_range(rand, 1, 200);
    guint at = (guint)g_rand_int_range(rand, 0, (gint)bytes->len);
    guint length = MIN(bytes->len - at, (guint)length_wanted);
    g_autofree guint8 *again = NULL;

    switch (g_rand_int_range(rand, 0, 4)) {
    case 0:
        bytes->data[at] = (guint8)g_rand_int(rand);
        break;
    case 1:
        memcpy(bytes->data + at, piece, MIN(strlen(piece), bytes->len - at));
        break;
    case 2:
        g_byte_array_remove_range(bytes, at, MIN(length, 40u));
        break;
    default:
        again = g_memdup2(bytes->data + at, length);
        g_byte_array_append(bytes, again, length);
    }
    if (bytes->len == 0)
        g_byte_array_append(bytes, (const guint8 *)"a", 1);
}

static inline void mutate_some(
    const char *const *seeds, gsize count, const char *const *pieces, gsize how_many, gsize times)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(20260302);

    for (gsize i = 0; i < times; i++) {
        const char *seed = seeds[i % count];
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        g_byte_array_append(bytes, (const guint8 *)seed, (guint)strlen(seed));
        for (int n = g_rand_int_range(rand, 1, 8); n > 0; n--)
            mutate(rand, bytes, pieces, how_many);
        LLVMFuzzerTestOneInput(bytes->data, bytes->len);
    }
}

static inline void mutate_seeds(
    const char *const *seeds, gsize count, const char *const *pieces, gsize how_many)
{
    mutate_some(seeds, count, pieces, how_many, 2000);
}
