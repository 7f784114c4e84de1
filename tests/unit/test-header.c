#include "header.h"
#include <mado/limits.h>
#include <string.h>

struct row {
    const char *raw, *text;
};

static void check_texts(const struct row *rows, gsize count)
{
    for (gsize i = 0; i < count; i++) {
        g_autofree char *text = header_decode_text(rows[i].raw);
        g_assert_cmpstr(text, ==, rows[i].text);
    }
}

static void test_encoded_words(void)
{
    static const struct row rows[] = {
        {"plain", "plain"},
        {"", ""},
        {"=?UTF-8?B?5pel5pys?=", "日本"},
        {"=?utf-8?q?=E6=97=A5=e6=9c=ac_x?=", "日本 x"},
        {"=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=", "日本"},
        {"=?iso-2022-jp?B?GyRCLSEtahsoQg==?=", "①㈱"},
        {"=?Shift_JIS?B?k/qWe4zq?=", "日本語"},
        {"Re: =?UTF-8?B?5pel?= x", "Re: 日 x"},
        /* RFC 2047, 6.2 */
        {"=?ISO-8859-1?Q?a?= b", "a b"},
        {"=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab"},
        {"=?ISO-8859-1?Q?a?=  \t =?ISO-8859-1?Q?b?=", "ab"},
        {"=?ISO-8859-1?Q?a_b?=", "a b"},
        {"=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=", "a b"},
        {"=?UTF-8*ja?B?5pel?=", "日"}, /* RFC 2231, 5 */
        /* one character in two words */
        {"=?UTF-8?B?5pc=?= =?UTF-8?B?pQ==?=", "日"},
        {"=?UTF-8?Q?=E6=97?= =?utf-8?B?pQ==?=", "日"},
        {"=?ISO-2022-JP?B?GyRCRg==?= =?ISO-2022-JP?B?fBsoQg==?=", "日"},
        {"=?UTF-8?B?5pc=?= x =?UTF-8?B?pQ==?=", "\uFFFD x \uFFFD"},
        /* as they are really written */
        {"=?UTF-8?B?5pel5pys?==?UTF-8?B?6Kqe?=", "日本語"},
        {"a=?UTF-8?B?5pel?=b", "a日b"},
        {"\"=?UTF-8?B?5pel?=\"", "\"日\""},
        {"=?UTF-8?B?5pel5pysIQ?=", "日本!"},
        {"=?UTF-8?B?5pe l5pys?=", "日本"},
        {"=?UTF-8?B?5pel*5pys?=", "日本"},
        {"=?UTF-8?B?A?=x", "x"},
        {"=?UTF-8?B?\?=x", "x"},
        {"=?UTF-8?Q?=ZZ=4?=", "=ZZ=4"},
        {"=?UTF-8?Q?what?\?=", "what?"},
        {"=?UTF-8?Q?a b?=", "a b"},
        {"=?UTF-8?Q?=?=", "="},
        {"=??Q?=E6=97=A5?=", "日"},
        {"=?klingon?Q?=E6=97=A5?=", "日"},
        {"=?us-ascii?Q?=E6=97=A5?=", "日"},
        /* none at all */
        {"=?UTF-8?B?5pel", "=?UTF-8?B?5pel"},
        {"=?UTF-8?X?5pel?=", "=?UTF-8?X?5pel?="},
        {"=?UTF-8?B5pel?=", "=?UTF-8?B5pel?="},
        {"=?", "=?"},
        {"=?=?UTF-8?B?5pel?=", "=?日"},
        {"=?UTF-8?Q?a =?UTF-8?B?5pel?=", "=?UTF-8?Q?a 日"},
        /* decoded once */
        {"=?UTF-8?Q?=3D=3FUTF-8=3FQ=3Fa=3F=3D?=", "=?UTF-8?Q?a?="},
    };
    check_texts(rows, G_N_ELEMENTS(rows));
}

static void test_raw_bytes_in_a_subject(void)
{
    static const struct row rows[] = {
        {"日本", "日本"},
        {"\033$BF|K\\\033(B x", "日本 x"},
        {"\x95\x73\x90\x52\x82\xc8\x83\x81\x81\x5b\x83\x8b", "不審なメール"},
        {"\xc9\xd4\xbf\xb3\xa4\xca\xa5\xe1\xa1\xbc\xa5\xeb", "不審なメール"},
        {"caf\xe9 au lait", "café au lait"},
        {"日本 =?UTF-8?B?5pel?=", "日本 日"},
        {"\xff\xfe\xfd", "ÿþý"},
    };
    check_texts(rows, G_N_ELEMENTS(rows));
}

/* The rule stands in header-parts.h. */
static void test_nothing_fakes_other_text(void)
{
    static const struct row rows[] = {
        {"=?UTF-8?Q?a=0D=0ABcc:_b?=", "a  Bcc: b"},
        {"=?UTF-8?Q?a=0Ab=0Dc?=", "a b c"},
        {"a\r\nb\tc", "a  b c"},
        {"=?UTF-8?Q?a=00b?=", "a\uFFFDb"},
        {"=?UTF-8?Q?=1B[31mred=7F=C2=9B?=", "[31mred"},
        {"=?UTF-8?Q?a=E2=80=A8b=E2=80=A9c=C2=85d?=", "a b c d"},
        {"=?UTF-8?Q?gpj=E2=80=AEexe.?=", "gpjexe."},
        {"a\u2066b\u2069c\u200ed\u200be\ufefff\u00adg\u061ch\u2060i", "abcdefghi"},
        {"a\U000E0041b\u3164c\uFFA0d", "abcd"},
        {"葛\U000E0100城 ❤\uFE0F", "葛\U000E0100城 ❤\uFE0F"},
        {"=?utf-8?Q?=C0=AF=ED=A0=80?=", "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD"},
        {" \u200b \t", ""},
    };
    check_texts(rows, G_N_ELEMENTS(rows));
}

static char *field_of(const char *mail, gsize size, const char *name, gsize *body)
{
    g_autoptr(GArray) fields = header_split((const guint8 *)mail, size, body);

    return header_raw(fields, name);
}

static void test_a_header_is_split_into_fields(void)
{
    static const struct {
        const char *mail, *subject, *body;
    } rows[] = {
        {"Subject: a\n\nbody", "a", "body"},
        {"Subject: a\r\n\r\nbody", "a", "body"},
        {"Subject: a\rTo: b\r\rbody", "a", "body"},
        {"Subject: a\rFrom: evil@x.example\nTo: b\n\n", "a From: evil@x.example", ""},
        {"SUBJECT : a\n\nbody", "a", "body"},
        {"Subject:a\n b\n\tc\n\nbody", "a b\tc", "body"},
        {"Subject:\r\n a\r\n\r\nbody", "a", "body"},
        {"Subject:\n\nbody", "", "body"},
        {"Subject: a\n \n b\n\nbody", "a  b", "body"},
        {"From x@y.example Mon\nSubject: a\n\nbody", "a", "body"},
        {">From x@y.example Mon\nSubject: a\n\nbody", "a", "body"},
        {"To: b\nno field\n c\nSubject: a\n\nbody", "a", "body"},
        {"Subject: a\nHello you\n and me\n\nmore", "a", "Hello you\n and me\n\nmore"},
        {"Subject: a\nno end", "a", "no end"},
        {"To: b\nFrom x\nSubject: a\n\n", "a", ""},
        {"Subject: first\nSubject: second\n\n", "first", ""},
        {"Subject: a", "a", ""},
        {"\nSubject: a\n\n", NULL, "Subject: a\n\n"},
        {" Subject: a\n\n", NULL, " Subject: a\n\n"},
        {"X-Subject: b\nSubjec: c\n\n", NULL, ""},
        {": x\nSubject: a\n\n", NULL, ": x\nSubject: a\n\n"},
        {"", NULL, ""},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        gsize body, size = strlen(rows[i].mail);
        g_autofree guint8 *copy = g_memdup2(rows[i].mail, size);
        g_autofree char *subject = field_of((const char *)copy, size, "subject", &body);
        g_assert_cmpstr(subject, ==, rows[i].subject);
        g_assert_cmpstr(rows[i].mail + body, ==, rows[i].body);
    }
}

static void test_nul_in_a_field_hides_nothing(void)
{
    static const char mail[] = "Subject: a\0b\nTo: c\n\n";
    gsize body;
    g_autofree char *subject = field_of(mail, sizeof mail - 1, "Subject", &body);
    g_autofree char *to = field_of(mail, sizeof mail - 1, "To", &body);

    g_assert_cmpstr(subject, ==, "a b");
    g_assert_cmpstr(to, ==, "c");
}

static void append_times(GString *text, const char *unit, gsize times)
{
    while (times-- > 0)
        g_string_append(text, unit);
}

static void test_beyond_a_limit_the_body_is_found(void)
{
    static const struct {
        const char *unit;
        gsize times;
        guint fields;
    } rows[] = {
        {"A: b\n", LIMIT_HEADER_FIELDS + 500, LIMIT_HEADER_FIELDS},
        {"A: b\n c\n", LIMIT_HEADER_FIELDS + 500, LIMIT_HEADER_FIELDS},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GString) mail = g_string_new(NULL);
        g_autoptr(GArray) fields = NULL;
        gsize body;
        append_times(mail, rows[i].unit, rows[i].times);
        g_string_append(mail, "\nbody");
        fields = header_split((guint8 *)mail->str, mail->len, &body);
        g_assert_cmpuint(fields->len, ==, rows[i].fields);
        g_assert_cmpstr(mail->str + body, ==, "body");
    }
}

static void test_long_fields_are_cut(void)
{
    g_autoptr(GString) mail = g_string_new("Subject: ");
    g_autofree char *subject = NULL, *text = NULL;
    gsize body;

    append_times(mail, "=?UTF-8?B?5pel?= ", (1 << 20) / 17);
    g_string_append(mail, "\nTo: b\n\nbody");
    subject = field_of(mail->str, mail->len, "Subject", &body);
    g_assert_cmpuint(strlen(subject), <=, LIMIT_HEADER_FIELD_BYTES);
    g_assert_cmpstr(mail->str + body, ==, "body");
    text = header_decode_text(subject);
    g_assert_true(g_str_has_prefix(text, "日日日"));
    g_string_prepend(mail, "From: a\n");
    for (gsize i = 0; i < 40; i++) { /* in all: one megabyte */
        g_autofree char *padding = g_strnfill(60000, 'x');
        g_string_prepend(mail, "\n");
        g_string_prepend(mail, padding);
        g_string_prepend(mail, "X: ");
    }
    g_free(g_steal_pointer(&subject));
    subject = field_of(mail->str, mail->len, "Subject", &body);
    g_assert_null(subject);
    g_assert_cmpstr(mail->str + body, ==, "body");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/header/encoded-words", test_encoded_words);
    g_test_add_func("/header/raw-bytes", test_raw_bytes_in_a_subject);
    g_test_add_func("/header/nothing-fakes-other-text", test_nothing_fakes_other_text);
    g_test_add_func("/header/split", test_a_header_is_split_into_fields);
    g_test_add_func("/header/nul", test_nul_in_a_field_hides_nothing);
    g_test_add_func("/header/limits-find-the-body", test_beyond_a_limit_the_body_is_found);
    g_test_add_func("/header/long-fields", test_long_fields_are_cut);
    return g_test_run();
}
