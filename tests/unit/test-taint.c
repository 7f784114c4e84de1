#include "gate.h"
#include <mado/limits.h>
#include <string.h>

static GPtrArray *array_of(const char *const *texts)
{
    GPtrArray *array = g_ptr_array_new();

    for (; texts && *texts; texts++)
        g_ptr_array_add(array, (gpointer)*texts);
    return array;
}

/* The runs, one a line. */
static char *found(const char *text, const char *tainted, const char *const *released)
{
    g_autoptr(GPtrArray) texts = g_ptr_array_new();
    g_autoptr(GPtrArray) facts = array_of(released);
    g_autoptr(GPtrArray) runs = NULL;
    GString *all = g_string_new(NULL);

    g_ptr_array_add(texts, (gpointer)tainted);
    runs = taint_find(text, texts, facts);
    for (guint i = 0; i < runs->len; i++)
        g_string_append_printf(all, "%s%s", i ? "\n" : "", (const char *)runs->pdata[i]);
    return g_string_free(all, FALSE);
}

static const char report[] = "Dear team,\nthe account backup-admin at 192.0.2.17 was used at 04:11 "
                             "UTC, from 198.51.100.4.\nThe door code is 7731.\nregards";

static const struct {
    const char *name, *tainted, *text, *runs;
    const char *released[3];
} rows[] = {
    {"nothing in common", report, "Thank you, we are looking at it.", ""},
    {"nineteen characters are no run", "abcdefghijklmnopqrs", "abcdefghijklmnopqrs", ""},
    {"twenty are", "abcdefghijklmnopqrst", "say abcdefghijklmnopqrst!", "abcdefghijklmnopqrst"},
    {"a run is as long as it can be", report,
        "You say: the account backup-admin at 192.0.2.17 was used, right?",
        "the account backup-admin at 192.0.2.17 was used"},
    {"runs stand apart", report,
        "account backup-admin at 192 then: The door code is 7731.\nregards from me",
        "account backup-admin at 192\nThe door code is 7731.\nregards"},
    {"case", report, "THE ACCOUNT BACKUP-ADMIN AT", "THE ACCOUNT BACKUP-ADMIN AT"},
    {"width", report, "ｔｈｅ ａｃｃｏｕｎｔ ｂａｃｋｕｐ－ａｄｍｉｎ",
        "ｔｈｅ ａｃｃｏｕｎｔ ｂａｃｋｕｐ－ａｄｍｉｎ"},
    {"blanks and line ends", report, "t h e a c c o u n t\r\nb a c k u p - a d m i n",
        "t h e a c c o u n t\r\nb a c k u p - a d m i n"},
    {"blanks of other kinds", report, "the\u3000account\u00a0backup-admin\u2003at",
        "the\u3000account\u00a0backup-admin\u2003at"},
    {"quoting marks", report, "> the account\n> > backup-\n>| admin at",
        "the account\n> > backup-\n>| admin at"},
    {"quotes around words", report, "the \"account\" \u201cbackup-admin\u201d 'at'",
        "the \"account\" \u201cbackup-admin\u201d 'at"},
    {"masked addresses", "look at http://panel.bad-site.example/x, of eve@bad-site.example",
        "hxxp://panel[.]bad-site[.]example/x and eve[at]bad-site(dot)example",
        "hxxp://panel[.]bad-site[.]example/x\neve[at]bad-site(dot)example"},
    {"addresses that came masked", "hXXp[:]//panel[.]bad-site{.}example/x",
        "at http://panel.bad-site.example/x", "http://panel.bad-site.example/x"},
    {"soft hyphens and what is not seen", report,
        "the acc\u00adount back\u200bup-ad\u2060min at\ufeff 192",
        "the acc\u00adount back\u200bup-ad\u2060min at\ufeff 192"},
    {"marks put on letters", report, "t\u0301he accou\u0308nt backup-admin",
        "t\u0301he accou\u0308nt backup-admin"},
    {"letters that come with theirs", "the áccount bäckup-admin", "the account backup-admin",
        "the account backup-admin"},
    {"sharp s", "die strasse ist gesperrt", "Die Straße ist gesperrt", "Die Straße ist gesperrt"},
    {"ligatures", "the file of the office affair", "the ﬁle of the oﬃce aﬀair",
        "the ﬁle of the oﬃce aﬀair"},
    {"Japanese: characters and not bytes", "管理者のパスワードは書庫の中にあります。",
        "管理者のパスワード", ""},
    {"Japanese: twenty of them", "昨夜から管理者のパスワードは書庫の中にあります。以上",
        "なお、管理者のパスワードは書庫の中にあります。",
        "管理者のパスワードは書庫の中にあります。"},
    {"Japanese: kana of half the width", "サーバーのログファイルをダウンロードして調査",
        "ｻｰﾊﾞｰのﾛｸﾞﾌｧｲﾙをﾀﾞｳﾝﾛｰﾄﾞして調査", "ｻｰﾊﾞｰのﾛｸﾞﾌｧｲﾙをﾀﾞｳﾝﾛｰﾄﾞして調査"},
    {"a fact that was released", report, "We saw account backup-admin at 192.0.2.17 too.", "",
        {"account backup-admin at 192.0.2.17"}},
    {"less than a run around a fact", report,
        "We know: the account backup-admin at 192.0.2.17 was used.", "",
        {"account backup-admin at 192.0.2.17"}},
    {"more than that around it", report,
        "the account backup-admin at 192.0.2.17 was used at 04:11 UTC",
        "the account backup-admin at 192.0.2.17 was used at 04:11 UTC",
        {"backup-admin at 192.0.2.17"}},
    {"two facts", report, "backup-admin at 192.0.2.17 was used at 04:11 UTC, from 198.51.100.4.",
        "", {"backup-admin at 192.0.2.17", "04:11 UTC, from 198.51.100.4"}},
    {"what is too short to be a fact between two",
        "abcd123abcd456abcd789abcd012abcd345abcd678abcd901abcd",
        "abcd123abcd456abcd789abcd012abcd345abcd678abcd901abcd", "", {"abcd"}},
    {"what is as long as one, between two", "abcd1234abcd5678abcd9012abcd3456abcd7890abcd",
        "abcd1234abcd5678abcd9012abcd3456abcd7890abcd",
        "abcd1234abcd5678abcd9012abcd3456abcd7890abcd", {"abcd"}},
    {"a letter is not a fact that opens all", report, "the account backup-admin at 192.0.2.17",
        "the account backup-admin at 192.0.2.17", {"a", "e"}},
    {"nor are several letters", "the password is correct horse", "the password is correct",
        "the password is correct", {"e", "re"}},
    {"a fact in another spelling", report, "BACKUP-ADMIN AT 192.0.2.17 !", "",
        {"backup-admin  at\n192.0.2.17"}},
    {"an empty fact", report, "the account backup-admin at", "the account backup-admin at", {""}},
    {"an empty text", report, "", ""},
    {"bytes that are no text", "\xff\xfe abcdefghijklmnopqrst \xff",
        "abcdefghij\xc3klmnopqrst abcdefghijklmnopqrst", "abcdefghijklmnopqrst"},
};

static void test_each_evasion(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *runs = found(rows[i].text, rows[i].tainted, rows[i].released);
        g_test_message("%s", rows[i].name);
        g_assert_cmpstr(runs, ==, rows[i].runs);
    }
}

/* What stands in every text would open holes in every run. */
static void test_a_fact_has_some_length(void)
{
    g_assert_false(taint_is_fact(""));
    g_assert_false(taint_is_fact("443"));
    g_assert_false(taint_is_fact("4 \"4\" 3"));
    g_assert_true(taint_is_fact(":443/"));
    g_assert_true(taint_is_fact("1.1.1.1"));
    g_assert_true(taint_is_fact("管理者の"));
}

static void test_no_texts_at_all(void)
{
    g_autoptr(GPtrArray) none = taint_find("text", NULL, NULL);
    g_autoptr(GPtrArray) nothing = taint_find(NULL, NULL, NULL);

    g_assert_cmpuint(none->len + nothing->len, ==, 0);
}

static void test_a_fact_is_a_piece_of_what_came_sealed(void)
{
    static const struct {
        const char *fact;
        gboolean stands;
    } facts[] = {
        {"192.0.2.17", TRUE},
        {"BACKUP-ADMIN\nat 192.0.2.17", TRUE},
        {"192.0.2.18", FALSE},
        {"", FALSE},
        {" > ", FALSE},
    };
    g_autoptr(GPtrArray) sealed = g_ptr_array_new(), none = g_ptr_array_new();

    g_ptr_array_add(sealed, (gpointer) "another one");
    g_ptr_array_add(sealed, (gpointer)report);
    for (gsize i = 0; i < G_N_ELEMENTS(facts); i++) {
        g_assert_cmpint(taint_stands_in(facts[i].fact, sealed), ==, facts[i].stands);
        g_assert_false(taint_stands_in(facts[i].fact, none));
    }
}

/* Against the definition, on texts of three letters, where much is alike. */
static gboolean stands_in(const char *text, gsize at, const char *other)
{
    g_autofree char *run = g_strndup(text + at, LIMIT_TAINT_RUN);
    return strlen(run) == LIMIT_TAINT_RUN && strstr(other, run);
}

static char *random_text(GRand *random, gsize length)
{
    char *text = g_malloc0(length + 1);

    for (gsize i = 0; i < length; i++)
        text[i] = (char)('a' + (g_rand_int_range(random, 0, 10) < 3));
    return text;
}

static char *expected(const char *text, const char *other)
{
    GString *runs = g_string_new(NULL);
    gsize end = 0;

    for (gsize at = 0; text[at]; at++) {
        if (!stands_in(text, at, other))
            continue;
        for (end = at; stands_in(text, end, other); end++)
            ;
        g_string_append_printf(runs, "%s%.*s", runs->len ? "\n" : "",
            (int)(end - at + LIMIT_TAINT_RUN - 1), text + at);
        at = end;
    }
    return g_string_free(runs, FALSE);
}

static void test_a_value_is_no_piece_of_a_longer_one(void)
{
    static const struct {
        const char *text, *value;
        gboolean has;
    } values[] = {
        {"192.0.2.1", "192.0.2.1", TRUE},
        {"192.0.2.17", "192.0.2.1", FALSE},
        {"1192.0.2.1", "192.0.2.1", FALSE},
        {"192.0.2.17 and 192.0.2.1, both", "192.0.2.1", TRUE},
        {"not-evil.example", "evil.example", FALSE},
        {"evil.example_", "evil.example", FALSE},
        {"http://evil.example/a", "evil.example", TRUE},
        {"犯人はevil.exampleです", "evil.example", TRUE},
        {"", "evil.example", FALSE},
        {"evil.example", "", FALSE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
        g_test_message("%s in %s", values[i].value, values[i].text);
        g_assert_cmpint(taint_has_whole(values[i].text, values[i].value), ==, values[i].has);
    }
}

static void test_is_what_the_definition_says(void)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(20);
    guint hits = 0;

    for (int i = 0; i < 300; i++) {
        g_autofree char *text = random_text(random, 120), *other = random_text(random, 200);
        g_autofree char *is = found(text, other, NULL), *should = expected(text, other);
        g_assert_cmpstr(is, ==, should);
        hits += *is != 0;
    }
    g_assert_cmpuint(hits, >, 20);
    g_assert_cmpuint(hits, <, 300);
}

/* As long as a text may be, and alike everywhere: a search that is not linear takes hours. */
static void test_time_is_linear(void)
{
    g_autofree char *alike = g_strnfill(LIMIT_TEXT_BYTES, 'a');
    g_autofree char *runs = NULL;
    g_autoptr(GString) marks = g_string_new("abcdefghijklmnopqrst");
    g_autofree char *none = NULL;

    runs = found(alike, alike, NULL);
    g_assert_cmpuint(strlen(runs), ==, LIMIT_TEXT_BYTES);
    while (marks->len < LIMIT_TEXT_BYTES)
        g_string_append(marks, "\u0301\u0316");
    none = found("abcdefghijklmnopqrs", marks->str, NULL);
    g_assert_cmpstr(none, ==, "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/taint/a fact has some length", test_a_fact_has_some_length);
    g_test_add_func("/taint/each evasion", test_each_evasion);
    g_test_add_func("/taint/no texts at all", test_no_texts_at_all);
    g_test_add_func(
        "/taint/a fact is a piece of what came sealed", test_a_fact_is_a_piece_of_what_came_sealed);
    g_test_add_func(
        "/taint/a value is no piece of a longer one", test_a_value_is_no_piece_of_a_longer_one);
    g_test_add_func("/taint/is what the definition says", test_is_what_the_definition_says);
    g_test_add_func("/taint/time is linear", test_time_is_linear);
    return g_test_run();
}
