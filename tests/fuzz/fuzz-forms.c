/* Any text as a form: what is found is within the limits, survives the wire, and a form is either
 * read or damaged. */
#include "mutate.h"
#include "report-parts.h"
#include "report.h"
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    g_auto(GVariantDict) settings = G_VARIANT_DICT_INIT(NULL);

    g_variant_dict_insert_value(&settings, "forms",
        g_variant_new_parsed("[('a', 'A form', ['B > IP=source-address', 'C D=log', '1=kind'])]"));
    report_know_forms(&settings);
    return 0;
}

static struct report *read_text(const char *text)
{
    struct report *report = report_new();

    form_find(report, &(struct place){text, "text", "text/plain", TRUE});
    return report;
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t size)
{
    /* As the reader hands it over. */
    g_autofree char *text = g_utf8_make_valid((const char *)bytes, (gssize)size);
    g_autoptr(mado_report) report = read_text(text);
    g_autoptr(GVariant) wire = g_variant_ref_sink(report_to_variant(report));
    g_autoptr(mado_report) again = report_from_variant(wire);

    g_assert_nonnull(again);
    g_assert_cmpuint(again->fields->len, ==, report->fields->len);
    g_assert_true(report->fields->len == 0 || report->formats[0]);
    g_assert_true(report->sightings->len == 0 || report->fields->len > 0);
    for (guint i = 0; i < report->fields->len; i++) {
        const struct field *one = report->fields->pdata[i];
        g_assert_true(g_utf8_validate(one->value, -1, NULL));
        g_assert_cmpstr(one->value, !=, "");
    }
    return 0;
}

#ifndef MADO_LIBFUZZER

static const char *const seeds[] = {
    "--- コンピュータセキュリティインシデント報告様式 ---\n----------\n1-1 名前: 山田 組織名称: A\n"
    "----------\n2-1 1: 情報提供 2: 質問\n 番号: 2\n2-2 x\n----------\nアクセス元: 192.0.2.1\n"
    "発生日時：２０２６年１１月１日（日）１２時３０分\nタイムゾーン: UTC+9\nログ:\na\n\nb\n",
    "インシデント報告様式 ver. 1.1\n  氏名 : 鈴木\n  IPアドレス : 198.51.100.4\n  インシデント種別 "
    ": "
    "4\n  アクセス元の情報\n    IPアドレス : 192.0.2.9\n    NTPによる同期 (有/無) : 有\n  "
    "該当ログ\n\n"
    " a: b\n-- \nx\n",
    ("不正アクセス届出様式\n■届出者\n氏名：佐藤\n2.被害の種類：□なりすまし　■サービス妨害\n3."
     "発見方法："
     "\n□自組織\n☑外部\n"),
    "＜Ａ form＞ v2\n* B\n  IP: 192.0.2.1, 2001:db8::1\n  192.0.2.3\nC D\n\n1. a\nx\n1 "
    "フィッシング\n",
};
static const char *const pieces[] = {":", "：", "\n", " ", "　", "□", "■", "(", "）", "-", "―",
    "2-1", "--\n", "> ", "A form\n", "B\n", "年", "月", "日", "時", "分", "秒", "（月）", "株", "①",
    "㈱", "ﾏ", "\xE3", "192.0.2.0/24", "IP:", "ログ:", "有/無"};

static void test_mutations(void)
{
    mutate_seeds(seeds, G_N_ELEMENTS(seeds), pieces, G_N_ELEMENTS(pieces));
}

/* Without a change each is a form: else the mutations would be of nothing. */
static void test_seeds(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(seeds); i++) {
        g_autoptr(mado_report) report = read_text(seeds[i]);
        g_assert_cmpuint(g_strv_length(report->formats), ==, 1);
        g_assert_cmpuint(report->fields->len, >=, 2);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    LLVMFuzzerInitialize(&argc, &argv);
    g_test_add_func("/fuzz/forms/the seeds are forms", test_seeds);
    g_test_add_func("/fuzz/forms/2,000 mutations", test_mutations);
    return g_test_run();
}

#endif
