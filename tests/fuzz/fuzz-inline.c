/* Any text: what is called the one block of it has nothing but blanks around, and is within it. */
#include "inline.h"
#include "mutate.h"

static void check_blank(const guint8 *bytes, gsize from, gsize to)
{
    for (gsize i = from; i < to; i++)
        g_assert_true(bytes[i] && strchr(" \t\r\n", bytes[i]));
}

/* A text that is signed may hold NULs. */
static gsize count_lines(const char *text, gsize size, const char *beginning)
{
    const char *at = text, *end = text + size;
    gsize count = 0;

    while (at < end) {
        const char *next = memchr(at, '\n', (gsize)(end - at));
        count +=
            (gsize)(end - at) >= strlen(beginning) && !memcmp(at, beginning, strlen(beginning));
        at = next ? next + 1 : end;
    }
    return count;
}

static void check_block(const struct inline_block *block, const guint8 *bytes)
{
    const char *text = (const char *)bytes + block->begin;
    gsize size = block->end - block->begin;

    if (block->kind == INLINE_SIGNED) {
        g_assert_true(block->has_signed);
        g_assert_true(g_str_has_prefix(text, "-----BEGIN PGP SIGNED MESSAGE-----"));
        g_assert_cmpuint(count_lines(text, size, "-----"), ==, 3);
        g_assert_cmpuint(count_lines(text, size, "-----END PGP SIGNATURE-----"), ==, 1);
    } else {
        g_assert_true(block->has_encrypted);
        g_assert_true(g_str_has_prefix(text, "-----BEGIN PGP MESSAGE-----"));
        g_assert_cmpuint(count_lines(text, size, "-----"), ==, 2);
        g_assert_cmpuint(count_lines(text, size, "-----END PGP MESSAGE-----"), ==, 1);
    }
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t size)
{
    struct inline_block block;
    gsize mark = size >= 3 && !memcmp(bytes, "\xEF\xBB\xBF", 3) ? 3 : 0;

    inline_scan(&block, bytes, size);
    if (block.kind != INLINE_NONE) {
        g_assert_cmpuint(block.begin, <, block.end);
        g_assert_cmpuint(block.end, <=, size);
        check_blank(bytes, mark, block.begin);
        check_blank(bytes, block.end, size);
        check_block(&block, bytes);
    }
    inline_clear(&block);
    return 0;
}

#ifndef MADO_LIBFUZZER

static const char *const seeds[] = {
    "\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\none\n- -----two\n"
    "-----BEGIN PGP SIGNATURE-----\nVersion: 1\n\nYWJj\n=abcd\n-----END PGP SIGNATURE-----\n\n",
    "\xEF\xBB\xBF-----BEGIN PGP MESSAGE----- \r\nCharset: utf-8\r\n \r\nYWJj\r\n"
    "-----END PGP MESSAGE-----\r\n",
    "> -----BEGIN PGP MESSAGE-----\n-----BEGIN PGP MESSAGE, PART 1/2-----\n",
};
static const char *const pieces[] = {"-----BEGIN PGP MESSAGE-----\n", "-----END PGP MESSAGE-----\n",
    "-----BEGIN PGP SIGNATURE-----\n", "-----END PGP SIGNATURE-----\n", "\n\n", "\r\n", " ", "- ",
    "Hash: ", "a"};

static void test_mutations(void)
{
    mutate_seeds(seeds, G_N_ELEMENTS(seeds), pieces, G_N_ELEMENTS(pieces));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fuzz/inline/2,000 mutations", test_mutations);
    return g_test_run();
}

#endif
