#include "report-parts.h"
#include "share.h"
#include <mado/limits.h>
#include <string.h>
#include <time.h>

#define MD5 "d41d8cd98f00b204e9800998ecf8427e"
#define SHA1 "da39a3ee5e6b4b0d3255bfef95601890afd80709"
#define SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define SHA512                                                                                     \
    "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"                             \
    "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"

static struct report *look(const char *text)
{
    struct report *report = report_new();

    indicator_find(report, &(struct place){text, "text", "text/plain", TRUE});
    return report;
}

/* "ipv4 192.0.2.1, url http://..." */
static char *found(const char *text)
{
    g_autoptr(mado_report) report = look(text);
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < report->indicators->len; i++) {
        const struct indicator *one = g_ptr_array_index(report->indicators, i);
        g_string_append_printf(
            out, "%s%s %s", i ? ", " : "", indicator_name(one->kind), one->value);
        g_assert_cmpstr(one->from, ==, "text");
    }
    return g_string_free(out, FALSE);
}

struct pair {
    const char *text, *found;
};

static void check(const struct pair *cases, gsize count)
{
    for (gsize i = 0; i < count; i++) {
        g_autofree char *is = found(cases[i].text);
        if (strcmp(is, cases[i].found) != 0)
            g_test_message(
                "in \"%s\": \"%s\" instead of \"%s\"", cases[i].text, is, cases[i].found),
                g_test_fail();
    }
}

static void test_each_kind_is_found(void)
{
    static const struct pair cases[] = {
        {"from 192.0.2.1 to 198.51.100.2:443.", "ipv4 192.0.2.1, ipv4 198.51.100.2"},
        {"src=192.0.2.1,dst=198.51.100.2;x", "ipv4 192.0.2.1, ipv4 198.51.100.2"},
        {"[192.0.2.1] (192.0.2.2)", "ipv4 192.0.2.1, ipv4 192.0.2.2"},
        {"192.000.002.001", "ipv4 192.0.2.1"},
        {"192.0.2.1-192.0.2.9 192.0.2.20-30", "ipv4 192.0.2.1, ipv4 192.0.2.9, ipv4 192.0.2.20"},
        {"192.0.2.0/24 and 198.51.100.7/25", "cidr 192.0.2.0/24, cidr 198.51.100.0/25"},
        {"2001:DB8:0:0:0:0:0:1", "ipv6 2001:db8::1"},
        {"2001:db8::1, [2001:db8::2]:443.", "ipv6 2001:db8::1, ipv6 2001:db8::2"},
        {"2001:db8::f00/32; 2001:db8:1::/48", "cidr 2001:db8::/32, cidr 2001:db8:1::/48"},
        {"WWW.Example.COM.", "domain www.example.com"},
        {"a_b.example.co.jp", "domain a_b.example.co.jp"},
        {"例え.テスト", ""},
        {"日本語.jp b\xc3\xbc"
         "cher.example xn--bcher-kva.example",
            "domain xn--wgv71a119e.jp, domain xn--bcher-kva.example"},
        {"http://Example.com", "url http://example.com/"},
        {"HTTPS://example.com:443/A?b=C#d", "url https://example.com/A?b=C#d"},
        {"http://user@example.com:8080/x", "url http://user@example.com:8080/x"},
        {"http://[2001:DB8::1]:80/x http://192.0.2.1/",
            "url http://[2001:db8::1]/x, url http://192.0.2.1/"},
        {"http://日本語.jp/x", "url http://xn--wgv71a119e.jp/x"},
        {"http://a.example/,http://b.example/x", "url http://a.example/, url http://b.example/x"},
        {"http://a.example/r?u=http://b.example/", "url http://a.example/r?u=http://b.example/"},
        {"example.com/login", "url example.com/login"},
        {"example.com:8080/login 192.0.2.1/a", "url example.com:8080/login, url 192.0.2.1/a"},
        {"ftp://ftp.example.org/a", "url ftp://ftp.example.org/a"},
        {"Mallory <Mallory@Evil.Example>", "mail mallory@evil.example"},
        {"mailto:a.b+c@example.org", "mail a.b+c@example.org"},
        {"to=a@b.example bounce+x=y.example@b.example",
            "mail a@b.example, mail bounce+x=y.example@b.example"},
        {MD5 " " SHA1, "md5 " MD5 ", sha1 " SHA1},
        {"sha256:" SHA256 "\n" SHA512, "sha256 " SHA256 ", sha512 " SHA512},
        {"D41D8CD98F00B204E9800998ECF8427E", "md5 " MD5},
        {"cve-2026-12345, CVE-1999-0001", "cve CVE-2026-12345, cve CVE-1999-0001"},
        {"CVE\xe2\x80\x91"
         "2026\xe2\x80\x91"
         "1234",
            "cve CVE-2026-1234"},
        {"AS64496 ASN64497 (ASN 64498)", "asn AS64496, asn AS64497, asn AS64498"},
        {"JVN#12345678 JVNVU#98765432", "jvn JVN#12345678, jvn JVNVU#98765432"},
        {"jvndb-2026-000123 ＪＶＮ＃１２３４５６７８", "jvn JVNDB-2026-000123, jvn JVN#12345678"},
    };

    check(cases, G_N_ELEMENTS(cases));
}

static void test_every_way_of_defanging_is_undone(void)
{
    static const char *const urls[] = {"hxxp://www.evil.example/a", "hXXp://www.evil.example/a",
        "hxtp://www.evil.example/a", "htxp://www.evil.example/a", "meow://www.evil.example/a",
        "h[tt]p://www.evil.example/a", "h[xx]p://www.evil.example/a", "h**p://www.evil.example/a",
        "http[:]//www.evil.example/a", "http[://]www.evil.example/a", "http:[//]www.evil.example/a",
        "[http://]www.evil.example/a", "[hxxp]://www.evil.example/a", "[hxxp://]www.evil.example/a",
        "http:\\\\www.evil.example/a", "hxxp:__www.evil.example/a", "http:// www.evil.example/a",
        "http:\\/\\/www.evil.example\\/a", "hxxp[:]//www[.]evil[.]example/a",
        "hxxp://www[.]evil[.]example[/]a", "http://www\\.evil\\.example/a",
        "http://www\\\\.evil\\\\.example/a", "http://www(.)evil(.)example/a",
        "http://www{.}evil{.}example/a", "http://www[dot]evil[dot]example/a",
        "http://www(dot)evil(DOT)example/a", "http://www{dot}evil{dot}example/a",
        "http://www [.] evil [.] example/a", "http://www[ . ]evil[ dot ]example/a",
        "http://www[.evil[.example/a", "http://www.]evil.]example/a", "http://www[.evil].example/a",
        "http://www[,]evil[,]example/a", "http://www[punto]evil[punkt]example/a",
        "ｈｔｔｐ：／／ｗｗｗ．ｅｖｉｌ．ｅｘａｍｐｌｅ／ａ", "http://www。evil。example/a",
        "hxxp：//www［．］evil［．］example/a", "http://www（ドット）evil（ドット）example/a",
        "http://www.ev\xe2\x80\x8bil.example/a", "http://www.ev\xc2\xadil.example/a"};
    static const char *const mails[] = {"mallory[@]evil.example", "mallory[at]evil.example",
        "mallory(at)evil.example", "mallory {AT} evil.example",
        "mallory @evil.example\001 mallory@evil[.]example", "mallory [at] evil [dot] example",
        "mallory（アット）evil.example", "mallory[arroba]evil.example", "mallory＠evil．example"};
    static const struct pair others[] = {
        {"192[.]0[.]2[.]1", "ipv4 192.0.2.1"},
        {"192.0.2[.]1/24", "cidr 192.0.2.0/24"},
        {"１９２．０．２．１", "ipv4 192.0.2.1"},
        {"192(dot)0(dot)2(dot)1", "ipv4 192.0.2.1"},
        {"2001[:]db8[:][:]1", "ipv6 2001:db8::1"},
        {"version 192[.]0[.]2[.]1", "ipv4 192.0.2.1"},
        {"evil[.]zip archive[.]example/x.zip", "domain evil.zip, url archive.example/x.zip"},
        {"fxp://evil.example", "url ftp://evil.example/"},
        {"hxxps://evil.example:443", "url https://evil.example/"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(urls); i++)
        check(&(struct pair){urls[i], "url http://www.evil.example/a"}, 1);
    for (gsize i = 0; i < G_N_ELEMENTS(mails); i++) {
        g_autofree char *is = found(mails[i]);
        if (!g_str_has_suffix(is, "mail mallory@evil.example"))
            g_test_message("in \"%s\": \"%s\"", mails[i], is), g_test_fail();
    }
    check(others, G_N_ELEMENTS(others));
}

static void test_what_only_looks_like_one_is_none(void)
{
    static const char *const traps[] = {
        "report.pdf a.zip setup.exe run.sh libx.so README.md clip.mov build.v2.zip",
        "version 1.2.3.4, ver. 1.2.3.4 and Version: 1.2.3.4; firmware 7.0.0.1 to 7.0.0.9",
        "バージョン1.2.3.4から1.2.3.9 バージョン 10.0.1.2 より前",
        "v1.2.3.4 1.2.3.4.5 1.2.3.400 1.2.3 1.2.3.4rc1 pkg_1.2.3.4-5 x1.2.3.4",
        "Mozilla/5.0 Chrome/120.0.0.0 Safari/537.36", "01.02.03.04 127.0.0.1 0.0.0.0 255.255.255.0",
        "::1 :: 12:34:56 00:11:22:33:44:55 std::string add::bad",
        "co.jp com .com example. e.g. i.e.", "it works.It is the server.In short VB.NET",
        "no.suchtoplevel a..com a-.com", "/usr/lib/x.so C:\\temp\\update.com /etc/example.org",
        "os.system(x) console.info(y)",
        "Message-ID: <a@b.example>\nReferences: <c@d.example>\n <e@f.example>\n",
        "> In-Reply-To: <a@b.example>", "postfix: message-id=<a@b.example>",
        "http://localhost/ http://intranet http:// http://nothing.nowhere",
        "user@localhost @example a@b@c look at this dot that",
        "-----BEGIN PGP MESSAGE-----\n\nhQEMAexample\n=abcd\n-----END PGP MESSAGE-----",
        "-----BEGIN CERTIFICATE-----\nMIIB+AS64496/\n-----END CERTIFICATE-----\n",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+AS64496/AAAAAAAAAAAAAAAA=",
        ("fingerprint: " SHA1), ("commit " SHA1), ("0x" MD5), (MD5 "0"), (MD5 "_"),
        "00000000000000000000000000000000 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "D41d8cd98f00b204e9800998ecf8427E", "CVE-2026-123 CVE-3026-1234 XCVE-2026-1234 CVE-2026",
        "AS2 AS4 AS400 as 100 BAS64496 AS99999999999 AS", "JVN#1234567 JVN#123456789 JVNDB-2026-1",
        "xmlns=\"http://www.w3.org/2001/XMLSchema\"", "(.) [.] [dot] {.}",
        "ログを確認しました。example は架空です", "資料.pdf 添付.zip"};

    for (gsize i = 0; i < G_N_ELEMENTS(traps); i++)
        check(&(struct pair){traps[i], ""}, 1);
}

static void test_in_running_text(void)
{
    static const struct pair cases[] = {
        {"攻撃元は192.0.2.1です。", "ipv4 192.0.2.1"},
        {"詳細はhttps://www.example.jp/aをご覧ください。", "url https://www.example.jp/a"},
        {"ドメインはexample.jpです", "domain example.jp"},
        {"「http://example.jp/a」、（192.0.2.1）", "url http://example.jp/a, ipv4 192.0.2.1"},
        {"確認しました。example.jpは危険", "domain example.jp"},
        {"(see http://a.example/x_(y)).", "url http://a.example/x_(y)"},
        {"<a href='http://a.example/x'>b</a>", "url http://a.example/x"},
        {"\"http://a.example/x\",'http://b.example/y','z'",
            "url http://a.example/x, url http://b.example/y"},
        {"*http://a.example/x*!", "url http://a.example/x"},
        {"> quoted 192.0.2.1\n>> 192.0.2.2", "ipv4 192.0.2.1, ipv4 192.0.2.2"},
        {"192.0.2.1 192[.]0[.]2[.]1 192.0.2.1", "ipv4 192.0.2.1"},
        {"Message-ID: <a@b.example>\nFrom: m@evil.example\n", "mail m@evil.example"},
        {"-----BEGIN PGP MESSAGE-----\n\nhQEMA\nnow evil.example says", "domain evil.example"},
        {"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n192.0.2.1\n", "ipv4 192.0.2.1"},
        {"the version is old. 192.0.2.1", "ipv4 192.0.2.1"},
        {"{\"ip\":\"192.0.2.1\",\"url\":\"http:\\/\\/a.example\\/x\"}",
            "ipv4 192.0.2.1, url http://a.example/x"},
    };

    check(cases, G_N_ELEMENTS(cases));
}

static void test_the_written_form_is_kept(void)
{
    static const struct pair cases[] = {
        {"see hxxp://www[.]evil[.]example/a.", "hxxp://www[.]evil[.]example/a"},
        {"mail mallory [at] evil [dot] example now", "mallory [at] evil [dot] example"},
        {"（１９２．０．２．１）", "１９２．０．２．１"},
        {"evil[.example] is", "evil[.example]"},
        {"cve-2026-12345", "cve-2026-12345"},
        {"B\xc3\x9c"
         "CHER.example",
            "B\xc3\x9c"
            "CHER.example"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(mado_report) report = look(cases[i].text);
        g_assert_cmpuint(report->indicators->len, ==, 1);
        g_assert_cmpstr(
            ((struct indicator *)report->indicators->pdata[0])->as_written, ==, cases[i].found);
    }
}

static char *repeated(const char *piece, gsize size)
{
    gsize length = strlen(piece);
    char *text = g_malloc(size + length + 1);

    for (gsize at = 0; at < size; at += length)
        memcpy(text + at, piece, length);
    text[size / length * length] = '\0';
    return text;
}

/* Milliseconds of the processor: other programs run here, too. */
static int time_for(const char *piece, gsize size)
{
    g_autofree char *text = repeated(piece, size);
    g_autoptr(mado_report) report = NULL;
    clock_t start = clock();
    int took;

    report = look(text);
    g_assert_nonnull(report);
    took = (int)((clock() - start) * 1000 / CLOCKS_PER_SEC);
    g_test_message("%d ms for %s", took, piece);
    return took;
}

static void test_ten_megabytes_take_less_than_two_seconds(void)
{
    g_assert_cmpint(time_for("hxxp[.]", share_of(10000000)), <, 2000);
    g_assert_cmpint(time_for("hxxp[.] ", share_of(10000000)), <, 2000);
}

/* Whatever somebody sends a megabyte of. */
static void test_the_time_is_linear(void)
{
    static const char *const pieces[] = {"[", "[ ", "a@", "a.", "http://", "http://a.example/(",
        "1.", "1.2.3.4 ", "::", "a:", "-----BEGIN X\n", "a[.", "\\.", "AS1 ", "a=", "f", "日",
        "日.", "。a", "(at) a", "> ", "［", "x.example/", "\n", "Message-ID:\n ", "http://a,", "a%",
        "[   ", "(((", "xn--a.example ", "例え.jp "};

    for (gsize i = 0; i < G_N_ELEMENTS(pieces); i++)
        g_assert_cmpint(time_for(pieces[i], share_of(1000000)), <, 2000);
}

static void test_there_is_a_limit(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(mado_report) report = NULL;

    for (int i = 0; i < LIMIT_INDICATORS + 10; i++)
        g_string_append_printf(text, "10.%d.%d.1 ", i / 250 % 250, i % 250);
    report = look(text->str);
    g_assert_cmpuint(report->indicators->len, ==, LIMIT_INDICATORS);
    g_assert_true(report->more);
}

static void test_nobody_can_click_on_an_indicator(void)
{
    static const char *const rows[][3] = {
        {"url", "http://www.bad.example/a.b?c", "hxxp://www[.]bad[.]example/a.b?c"},
        {"url", "https://bad.example", "hxxps://bad[.]example"},
        {"url", "ftp://bad.example/x", "fxp://bad[.]example/x"},
        {"domain", "bad.example", "bad[.]example"},
        {"ipv4", "198.51.100.23", "198[.]51[.]100[.]23"},
        {"cidr", "198.51.100.0/24", "198[.]51[.]100[.]0/24"},
        {"mail", "a.b@bad.example", "a[.]b[at]bad[.]example"},
        {"sha256", "abc.def", "abc.def"},
        {"ipv6", "2001:db8::1", "2001:db8::1"},
        {"url", "HTTP://bad.example/", "HxxP://bad[.]example/"},
        {"url", "ssh://a@bad.example/", "ssh[://]a[at]bad[.]example/"},
        {"domain", "ftp.bad.example", "ftp[.]bad[.]example"},
        {"domain", "http.bad.example", "http[.]bad[.]example"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *masked = indicator_defanged(rows[i][0], rows[i][1]);
        g_assert_cmpstr(masked, ==, rows[i][2]);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/indicator/nobody can click on one", test_nobody_can_click_on_an_indicator);
    g_test_add_func("/indicator/each kind is found", test_each_kind_is_found);
    g_test_add_func(
        "/indicator/every way of defanging is undone", test_every_way_of_defanging_is_undone);
    g_test_add_func(
        "/indicator/what only looks like one is none", test_what_only_looks_like_one_is_none);
    g_test_add_func("/indicator/in running text", test_in_running_text);
    g_test_add_func("/indicator/the written form is kept", test_the_written_form_is_kept);
    g_test_add_func("/indicator/ten megabytes take less than two seconds",
        test_ten_megabytes_take_less_than_two_seconds);
    g_test_add_func("/indicator/the time is linear", test_the_time_is_linear);
    g_test_add_func("/indicator/there is a limit", test_there_is_a_limit);
    return g_test_run();
}
