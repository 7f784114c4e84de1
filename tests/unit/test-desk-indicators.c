#include "desk-case.h"

static char *own[] = {(char *)"10.9.0.0/16", (char *)"2001:db9::/32", (char *)"sakura.example.jp",
    (char *)"soc@partner.co.jp", NULL};

static struct message *mail_with(const char *const *values, const enum indicator_kind *kinds)
{
    struct message *message = report_from("hanako@yamabuki.co.jp", "報告");

    g_ptr_array_add(message->reply_to, mailbox_new("", "Soc@answers.co.jp"));
    g_free(message->return_path);
    message->return_path = g_strdup("bounces@relay.co.jp");
    for (gsize i = 0; values[i]; i++)
        report_add_indicator(message->report, kinds[i], values[i], values[i], "text");
    return message;
}

/* Is it kept? */
static gboolean keeps(enum indicator_kind kind, const char *value, const char *documentation)
{
    struct settings settings = team();
    g_autoptr(mado_message) message =
        mail_with((const char *const[]){value, NULL}, (enum indicator_kind[]){kind});

    settings.indicators.own = own;
    settings.indicators.documentation = (char *)documentation;
    desk_leave_out(message, &settings);
    return message->report->indicators->len == 1;
}

static const struct {
    enum indicator_kind kind;
    const char *value;
    gboolean kept, kept_with_examples;
} cases[] = {
    {INDICATOR_IPV4, "198.18.0.1", TRUE, TRUE},
    {INDICATOR_IPV4, "10.8.0.1", TRUE, TRUE}, /* private, and says which machine it was */
    {INDICATOR_IPV4, "10.9.255.1", FALSE, FALSE},
    {INDICATOR_IPV4, "192.0.2.1", FALSE, TRUE},
    {INDICATOR_IPV4, "192.0.3.1", TRUE, TRUE},
    {INDICATOR_IPV4, "198.51.100.255", FALSE, TRUE},
    {INDICATOR_IPV4, "203.0.113.1", FALSE, TRUE},
    {INDICATOR_IPV6, "2001:db8::1", FALSE, TRUE},
    {INDICATOR_IPV6, "2001:db9::1", FALSE, FALSE},
    {INDICATOR_IPV6, "2001:dba::1", TRUE, TRUE},
    {INDICATOR_CIDR, "192.0.2.0/25", FALSE, TRUE},
    {INDICATOR_CIDR, "192.0.0.0/16", TRUE, TRUE},
    {INDICATOR_CIDR, "10.9.0.0/16", FALSE, FALSE},
    {INDICATOR_CIDR, "10.0.0.0/8", TRUE, TRUE},
    {INDICATOR_DOMAIN, "evil.co.jp", TRUE, TRUE},
    {INDICATOR_DOMAIN, "www.evil.example", FALSE, TRUE},
    {INDICATOR_DOMAIN, "www.example.com", FALSE, TRUE},
    {INDICATOR_DOMAIN, "notexample.com", TRUE, TRUE},
    {INDICATOR_DOMAIN, "sakura.example.jp", FALSE, FALSE},
    {INDICATOR_DOMAIN, "www.sakura.example.jp", FALSE, FALSE},
    {INDICATOR_DOMAIN, "notsakura.example.jp", TRUE, TRUE},
    {INDICATOR_DOMAIN, "yamabuki.co.jp", FALSE, FALSE}, /* From */
    {INDICATOR_DOMAIN, "www.yamabuki.co.jp", TRUE, TRUE},
    {INDICATOR_URL, "http://evil.co.jp/", TRUE, TRUE},
    {INDICATOR_URL, "http://evil.co.jp/?u=www.sakura.example.jp", TRUE, TRUE},
    {INDICATOR_URL, "http://u@www.sakura.example.jp:8080/x", FALSE, FALSE},
    {INDICATOR_URL, "sakura.example.jp/x", FALSE, FALSE},
    {INDICATOR_URL, "http://[2001:db9::1]:81/x", FALSE, FALSE},
    {INDICATOR_URL, "http://192.0.2.1/x", FALSE, TRUE},
    {INDICATOR_URL, "http://yamabuki.co.jp/x", TRUE, TRUE},
    {INDICATOR_MAIL, "mallory@evil.co.jp", TRUE, TRUE},
    {INDICATOR_MAIL, "hanako@yamabuki.co.jp", FALSE, FALSE}, /* From */
    {INDICATOR_MAIL, "soc@answers.co.jp", FALSE, FALSE},     /* Reply-To */
    {INDICATOR_MAIL, "bounces@relay.co.jp", FALSE, FALSE},   /* Return-Path */
    {INDICATOR_DOMAIN, "answers.co.jp", TRUE, TRUE},
    {INDICATOR_MAIL, "taro@yamabuki.co.jp", TRUE, TRUE},
    {INDICATOR_MAIL, "csirt@sakura.example", FALSE, FALSE},
    {INDICATOR_MAIL, "soc@sakura.example", FALSE, FALSE}, /* an alias */
    {INDICATOR_MAIL, "soc@partner.co.jp", FALSE, FALSE},
    {INDICATOR_MAIL, "x@partner.co.jp", TRUE, TRUE},
    {INDICATOR_MAIL, "a@b.example", FALSE, TRUE},
    {INDICATOR_ASN, "AS64496", FALSE, TRUE},
    {INDICATOR_ASN, "AS64512", TRUE, TRUE},
    {INDICATOR_ASN, "AS65551", FALSE, TRUE},
    {INDICATOR_CVE, "CVE-2026-1234", TRUE, TRUE},
    {INDICATOR_MD5, "d41d8cd98f00b204e9800998ecf8427e", TRUE, TRUE},
};

static void test_what_is_no_indicator_here(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].value);
        g_assert_cmpint(keeps(cases[i].kind, cases[i].value, "no"), ==, cases[i].kept);
        g_assert_cmpint(
            keeps(cases[i].kind, cases[i].value, "yes"), ==, cases[i].kept_with_examples);
    }
}

static void test_the_others_keep_their_order(void)
{
    struct settings settings = team();
    g_autoptr(mado_message) message =
        mail_with((const char *const[]){"198.18.0.1", "192.0.2.1", "198.18.0.2", NULL},
            (enum indicator_kind[]){INDICATOR_IPV4, INDICATOR_IPV4, INDICATOR_IPV4});
    const struct indicator *one;

    desk_leave_out(message, &settings);
    g_assert_cmpuint(message->report->indicators->len, ==, 2);
    one = message->report->indicators->pdata[1];
    g_assert_cmpstr(one->value, ==, "198.18.0.2");
}

/* Of who writes: their addresses, and the domain of their From. What is ours stays out. */
static void test_the_reporters_own_where_it_is_wanted(void)
{
    static const char *const values[] = {"hanako@yamabuki.co.jp", "soc@answers.co.jp",
        "bounces@relay.co.jp", "yamabuki.co.jp", "soc@partner.co.jp", NULL};
    static const enum indicator_kind kinds[] = {
        INDICATOR_MAIL, INDICATOR_MAIL, INDICATOR_MAIL, INDICATOR_DOMAIN, INDICATOR_MAIL};
    static const struct {
        const char *reporter;
        guint kept;
    } rows[] = {{"no", 0}, {"yes", 4}};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct settings settings = team();
        g_autoptr(mado_message) message = mail_with(values, kinds);
        settings.indicators.own = own;
        settings.indicators.reporter = (char *)rows[i].reporter;
        desk_leave_out(message, &settings);
        g_assert_cmpuint(message->report->indicators->len, ==, rows[i].kept);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/desk/what is no indicator here", test_what_is_no_indicator_here);
    g_test_add_func(
        "/desk/the reporter's own where it is wanted", test_the_reporters_own_where_it_is_wanted);
    g_test_add_func("/desk/the others keep their order", test_the_others_keep_their_order);
    return g_test_run();
}
