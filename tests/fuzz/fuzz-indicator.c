/* Any text: what is found says something, and what is canonical stays as it is. */
#include "mutate.h"
#include "report-parts.h"
#include <mado/limits.h>

/* In what is canonical nothing is left to be mended. A URL may end in what a sentence would. */
static void check_value(const struct indicator *one)
{
    g_autoptr(mado_report) again = report_new();
    const struct indicator *same;

    if (one->kind == INDICATOR_URL || strlen(one->value) >= LIMIT_FOUND_BYTES)
        return;
    indicator_find(again, &(struct place){one->value, "value", "text/plain", FALSE});
    if (again->indicators->len == 0) /* only the words around it made it one */
        return;
    same = again->indicators->pdata[0];
    g_assert_cmpstr(same->value, ==, one->value);
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t size)
{
    g_autofree char *raw = g_strndup((const char *)bytes, size);
    g_autofree char *text = g_utf8_make_valid(raw, -1);
    g_autoptr(mado_report) report = report_new();

    indicator_find(report, &(struct place){text, "text", "text/plain", TRUE});
    for (guint i = 0; i < report->indicators->len; i++) {
        const struct indicator *one = g_ptr_array_index(report->indicators, i);
        g_assert_cmpint(one->kind, <, INDICATOR_KINDS);
        g_assert_cmpuint(strlen(one->value), >, 0);
        g_assert_cmpuint(strlen(one->as_written), >, 0);
        check_value(one);
    }
    return 0;
}

#ifndef MADO_LIBFUZZER

static const char *const seeds[] = {
    "hxxp[:]//www[.]evil[.]example/a?b=c, 192[.]0[.]2[.]1/24 and 2001:db8::1/32 at a [at] "
    "b(dot)example\n",
    "Message-ID: <a@b.example>\n x\n-----BEGIN PGP MESSAGE-----\nabcd\n-----END PGP MESSAGE-----\n",
    "CVE-2026-1234 AS64496 JVN#12345678 d41d8cd98f00b204e9800998ecf8427e 日本語.jp version "
    "1.2.3.4\n",
    "「http://[2001:db8::1]:80/x」、http:\\/\\/a.example\\/,ftp://u@b.example:21/ "
    "ｗｗｗ．ａ．ｊｐ\n",
};
static const char *const pieces[] = {"[.]", "[", "(dot)", " [at] ", "://", "\\.", ".", "::", "/24",
    "[.", "]", "\n", "。", "日", "@", "-", "hxxp", "[://]"};

static void test_mutations(void)
{
    mutate_seeds(seeds, G_N_ELEMENTS(seeds), pieces, G_N_ELEMENTS(pieces));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fuzz/indicator/2,000 mutations", test_mutations);
    return g_test_run();
}

#endif
