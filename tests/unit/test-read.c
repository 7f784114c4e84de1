/* What the reader makes of small mails: text, attachments, problems, language. */
#include "read.h"
#include <dirent.h>
#include <fcntl.h>
#include <seccomp.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct row {
    const char *name;
    const char *mail;
    const char *text; /* NULL: not looked at, as with all that follows */
    const char *text_from;
    const char *attachments; /* "name|type|size", separated by commas */
    const char *problems;    /* separated by ", " */
    const char *language;
};

#define PLAIN "Content-Type: text/plain\n\n"
#define UTF8 "Content-Type: text/plain; charset=utf-8\n\n"
#define HTML "Content-Type: text/html; charset=utf-8\n\n"
#define MIXED "Content-Type: multipart/mixed; boundary=x\n\n"
#define ALTERNATIVE "Content-Type: multipart/alternative; boundary=x\n\n"
#define ATTACHED "Content-Disposition: attachment; filename=a.txt\n\n"
#define INNER "To: b@b.example\nSubject: inner\n\ninner text\n"

static const struct row plain_rows[] = {
    {"no header", "\nhello\n", "hello\n", "plain", "", ""},
    {"nothing", "", "", "none", "", ""},
    {"a header alone", "Subject: a\n", "", "none", "", ""},
    {"no type", "Subject: a\n\nhello\n", "hello\n", "plain", "", ""},
    {"CRLF", "Subject: a\r\n\r\none\r\ntwo\r\n", "one\ntwo\n", "plain", "", ""},
    {"lone CR", "Subject: a\n\none\rtwo\n", "one\ntwo\n", "plain", "", ""},
    {"controls", PLAIN "a\x1b[31mb\x07\tc\x7f\n", "a\\x1B[31mb\\x07\tc\\x7F\n", "plain", "", ""},
    {"C1 controls",
        UTF8 "a\xc2\x9b"
             "b\n",
        "a\\x9Bb\n", "plain", "", ""},
    {"a line of an mbox first", "From a@a.example Mon Mar  2 09:00:00 2026\nSubject: a\n\nhi\n",
        "hi\n", "plain", "", ""},
    {"blank lines first", "\n\r\n\nSubject: a\n\nhi\n", "hi\n", "plain", "", ""},
    {"quoted-printable", "Content-Transfer-Encoding: quoted-printable\n\na=3Db=\nc=20\n", "a=bc \n",
        "plain", "", ""},
    {"broken quoted-printable", "Content-Transfer-Encoding: quoted-printable\n\na=ZZb=\n", "a=ZZb",
        "plain", "", ""},
    {"base64", "Content-Transfer-Encoding: base64\n\naGVsbG8=\n", "hello", "plain", "", ""},
    {"base64 without its padding", "Content-Transfer-Encoding: base64\n\naGVsbG8\n", "hello",
        "plain", "", ""},
    {"base64 in two pieces", "Content-Transfer-Encoding: base64\n\naGVsbG8=\nIHlvdQ==\n",
        "hello you", "plain", "", ""},
    {"base64 with foreign bytes", "Content-Transfer-Encoding: base64\n\naG!VsbG8*=\n", "hello",
        "plain", "", ""},
    {"uuencode", "Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n%:&5L;&\\`\n`\nend\n",
        "hello", "plain", "", ""},
    {"an encoding nobody knows", "Content-Transfer-Encoding: spam\n\nhello\n", "hello\n", "plain",
        "", ""},
    {"a type without a subtype", "Content-Type: text\n\nhello\n", "hello\n", "plain", "", ""},
    {"a root that calls itself an attachment",
        "Content-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\nhello\n",
        "hello\n", "plain", "", ""},
    {"a root that is no text",
        "Content-Type: image/png\nContent-Transfer-Encoding: base64\n\nYWJj\n", "", "none",
        "|image/png|3", ""},
    {"format=flowed", "Content-Type: text/plain; format=flowed\n\none \ntwo\n> q \n> r\n-- \nme\n",
        "one two\n> q r\n-- \nme\n", "plain", "", ""},
    {"format=flowed; delsp=yes",
        "Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\n\n日本 \n語\n",
        "日本語\n", "plain", "", ""},
    {"a stuffed line", "Content-Type: text/plain; format=flowed\n\n From here\n", "From here\n",
        "plain", "", ""},
    {"two types: the first counts",
        "Content-Type: text/plain\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\na\n--x--\n",
        "--x\n\na\n--x--\n", "plain", "", "more than one Content-Type field: the first counts"},
    {"two Subjects", "Subject: a\nSubject: b\n\nhi\n", "hi\n", "plain", "",
        "more than one Subject field: the first counts"},
    {"two Froms", "From: a@a.example\nFrom: b@b.example\n\nhi\n", "hi\n", "plain", "",
        "more than one From field: all of them count"},
    {"a date that is none", "Date: yesterday\n\nhi\n", "hi\n", "plain", "", "Date cannot be read"},
};

static const struct row japanese_rows[] = {
    {"ISO-2022-JP with circled digits",
        "Content-Type: text/plain; charset=ISO-2022-JP\n\n\x1b$B-!$*@$OC$K$J$j$^$9\x1b(B\n",
        "①お世話になります\n", "plain", "", "", "ja"},
    {"ISO-2022-JP without a label", "Subject: a\n\n\x1b$B$*CN$i$;$G$9\x1b(B\n", "お知らせです\n",
        "plain", "", "", "ja"},
    {"half-width kana", "Content-Type: text/plain; charset=iso-2022-jp\n\n\x1b(I6E\x1b(B\n", "ｶﾅ\n",
        "plain", "", ""},
    {"Shift_JIS",
        "Content-Type: text/plain; charset=Shift_JIS\n\n\x82\xa8\x92m\x82\xe7\x82\xb9\x87\x40\n",
        "お知らせ①\n", "plain", "", "", "ja"},
    {"Shift_JIS keeps its backslash",
        "Content-Type: text/plain; charset=shift_jis\n\nC:\\temp \x82\xa0\n", "C:\\temp あ\n",
        "plain", "", ""},
    {"EUC-JP", "Content-Type: text/plain; charset=EUC-JP\n\n\xa4\xaa\xc3\xce\xa4\xe9\xa4\xbb\n",
        "お知らせ\n", "plain", "", "", "ja"},
    {"UTF-8", UTF8 "フィッシングサイトを確認しました。\n", "フィッシングサイトを確認しました。\n",
        "plain", "", "", "ja"},
    {"UTF-8 in base64",
        "Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: base64\n\n"
        "44GK5LiW6Kmx44Gr44Gq44Gj44Gm44GK44KK44G+44GZ\n",
        "お世話になっております", "plain", "", "", "ja"},
    {"UTF-8 called us-ascii", "Content-Type: text/plain; charset=us-ascii\n\nご報告します。\n",
        "ご報告します。\n", "plain", "", NULL, "ja"},
    {"UTF-8 called ISO-2022-JP",
        "Content-Type: text/plain; charset=iso-2022-jp\n\nご報告します。\n", "ご報告します。\n",
        "plain", "", NULL, "ja"},
    {"a charset nobody knows", "Content-Type: text/plain; charset=x-nobody\n\nご報告します。\n",
        "ご報告します。\n", "plain", "", NULL, "ja"},
    {"HTML alone", HTML "<html><body><p>被害の<b>ご報告</b>です。</p></body></html>",
        "被害のご報告です。", "html", "", "", "ja"},
    {"HTML of another charset than it says",
        "Content-Type: text/html; charset=utf-8\n\n<meta charset=\"shift_jis\"><p>報告です\n",
        "報告です", "html", "", ""},
    {"HTML in ISO-2022-JP",
        "Content-Type: text/html; charset=ISO-2022-JP\n\n<p>\x1b$B$*CN$i$;\x1b(B</p>\n", "お知らせ",
        "html", "", ""},
    {"a raw Shift_JIS name of an attachment",
        MIXED "--x\n" UTF8
              "本文です\n--x\nContent-Type: text/plain; name=\"\x95\xf1\x8d\x90.txt\"\n"
              "Content-Disposition: attachment\n\na\n--x--\n",
        "本文です", "plain", "報告.txt|text/plain|1", NULL, "ja"},
    {"an RFC 2231 name in pieces",
        MIXED "--x\n" UTF8
              "本文です\n--x\nContent-Type: application/pdf\nContent-Disposition: attachment;\n"
              " filename*0*=utf-8''%E5%A0%B1;\n filename*1*=%E5%91%8A.pdf\n\na\n--x--\n",
        "本文です", "plain", "報告.pdf|application/pdf|1", ""},
    {"an RFC 2047 name",
        MIXED "--x\n" UTF8 "本文です\n--x\nContent-Type: application/pdf;\n"
              " name=\"=?ISO-2022-JP?B?GyRCSnM5cBsoQi5wZGY=?=\"\n\na\n--x--\n",
        "本文です", "plain", "報告.pdf|application/pdf|1", ""},
};

static const struct row part_rows[] = {
    {"plain before html", ALTERNATIVE "--x\n" PLAIN "plain\n--x\n" HTML "<p>html\n--x--\n", "plain",
        "plain", "", ""},
    {"plain behind html", ALTERNATIVE "--x\n" HTML "<p>html\n--x\n" PLAIN "plain\n--x--\n", "plain",
        "plain", "", ""},
    {"an empty plain form", ALTERNATIVE "--x\n" PLAIN " \n\n--x\n" HTML "<p>html\n--x--\n", "html",
        "html", "", ""},
    {"a calendar beside the text",
        ALTERNATIVE "--x\n" PLAIN "plain\n--x\nContent-Type: text/calendar\n\nBEGIN\n--x--\n",
        "plain", "plain", "|text/calendar|5", ""},
    {"parts in a row", MIXED "--x\n" PLAIN "one\n--x\n" PLAIN "two\n\n--x\n" PLAIN "three\n--x--\n",
        "one\n\ntwo\n\nthree", "plain", "", ""},
    {"text, then a footer in HTML", MIXED "--x\n" HTML "<p>one</p>\n--x\n" PLAIN "two\n--x--\n",
        "one\n\ntwo", "plain", "", ""},
    {"an attached text", MIXED "--x\n" PLAIN "one\n--x\n" ATTACHED "two\n--x--\n", "one", "plain",
        "a.txt|text/plain|3", ""},
    {"a named text is attached",
        MIXED "--x\n" PLAIN "one\n--x\nContent-Type: text/plain; name=report.txt\n\ntwo\n--x--\n",
        "one", "plain", "report.txt|text/plain|3", ""},
    {"a named text that is the only one",
        MIXED "--x\nContent-Type: text/plain; name=report.txt\n\ntwo\n--x--\n", "two", "plain", "",
        ""},
    {"images of HTML",
        "Content-Type: multipart/related; boundary=x\n\n--x\n" HTML
        "<p>a<img src=cid:1>\n--x\nContent-Type: IMAGE/PNG\nContent-ID: <1>\n"
        "Content-Transfer-Encoding: base64\n\nYWJj\n--x--\n",
        "a", "html", "|image/png|3", ""},
    {"a signed mail, and an unsigned third part",
        "Content-Type: multipart/signed; boundary=x\n\n--x\n" PLAIN
        "one\n--x\nContent-Type: application/pgp-signature\n\ns\n--x\n" PLAIN "not signed\n--x--\n",
        "one", "plain", "|application/pgp-signature|1,|text/plain|10", ""},
    {"an embedded mail is not opened",
        MIXED "--x\n" PLAIN "see below\n--x\nContent-Type: message/rfc822\n\n" INNER "\n--x--\n",
        "see below", "plain", "|message/rfc822|43", ""},
    {"an embedded mail with a tree of its own",
        MIXED "--x\n" PLAIN "see below\n--x\nContent-Type: message/rfc822\n\nSubject: i\n"
              "Content-Type: multipart/mixed; boundary=y\n\n--y\n\na\n--y--\n\n--x--\n",
        "see below", "plain", "|message/rfc822|67", ""},
    {"a digest", "Content-Type: multipart/digest; boundary=x\n\n--x\n\n" INNER "--x--\n", "",
        "none", "|message/rfc822|42", ""},
    {"a report",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\n" PLAIN
        "sorry\n--x\nContent-Type: message/delivery-status\n\nStatus: 5.0.0\n\n--x\n"
        "Content-Type: text/rfc822-headers\n\nTo: a\n--x--\n",
        "sorry", "plain", "|message/delivery-status|14,|text/rfc822-headers|5", ""},
    {"the last boundary is missing", MIXED "--x\n" PLAIN "one\n--x\n" PLAIN "two\n", "one\n\ntwo\n",
        "plain", "", ""},
    {"no boundary is ever met", MIXED "one\ntwo\n", "one\ntwo\n", "plain", "",
        "multipart without parts"},
    {"no boundary is named", "Content-Type: multipart/mixed\n\none\n", "one\n", "plain", "",
        "multipart without parts"},
    {"a part without header or blank line", MIXED "--x\none line\n--x--\n", "one line", "plain", "",
        "a part's header runs into its text"},
    {"lines like boundaries", MIXED "--x\n" PLAIN "--y\n--x1\n-- \n--- a/file\n--x--\n",
        "--y\n--x1\n-- \n--- a/file", "plain", "", ""},
    {"names with paths and tricks",
        MIXED "--x\n" PLAIN "one\n--x\nContent-Type: a/b\nContent-Disposition: attachment;\n"
              " filename*=utf-8''%2E%2E%2F%2E%2E%2Fetc%2Fcron.d%2F%2Ex%E2%80%AEgpj.exe\n\na\n--x\n"
              "Content-Type: a/b; name=\"C:\\\\dir\\\\...\"\n\na\n--x--\n",
        "one", "plain", "xgpj.exe|a/b|1,|a/b|1", ""},
};

static const struct row html_rows[] = {
    {"blocks and blanks", HTML "<p>one\n  two<br>three</p><div>four</div><div>five</div>\n",
        "one two\nthree\n\nfour\nfive"},
    {"lists and tables",
        HTML
        "<ul><li>a</li><li><p>b</p></li></ul><table><tr><td>c</td><td>d</td></tr><tr><td>e</table>",
        "- a\n- b\n\nc\td\ne"},
    {"links",
        HTML "<a href=\"http://a.example/\">here</a> <a href=\"http://b.example\">http://b.example"
             "</a> <a href=\"mailto:c@c.example\">c@c.example</a> <a href=\"javascript:x\">j</a>",
        "here <http://a.example/> http://b.example c@c.example j"},
    {"what is not for reading",
        HTML "<head><title>t</title><style>p{}</style></head><script>x()</script><p>a<!-- b -->c",
        "ac"},
    {"hidden text is kept, and said", HTML "<p>a</p><span style=\"Display : none\">b</span>",
        "a\n\nb", "html", "", "hidden text in HTML"},
    {"text of no size", HTML "<p>a <font style='font-size:0'>b</font>", "a b", "html", "",
        "hidden text in HTML"},
    {"characters", HTML "<p>&lt;a&gt;&nbsp;&eacute;&#x3042;&#27;b</p>", "<a> éあb"},
    {"kept lines", HTML "<pre>a\n  b\n</pre>c", "a\n  b\n\nc"},
    {"an image that says something", HTML "<p>a<img src=x alt='logo'>b", "a logo b"},
    {"nothing to read", HTML "<html><body><img src=x></body></html>", "", "none", "|text/html|37",
        ""},
    {"tags that do not close", HTML "<b><i><p>a<div>b<<</x><p>c", NULL, "html", "", ""},
};

static const struct row language_rows[] = {
    {"English", "Subject: Phishing\n\nDear team, this is a report of a site in your network.\n",
        NULL, NULL, NULL, NULL, "en"},
    {"German",
        "Subject: Meldung\n\nSehr geehrte Damen und Herren, wir haben eine Seite gefunden.\n", NULL,
        NULL, NULL, NULL, ""},
    {"French",
        "Subject: Signalement\n\nBonjour, nous avons reçu un message et nous le signalons.\n", NULL,
        NULL, NULL, NULL, ""},
    {"Chinese", UTF8 "您好,我们发现您的网站存在问题,请尽快处理并回复我们的邮件。\n", NULL, NULL,
        NULL, NULL, ""},
    {"Korean", UTF8 "안녕하세요. 귀사의 웹사이트에서 문제가 발견되었습니다.\n", NULL, NULL, NULL,
        NULL, ""},
    {"Japanese with logs",
        UTF8 "以下の通り検知しましたのでご連絡いたします。ご確認をお願いします。\n"
             "GET /index.php HTTP/1.1 from 192.0.2.1 to 198.51.100.1 is denied by rule\n",
        NULL, NULL, NULL, NULL, "ja"},
    {"English with a Japanese signature",
        UTF8
        "Dear colleagues, please find attached the report that you asked for. We will be in touch "
        "with you as soon as we have the results of the analysis.\n-- \n桜組織 山吹花子です\n",
        NULL, NULL, NULL, NULL, "en"},
    {"a Japanese subject alone", "Subject: =?utf-8?B?44GU5aCx5ZGK44Gn44GZ?=\n\n192.0.2.1\n", NULL,
        NULL, NULL, NULL, "ja"},
    {"numbers alone", "Subject: 1\n\n192.0.2.1\n", NULL, NULL, NULL, NULL, ""},
};

static struct message *read_string(const char *mail)
{
    return read_message((const guint8 *)mail, strlen(mail));
}

static char *attachments_of(const struct message *message)
{
    GString *all = g_string_new(NULL);

    for (guint i = 0; i < message->attachments->len; i++) {
        const struct attachment *a = message->attachments->pdata[i];
        g_string_append_printf(
            all, "%s%s|%s|%" G_GUINT64_FORMAT, i ? "," : "", a->name, a->type, a->size);
    }
    return g_string_free(all, FALSE);
}

static void test_row(gconstpointer data)
{
    const struct row *row = data;
    g_autoptr(mado_message) message = read_string(row->mail);
    g_autofree char *attachments = attachments_of(message);
    g_autofree char *problems = g_strjoinv(", ", message->problems);

    if (row->text)
        g_assert_cmpstr(message->text, ==, row->text);
    if (row->text_from)
        g_assert_cmpstr(message->text_from, ==, row->text_from);
    if (row->attachments)
        g_assert_cmpstr(attachments, ==, row->attachments);
    if (row->problems)
        g_assert_cmpstr(problems, ==, row->problems);
    if (row->language)
        g_assert_cmpstr(message->language, ==, row->language);
}

/* -- the header -- */

static void test_header_fields(void)
{
    g_autoptr(mado_message) message = read_string(
        "Return-Path: <env@a.example>\nDelivered-To: c@s.example\nX-Original-To: d@s.example\n"
        "Authentication-Results: mx.s.example (our own) 1; spf=pass; dmarc=pass (p=none) "
        "header.from=a.example\nAuthentication-Results: \"other;dmarc=pass\"; dkim=none\n"
        "From: =?utf-8?B?5bGx5ZC5?= <a@a.example>\nReply-To: r@a.example\n"
        "To: c@s.example, =?utf-8?Q?d?= <d@s.example>\nCc: e@s.example\n"
        "Subject: =?iso-2022-jp?B?GyRCSnM5cBsoQg==?=\nDate: Mon, 2 Mar 2026 09:00:00 +0900 (JST)\n"
        "Message-ID: <1@a.example>\nIn-Reply-To: <2@s.example>\n"
        "References: <3@s.example> <2@s.example>\n\nhi\n");
    g_autofree char *references = g_strjoinv(" ", message->references);
    g_autofree char *delivered = g_strjoinv(" ", message->delivered_to);
    const struct auth_result *ours = message->auth_results->pdata[0];
    const struct auth_result *theirs = message->auth_results->pdata[1];

    g_assert_cmpstr(message->return_path, ==, "env@a.example");
    g_assert_cmpstr(delivered, ==, "c@s.example d@s.example");
    g_assert_cmpstr(((struct mailbox *)message->from->pdata[0])->name, ==, "山吹");
    g_assert_cmpint(message->to->len, ==, 3);
    g_assert_cmpint(message->reply_to->len, ==, 1);
    g_assert_cmpstr(message->subject, ==, "報告");
    g_assert_cmpstr(message->date, ==, "2026-03-02T09:00:00+09:00");
    g_assert_cmpstr(message->message_id, ==, "1@a.example");
    g_assert_cmpstr(references, ==, "2@s.example 3@s.example");
    g_assert_cmpstr(ours->authserv_id, ==, "mx.s.example");
    g_assert_cmpstr(ours->dmarc, ==, "pass");
    g_assert_cmpstr(ours->from_domain, ==, "a.example");
    g_assert_cmpstr(theirs->dmarc, ==, "");
}

/* The end of another property, or what stands in its value, is not whom the result is about. */
static void test_whom_a_dmarc_result_is_about(void)
{
    static const char *const results[] = {
        "dmarc=pass smtp.xheader.from=a.example header.from=evil.example",
        "dmarc=pass policy.x=header.from=a.example header.from=evil.example",
        "dmarc=pass (header.from=a.example)header.from=evil.example",
        "dmarc=pass policy.x=\"a header.from=a.example\" header.from = evil.example"};

    for (gsize i = 0; i < G_N_ELEMENTS(results); i++) {
        g_autofree char *mail =
            g_strdup_printf("Authentication-Results: mx.s.example; %s\n\nhi\n", results[i]);
        g_autoptr(mado_message) message = read_string(mail);
        const struct auth_result *one = message->auth_results->pdata[0];
        g_assert_cmpstr(one->dmarc, ==, "pass");
        g_assert_cmpstr(one->from_domain, ==, "evil.example");
    }
}

static void test_null_sender_is_not_a_missing_one(void)
{
    g_autoptr(mado_message) null_sender = read_string("Return-Path: <>\n\na\n");
    g_autoptr(mado_message) missing = read_string("Subject: a\n\na\n");

    g_assert_cmpstr(null_sender->return_path, ==, "");
    g_assert_null(missing->return_path);
}

static void test_attachment_has_the_hash_of_its_decoded_bytes(void)
{
    g_autoptr(mado_message) message = read_string(
        MIXED "--x\nContent-Type: a/b\nContent-Transfer-Encoding: base64\n\nYWJj\n--x--\n");
    const struct attachment *a = message->attachments->pdata[0];

    g_assert_cmpstr(
        a->sha256, ==, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void test_bytes_behind_a_nul_are_not_lost(void)
{
    static const char mail[] = "Subject: a\n\none\0two\n";
    g_autoptr(mado_message) message = read_message((const guint8 *)mail, sizeof mail - 1);

    g_assert_nonnull(strstr(message->text, "two"));
}

/* -- confinement: nothing is opened, whatever a mail names -- */

static void forbid_files(void)
{
    static const char *const calls[] = {
        "open", "openat", "openat2", "socket", "connect", "execve", "execveat"};
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

    for (gsize i = 0; i < G_N_ELEMENTS(calls); i++)
        g_assert_cmpint(seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS,
                            seccomp_syscall_resolve_name(calls[i]), 0),
            ==, 0);
    g_assert_cmpint(seccomp_load(filter), ==, 0);
}

static void load_folder(GPtrArray *mails, const char *path)
{
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    const char *name;

    while (folder && (name = g_dir_read_name(folder))) {
        g_autofree char *child = g_build_filename(path, name, NULL);
        char *bytes;
        gsize size;
        if (g_file_test(child, G_FILE_TEST_IS_DIR))
            load_folder(mails, child);
        else if (g_file_get_contents(child, &bytes, &size, NULL))
            g_ptr_array_add(mails, g_bytes_new_take(bytes, size));
    }
}

static void load_rows(GPtrArray *mails, const struct row *rows, gsize count)
{
    for (gsize i = 0; i < count; i++)
        g_ptr_array_add(mails, g_bytes_new_static(rows[i].mail, strlen(rows[i].mail)));
}

static void load_odd_charsets(GPtrArray *mails)
{
    static const char *const names[] = {"utf-7", "UTF-16", "ISO-2022-CN-EXT", "IBM939", "x-nobody",
        "../../etc/passwd", "EUC-KR//TRANSLIT", "gb18030", "TSCII", ""};

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        char *mail = g_strdup_printf(
            "Subject: =?%s?B?AABh?=\nDate: Mon, 2 Mar 2026 09:00 America/New_York\n"
            "Content-Type: text/html; charset=\"%s\"; name*=%s''%%e3%%81\n\n"
            "<?xml version='1.0' encoding='%s'?><!DOCTYPE html SYSTEM 'file:///etc/passwd'>"
            "<meta http-equiv=Content-Type content='text/html; charset=%s'><p>a\xff\xfe&x;\n",
            names[i], names[i], names[i], names[i], names[i]);
        g_ptr_array_add(mails, g_bytes_new_take(mail, strlen(mail)));
    }
}

static void test_nothing_is_opened(void)
{
    g_autoptr(GPtrArray) mails = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    const char *corpora = g_getenv("MADO_CORPORA");
    int status;
    pid_t child;

    load_rows(mails, plain_rows, G_N_ELEMENTS(plain_rows));
    load_rows(mails, japanese_rows, G_N_ELEMENTS(japanese_rows));
    load_rows(mails, part_rows, G_N_ELEMENTS(part_rows));
    load_rows(mails, html_rows, G_N_ELEMENTS(html_rows));
    load_odd_charsets(mails);
    if (corpora && *corpora)
        load_folder(mails, corpora);
    child = fork();
    if (child == 0) {
        forbid_files();
        for (guint i = 0; i < mails->len; i++) {
            gsize size;
            const guint8 *bytes = g_bytes_get_data(mails->pdata[i], &size);
            message_free(read_message(bytes, size));
        }
        _exit(0);
    }
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_test_message("%u mails", mails->len);
    g_assert_cmpint(status, ==, 0);
}

static void test_the_filter_kills(void)
{
    int status;
    pid_t child = fork();

    if (child == 0) {
        forbid_files();
        _exit(close(open("/etc/hostname", O_RDONLY | O_CLOEXEC)));
    }
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFSIGNALED(status));
}

static void add_rows(const char *group, const struct row *rows, gsize count)
{
    for (gsize i = 0; i < count; i++) {
        g_autofree char *path = g_strdup_printf("/read/%s/%s", group, rows[i].name);
        g_test_add_data_func(path, &rows[i], test_row);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    read_warm(TRUE);
    /* first, so that nothing but read_warm() has opened what it needs */
    g_test_add_func("/read/confined/nothing is opened", test_nothing_is_opened);
    add_rows("plain", plain_rows, G_N_ELEMENTS(plain_rows));
    add_rows("japanese", japanese_rows, G_N_ELEMENTS(japanese_rows));
    add_rows("parts", part_rows, G_N_ELEMENTS(part_rows));
    add_rows("html", html_rows, G_N_ELEMENTS(html_rows));
    add_rows("language", language_rows, G_N_ELEMENTS(language_rows));
    g_test_add_func("/read/header/fields", test_header_fields);
    g_test_add_func("/read/whom a dmarc result is about", test_whom_a_dmarc_result_is_about);
    g_test_add_func("/read/header/null sender", test_null_sender_is_not_a_missing_one);
    g_test_add_func("/read/parts/hash", test_attachment_has_the_hash_of_its_decoded_bytes);
    g_test_add_func("/read/plain/NUL", test_bytes_behind_a_nul_are_not_lost);
    g_test_add_func("/read/confined/the filter kills", test_the_filter_kills);
    return g_test_run();
}
