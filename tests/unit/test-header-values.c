/* What the fields of a header hold: addresses, message ids, parameters. */
#include "header.h"
#include "share.h"
#include <mado/limits.h>
#include <string.h>

struct row {
    const char *raw, *text;
};

/* "name|addr" of all mailboxes, one a line. */
static char *show_addresses(const char *raw)
{
    g_autoptr(GPtrArray) found = header_decode_addresses(raw);
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < found->len; i++) {
        const struct mailbox *mailbox = found->pdata[i];
        g_assert_true(g_utf8_validate(mailbox->name, -1, NULL));
        g_assert_true(g_utf8_validate(mailbox->addr, -1, NULL));
        g_string_append_printf(out, "%s%s|%s", i ? "\n" : "", mailbox->name, mailbox->addr);
    }
    return g_string_free(out, FALSE);
}

static void test_addresses(void)
{
    static const struct row rows[] = {
        {"taro@yama.example", "|taro@yama.example"},
        {"<taro@yama.example>", "|taro@yama.example"},
        {"Taro Yama <taro@yama.example>", "Taro Yama|taro@yama.example"},
        {"\"Yama, Taro\" <taro@yama.example>", "Yama, Taro|taro@yama.example"},
        {"\"a \\\"b\\\" c\" <t@yama.example>", "a \"b\" c|t@yama.example"},
        {"t@yama.example (Taro (T) Yama)", "Taro (T) Yama|t@yama.example"},
        {"T (x) Y <t@yama.example> (z)", "T  Y|t@yama.example"},
        {"a@x.example, B <b@y.example>,, c@z.example", "|a@x.example\nB|b@y.example\n|c@z.example"},
        {"a@x.example; b@y.example", "|a@x.example\n|b@y.example"},
        {"team: a@x.example, B <b@y.example>; c@z.example",
            "|a@x.example\nB|b@y.example\n|c@z.example"},
        {"undisclosed-recipients:;", ""},
        {"<@one.example,@two.example:t@yama.example>", "|t@yama.example"},
        {"\"john doe\"@yama.example", "|\"john doe\"@yama.example"},
        {"J <\"john doe\"@yama.example>", "J|\"john doe\"@yama.example"},
        {"t@[192.0.2.1], u@[IPv6:2001:db8::1]", "|t@[192.0.2.1]\n|u@[IPv6:2001:db8::1]"},
        {"taro @ yama . example", "|taro@yama.example"},
        {"<taro@\r\n yama.example>", "|taro@yama.example"},
        {"t.yama@日本.example", "|t.yama@日本.example"},
        {"", ""},
        {" , ;", ""},
        /* as they are really written */
        {"Taro t@yama.example", "Taro|t@yama.example"},
        {"a@x.example b@y.example", "|a@x.example\n|b@y.example"},
        {"Taro <t@yama.example", "Taro|t@yama.example"},
        {"A <a@x.example, B <b@y.example>", "A|a@x.example\nB|b@y.example"},
        {"\"Taro <t@yama.example>", "Taro|t@yama.example"},
        {"Taro (T <t@yama.example>", "Taro (T|t@yama.example"},
        {"Cron Daemon <root>", "Cron Daemon|"},
        {"MAILER-DAEMON", "MAILER-DAEMON|"},
        {"<MAILER-DAEMON>", "MAILER-DAEMON|"},
        {"<>", ""},
        {"=?UTF-8?B?5bGx55Sw?= <t@yama.example>", "山田|t@yama.example"},
        {"\"=?UTF-8?B?5bGx55Sw?=\" <t@yama.example>", "山田|t@yama.example"},
        {"=?UTF-8?Q?Yama,_Taro?= <t@yama.example>", "Yama, Taro|t@yama.example"},
        {"=?UTF-8?Q?<x@y.example>?= <t@yama.example>", "<x@y.example>|t@yama.example"},
        {"t@yama.example (=?UTF-8?B?5bGx55Sw?=)", "山田|t@yama.example"},
        {"\033$B;3ED\033(B <t@yama.example>", "山田|t@yama.example"},
        {"\"\x8e\x52\x93\x63\x83\x5c\" <t@yama.example>", "山田ソ|t@yama.example"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *shown = show_addresses(rows[i].raw);
        g_assert_cmpstr(shown, ==, rows[i].text);
    }
}

/* Whoever reads the name or the address must not take it for another. */
static void test_addresses_that_would_deceive(void)
{
    static const struct row rows[] = {
        /* an address that was encoded is a name */
        {"=?UTF-8?Q?boss=40yama.example?=", "boss@yama.example|"},
        {"=?UTF-8?Q?boss=40yama.example=3E?= <e@vil.example>", "boss@yama.example>|e@vil.example"},
        /* two are two, so that nobody believes one of them */
        {"A <a@x.example> <b@y.example>", "A|a@x.example\n|b@y.example"},
        {"a@x.example <b@y.example>", "a@x.example|b@y.example"},
        {"<a@x.example@y.example>", "a@x.example@y.example|"},
        {"<taro yama@x.example>", "taro yama@x.example|"},
        {"<ad\u200bmin@x.example>", "admin@x.example|"},
        {"<a@x.example\u202e>", "a@x.example|"},
        {"<a@x.example\\>", "a@x.example\\|"},
        {"=?UTF-8?Q?a=0D=0ABcc:_x?= <a@x.example>", "a  Bcc: x|a@x.example"},
        {"\"x\\\r\ny\" <a@x.example>", "x  y|a@x.example"},
        {"@x.example, a@", "@x.example|\na@|"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *shown = show_addresses(rows[i].raw);
        g_assert_cmpstr(shown, ==, rows[i].text);
    }
}

static void test_message_ids(void)
{
    static const struct row rows[] = {
        {"<a@x.example>", "a@x.example"},
        {"<a@x.example> <b@y.example>", "a@x.example b@y.example"},
        {"<a@x.example><b@y.example>", "a@x.example b@y.example"},
        {"<a@x.example>\r\n\t<b@y.example>", "a@x.example b@y.example"},
        {"Message of Monday <a@x.example>", "a@x.example"},
        {"<a@x.exa\r\n mple>", "a@x.example"},
        {"<a@x.example <b@y.example>", "a@x.example b@y.example"},
        {"a@x.example, b@y.example", "a@x.example b@y.example"},
        {"<no-at-sign>", "no-at-sign"},
        {"<>", ""},
        {"", ""},
        {"none", ""},
        {"<a\u202e@x.example> <b@y.example>", "b@y.example"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(GStrv) ids = header_decode_ids(rows[i].raw);
        g_autofree char *shown = g_strjoinv(" ", ids);
        g_assert_cmpstr(shown, ==, rows[i].text);
    }
}

static void test_parameters(void)
{
    static const struct row rows[] = {
        {"attachment; filename=a.txt", "a.txt"},
        {"attachment; FileName = \"a b.txt\" ; size=3", "a b.txt"},
        {"attachment; size=3;filename=a b (1).txt", "a b (1).txt"},
        {"attachment; x=\"; filename=no\"; filename=yes", "yes"},
        {"attachment; filename=\"a\\\"b\\\\c\"", "a\"b\\c"},
        {"attachment; filename=\"C:\\tmp\\a.txt\"", "C:\\tmp\\a.txt"},
        {"filename=a.txt", "a.txt"},
        {"attachment; filename=\"\"", ""},
        {"attachment; filename", NULL},
        {"attachment", NULL},
        {"attachment; xfilename=a; filenames=b", NULL},
        {"attachment; filename=first; filename=second", "first"},
        {"attachment; filename=\"a.txt", "a.txt"},
        /* RFC 2231 */
        {"attachment; filename*=UTF-8''%E6%97%A5.txt", "日.txt"},
        {"attachment; filename*=utf-8'ja'%e6%97%a5.txt", "日.txt"},
        {"attachment; filename*=iso-2022-jp'ja'%1B$BF|%1B(B.txt", "日.txt"},
        {"attachment; filename=a; filename*=UTF-8''b", "b"},
        {"attachment; filename*0=a; filename*1=b; filename*2=\"c d\"", "abc d"},
        {"attachment; filename*1=b; filename*0=a; filename*3=d", "ab"},
        {"attachment; filename*0*=UTF-8''%E6%97; filename*1*=%A5; filename*2=.txt", "日.txt"},
        {"attachment; filename*0*=Shift_JIS''%93%FA; filename*1*=%96%7B", "日本"},
        {"attachment; filename*=\"UTF-8''%E6%97%A5.txt\"", "日.txt"},
        {"attachment; filename*=%E6%97%A5.txt", "日.txt"},
        {"attachment; filename*=klingon''%E6%97%A5", "日"},
        {"attachment; filename*=UTF-8''%ZZ%4", "%ZZ%4"},
        {"attachment; filename*100=x; filename*00000000000=y; filename*x=z", NULL},
        {"attachment; filename*1=x", NULL},
        /* RFC 2047 where it has no business */
        {"attachment; filename=\"=?UTF-8?B?5pelLnR4dA==?=\"", "日.txt"},
        {"attachment; filename==?UTF-8?Q?=E6=97=A5;_x.txt?=; size=1", "日; x.txt"},
        {"attachment; filename=\"=?UTF-8?B?5pel?=\r\n =?UTF-8?B?LnR4dA==?=\"", "日.txt"},
        {"attachment; filename*0=\"=?UTF-8?B?5pel\"; filename*1=\"LnR4dA==?=\"", "日.txt"},
        /* raw bytes */
        {"attachment; filename=\"日.txt\"", "日.txt"},
        {"attachment; filename=\"\x83\x5c\x83\x74\x83\x67.txt\"", "ソフト.txt"},
        {"attachment; filename=\"\033$B;qNA\033(B.txt\"", "資料.txt"},
        /* attacks */
        {"attachment; filename*=UTF-8''gpj%E2%80%AEexe.pdf", "gpjexe.pdf"},
        {"attachment; filename*=UTF-8''a%00.exe", "a\uFFFD.exe"},
        {"attachment; filename*=UTF-8''a%0D%0AX:%20y", "a  X: y"},
        {"attachment; filename*=UTF-8''%C0%AE%C0%AE/x", "\uFFFD\uFFFD\uFFFD\uFFFD/x"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *value = header_decode_parameter(rows[i].raw, "filename");
        g_assert_cmpstr(value, ==, rows[i].text);
    }
}

static void test_lists_have_limits(void)
{
    g_autoptr(GString) addresses = g_string_new(NULL), ids = g_string_new(NULL);
    g_autoptr(GString) parameters = g_string_new("x"), sections = g_string_new("x");
    g_autoptr(GPtrArray) found = NULL;
    g_auto(GStrv) references = NULL;
    g_autofree char *beyond = NULL, *joined = NULL;

    for (guint i = 0; i < 2 * LIMIT_RECIPIENTS; i++) {
        g_string_append_printf(addresses, "a%u@x.example,", i);
        g_string_append_printf(ids, "<%u@x.example>", i);
        g_string_append_printf(parameters, "; p%u=1", i);
        g_string_append_printf(sections, "; p*%u=1", i);
    }
    g_string_append(parameters, "; last=1");
    found = header_decode_addresses(addresses->str);
    references = header_decode_ids(ids->str);
    beyond = header_decode_parameter(parameters->str, "last");
    joined = header_decode_parameter(sections->str, "p");
    g_assert_cmpuint(found->len, ==, LIMIT_RECIPIENTS);
    g_assert_cmpuint(g_strv_length(references), ==, LIMIT_REFERENCES);
    g_assert_null(beyond);
    g_assert_cmpuint(strlen(joined), ==, LIMIT_PARAMETERS);
}

static void decode_all(const char *raw)
{
    g_autofree char *text = header_decode_text(raw);
    g_autofree char *value = header_decode_parameter(raw, "name");
    g_auto(GStrv) ids = header_decode_ids(raw);

    g_free(show_addresses(raw));
    g_assert_true(g_utf8_validate(text, -1, NULL));
    g_assert_null(strpbrk(text, "\r\n\t\033\177"));
    g_assert_true(!value || (g_utf8_validate(value, -1, NULL) && !strpbrk(value, "\r\n\033")));
    for (guint i = 0; ids[i]; i++)
        g_assert_true(g_utf8_validate(ids[i], -1, NULL) && !strpbrk(ids[i], "\r\n \033"));
}

static gint64 time_of(const char *unit, gsize size)
{
    g_autoptr(GString) raw = g_string_new(NULL);
    gint64 start;

    while (raw->len < size)
        g_string_append(raw, unit);
    start = g_get_monotonic_time();
    decode_all(raw->str);
    return g_get_monotonic_time() - start;
}

/* What makes parsers go back, or down. What is quadratic would take a quarter of an hour. */
static void test_time_is_linear(void)
{
    static const char *const units[] = {"g:", "(", ")", "((", "\"", "\"\\", "<", "<a@", "a@b,",
        "=?", "=?a?Q?", "=?a?B?", "=?utf-8?Q?a", "=?utf-8?B?5pel?= ", "=?a?Q?x?= ", "=?=", "a \"",
        ";name*1*=", ";name=\"", "; name*0=%", "[", "@", ":;", " ", "\\", "<\"", "\033$B",
        "\xe3\x81", "a@b ", "'", "=?a?Q?=", "?="};

    for (gsize i = 0; i < G_N_ELEMENTS(units); i++) {
        gint64 spent = time_of(units[i], share_of(1 << 18));
        g_assert_cmpint(spent, <, 20 * G_USEC_PER_SEC);
    }
    g_assert_cmpint(time_of("g:", 100000), <, G_USEC_PER_SEC);
}

static const char *const seeds[] = {
    "From: =?UTF-8?B?5bGx55Sw?= <t@yama.example>, g: \"a\\\"b\" (c(d)) <@r:b@y.example>;\r\n\r\nx",
    "Subject: =?ISO-2022-JP?B?GyRCRnxLXBsoQg==?= =?UTF-8?Q?=E6=97?=\n =?UTF-8?Q?=A5?=\n\nx",
    "x; name*0*=UTF-8'ja'%E6%97%A5; name*1=\"b\\\"c\"; name=\"=?Shift_JIS?B?k/qWe4zq?=\"\r\r",
    "References: <a@x.example> <b@y.example\n <c@z.example>\nX : \033$BF|K\\\033(B\n\n",
};

/* Turns, doubles and drops bytes; some of those that mean something. */
static GByteArray *mutate(GRand *random)
{
    static const char marks[] = "=?\"\\<>(),;:@[]*%'\r\n\t \033\0\xff\x81";
    const char *seed = seeds[g_rand_int_range(random, 0, G_N_ELEMENTS(seeds))];
    GByteArray *bytes = g_byte_array_new();

    g_byte_array_append(bytes, (const guint8 *)seed, (guint)strlen(seed));
    for (gint32 i = g_rand_int_range(random, 1, 12); i > 0 && bytes->len > 8; i--) {
        guint at = (guint)g_rand_int_range(random, 0, (gint32)bytes->len - 8);
        switch (g_rand_int_range(random, 0, 4)) {
        case 0:
            bytes->data[at] = (guint8)marks[g_rand_int_range(random, 0, sizeof marks)];
            break;
        case 1:
            bytes->data[at] = (guint8)g_rand_int(random);
            break;
        case 2:
            g_byte_array_remove_range(bytes, at, (guint)g_rand_int_range(random, 1, 8));
            break;
        default: {
            g_autofree guint8 *piece = g_memdup2(bytes->data + at, 8);
            g_byte_array_append(bytes, piece, 8);
        }
        }
    }
    return bytes;
}

static void test_mutations_do_no_harm(void)
{
    static const char *const names[] = {"From", "Subject", "References", "X"};
    g_autoptr(GRand) random = g_rand_new_with_seed(2047);

    for (guint i = 0; i < share_of(20000); i++) {
        g_autoptr(GByteArray) bytes = mutate(random);
        g_autofree guint8 *copy = g_memdup2(bytes->data, bytes->len);
        g_autofree char *all = g_strndup((const char *)copy, bytes->len);
        gsize body = G_MAXSIZE;
        g_autoptr(GArray) fields = header_split(copy, bytes->len, &body);
        g_assert_cmpuint(body, <=, bytes->len);
        for (gsize k = 0; k < G_N_ELEMENTS(names); k++) {
            g_autofree char *raw = header_raw(fields, names[k]);
            if (raw)
                decode_all(raw);
        }
        decode_all(all);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/header/addresses", test_addresses);
    g_test_add_func("/header/addresses-that-deceive", test_addresses_that_would_deceive);
    g_test_add_func("/header/message-ids", test_message_ids);
    g_test_add_func("/header/parameters", test_parameters);
    g_test_add_func("/header/lists-have-limits", test_lists_have_limits);
    g_test_add_func("/header/time-is-linear", test_time_is_linear);
    g_test_add_func("/header/mutations", test_mutations_do_no_harm);
    return g_test_run();
}
