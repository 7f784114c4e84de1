/* Any bytes, cut by any boundary: nothing is lost between the pieces but delimiters, no piece holds
 * one, and in what is signed nothing but line ends is changed. The first line is the boundary. */
#include "mutate.h"
#include "slice.h"

/* Another way of asking whether a line is a delimiter. */
static gboolean is_delimiter(const char *line, gsize length, const char *boundary)
{
    g_autofree char *text = g_strndup(line, length);
    g_autofree char *open = g_strconcat("--", boundary, NULL);
    g_autofree char *last = g_strconcat(open, "--", NULL);

    if (strlen(text) != length)
        return FALSE; /* a NUL is no blank */
    while (length > 0 && strchr(" \t\r", text[length - 1]))
        text[--length] = '\0';
    return !strcmp(text, open) || !strcmp(text, last);
}

/* `span` and what is behind it up to `next`: the delimiter, with the line end before it. */
static void check_piece(
    const char *bytes, struct span span, gsize next, const char *boundary, gboolean is_last)
{
    const char *at = bytes + span.begin, *end = bytes + span.end;
    const char *line = end;

    g_assert_cmpuint(span.begin, <=, span.end);
    g_assert_cmpuint(span.end, <=, next);
    for (; at < end; at++) {
        const char *stop = memchr(at, '\n', (gsize)(end - at)) ?: end;
        g_assert_false(is_delimiter(at, (gsize)(stop - at), boundary));
        at = stop;
    }
    if (is_last) {
        g_assert_cmpuint(span.end, ==, next);
        return;
    }
    if (*line == '\r' && line[1] == '\n')
        line++;
    line += *line == '\n';
    at = bytes + next - (bytes[next - 1] == '\n');
    g_assert_true(is_delimiter(line, (gsize)(at - line), boundary));
}

static void check_slices(const char *bytes, gsize size, const char *boundary)
{
    struct slices slices;
    struct span before;

    slices_cut(&slices, boundary, (const guint8 *)bytes, size);
    before = slices.prologue;
    g_assert_cmpuint(before.begin, ==, 0);
    for (guint i = 0; i < slices.parts->len; i++) {
        struct span part = g_array_index(slices.parts, struct span, i);
        check_piece(bytes, before, part.begin, boundary, FALSE);
        before = part;
    }
    if (slices.closed) {
        check_piece(bytes, before, slices.epilogue.begin, boundary, FALSE);
        g_assert_cmpuint(slices.epilogue.end, ==, size);
    } else {
        check_piece(bytes, before, size, boundary, TRUE);
    }
    slices_clear(&slices);
}

/* With every CR before a LF taken away. */
static GByteArray *without_returns(const guint8 *bytes, gsize size)
{
    GByteArray *out = g_byte_array_new();

    for (gsize i = 0; i < size; i++)
        if (bytes[i] != '\r' || i + 1 == size || bytes[i + 1] != '\n')
            g_byte_array_append(out, bytes + i, 1);
    return out;
}

static void check_canonical(const guint8 *bytes, gsize size)
{
    g_autoptr(GBytes) canonical = slice_canonical(bytes, size);
    gsize length;
    const guint8 *data = g_bytes_get_data(canonical, &length);
    g_autoptr(GByteArray) before = without_returns(bytes, size);
    g_autoptr(GByteArray) after = without_returns(data, length);

    for (gsize i = 0; i < length; i++)
        g_assert_true(data[i] != '\n' || (i > 0 && data[i - 1] == '\r'));
    g_assert_cmpmem(before->data, before->len, after->data, after->len);
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t size)
{
    const guint8 *end = size ? memchr(bytes, '\n', size) : NULL;
    g_autofree char *boundary = end ? g_strndup((const char *)bytes, (gsize)(end - bytes)) : NULL;
    g_autofree char *body = NULL;
    gsize length;

    if (!end || !*boundary || strpbrk(boundary, " \t\r"))
        return 0;
    length = size - (gsize)(end + 1 - bytes);
    body = g_malloc0(length + 1);
    memcpy(body, end + 1, length);
    check_slices(body, length, boundary);
    check_canonical((const guint8 *)body, length);
    return 0;
}

#ifndef MADO_LIBFUZZER

static const char *const seeds[] = {
    "x\nprologue\n--x\na: b\n\none\n--x\ntwo\r\n\r\n--x--\nepilogue\n",
    "xy\n--xy\r\n--x\n--xyz\n--xy \t\n\n--xy--",
    "-\n---\none\n---\n--\n-----\n",
};
static const char *const pieces[] = {
    "\n--x\n", "\n--x--\n", "\r\n", "\r\r\n", "--xy--", "\n--xy\r\n", " ", "-", "x\n"};

static void test_mutations(void)
{
    mutate_seeds(seeds, G_N_ELEMENTS(seeds), pieces, G_N_ELEMENTS(pieces));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fuzz/slice/2,000 mutations", test_mutations);
    return g_test_run();
}

#endif
