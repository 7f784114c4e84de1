/* Handling labels: how people write them, and what is said of the mail by them. */
#include "report-parts.h"
#include "report.h"
#include "share.h"
#include <string.h>

/* "TLP:RED subject, TLP:AMBER quotation (weak)": all that was found. */
static char *found_in(const char *text, const char *from, const char *type)
{
    g_autoptr(mado_report) report = report_new();
    g_autoptr(GString) all = g_string_new(NULL);

    label_find(report, &(struct place){text, from, type, TRUE});
    for (guint i = 0; i < report->markings->len; i++) {
        const struct marking *one = report->markings->pdata[i];
        g_string_append_printf(all, "%s%s:%s%s%s", i ? ", " : "", one->scheme,
            *one->label ? one->label : "?", one->weak ? " " : "", one->weak ? one->from : "");
    }
    return g_string_free(g_steal_pointer(&all), FALSE);
}

struct row {
    const char *text, *found;
};

static void check(const struct row *rows, gsize count, const char *from, const char *type)
{
    for (gsize i = 0; i < count; i++) {
        g_autofree char *found = found_in(rows[i].text, from, type);
        if (!g_str_equal(found, rows[i].found))
            g_error("\"%s\" has %s, and not %s", rows[i].text, found, rows[i].found);
    }
}

static void test_labels_are_read_however_they_are_written(void)
{
    static const struct row rows[] = {
        {"[TLP:AMBER] Phishing", "TLP:AMBER"},
        {"[CERT-XX #123] [TLP: AMBER] Phishing", "TLP:AMBER"},
        {"Phishing report (TLP:AMBER)", "TLP:AMBER"},
        {"tlp:red", "TLP:RED"},
        {"TLP RED", "TLP:RED"},
        {"TLP-WHITE: advisory", "TLP:CLEAR"},
        {"TLP AMBAR", "TLP:AMBER"},
        {"TLP:ÁMBAR", "TLP:AMBER"},
        {"tlp amber and TLP:RED", "TLP:AMBER, TLP:RED"},
        {"tlp-Amber and TLPRED TlpGreen", "TLP:AMBER, TLP:RED, TLP:GREEN"},
        {"TLP:AMBER+STRICT", "TLP:AMBER+STRICT"},
        {"TLP:AMBER +STRICT", "TLP:AMBER+STRICT"},
        {"TLP: Amber + Strict", "TLP:AMBER+STRICT"},
        {"TLP:AMBER-STRICT", "TLP:AMBER+STRICT"},
        {"TLP:AMBER STRICT", "TLP:AMBER+STRICT"},
        {"TLP:AMBER (STRICT)", "TLP:AMBER+STRICT"},
        {"TLP:AMBER strictly internal", "TLP:AMBER"},
        {"ＴＬＰ：ＡＭＢＥＲ", "TLP:AMBER"},
        {"ＴＬＰ：ＡＭＢＥＲ＋ＳＴＲＩＣＴ", "TLP:AMBER+STRICT"},
        {"【TLP:GREEN】注意喚起", "TLP:GREEN"},
        {"本情報はTLP:AMBERとします。", "TLP:AMBER"},
        {"情報の取り扱い　TLP：RED（受信者限り）", "TLP:RED"},
        {"TLPは「AMBER」です", "TLP:AMBER"},
        {"TLPはAMBERです", "TLP:AMBER"},
        {"TLP:\u200eRED information follows", "TLP:RED"}, /* marks that are not seen */
        {"\u2068TLP\u2069:\u2066RED\u2069 information follows", "TLP:RED"},
        {"TLP:\ufe0fRED information follows", "TLP:RED"},
        {"本メールは TLP:赤 です", "TLP:?"},
        {"TLP:赤でお願いします", "TLP:?"},
        {"TLP：アンバー でお願いします", "TLP:?"},
        {"TLP区分：GREEN", "TLP:GREEN"},
        {"TLPレベル（RED）", "TLP:RED"},
        {"TLP 2.0: AMBER", "TLP:AMBER"},
        {"TLPv2:CLEAR", "TLP:CLEAR"},
        {"TLP level: GREEN", "TLP:GREEN"},
        {"Traffic Light Protocol: Amber", "TLP:AMBER"},
        {"Traffic Light Protocol (TLP): Amber", "TLP:AMBER"},
        {"TLP (Traffic Light Protocol): RED", "TLP:RED"},
        {"**TLP:** RED", "TLP:RED"},
        {"TLP: [AMBER]", "TLP:AMBER"},
        {"TLP=RED", "TLP:RED"},
        {"TLP:\nRED\n", "TLP:RED"},
        {"TLP:\u200bRED", "TLP:RED"},
        {"TLP:GREEN/RED", "TLP:GREEN, TLP:RED"},
        {"[TLP:GREEN] Red Hat advisory", "TLP:GREEN"},
        {"TLP:GREEN, red team exercise", "TLP:GREEN"},
        {"PAP:GREEN", "PAP:GREEN"},
        {"TLP:AMBER PAP:RED", "TLP:AMBER, PAP:RED"},
        {"PAP smear, PAP: CHAP", ""},
        {"misp tag tlp:white", "TLP:CLEAR"},
    };

    check(rows, G_N_ELEMENTS(rows), "text", "text/plain");
    check(rows, G_N_ELEMENTS(rows) - 4, "subject", "text/plain");
}

static void test_prose_is_no_label(void)
{
    static const struct row rows[] = {
        {"the TLP protocol", ""},
        {"We follow TLP 2.0 of FIRST.", ""},
        {"TLP: 2.0", ""},
        {"TLP:2.0", ""},
        {"TLPT exercises (threat-led penetration tests)", ""},
        {"TLPT: red team", ""},
        {"See https://www.first.org/tlp/ for TLP.", ""},
        {"TLP: https://www.first.org/tlp/", ""},
        {"TLP:https://www.first.org/tlp/", ""},
        {"TLP: see below", ""},
        {"TLP: Traffic Light Protocol", ""},
        {"About TLP:", ""},
        {"as defined by the TLP:\nRed Hat and others\n", ""},
        {"the TLP\nRed Cross", ""},
        {"TLP: labels say how far information may travel", ""},
        {"TLP：情報共有の取り扱い区分のことです", ""},
        {"TLPとは情報の取り扱い区分です", ""},
        {"TLPの考え方ではREDが最も厳しい", ""},
        {"ASTLP:RED", ""},
        {"TLP:", ""},
        {"TLP", ""},
        {"", ""},
    };

    check(rows, G_N_ELEMENTS(rows), "text", "text/plain");
}

static void test_unknown_words_are_labels_that_nobody_knows(void)
{
    static const struct row rows[] = {
        {"TLP:PURPLE", "TLP:?"},
        {"TLP:purple", "TLP:?"},
        {"[TLP: Yellow] Report", "TLP:?"},
        {"TLP: rojo", "TLP:?"},
        {"TLP: BLACK do not share", "TLP:?"},
        {"TLP:赤", "TLP:?"},
        {"TLP：　未定\n", "TLP:?"},
        {"TLP:AMBER+FOO", "TLP:?"},
        {"TLP:RED+STRICT", "TLP:?"},
        {"TLP:REDD", "TLP:?"},
        {"TLP:AMBERR", "TLP:?"},
    };
    static const struct row in_data[] = {
        {"{\"tlp\": null}", ""},
        {"{\"tlp\": \"amber\"}", "TLP:AMBER"},
        {"{\"tlp\": \"unclear\"}", ""},
    };

    check(rows, G_N_ELEMENTS(rows), "text", "text/plain");
    check(rows, G_N_ELEMENTS(rows), "subject", "text/plain");
    check(rows, G_N_ELEMENTS(rows), "note.txt", "text/plain");
    check(in_data, G_N_ELEMENTS(in_data), "report.json", "application/json");
}

#define LEGEND                                                                                     \
    "TLP:RED - For the eyes and ears of individual recipients only\n"                              \
    "TLP:AMBER - Limited disclosure, on a need-to-know basis\n  within their organization\n"       \
    "TLP:GREEN - Limited disclosure, within their community\n"                                     \
    "TLP:CLEAR - no limit on disclosure\n"
#define WEAK_LEGEND "TLP:RED legend, TLP:AMBER legend, TLP:GREEN legend, TLP:CLEAR legend"

static void test_legends_are_weak(void)
{
    static const struct row rows[] = {
        {LEGEND, WEAK_LEGEND},
        {"TLP:GREEN\n\nText.\n\n" LEGEND, "TLP:GREEN, " WEAK_LEGEND},
        {"TLP:RED\n\n" LEGEND, "TLP:RED, " WEAK_LEGEND},
        {"TLP:CLEAR\nNo limit.\nTLP:GREEN\nCommunity.\nTLP:AMBER\nClients.\nTLP:RED\nYou.\n",
            "TLP:CLEAR legend, TLP:GREEN legend, TLP:AMBER legend, TLP:RED legend"},
        {"TLP:RED = for named recipients", "TLP:RED legend"},
        {"TLP:RED means that nobody else may know", "TLP:RED legend"},
        {"TLP:REDとは、受信者限りという意味です", "TLP:RED legend"},
        {"TLP:REDは厳守してください", "TLP:RED"},
        {"TLP:RED\n=======\n", "TLP:RED"},
        {"TLP:RED ====", "TLP:RED"},
        {"Label mail with TLP:RED, TLP:AMBER, TLP:GREEN or TLP:CLEAR.", WEAK_LEGEND},
        {"TLP: RED / AMBER / GREEN / CLEAR", WEAK_LEGEND},
        {"TLP: □RED ■AMBER □GREEN □CLEAR",
            "TLP:RED legend, TLP:AMBER, TLP:GREEN legend, TLP:CLEAR legend"},
        {"TLP: [ ] RED [x] AMBER [ ] GREEN", "TLP:RED legend, TLP:AMBER, TLP:GREEN legend"},
        {"TLP:\n□ RED\n☑ AMBER\n□ GREEN\n", "TLP:RED legend, TLP:AMBER, TLP:GREEN legend"},
    };

    check(rows, G_N_ELEMENTS(rows), "text", "text/plain");
}

static void test_quotations_are_weak(void)
{
    static const struct row rows[] = {
        {"> TLP:RED\nThank you.", "TLP:RED quotation"},
        {"TLP:GREEN\n > TLP:RED\n", "TLP:GREEN, TLP:RED quotation"},
        {"＞ TLP:RED", "TLP:RED quotation"},
        {"Yes.\n\n-----Original Message-----\nFrom: a\n\nTLP:RED\n", "TLP:RED quotation"},
        {"はい。\n\n-----元のメッセージ-----\n\nTLP:RED\n", "TLP:RED quotation"},
        {"Yes.\nOn Mon, 2 Nov 2026 at 10:00, A <a@a.example> wrote:\n\nTLP:RED\n",
            "TLP:RED quotation"},
        {"On Mon, 2 Nov 2026, a@a.example wrote:\n> no label?\nTLP:GREEN\n", "TLP:GREEN"},
        {"2026年11月2日 10:00 A <a@a.example>さんは書きました:\nTLP:RED\n", "TLP:RED quotation"},
        {"From: A <a@a.example>\nSent: Monday\nTo: b\n\nTLP:RED\n", "TLP:RED quotation"},
        {"差出人: A\n送信日時: 2026年11月2日\n\nTLP:RED\n", "TLP:RED quotation"},
        {"The attacker wrote:\nTLP:RED\n", "TLP:RED"},
        {"-------- Forwarded Message --------\nTLP:RED\n", "TLP:RED"},
    };

    check(rows, G_N_ELEMENTS(rows), "text", "text/plain");
}

static void test_a_forwarded_mail_is_no_quotation(void)
{
    struct facts *facts = facts_new();
    const struct marking *one;

    g_free(facts->message->subject);
    facts->message->subject = g_strdup("FW: report");
    g_free(facts->message->text);
    facts->message->text = g_strdup("See below.\n-----Original Message-----\nTLP:RED\n");
    report_find(facts);
    g_assert_cmpuint(facts->message->report->markings->len, ==, 1);
    one = facts->message->report->markings->pdata[0];
    g_assert_cmpstr(one->from, ==, "text");
    g_assert_cmpstr(one->as_written, ==, "TLP:RED");
    facts_free(facts);
}

/* Of what costs most, each three times as long takes three times as long, and not nine times. */
static void test_the_search_is_linear(void)
{
    static const char *const pieces[] = {"TLP:RED ", "TLP ", "TLP:\n", "> TLP: \n", "TLP: □RED ",
        "wrote: 1\n\n", "ＴＬＰ：", "差出人\n", "---------\n"};

    for (gsize i = 0; i < G_N_ELEMENTS(pieces); i++) {
        g_autoptr(GString) text = g_string_new(NULL);
        gint64 began = g_get_monotonic_time();
        g_autofree char *found = NULL;
        while (text->len < share_of(2 * 1024 * 1024))
            g_string_append(text, pieces[i]);
        found = found_in(text->str, "text", "text/plain");
        g_assert_nonnull(found);
        g_assert_cmpint(g_get_monotonic_time() - began, <, 5 * G_USEC_PER_SEC);
    }
}

/* Whatever stands beside whatever, and wherever the text ends. */
static void test_any_text_is_survived(void)
{
    static const char *const pieces[] = {"TLP", "tlp:", "ＴＬＰ：", "RED", "AMBER", "+", "STRICT",
        "GREEN", "CLEAR", "WHITE", " ", "\n", "[", "]", "(x)", "[ ]", "■", "□", "は", "とは", "/",
        "|", ",", " or ", "2.0", "level", "> ", "-----Original Message-----\n", "a wrote: 1\n",
        "From:\n", "Sent:\n", "差出人", "送信日時", "=", "PURPLE", "赤", "PAP:", "x", "JPCERT#",
        "12345678", "[rt #1]", "Á", "\u200b", "\u0301", "Traffic Light Protocol", "means"};
    GRand *dice = g_rand_new_with_seed(20261121);

    for (gsize i = 0; i < share_of(20000); i++) {
        g_autoptr(GString) text = g_string_new(NULL);
        g_autoptr(mado_report) report = report_new();
        struct place place = {NULL, i % 2 ? "text" : "subject", "text/plain", i % 3 != 0};
        for (int k = g_rand_int_range(dice, 0, 12); k >= 0; k--)
            g_string_append(text, pieces[g_rand_int_range(dice, 0, G_N_ELEMENTS(pieces))]);
        place.text = text->str;
        label_find(report, &place);
        ticket_find(report, &place);
        for (guint m = 0; m < report->markings->len; m++) {
            const struct marking *one = report->markings->pdata[m];
            g_assert_true(g_utf8_validate(one->as_written, -1, NULL));
            g_assert_cmpint(one->weak, ==,
                g_str_equal(one->from, "quotation") || g_str_equal(one->from, "legend"));
        }
    }
    g_rand_free(dice);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/label/labels are read however they are written",
        test_labels_are_read_however_they_are_written);
    g_test_add_func("/label/prose is no label", test_prose_is_no_label);
    g_test_add_func("/label/unknown words are labels that nobody knows",
        test_unknown_words_are_labels_that_nobody_knows);
    g_test_add_func("/label/legends are weak", test_legends_are_weak);
    g_test_add_func("/label/quotations are weak", test_quotations_are_weak);
    g_test_add_func(
        "/label/a forwarded mail is no quotation", test_a_forwarded_mail_is_no_quotation);
    g_test_add_func("/label/any text is survived", test_any_text_is_survived);
    g_test_add_func("/label/the search is linear", test_the_search_is_linear);
    return g_test_run();
}
