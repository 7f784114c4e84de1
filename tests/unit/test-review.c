/* When contacts are asked whether anything has changed, and what they answer. */
#include "review.h"

#define DAY G_GINT64_CONSTANT(86400)

static const struct {
    const char *text;
    enum review_answer answer;
} answers[] = {
    /* as they were asked to */
    {"変更なし\n", REVIEW_UNCHANGED},
    {"no change\n", REVIEW_UNCHANGED},
    {"「変更なし」\n", REVIEW_UNCHANGED},
    {"No change.\n", REVIEW_UNCHANGED},
    {"\"no change\"\n", REVIEW_UNCHANGED},
    {"NO CHANGES!\n", REVIEW_UNCHANGED},
    {"\n\n  変更なし  \n\n", REVIEW_UNCHANGED},
    {"ｎｏ　ｃｈａｎｇｅ\n", REVIEW_UNCHANGED}, /* in wide letters */
    {"変更無し\n", REVIEW_UNCHANGED},
    {"変更なしです。\n", REVIEW_UNCHANGED},
    /* politely */
    {"変更ありません。\n", REVIEW_UNCHANGED},
    {"変更はございません。よろしくお願いいたします。\n", REVIEW_UNCHANGED},
    {"お世話になっております。\nやまぶきの山田です。\n\n登録内容に変更はありません。\n"
     "引き続きよろしくお願いいたします。\n",
        REVIEW_UNCHANGED},
    {"SAKURA-CSIRT "
     "ご担当者様\n\nいつもお世話になっております。株式会社やまぶきの山田でございます。\n"
     "特に変更ございません。\n以上、よろしくお願いいたします。\n",
        REVIEW_UNCHANGED},
    {"ご連絡ありがとうございます。\n確認しましたが、変更点はありません。\n", REVIEW_UNCHANGED},
    {"記載内容に相違ございません。\n", REVIEW_UNCHANGED},
    {"Hello,\n\nthere are no changes.\n\nKind regards,\nAlice\n", REVIEW_UNCHANGED},
    {"Dear SAKURA-CSIRT,\n\nNothing has changed. Thank you for asking.\n\nBest regards,\nAlice "
     "Example\n",
        REVIEW_UNCHANGED},
    {"No change, thanks.\n", REVIEW_UNCHANGED},
    {"Everything is still correct.\n", REVIEW_UNCHANGED},
    /* our letter below */
    {"変更なし\n\n2026年11月20日(金) 18:42 SAKURA-CSIRT <csirt@sakura.example>:\n> (4) 電話 "
     "03-0000-0100\n"
     "> 変更がある場合\n",
        REVIEW_UNCHANGED},
    {"no change\n\nOn Fri, 20 Nov 2026 at 18:42, SAKURA-CSIRT <csirt@sakura.example> wrote:\n"
     "> (4) Phone, day +81-3-0000-0100\n> If something has changed\n",
        REVIEW_UNCHANGED},
    {"no change\n-----Original Message-----\nFrom: SAKURA-CSIRT\n(4) Phone\nplease change\n",
        REVIEW_UNCHANGED},
    {"変更なし\n差出人: SAKURA-CSIRT\n(4) 電話\n", REVIEW_UNCHANGED},
    /* who has written it */
    {"変更なし\n-- \n山田 太郎\n株式会社やまぶき 情報システム部\nTEL 03-1234-5678\n",
        REVIEW_UNCHANGED},
    {"変更ありません。\n\n==========\n山田 太郎\nTEL: 03-1234-5678 FAX: 03-1234-5679\n"
     "taro@yamabuki.example\n==========\n",
        REVIEW_UNCHANGED},
    {"変更なし\n━━━━━━━━\n山田 太郎\nTEL 03-1234-5678\n", REVIEW_UNCHANGED},
    {"no change\n\nRegards,\nAlice Example\nPeer CSIRT\n+81-3-0000-0100\n", REVIEW_UNCHANGED},
    {"no change\nAlice\n", REVIEW_UNCHANGED},
    {"変更なし\n\n山田\n", REVIEW_UNCHANGED},
    /* something else: for a person */
    {"", REVIEW_CHANGED},
    {"\n", REVIEW_CHANGED},
    {"了解しました。\n", REVIEW_CHANGED},
    {"ok\n", REVIEW_CHANGED},
    {"変更あり\n", REVIEW_CHANGED},
    {"変更があります。\n", REVIEW_CHANGED},
    {"変更なしではありません。\n", REVIEW_CHANGED},
    {"変更なし、ただし電話番号は 03-1111-2222 です。\n", REVIEW_CHANGED},
    {"変更なし\nなお、夜間の電話は 03-1111-2222 です。\n", REVIEW_CHANGED},
    {"メールは変更なし。電話は変更になりました。\n", REVIEW_CHANGED},
    {"変更なし\n(4) 電話 03-1111-2222\n", REVIEW_CHANGED},
    {"変更なし\n（４）電話 03-1111-2222\n", REVIEW_CHANGED},
    {"変更なし\n電話 03-1111-2222\n", REVIEW_CHANGED},
    {"変更なし\n-- \n山田\n新しい電話 03-1111-2222\n", REVIEW_CHANGED},
    {"担当外\n後任は鈴木です。\n", REVIEW_CHANGED},
    {"変更なし\n担当外です。\n", REVIEW_CHANGED},
    {"電話番号以外は変更なし\n", REVIEW_CHANGED},
    {"変更はありませんか。\n", REVIEW_CHANGED},
    {"変更はありませんでしたが、来月変わります。\n", REVIEW_CHANGED},
    {"not me\n", REVIEW_CHANGED},
    {"no change except the phone: +81-3-1111-2222\n", REVIEW_CHANGED},
    {"No change. But Alice has left us.\n", REVIEW_CHANGED},
    {"No change?\n", REVIEW_CHANGED},
    {"no change needed from you, our phone moved to +81-3-1111-2222\n", REVIEW_CHANGED},
    {"no change\n\nRegards,\nAlice\n\nP.S. my phone is +81-3-1111-2222\n", REVIEW_CHANGED},
    {"no change\nOur key is another one since Monday.\n", REVIEW_CHANGED},
    {"We cannot say that there is no change.\n", REVIEW_CHANGED},
    {"> no change\n", REVIEW_CHANGED}, /* that is what we wrote */
    {"On Fri, 20 Nov 2026, SAKURA-CSIRT wrote:\n> reply with \"no change\"\n", REVIEW_CHANGED},
    {"On Fri, 20 Nov 2026, SAKURA-CSIRT wrote:\n> (4) Phone\nno change\n", REVIEW_CHANGED},
    {"I am out of the office until Monday.\n", REVIEW_CHANGED},
};

static void test_answers(void)
{
    guint wrong = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(answers); i++)
        if (review_read(answers[i].text) != answers[i].answer && ++wrong)
            g_test_message(
                "\"%s\" is not %s", answers[i].text, review_answer_name(answers[i].answer));
    g_assert_cmpuint(wrong, ==, 0);
}

/* Any bytes are a text that a person reads. */
static void test_anything(void)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(7);
    static const char *const pieces[] = {"変更", "なし", "no ", "change", "\n", "> ", "-- ", "(4)",
        "。", "but", " ", "様", "?", "０", "::", "@", "ー"};

    for (int i = 0; i < 20000; i++) {
        g_autoptr(GString) text = g_string_new(NULL);
        for (int left = g_rand_int_range(random, 0, 12); left > 0; left--)
            g_string_append(text, pieces[g_rand_int_range(random, 0, (int)G_N_ELEMENTS(pieces))]);
        g_assert_cmpint(review_read(text->str), <, REVIEW_ANSWERS);
    }
}

static gint64 at(const char *text)
{
    g_autoptr(GTimeZone) tokyo = g_time_zone_new_identifier("Asia/Tokyo");
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, tokyo);

    g_assert_nonnull(time);
    return g_date_time_to_unix(time);
}

static gint64 due(const struct review_facts *facts, gint64 every, const char *dates)
{
    g_autoptr(GTimeZone) tokyo = g_time_zone_new_identifier("Asia/Tokyo");
    g_auto(GStrv) list = *dates ? g_strsplit(dates, " ", -1) : g_new0(char *, 1);

    return review_due(facts, &(struct review_cycle){every, list, tokyo});
}

#define NOON(day) at(day "T12:00:00")
#define MIDNIGHT(day) at(day "T00:00:00")

static void test_cycle(void)
{
    struct review_facts facts = {.created_at = NOON("2026-01-10")};

    g_assert_cmpint(due(&facts, 0, ""), ==, G_MAXINT64);
    g_assert_cmpint(due(&facts, 90 * DAY, ""), ==, NOON("2026-01-10") + 90 * DAY);
    facts.verified_at = NOON("2026-02-10");
    g_assert_cmpint(due(&facts, 90 * DAY, ""), ==, NOON("2026-02-10") + 90 * DAY);
    facts.reviewed_at = NOON("2026-03-10");
    g_assert_cmpint(due(&facts, 90 * DAY, ""), ==, NOON("2026-03-10") + 90 * DAY);
    facts.asked_at = NOON("2026-06-08"); /* who does not answer is not asked each day */
    g_assert_cmpint(due(&facts, 90 * DAY, ""), ==, NOON("2026-06-08") + 90 * DAY);
}

static void test_dates(void)
{
    struct review_facts facts = {.verified_at = NOON("2026-01-10")};

    g_assert_cmpint(due(&facts, 0, "04-01 10-01"), ==, MIDNIGHT("2026-04-01"));
    g_assert_cmpint(due(&facts, 30 * DAY, "04-01"), ==, NOON("2026-01-10") + 30 * DAY);
    facts.asked_at = MIDNIGHT("2026-04-01");
    g_assert_cmpint(due(&facts, 0, "04-01 10-01"), ==, MIDNIGHT("2026-10-01"));
    facts.asked_at = MIDNIGHT("2026-10-01");
    g_assert_cmpint(due(&facts, 0, "04-01 10-01"), ==, MIDNIGHT("2027-04-01"));
    facts.verified_at = NOON("2027-03-25"); /* a week ago */
    g_assert_cmpint(due(&facts, 0, "04-01 10-01"), ==, MIDNIGHT("2027-10-01"));
    facts.verified_at = NOON("2027-10-02"); /* 2028 has that day */
    g_assert_cmpint(due(&facts, 0, "02-29"), ==, MIDNIGHT("2028-02-29"));
    facts.verified_at = NOON("2028-03-02"); /* and 2029 has not */
    g_assert_cmpint(due(&facts, 0, "02-29"), ==, MIDNIGHT("2029-03-01"));
}

static void test_keys(void)
{
    struct review_facts facts = {.verified_at = NOON("2026-01-10"), .key_ends = NOON("2026-06-30")};

    g_assert_cmpint(due(&facts, 365 * DAY, ""), ==, NOON("2026-05-31"));
    g_assert_cmpint(due(&facts, 0, ""), ==, NOON("2026-05-31"));
    facts.asked_at = NOON("2026-05-31");
    g_assert_cmpint(due(&facts, 0, ""), ==, G_MAXINT64);
    facts.key_ends = NOON("2027-06-30"); /* another one was pinned */
    g_assert_cmpint(due(&facts, 0, ""), ==, NOON("2027-05-31"));
}

/* Who answers is no proof of who they are. */
static void test_since(void)
{
    struct review_facts facts = {.created_at = 5, .asked_at = 20, .reviewed_at = 30};

    g_assert_cmpint(review_since(&facts), ==, 0);
    facts.verified_at = 10;
    g_assert_cmpint(review_since(&facts), ==, 30);
    facts.verified_at = 40;
    g_assert_cmpint(review_since(&facts), ==, 40);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/review/what they answer", test_answers);
    g_test_add_func("/review/any text is read", test_anything);
    g_test_add_func("/review/on a cycle", test_cycle);
    g_test_add_func("/review/on dates", test_dates);
    g_test_add_func("/review/before a key ends", test_keys);
    g_test_add_func("/review/since when it is known", test_since);
    return g_test_run();
}
