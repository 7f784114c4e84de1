/* Forms that people fill in: JPCERT/CC's, NTT-CERT's and IPA's, and those of a team itself. */
#include "report-case.h"
#include "report-parts.h"
#include "share.h"

/* "name=...", a line each. */
static char *fields_of(const struct report *report)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < report->fields->len; i++) {
        const struct field *one = report->fields->pdata[i];
        g_string_append_printf(out, "%s=%s\n", one->name, one->value);
    }
    return g_string_free(out, FALSE);
}

static struct report *read_text(const char *text)
{
    struct report *report = report_new();

    form_find(report, &(struct place){text, "text", "text/plain", TRUE});
    return report;
}

struct row {
    const char *what, *text, *format, *fields, *sightings, *category;
};

static void check(const struct row *row)
{
    g_autoptr(mado_report) report = read_text(row->text);
    g_autofree char *fields = fields_of(report);
    g_autofree char *sightings = report_sightings(report);

    if (g_strcmp0(report->formats[0], row->format) || strcmp(fields, row->fields) ||
        strcmp(sightings, row->sightings) || strcmp(report->category, row->category))
        g_error("%s: %s, %s\n%s%s%s", row->what, report->formats[0], report->category, fields,
            sightings, report->damaged[0] ? report->damaged[0] : "");
    g_assert_null(report->damaged[0]);
}

#define RULE "----------------------------------------------------------------------\n"
#define JPCERT "--- コンピュータセキュリティインシデント報告様式 ---\n"
#define NTT "NTT-CERT インシデント報告様式 ver. 1.1 (2006/03/07)\n"

static const struct row known[] = {
    {"JPCERT/CC",
        "次のとおり報告します。\n\n[Ver 3.02]\n" JPCERT RULE "1. 連絡先\n" RULE
        "1-1 名前: 山田 花子 組織名称: さくら工業 部署名: 情報システム部\n"
        "1-2 電子メール: hanako@sakura.example FAX:\n" RULE "2. この報告の目的\n" RULE
        "2-1 1: 情報提供 2: 質問 3: 関係サイトへの連絡を希望\n\n   番号: 3\n\n2-2 先方への\n"
        "    連絡をお願いします。\n" RULE "3. インシデントの概要\n" RULE
        "インシデントの種類: フィッシング\nアクセス元IPアドレス: 192.0.2.7\n"
        "発生日時: 2026/11/01 12:30\nタイムゾーン: 日本標準時\n"
        "ログ:\nNov  1 12:30:01 a sshd: x\n\nNov  1 12:30:02 a sshd: y\n" RULE,
        "form:jpcert-3.02",
        "name=山田 花子\norganisation=さくら工業\ndepartment=情報システム部\n"
        "mail=hanako@sakura.example\npurpose=coordination\nwish=先方への 連絡をお願いします。\n"
        "kind=phishing\nsource-address=192.0.2.7\nfirst-seen=2026/11/01 12:30\n"
        "time-zone=日本標準時\nlog=Nov  1 12:30:01 a sshd: x Nov  1 12:30:02 a sshd: y\n",
        "phishing|2026-11-01T12:30:00+09:00|192.0.2.7:>:||Nov  1 12:30:01 a sshd: x Nov  1 "
        "12:30:02 a sshd: y\n",
        "fraud/phishing"},
    {"JPCERT/CC in full width, without a purpose",
        "－－－　コンピュータセキュリティインシデント報告様式　－－－\n"
        "――――――――――\n１－１　名前：㈱さくら①課　山田\n　　組織名称：\n　　さくら工業\n"
        "──────────\n２－１\n１：情報提供　２：質問　３：関係サイトへの連絡を希望\n"
        "──────────\nアクセス元：１９２．０．２．７\n発生日時：２０２６年１１月１日（日）１２時３０"
        "分頃\n"
        "タイムゾーン：ＵＴＣ＋９\n",
        "form:jpcert-3.02",
        "name=㈱さくら①課　山田\norganisation=さくら工業\nsource-address=192.0.2.7\n"
        "first-seen=2026年11月1日(日)12時30分頃\ntime-zone=ＵＴＣ＋９\npurpose=information\n",
        "|2026-11-01T12:30:00+09:00|192.0.2.7:>:||\n", ""},
    {"NTT-CERT",
        NTT
        "1. 連絡先\n  氏名 : 鈴木\n  組織名 : A 社\n  部署名 :\n  役職 : 課長\n"
        "  電話番号 : ０３－００００－０１００\n  FAX 番号 :\n2. 対象システム\n"
        "  IPアドレス : 198.51.100.4\n  ホスト名 : www.sakura.example\n  OS : Debian 12\n"
        "  用途 : Web\n3. インシデント\n  インシデント種別 : 4\n"
        "  インシデント発見のきっかけ : ログの監視\n  インシデントの発見日時 : 2026-11-02 09:00\n"
        "4. 詳細\n  アクセス元の情報\n    IPアドレス : 192.0.2.9\n    ホスト名 : a.evil.example\n"
        "  発生日時\n    タイムゾーン : JST\n    インシデント発生日時 : 2026-11-01 10:00:00\n"
        "    インシデント終了日時 : 2026-11-01 11:00\n    NTPによる同期 (有/無) : 有\n"
        "    時刻誤差 : 1 秒\n  該当ログ\n\n    192.0.2.9 - - \"GET /\"\n-- \n山田\n氏名: B\n",
        "form:ntt-cert-1.1",
        "name=鈴木\norganisation=A "
        "社\ntitle=課長\nphone=03-0000-0100\nsystem-address=198.51.100.4\n"
        "system-host=www.sakura.example\nsystem-os=Debian 12\nsystem-use=Web\n"
        "kind=compromised server\nnoticed-how=ログの監視\nnoticed-at=2026-11-02 09:00\n"
        "source-address=192.0.2.9\nsource-host=a.evil.example\ntime-zone=JST\n"
        "first-seen=2026-11-01 10:00:00\nlast-seen=2026-11-01 11:00\nclock-synchronised=yes\n"
        "clock-error=1 秒\nlog=192.0.2.9 - - \"GET /\"\n",
        "compromised server|2026-11-01T10:00:00+09:00|192.0.2.9:>198.51.100.4:||192.0.2.9 - - "
        "\"GET /\"\n",
        "intrusions/system-compromise"},
    {"IPA",
        "不正アクセス届出様式\n■届出者\n氏名：佐藤\n会社名：\nB 社\n1.発見年月日：2026年11月3日\n"
        "2.被害の種類：□なりすまし　■サービス妨害　□その他\n3.発見方法：\n□自組織で発見\n"
        "☑外部からの連絡\n4.対象機器：\n住所：東京\n5.ＯＳ：\n",
        "form:ipa-access",
        "name=佐藤\norganisation=B 社\nnoticed-at=2026年11月3日\nkind=dos\n"
        "noticed-how=外部からの連絡\n",
        "", "availability/dos"},
    {"JPCERT/CC's for control systems, with what is not told left blank",
        "--- 制御システムインシデント報告様式 ---\n" RULE "1-1 名前：\n組織名称：さくら工業\n"
        "制御システムの種類：　生産管理\n製品名：ＰＬＣ－１\nバージョン：\nインシデント種別："
        "□マルウェア　■不正侵入\nアクセス元：１９２．０．２．７\n",
        "form:jpcert-ics",
        "organisation=さくら工業\nsystem-use=生産管理\nproduct=ＰＬＣ－１\nkind=compromised "
        "server\nsource-address=192.0.2.7\n",
        "compromised server||192.0.2.7:>:||\n", "intrusions/system-compromise"},
    {"IPA, of a virus", "コンピュータウイルス届出様式\n会社名 : B 社\n発見年月日 : 2026/11/03\n",
        "form:ipa-virus", "organisation=B 社\nnoticed-at=2026/11/03\n", "",
        "malicious-code/malware-distribution"},
    {"of the state, for DDoS", "ＤＤｏＳ攻撃事案共通様式\n組織名：B 社\nアクセス元：192.0.2.7\n",
        "form:common-ddos", "organisation=B 社\nsource-address=192.0.2.7\n",
        "ddos||192.0.2.7:>:||\n", "availability/ddos"},
    {"of the state, for ransomware", "ランサムウエア事案共通様式\n□法人名\n■企業名：B 社\n",
        "form:common-ransomware", "organisation=B 社\n", "", "malicious-code/malware-distribution"},
    {"of a weakness",
        "ウェブアプリケーション脆弱性関連情報届出様式\n届出者名: 高橋\nウェブサイトのURL: "
        "https://www.sakura.example/\n製品名: さくらメール\nバージョン: １．２\nCVE番号: "
        "CVE-2026-0001\n"
        "JVN番号: JVN#12345678\n公表希望日: 2026/12/01\n公表の有無: 無\n名前の開示: 不可\n",
        "form:ipa-vulnerability",
        "finder=高橋\nsite=https://www.sakura.example/\nproduct=さくらメール\nversion=1.2\n"
        "cve=CVE-2026-0001\njvn=JVN#12345678\ndate-wished=2026/12/01\ndisclosed=no\npass-on=no\n",
        "", ""},
};

static void test_known_forms_are_read(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
        check(&known[i]);
}

/* Each number of NTT-CERT's list, and what JPCERT/CC counts. */
static void test_every_kind_has_its_class(void)
{
    static const struct {
        const char *form, *written, *category;
    } rows[] = {
        {NTT, "１", "information-gathering/scanner"},
        {NTT, "[2]", "abusive-content/spam"},
        {NTT, "3 ウィルス・ワーム", "malicious-code/malware-distribution"},
        {NTT, "4", "intrusions/system-compromise"},
        {NTT, "5 サービス運用妨害", "availability/dos"},
        {NTT, "6", "other/other"},
        {NTT, "7", ""},
        {NTT, "\n1 プローブ，スキャン\n2 不正中継\n3 ウィルス\n4 不正侵入", ""},
        {NTT, "\n□1 プローブ，スキャン\n■2 不正中継\n□3 ウィルス", "abusive-content/spam"},
        {JPCERT, "4", ""},
        {JPCERT, "フィッシングサイト", "fraud/phishing"},
        {JPCERT, "Webサイト改ざん",
            "information-content-security/unauthorised-information-modification"},
        {JPCERT, "ﾏﾙｳｴｱサイト", "malicious-code/malware-distribution"},
        {JPCERT, "スキャン", "information-gathering/scanner"},
        {JPCERT, "ＤｏＳ/ＤＤｏＳ", "availability/ddos"},
        {JPCERT, "標的型攻撃", "intrusions/system-compromise"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text =
            g_strconcat(rows[i].form, "氏名: A\nインシデント種別: ", rows[i].written, "\n", NULL);
        g_autoptr(mado_report) report = read_text(text);
        if (strcmp(report->category, rows[i].category) != 0)
            g_error("%s is %s", rows[i].written, report->category);
    }
}

static void test_purposes_are_told_apart(void)
{
    static const struct {
        const char *written, *purpose;
    } rows[] = {
        {"", "information"},
        {"2-1 2", "question"},
        {"2-1 1: 情報提供 2: 質問 3: 関係サイトへの連絡を希望", "information"},
        {"1: 情報提供 2: 質問 3: 関係サイトへの連絡を希望\n→ ３", "coordination"},
        {"□情報提供\n■質問\n□関係サイトへの連絡を希望", "question"},
        {"関係サイトへの連絡を希望", "coordination"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = g_strconcat(
            JPCERT "名前: A\n" RULE "2. この報告の目的\n" RULE, rows[i].written, "\n" RULE, NULL);
        g_autoptr(mado_report) report = read_text(text);
        g_assert_cmpstr(report_field(report, "purpose"), ==, rows[i].purpose);
    }
}

static void test_what_is_no_form_is_left_alone(void)
{
    static const char *const texts[] = {
        "名前: A\n組織名称: B\n",
        "インシデント報告様式を送ります。\n名前: A\n",
        "> " JPCERT "> 名前: A\n",
        "この件は不正アクセス届出様式で\n名前: A\n",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(mado_report) report = read_text(texts[i]);
        g_assert_null(report->formats[0]);
        g_assert_null(report->damaged[0]);
        g_assert_cmpuint(report->fields->len, ==, 0);
    }
}

static void test_a_letter_is_no_dash(void)
{
    g_autoptr(mado_report) report =
        read_text("[Ver 3.02]\n" JPCERT RULE "ログ:\nx\nĭĭĭĭĭĭĭĭĭĭ\ny\n" RULE);
    g_autofree char *fields = fields_of(report);

    g_assert_cmpstr(fields, ==, "log=x ĭĭĭĭĭĭĭĭĭĭ y\n");
}

static void test_a_form_without_an_answer_is_damaged(void)
{
    g_autoptr(mado_report) report = read_text(JPCERT "名前:\n組織名称:\n\nよろしく\n2-1\n");

    g_assert_null(report->formats[0]);
    g_assert_cmpstr(report->damaged[0], ==, "form:jpcert-3.02 text: has no field that can be read");
    g_assert_cmpuint(report->fields->len, ==, 0);
}

/* -- of the configuration -- */

static void settle(const char *forms)
{
    g_auto(GVariantDict) settings = G_VARIANT_DICT_INIT(NULL);

    g_variant_dict_insert_value(&settings, "forms", g_variant_new_parsed(forms));
    report_know_forms(&settings);
}

static void test_a_team_describes_its_own(void)
{
    static const struct row own = {"own",
        "＜ＡＣＭＥ インシデント連絡票＞ (Ver.2)\n\n* Reporter : Bob\n* Server\n  IP = x\n  IP: "
        "10.0.0.1\n"
        "* Attacker\n  IP: 192.0.2.1, 2001:db8::1\n  192.0.2.3\nRoom: 7\n",
        "form:acme",
        "name=Bob\nsystem-address=10.0.0.1\nsource-address=192.0.2.1, 2001:db8::1 192.0.2.3\n"
        "room=7\n",
        "||192.0.2.1:>10.0.0.1:||\n||2001:db8::1:>10.0.0.1:||\n||192.0.2.3:>10.0.0.1:||\n", ""};

    settle(
        "[('acme', 'ACME インシデント連絡票', ['Reporter = name', 'Server > IP = system-address', "
        "'Attacker > IP=source-address', 'Room = room'])]");
    check(&own);
    check(&known[0]);
    report_know_forms(NULL);
}

static void test_a_team_goes_before_what_is_known(void)
{
    g_autoptr(mado_report) report = NULL;

    settle("[('ours', '不正アクセス届出様式', ['担当 = name'])]");
    report = read_text("不正アクセス届出様式\n担当: A\n");
    g_assert_cmpstr(report->formats[0], ==, "form:ours");
    report_know_forms(NULL);
}

/* -- through mail -- */

#define LETTER                                                                                     \
    JPCERT "名前：㈱さくら①課\n組織名称：さくら　ＡＢＣ\nアクセス元：１９２．０．２．７\n"

/* glibc has no row 13 of NEC in ISO-2022-JP: its bytes are those of CP932, moved. */
static char *encoded(const char *text, const char *charset)
{
    gboolean jis = g_str_equal(charset, "ISO-2022-JP");
    gsize length = 0;
    g_autofree char *sjis = g_convert(text, -1, "CP932", "UTF-8", NULL, &length, NULL);
    GString *out = g_string_new(NULL);
    gboolean two = FALSE;

    g_assert_nonnull(sjis);
    for (gsize i = 0; jis && i < length; i++) {
        guint8 lead = (guint8)sjis[i], trail;
        if ((lead >= 0x80) != two)
            g_string_append(out, two ? "\x1b(B" : "\x1b$B");
        two = lead >= 0x80;
        if (!two) {
            g_string_append_c(out, (char)lead);
            continue;
        }
        trail = (guint8)sjis[++i];
        lead = (guint8)((lead - (lead < 0xa0 ? 0x81 : 0xc1)) * 2 + 0x21 + (trail >= 0x9f));
        trail = (guint8)(trail >= 0x9f ? trail - 0x7e : trail - (trail > 0x7f ? 0x20 : 0x1f));
        g_string_append_c(out, (char)lead);
        g_string_append_c(out, (char)trail);
    }
    if (!jis)
        g_string_append_len(out, sjis, (gssize)length);
    return g_string_free(out, FALSE);
}

static void check_mail(const char *charset, const char *body, const char *head)
{
    g_autofree char *mail =
        g_strdup_printf("From: a@a.example\nMIME-Version: 1.0\n%sContent-Type: text/plain; "
                        "charset=%s\nContent-Transfer-Encoding: 8bit\n\n%s",
            head, charset, body);
    struct facts *facts = report_of(mail);
    const struct report *report = facts->message->report;

    g_assert_cmpstr(report->formats[0], ==, "form:jpcert-3.02");
    g_assert_cmpstr(report_field(report, "name"), ==, "㈱さくら①課");
    g_assert_cmpstr(report_field(report, "organisation"), ==, "さくら　ＡＢＣ");
    g_assert_cmpstr(report_field(report, "source-address"), ==, "192.0.2.7");
    g_assert_cmpuint(report->sightings->len, ==, 1);
    for (guint i = 0; i < report->fields->len; i++)
        for (guint k = 0; k < i; k++)
            g_assert_cmpstr(((struct field *)report->fields->pdata[i])->name, !=,
                ((struct field *)report->fields->pdata[k])->name);
    facts_free(facts);
}

/* As the text of the mail, and as a file beside it. */
static void test_every_charset_of_japanese_mail(void)
{
    static const char *const charsets[] = {"ISO-2022-JP", "Shift_JIS"};

    static const char *const heads[] = {"", "Content-Disposition: inline; filename=form.txt\n",
        "Content-Type: multipart/mixed; boundary=x\n\n--x\n"
        "Content-Disposition: inline; filename=form.txt\n",
        "Content-Type: multipart/mixed; boundary=x\n\n--x\n\nSee the file.\n--x\n"
        "Content-Disposition: attachment; filename=form.txt\n"};

    for (gsize i = 0; i < G_N_ELEMENTS(heads); i++) {
        check_mail("UTF-8", LETTER, heads[i]);
        for (gsize k = 0; k < G_N_ELEMENTS(charsets); k++) {
            g_autofree char *body = encoded(LETTER, charsets[k]);
            check_mail(charsets[k], body, heads[i]);
        }
    }
}

static char *replaced(const char *text, const char *what, const char *with)
{
    g_auto(GStrv) pieces = g_strsplit(text, what, -1);

    return g_strjoinv(with, pieces);
}

/* A form in a mail of that charset says what it says in UTF-8. */
static void check_known_in(const struct row *row, const char *charset)
{
    g_autofree char *text = replaced(row->text, "☑", "■"); /* which these charsets do not have */
    g_autofree char *body = encoded(text, charset);
    g_autofree char *mail = g_strdup_printf(
        "From: a@a.example\nMIME-Version: 1.0\nContent-Type: text/plain; charset=%s\n\n%s", charset,
        body);
    g_autoptr(mado_facts) facts = report_of(mail);
    g_autofree char *fields = fields_of(facts->message->report);
    g_autofree char *sightings = report_sightings(facts->message->report);

    g_test_message("%s in %s", row->what, charset);
    g_assert_cmpstr(facts->message->report->formats[0], ==, row->format);
    g_assert_cmpstr(fields, ==, row->fields);
    g_assert_cmpstr(sightings, ==, row->sightings);
    g_assert_cmpstr(facts->message->report->category, ==, row->category);
}

static void test_every_form_in_every_charset(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
        check_known_in(&known[i], "ISO-2022-JP");
        check_known_in(&known[i], "Shift_JIS");
    }
}

/* Digits, colons and brackets as Japanese keyboards have them. */
static void test_every_form_in_full_width(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
        g_autoptr(GString) wide = g_string_new(NULL);
        g_autoptr(mado_report) report = NULL;
        for (const char *at = known[i].text; *at; at++)
            if (g_ascii_isdigit(*at) || *at == ':')
                g_string_append_unichar(wide, 0xFF01 + (gunichar)(*at - '!'));
            else
                g_string_append_c(wide, *at);
        report = read_text(wide->str);
        g_test_message("%s", known[i].what);
        g_assert_cmpstr(report->formats[0], ==, known[i].format);
        g_assert_cmpstr(report->category, ==, known[i].category);
        g_assert_cmpuint(report->sightings->len, ==, *known[i].sightings ? 1 : 0);
    }
}

/* -- time -- */

/* Five megabytes of each; a pass that goes back would take minutes. */
static void test_time_is_linear(void)
{
    static const char *const pieces[] = {"名前:", "名前: ", "：", "□", "1-", "2-1\n", "a ", "名 ",
        "-\n", JPCERT, "アクセス元の情報\n", "ログ: a\n", "９年", "(", "IPアドレス 2001:db8::1 "};

    for (gsize i = 0; i < G_N_ELEMENTS(pieces); i++) {
        GString *text = g_string_new(JPCERT "ログ\n");
        g_autoptr(mado_report) report = NULL;
        gint64 begin = g_get_monotonic_time();
        while (text->len < share_of(LIMIT_PART_BYTES / 2))
            g_string_append(text, pieces[i]);
        report = read_text(text->str);
        g_assert_cmpuint(report->fields->len, <=, LIMIT_REPORT_FIELDS);
        g_test_message("%s: %.2f s", pieces[i], (double)(g_get_monotonic_time() - begin) / 1e6);
        g_assert_cmpint(g_get_monotonic_time() - begin, <, 60 * G_USEC_PER_SEC);
        g_string_free(text, TRUE);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    read_warm(FALSE);
    report_warm();
    g_test_add_func("/forms/known ones are read", test_known_forms_are_read);
    g_test_add_func("/forms/every kind has its class", test_every_kind_has_its_class);
    g_test_add_func("/forms/purposes are told apart", test_purposes_are_told_apart);
    g_test_add_func("/forms/what is none is left alone", test_what_is_no_form_is_left_alone);
    g_test_add_func("/forms/a letter is no dash", test_a_letter_is_no_dash);
    g_test_add_func("/forms/one without an answer", test_a_form_without_an_answer_is_damaged);
    g_test_add_func("/forms/a team describes its own", test_a_team_describes_its_own);
    g_test_add_func("/forms/a team goes first", test_a_team_goes_before_what_is_known);
    g_test_add_func("/forms/every charset", test_every_charset_of_japanese_mail);
    g_test_add_func("/forms/every form in every charset", test_every_form_in_every_charset);
    g_test_add_func("/forms/every form in full width", test_every_form_in_full_width);
    g_test_add_func("/forms/time is linear", test_time_is_linear);
    return g_test_run();
}
