/* Search: words, pairs of characters, and what must not be found. */
#include "store-help.h"
#include "words.h"
#include <mado/limits.h>

static void test_text_is_cut_into_words(void)
{
    static const struct {
        const char *text, *words;
    } rows[] = {
        {"", ""},
        {"Hello, World", "hello world "},
        {"改ざん", "改ざ ざん ん "},
        {"改", "改 "},
        {"Webサイトの", "web サイ イト トの の "},
        {"ﾌｨｯｼﾝｸﾞ", "フィ ィッ ッシ シン ング グ "}, /* half-width kana */
        {"ＡＢＣ１２", "abc12 "},
        {"改ざ\nん", "改ざ ざん ん "}, /* a wrapped line */
        {"改ざ\n\nん", "改ざ ざ ん "}, /* a paragraph */
        {"改\nabc", "改 abc "},
        {"サーバー", "サー ーバ バー ー "},
        {"192.0.2.80", "192 0 2 80 "},
        {"http://www.yamabuki.example/a?b=1", "http www yamabuki example a b 1 "},
        {"Stra\u00dfe", "strasse "},
        {"e\u0301", "\u00e9 "},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GString) words = g_string_new(NULL);
        words_append(words, rows[i].text);
        g_assert_cmpstr(words->str, ==, rows[i].words);
    }
}

static void test_a_search_is_never_syntax(void)
{
    static const struct {
        const char *text, *query;
    } rows[] = {
        {"", ""},
        {"a b", "\"a\" AND \"b\""},
        {"\"a b\" c", "\"a b\" AND \"c\""},
        {"“a b”", "\"a b\""},
        {"\"a b", "\"a b\""},
        {"a OR b", "\"a\" AND \"or\" AND \"b\""},
        {"NEAR(a b)", "\"near a\" AND \"b\""},
        {"words:a*", "\"words a\""},
        {"^-+*:(){}\"\"';", ""},
        {"改", "\"改\" *"},
        {"改ざん", "\"改ざ ざん\""},
        {"web改", "\"web 改\" *"},
        {"SAKURA#2026-0042-K7", "\"2026 0042 k7\""},
        {"SAKURA＃2026-0042", "\"2026 0042\""},
        {"case#42", "\"case 42\""},
        {"改ざん　確認", "\"改ざ ざん\" AND \"確認\""},
        {"\xff\xfe", ""},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *query = words_query(rows[i].text);
        g_assert_cmpstr(query, ==, rows[i].query);
    }
}

static void test_marks_without_end_do_not_cost_without_end(void)
{
    g_autoptr(GString) text = g_string_new("a");
    g_autoptr(GString) words = g_string_new(NULL);
    gint64 start = g_get_monotonic_time();

    while (text->len < LIMIT_TEXT_INDEXED) /* the order in which they must not stay */
        g_string_append(text, text->len < LIMIT_TEXT_INDEXED / 2 ? "\u0301" : "\u0323");
    words_append(words, text->str);
    g_assert_cmpint(g_get_monotonic_time() - start, <, 10 * G_USEC_PER_SEC);
}

static int found(struct store *store, const char *words)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) incidents = store_search(store, words, 100, &error);

    g_assert_no_error(error);
    return (int)incidents->len;
}

static void check_found(struct store *store, const char *words, int expected)
{
    int got = found(store, words);

    if (got != expected)
        g_error("\"%s\" found %d, not %d", words, got, expected);
}

/* Two incidents, the first of them with a second mail and an attachment. */
static void keep_two_incidents(struct store *store)
{
    g_autoptr(mado_message) message = letter_from("x@other.example", "Re:", "a second mail");
    guint64 one = 0, two = 0, later;

    g_ptr_array_add(
        message->attachments, attachment_new("invoice.pdf", "application/pdf", 1, "00"));
    MUST(store_begin(store, &error));
    report(store, "Webサイト改ざんの件",
        "貴社Webサイトが改ざ\nんされています。東京都\n192.0.2.80 phishing", "TLP:AMBER", &one);
    report(
        store, "ﾌｨｯｼﾝｸﾞ", "a Phishing page: http://www.yamabuki.example/login", "TLP:GREEN", &two);
    later = take(store, "later");
    MUST(store_keep_message(store, later, message, "00", &error));
    MUST(store_settle_mail(store, later, LEDGER_INCIDENT, one, "", "", NOW, &error));
    MUST(store_commit(store, &error));
}

static void test_incidents_are_found_by_what_they_say(void)
{
    static const struct {
        const char *words;
        int found;
    } rows[] = {
        {"改ざん", 1},
        {"改竄", 0},
        {"ざん", 1},
        {"改", 1},
        {"ん", 1},
        {"京", 1},
        {"東京都", 1},
        {"京都", 1}, /* 東京都 has that pair */
        {"東都", 0}, /* but not this */
        {"\"東京 都\"", 0},
        {"貴社Webサイト", 1},
        {"貴社 サイト", 1}, /* all words */
        {"貴社 phishing", 1},
        {"貴社 login", 0},
        {"phishing", 2},
        {"PHISHING", 2},
        {"phish", 0}, /* whole words */
        {"\"phishing page\"", 1},
        {"\"page phishing\"", 0},
        {"192.0.2.80", 1},
        {"192.0.2.8", 0},
        {"192.0.2", 1},
        {"yamabuki.example", 2},
        {"www.yamabuki.example", 1},
        {"hanako@yamabuki.example", 2},
        {"http://www.yamabuki.example/login", 1},
        {"login", 1},
        {"invoice.pdf", 1}, /* an attachment */
        {"2026-0002-K7", 1},
        {"SAKURA#2026-0002-K7", 1},
        {"2026-0001", 1},
        {"フィッシング", 1},
        {"second", 1}, /* a later mail of the first incident */
        {"山吹", 2},
        {"", 0},
        {"\"", 0},
        {"*", 0},
        {"nothing", 0},
    };
    struct place place = place_new();

    keep_two_incidents(place.store);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        check_found(place.store, rows[i].words, rows[i].found);
    MUST(store_check(place.store, &error));
    place_clear(&place);
}

static void test_red_is_not_indexed(void)
{
    struct place place = place_new();
    guint64 red = 0, amber = 0, mail;

    MUST(store_begin(place.store, &error));
    mail = report(place.store, "極秘の件", "secret words", "TLP:RED", &red);
    report(place.store, "極秘でない件", "other words", "TLP:AMBER", &amber);
    check_found(place.store, "words", 1);
    check_found(place.store, "secret", 0);
    check_found(place.store, "極秘", 1);
    check_found(place.store, "2026-0001-K7", 0);
    /* the label rises: its words go, of all its mails */
    report(place.store, "続報", "third words", "TLP:AMBER", &amber);
    check_found(place.store, "third", 1);
    MUST(store_set_incident(place.store, amber, "label", "TLP:RED", NOW, &error));
    check_found(place.store, "words", 0);
    check_found(place.store, "third", 0);
    check_found(place.store, "極秘", 0);
    /* a mail that joins is not indexed either */
    report(place.store, "続々報", "fourth words", "TLP:RED", &amber);
    check_found(place.store, "fourth", 0);
    /* and falls again */
    MUST(store_set_incident(place.store, amber, "label", "TLP:AMBER", NOW, &error));
    check_found(place.store, "third", 1);
    check_found(place.store, "fourth", 1);
    check_found(place.store, "secret", 0);
    /* kept all the same */
    g_assert_cmpint(count(place.store, "SELECT count(*) FROM message WHERE text <> ''"), ==, 4);
    /* a mail that moves to another incident takes its words along */
    MUST(store_settle_mail(place.store, mail, LEDGER_INCIDENT, amber, "", "moved", NOW, &error));
    check_found(place.store, "secret", 1);
    MUST(store_settle_mail(place.store, mail, LEDGER_PENDING, 0, "", "moved", NOW, &error));
    check_found(place.store, "secret", 0);
    MUST(store_commit(place.store, &error));
    MUST(store_check(place.store, &error));
    place_clear(&place);
}

static void test_the_index_follows_a_new_subject_and_a_new_reading(void)
{
    struct place place = place_new();
    g_autoptr(mado_message) again = letter_from("hanako@yamabuki.example", "new", "decrypted");
    guint64 incident = 0, mail;

    MUST(store_begin(place.store, &error));
    mail = report(place.store, "first", "ciphertext", "TLP:AMBER", &incident);
    MUST(store_set_incident(place.store, incident, "subject", "renamed", NOW, &error));
    check_found(place.store, "renamed", 1);
    check_found(place.store, "first", 1); /* the mail still says so */
    MUST(store_keep_message(place.store, mail, again, "00", &error));
    check_found(place.store, "first", 0);
    check_found(place.store, "ciphertext", 0);
    check_found(place.store, "decrypted", 1);
    place_clear(&place);
}

static gint64 left_of(struct store *store, const char *word)
{
    g_autofree char *sql =
        g_strdup_printf("SELECT count(*) FROM search_words WHERE term = '%s' AND doc > 0", word);
    int made = sqlite3_exec(store->db,
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.search_words USING fts5vocab"
        " ('main', 'search', 'row')",
        NULL, NULL, NULL);

    g_assert_cmpint(made, ==, SQLITE_OK);
    return count(store, sql);
}

/* What was told by telephone stands with the incident, and goes with it into another one. */
static void test_what_was_told_moves_with_its_words(void)
{
    struct place place = place_new();
    char none[] = "";
    guint64 part = 0, whole = 0;
    gboolean kept;
    struct told told = {.way = (char *)"phone", .actor = (char *)"suzuki", .at = NOW};
    struct merge merge = {
        .actor = (char *)"suzuki", .reason = none, .at = NOW, .label = (char *)"TLP:AMBER"};

    for (int i = 0; i < TOLD_ANSWERS; i++)
        told.answer[i] = none;
    told.answer[TOLD_WHAT] = (char *)"zanzibar";
    MUST(store_begin(place.store, &error));
    report(place.store, "part", "one", "TLP:AMBER", &part);
    report(place.store, "whole", "two", "TLP:AMBER", &whole);
    told.incident = merge.incident = part;
    merge.target = whole;
    MUST(store_add_told(place.store, &told, &error));
    MUST(store_merge(place.store, &merge, &error));
    MUST(store_set_incident(place.store, part, "label", "TLP:RED", NOW, &error));
    check_found(place.store, "zanzibar", 1); /* in the whole, which has it now */
    MUST(store_set_incident(place.store, whole, "label", "TLP:RED", NOW, &error));
    check_found(place.store, "zanzibar", 0);
    MUST(store_set_incident(place.store, whole, "label", "TLP:AMBER", NOW, &error));
    MUST(store_merge_undo(place.store, &merge, NOW, &kept, &error));
    check_found(place.store, "zanzibar", 1);
    MUST(store_set_incident(place.store, whole, "label", "TLP:RED", NOW, &error));
    check_found(place.store, "zanzibar", 1); /* it came back */
    MUST(store_set_incident(place.store, part, "label", "TLP:RED", NOW, &error));
    g_assert_cmpint(left_of(place.store, "zanzibar"), ==, 0);
    MUST(store_commit(place.store, &error));
    MUST(store_check(place.store, &error));
    place_clear(&place);
}

static void test_only_the_beginning_of_a_long_text_is_indexed(void)
{
    struct place place = place_new();
    g_autoptr(GString) text = g_string_new("beginning ");
    guint64 incident = 0;

    while (text->len < LIMIT_TEXT_INDEXED)
        g_string_append(text, "山 ");
    g_string_append(text, "ending");
    MUST(store_begin(place.store, &error));
    report(place.store, "long", text->str, "TLP:AMBER", &incident);
    check_found(place.store, "beginning", 1);
    check_found(place.store, "ending", 0);
    MUST(store_set_incident(place.store, incident, "label", "TLP:RED", NOW, &error));
    check_found(place.store, "beginning", 0);
    MUST(store_commit(place.store, &error));
    MUST(store_check(place.store, &error));
    place_clear(&place);
}

/* Each of these characters stands for six, each of them in a pair of its own. */
static void test_a_text_that_swells_is_kept_all_the_same(void)
{
    struct place place = place_new();
    g_autoptr(GString) text = g_string_new("beginning ");
    guint64 incident = 0;

    while (text->len < LIMIT_TEXT_INDEXED)
        g_string_append(text, "㌖");
    MUST(store_begin(place.store, &error));
    report(place.store, text->str, text->str, "TLP:AMBER", &incident);
    check_found(place.store, "beginning", 1);
    check_found(place.store, "キロメートル", 1);
    MUST(store_set_incident(place.store, incident, "label", "TLP:RED", NOW, &error));
    check_found(place.store, "beginning", 0);
    check_found(place.store, "キロメートル", 0);
    MUST(store_commit(place.store, &error));
    MUST(store_check(place.store, &error));
    place_clear(&place);
}

static void test_the_newest_come_first_and_no_more_than_asked(void)
{
    struct place place = place_new();
    g_autoptr(GPtrArray) incidents = NULL;

    MUST(store_begin(place.store, &error));
    for (int i = 0; i < 5; i++) {
        g_autofree char *text = g_strdup_printf("same %d", i);
        guint64 incident = 0;
        report(place.store, "件名", text, "TLP:AMBER", &incident);
        report(place.store, "件名", g_strrstr(text, "e"), "TLP:AMBER", &incident);
    }
    incidents = store_search(place.store, "件名", 3, NULL);
    g_assert_cmpint(incidents->len, ==, 3);
    g_assert_cmpint(((struct incident *)incidents->pdata[0])->sequence, ==, 5);
    g_assert_cmpint(((struct incident *)incidents->pdata[2])->sequence, ==, 3);
    place_clear(&place);
}

static void test_any_text_may_be_searched_for(void)
{
    struct place place = place_new();
    g_autofree char *large = g_strnfill(5000, 'a');
    guint64 incident = 0;

    MUST(store_begin(place.store, &error));
    report(place.store, "s", "t", "TLP:AMBER", &incident);
    MUST_FAIL(store_search(place.store, large, 10, &error), MADO_E_USAGE);
    for (int i = 0; i < 3000; i++) {
        static const char *const bits[] = {"\"", "*", "(", ")", "AND ", "OR ", "NOT ", "NEAR(",
            "改", "a", " ", ":", "^", "-", "\xff", "'", ",", "ん", "#", "{", "}", "+", "\n",
            "\u0301"};
        g_autoptr(GString) words = g_string_new(NULL);
        for (int k = g_test_rand_int_range(0, 12); k > 0; k--)
            g_string_append(words, bits[g_test_rand_int_range(0, G_N_ELEMENTS(bits))]);
        found(place.store, words->str);
    }
    place_clear(&place);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/words/text is cut", test_text_is_cut_into_words);
    g_test_add_func("/words/never syntax", test_a_search_is_never_syntax);
    g_test_add_func("/words/marks without end", test_marks_without_end_do_not_cost_without_end);
    g_test_add_func("/search/by what they say", test_incidents_are_found_by_what_they_say);
    g_test_add_func("/search/red is not indexed", test_red_is_not_indexed);
    g_test_add_func(
        "/search/follows changes", test_the_index_follows_a_new_subject_and_a_new_reading);
    g_test_add_func("/search/told", test_what_was_told_moves_with_its_words);
    g_test_add_func("/search/long text", test_only_the_beginning_of_a_long_text_is_indexed);
    g_test_add_func("/search/a text that swells", test_a_text_that_swells_is_kept_all_the_same);
    g_test_add_func("/search/newest first", test_the_newest_come_first_and_no_more_than_asked);
    g_test_add_func("/search/any text", test_any_text_may_be_searched_for);
    return g_test_run();
}
