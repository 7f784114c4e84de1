#include "reason.h"
#include "say.h"

static void assert_said(const char *written, const char *expected)
{
    g_autofree char *plain = reason_said(written), *said = NULL;

    g_assert_cmpstr(plain, ==, written);
    say_in("ja");
    said = reason_said(written);
    say_in("en");
    g_assert_cmpstr(said, ==, expected);
}

static void test_each_form_is_known_again(void)
{
    for (int i = 0; i < REASONS; i++) {
        static const char inner[] = "our own mail came back";
        g_autofree char *written = reason_make(i, inner, inner, inner, NULL);
        g_autofree char *said = NULL;
        say_in("ja");
        said = reason_said(written);
        say_in("en");
        if (g_str_equal(said, written))
            g_test_fail_printf("it stays in English: %s", written);
    }
}

static void test_reasons(void)
{
    static const struct {
        const char *written, *said;
    } cases[] = {
        {"our own mail came back", "当方のメールが戻ってきました"},
        {"rule bank-phishing", "規則 bank-phishing"},
        {"tanaka has sorted it: rule out the proxy", "tanaka が仕分けました: rule out the proxy"},
        {"tanaka has sorted it", "tanaka が仕分けました"},
        {"a word of the category scan is in the text", "分類 scan の語が本文にあります"},
        {"a person wrote, and no rule forbids an answer; a person lets it go (acknowledge.mode)",
            "人からのメールで、返信を禁じる規則はありません。人が送信を許可します "
            "(acknowledge.mode)"},
        {"label=TLP:RED: rule bank-phishing", "label=TLP:RED: 規則 bank-phishing"},
        {"state=rejected: tanaka has sorted it: spam",
            "state=rejected: tanaka が仕分けました: spam"},
        {"2026-0042-K7 by claim: it claims this incident, and proves nothing",
            "2026-0042-K7 (根拠 claim): このインシデントを挙げていますが、証拠はありません"},
        {"a signature (0123) is of Peer, whose address is not that of From",
            "署名 (0123) は Peer のものですが、そのアドレスは From と違います"},
        {"a signature (0123) has expired", "署名 (0123) の期限が切れています"},
        {"it could not be opened: gpg: no luck", "開けませんでした: gpg: no luck"},
        {"more than one Date field: the first counts",
            "Date 項目が複数あります。最初のものを使います"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_said(cases[i].written, cases[i].said);
}

/* What is not ours stays as it was written; states and names are English everywhere. */
static void test_others_stay(void)
{
    static const char *const others[] = {"", "open", "machine", "rule ", " has sorted it",
        "we rule 1 out", "note=ask: the bank first", "by the bank: it was sent", "a%sb %1$s 100%",
        "the report says that it is about ", "窓口 から"};

    for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
        assert_said(others[i], others[i]);
}

/* However long and nested it is. */
static void test_what_never_ends(void)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (int i = 0; i < 100000; i++)
        g_string_append(text, "a=b: ");
    g_string_append(text, "our own mail came back");
    assert_said(text->str, text->str);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    say_open();
    g_test_add_func("/reason/forms", test_each_form_is_known_again);
    g_test_add_func("/reason/said", test_reasons);
    g_test_add_func("/reason/others", test_others_stay);
    g_test_add_func("/reason/endless", test_what_never_ends);
    return g_test_run();
}
