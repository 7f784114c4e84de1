/* Which mails report the same, and which of them join an incident. */
#include "desk-case.h"

#define BODY                                                                                                                           \
    "お客様のアカウントは停止されました。\n本日中に下記のリンクからログインし、ご本人確認を" \
    "お願いいたします。\nhttps://bank.example/login\n"
#define BODY_QUOTED                                                                                                             \
    "> お客様のアカウントは停止されました。\n>\n> 本日中に下記のリンク\n> からログインし、" \
    "ご本人確認をお願いいたします。\n> https://bank.example/login\n"

/* Each reports the same. */
static const char *const same[] = {
    BODY,
    BODY_QUOTED,
    "お疲れ様です。\n\n" BODY "\nよろしくお願いします。\n-- \n営業部 田中\n",
    "これ怪しいです\n\n-----Original Message-----\nFrom: 銀行 <a@bank.example>\nSent: Mon, 5 Jan "
    "2026\nTo: tanaka@sakura.example\nSubject: 重要\n\n" BODY,
    "FYI\n\n---------- Forwarded message ---------\nFrom: 銀行 <a@bank.example>\nDate: 2026\n"
    "Subject: 重要\nTo: <sato@sakura.example>,\n <kato@sakura.example>\n\n" BODY,
    "怪しいメールが届きました。\n差出人： 銀行\n送信日時: 2026年1月5日\n宛先: 佐藤\n件名: "
    "重要\n\n" BODY_QUOTED,
};

static const char *const others[] = {
    "",
    "See attached.\n",
    "From: a\nDate: b\nSubject: c\n\nsee attached\n",
    "お客様のアカウントは停止されました。本日中に下記のリンクからログインし、ご本人確認をお願い"
    "いたします。https://bank.example/login2\n",
};

static char *digest_of(const struct message *message, const struct crypto *crypto)
{
    struct settings settings = team();
    g_autoptr(mado_question) question = desk_ask(message, crypto, &settings);

    return g_strdup(question->alike);
}

static void test_what_is_alike(void)
{
    g_autofree char *first = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(same); i++) {
        g_autoptr(mado_message) message = report();
        g_autofree char *digest = NULL;
        put(&message->text, same[i]);
        digest = digest_of(message, NULL);
        g_test_message("text %" G_GSIZE_FORMAT, i);
        g_assert_cmpstr(digest, !=, "");
        if (!first)
            first = g_strdup(digest);
        g_assert_cmpstr(digest, ==, first);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autoptr(mado_message) message = report();
        g_autofree char *digest = NULL;
        put(&message->text, others[i]);
        digest = digest_of(message, NULL);
        g_assert_cmpstr(digest, !=, first);
        g_assert_true(i == 3 || !*digest);
    }
}

/* Who has more to say than that they pass it on makes a report of their own. */
static void test_own_words_above_what_is_passed_on_count(void)
{
    g_autoptr(mado_message) message = report();
    g_autofree char *passed_on = NULL, *own = NULL;

    put(&message->text, same[2]);
    passed_on = digest_of(message, NULL);
    put(&message->text,
        "I have typed in my password there, and an hour later somebody has sent two payments from "
        "our account. Please call me at once.\n\n-----Original Message-----\nFrom: 銀行 "
        "<a@bank.example>\nSent: Mon, 5 Jan 2026\nSubject: 重要\n\n" BODY);
    own = digest_of(message, NULL);
    g_assert_cmpstr(own, !=, "");
    g_assert_cmpstr(own, !=, passed_on);
}

/* Else the latest, which is of another label, would keep all later ones from the first. */
static void test_what_has_another_label_is_not_alike(void)
{
    g_autoptr(mado_message) message = report();
    g_autofree char *plain = NULL, *red = NULL;

    put(&message->text, BODY);
    plain = digest_of(message, NULL);
    report_add_marking(message->report, &(struct marking){(char *)"TLP", (char *)"RED",
                                            (char *)"TLP:RED", (char *)"subject", FALSE});
    red = digest_of(message, NULL);
    g_assert_cmpstr(red, !=, "");
    g_assert_cmpstr(red, !=, plain);
}

/* A part of what others sent is not enough. */
static void test_links_hashes_and_files_count(void)
{
    g_autoptr(mado_message) message = report();
    g_autofree char *plain = NULL, *with_address = NULL, *with_link = NULL, *with_file = NULL;

    put(&message->text, BODY);
    plain = digest_of(message, NULL);
    report_add_indicator(message->report, INDICATOR_IPV4, "192.0.2.1", "", "text");
    with_address = digest_of(message, NULL);
    report_add_indicator(message->report, INDICATOR_URL, "https://a.example/", "", "text");
    with_link = digest_of(message, NULL);
    g_ptr_array_add(message->attachments, attachment_new("a", "text/plain", 1, "abc"));
    with_file = digest_of(message, NULL);
    g_assert_cmpstr(plain, ==, with_address);
    g_assert_cmpstr(plain, !=, with_link);
    g_assert_cmpstr(with_link, !=, with_file);
}

static void test_what_takes_no_part(void)
{
    g_autoptr(mado_message) message = report();
    g_autoptr(mado_crypto) crypto = crypto_new();
    g_autofree char *sealed = NULL, *is_signed = NULL, *by_machine = NULL, *nobody = NULL,
                    *forged = NULL;

    put(&message->text, BODY);
    crypto->is_signed = EXTENT_FULL;
    is_signed = digest_of(message, crypto);
    g_assert_cmpstr(is_signed, !=, "");
    crypto->encrypted = EXTENT_PARTIAL;
    sealed = digest_of(message, crypto);
    g_assert_cmpstr(sealed, ==, "");
    message->machine = MACHINE_LIST;
    by_machine = digest_of(message, NULL);
    g_assert_cmpstr(by_machine, ==, "");
    message->machine = MACHINE_NO;
    result(message, "mx.sakura.example", "fail");
    forged = digest_of(message, NULL);
    g_assert_cmpstr(forged, ==, "");
    g_ptr_array_set_size(message->auth_results, 0);
    g_ptr_array_set_size(message->from, 0);
    nobody = digest_of(message, NULL);
    g_assert_cmpstr(nobody, ==, "");
}

/* -- joining -- */

static void know_alike(struct history *history, const char *label)
{
    history->alike = g_new0(struct known_incident, 1);
    history->alike->id = 42;
    history->alike->number = g_strdup("2026-0042-K7");
    history->alike->state = g_strdup("new");
    history->alike->label = g_strdup(label);
}

static const struct join_case {
    const char *sentence;
    const char *subject, *label, *dmarc, *text;
    gboolean sealed, by_address, joins;
} cases[] = {
    {"the same report joins", "報告", "TLP:AMBER", NULL, BODY, FALSE, FALSE, TRUE},
    {"who has reported it is not told again", "報告", "TLP:AMBER", NULL, BODY, FALSE, TRUE, TRUE},
    {"a stricter incident is left alone", "報告", "TLP:RED", NULL, BODY, FALSE, FALSE, FALSE},
    {"a laxer incident is not raised", "報告", "TLP:GREEN", NULL, BODY, FALSE, FALSE, FALSE},
    {"a forged sender joins nothing", "報告", "TLP:AMBER", "fail", BODY, FALSE, FALSE, FALSE},
    {"what came sealed joins nothing", "報告", "TLP:AMBER", NULL, BODY, TRUE, FALSE, FALSE},
    {"a short text joins nothing", "報告", "TLP:AMBER", NULL, "See it.", FALSE, FALSE, FALSE},
    {"a number that is mistyped is for a person", "[SAKURA#2026-0042-K8]", "TLP:AMBER", NULL, BODY,
        FALSE, FALSE, FALSE},
    {"a number without proof is for a person", "[SAKURA#2026-0042-K7]", "TLP:AMBER", NULL, BODY,
        FALSE, FALSE, FALSE},
};

static void test_joining(gconstpointer data)
{
    const struct join_case *row = data;
    struct settings settings = team();
    g_autoptr(mado_message) message = report_from("sato@sakura-group.example", row->subject);
    g_autoptr(mado_crypto) crypto = row->sealed ? crypto_new() : NULL;
    g_autoptr(mado_history) history = asked();
    g_autoptr(mado_question) question = NULL;
    g_autoptr(mado_plan) plan = NULL;

    put(&message->text, row->text);
    if (row->dmarc)
        result(message, "mx.sakura.example", row->dmarc);
    if (crypto)
        crypto->encrypted = EXTENT_FULL;
    know_alike(history, row->label);
    history->alike_by_address = row->by_address;
    question = desk_ask(message, crypto, &settings);
    plan = desk_decide(message, crypto, question, history, &settings);
    g_assert_cmpint(g_strcmp0(value_of(plan, ACTION_JOIN, 1), "alike") == 0, ==, row->joins);
    if (!row->joins)
        return;
    g_assert_cmpstr(value_of(plan, ACTION_JOIN, 0), ==, "2026-0042-K7");
    g_assert_null(plan_find(plan, ACTION_OPEN));
    if (row->by_address)
        assert_no_ack(plan, "already");
    else
        g_assert_cmpstr(value_of(plan, ACTION_ACK, 0), ==, "ack-new");
}

/* Its subject may name anything: it adds nothing to another's case. */
static void test_what_joins_refers_to_nothing(void)
{
    g_autoptr(mado_message) message = report();
    g_autoptr(mado_history) history = asked();
    g_autoptr(mado_plan) plan = NULL;

    put(&message->text, BODY);
    report_add_ticket(message->report, "JPCERT/CC", "JPCERT#12345678", "subject");
    know_alike(history, "TLP:AMBER");
    plan = decide(message, history);
    g_assert_cmpstr(value_of(plan, ACTION_JOIN, 1), ==, "alike");
    g_assert_null(plan_find(plan, ACTION_REFERENCE));
}

/* A flood of headers costs no more than its length: where each was tried, it took minutes. */
static void test_many_headers_take_no_time(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(mado_message) message = report();
    g_autofree char *digest = NULL;
    gint64 began = g_get_monotonic_time();

    while (text->len < 250000)
        g_string_append(text, "From: a\nDate: b\nSubject: c\n\n");
    g_string_append(text, BODY);
    put(&message->text, text->str);
    digest = digest_of(message, NULL);
    g_assert_nonnull(digest);
    g_assert_cmpint(g_get_monotonic_time() - began, <, 20 * G_USEC_PER_SEC);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/alike/what is alike", test_what_is_alike);
    g_test_add_func("/alike/own words above what is passed on count",
        test_own_words_above_what_is_passed_on_count);
    g_test_add_func(
        "/alike/what has another label is not alike", test_what_has_another_label_is_not_alike);
    g_test_add_func("/alike/links, hashes and files count", test_links_hashes_and_files_count);
    g_test_add_func("/alike/what takes no part", test_what_takes_no_part);
    g_test_add_func("/alike/what joins refers to nothing", test_what_joins_refers_to_nothing);
    g_test_add_func("/alike/many headers take no time", test_many_headers_take_no_time);
    add_rows("alike", cases, sizeof *cases, G_N_ELEMENTS(cases), test_joining);
    return g_test_run();
}
