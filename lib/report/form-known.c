/* The forms that are known, and those that a team describes itself: all in the same words. */
#include "report.h"
#include "form-parts.h"
#include <string.h>

/* A form as it is described: a line that stands above its fields, and "label = field" for each. A
 * label that stands under different headings is "heading > label". */
struct described {
    const char *name, *sign;
    const char *const *fields;
    const char *kind; /* where the form is for one alone */
};

/* Version 3.02, in plain text, with dashed rules around its headings. */
static const char *const jpcert[] = {"名前 = name", "お名前 = name", "氏名 = name",
    "組織名称 = organisation", "組織名 = organisation", "部署名 = department", "役職 = title",
    "電子メール = mail", "電子メールアドレス = mail", "メールアドレス = mail", "電話 = phone",
    "電話番号 = phone", "TEL = phone", "FAX = fax", "FAX番号 = fax", "この報告の目的 = purpose",
    "報告の目的 = purpose", "2-1 = purpose", "2-2 = wish", "ご要望 = wish", "要望 = wish",
    "名前の開示 = pass-on", "報告者の名前の開示 = pass-on", "情報の開示 = pass-on",
    "インシデントの種類 = kind", "インシデントの種別 = kind", "インシデント種別 = kind",
    "インシデントの概要 = details", "概要 = details", "発見の経緯 = noticed-how",
    "発見日時 = noticed-at", "発生日時 = first-seen", "開始日時 = first-seen",
    "終了日時 = last-seen", "タイムゾーン = time-zone", "アクセス元 = source-address",
    "アクセス元IPアドレス = source-address", "送信元IPアドレス = source-address",
    "アクセス元 > IPアドレス = source-address", "アクセス元 > ホスト名 = source-host",
    "アクセス元ホスト名 = source-host", "アクセス先 = system-address",
    "アクセス先IPアドレス = system-address", "アクセス先 > IPアドレス = system-address",
    "アクセス先 > ホスト名 = system-host", "IPアドレス = system-address", "ホスト名 = system-host",
    "OS = system-os", "用途 = system-use", "ログ = log", "ログ情報 = log", "アクセスログ = log",
    "該当ログ = log", NULL};

/* For control systems; what is not known, or not to be told, is left blank. */
static const char *const jpcert_ics[] = {"名前 = name", "お名前 = name", "氏名 = name",
    "組織名称 = organisation", "組織名 = organisation", "部署名 = department", "役職 = title",
    "電子メール = mail", "メールアドレス = mail", "電話 = phone", "電話番号 = phone", "TEL = phone",
    "FAX = fax", "FAX番号 = fax", "この報告の目的 = purpose", "報告の目的 = purpose",
    "2-1 = purpose", "2-2 = wish", "ご要望 = wish", "要望 = wish", "インシデントの種類 = kind",
    "インシデントの種別 = kind", "インシデント種別 = kind", "インシデントの概要 = details",
    "概要 = details", "発見の経緯 = noticed-how", "発見日時 = noticed-at", "発生日時 = first-seen",
    "タイムゾーン = time-zone", "アクセス元 = source-address",
    "アクセス元IPアドレス = source-address", "送信元IPアドレス = source-address",
    "アクセス元 > IPアドレス = source-address", "アクセス元 > ホスト名 = source-host",
    "IPアドレス = system-address", "ホスト名 = system-host", "制御システムの種類 = system-use",
    "制御システムの用途 = system-use", "用途 = system-use", "対象システム = system-use",
    "OS = system-os", "製品名 = product", "機器名 = product", "バージョン = version",
    "影響 = details", "被害の内容 = details", "ログ = log", "該当ログ = log", NULL};

/* Version 1.1, "  key :" a line. */
static const char *const ntt_cert[] = {"氏名 = name", "組織名 = organisation",
    "部署名 = department", "役職 = title", "電話番号 = phone", "FAX番号 = fax",
    "メールアドレス = mail", "電子メール = mail", "IPアドレス = system-address",
    "ホスト名 = system-host", "OS = system-os", "用途 = system-use", "サービス = system-use",
    "用途/サービス = system-use", "インシデント種別 = kind",
    "インシデント発見のきっかけ = noticed-how", "インシデントの発見日時 = noticed-at",
    "アクセス元の情報 > IPアドレス = source-address", "アクセス元の情報 > ホスト名 = source-host",
    "発生日時 > タイムゾーン = time-zone", "タイムゾーン = time-zone",
    "インシデント発生日時 = first-seen", "インシデント終了日時 = last-seen",
    "NTPによる同期 = clock-synchronised", "時刻誤差 = clock-error", "該当ログ = log", NULL};

/* Numbered heads and boxes. */
static const char *const ipa[] = {"届出者 > 氏名 = name", "氏名 = name", "届出者名 = name",
    "組織名 = organisation", "会社名 = organisation", "企業名 = organisation",
    "所属 = organisation", "部署名 = department", "所属部署 = department", "役職 = title",
    "電話番号 = phone", "電話 = phone", "FAX番号 = fax", "FAX = fax", "電子メール = mail",
    "メールアドレス = mail", "E-mail = mail", "発見年月日 = noticed-at", "発生年月日 = first-seen",
    "発生日時 = first-seen", "被害の種類 = kind", "不正アクセスの種類 = kind", "届出の種別 = kind",
    "発見方法 = noticed-how", "発見の経緯 = noticed-how", "発見の方法 = noticed-how",
    "対象機器 = system-host", "被害機器 = system-host", "ホスト名 = system-host", "OS = system-os",
    "用途 = system-use", "IPアドレス = system-address", "アクセス元 = source-address",
    "アクセス元IPアドレス = source-address", "アクセス元 > IPアドレス = source-address",
    "アクセス元 > ホスト名 = source-host", "タイムゾーン = time-zone", "被害の内容 = details",
    "被害内容 = details", "ログ = log", NULL};

/* Of products and of web sites. */
static const char *const weakness[] = {"氏名 = name", "届出者 = finder", "届出者名 = finder",
    "発見者 = finder", "発見者名 = finder", "所属 = organisation", "組織名 = organisation",
    "電話番号 = phone", "電子メール = mail", "メールアドレス = mail", "E-mail = mail",
    "名称 = product", "製品名 = product", "ソフトウェア名 = product", "ソフトウエア名 = product",
    "ソフトウエア等の名称 = product", "バージョン = version", "URL = site",
    "ウェブサイトのURL = site", "ウェブサイト = site", "対象URL = site", "CVE = cve",
    "CVE番号 = cve", "CVE-ID = cve", "JVN = jvn", "JVN番号 = jvn", "公表希望日 = date-wished",
    "公開希望日 = date-wished", "希望公表日 = date-wished", "公表の有無 = disclosed",
    "他への公表 = disclosed", "他組織への連絡 = disclosed", "公開状況 = disclosed",
    "名前の開示 = pass-on", "届出者名の開示 = pass-on", "脆弱性の内容 = details",
    "脆弱性の概要 = details", NULL};

/* Where two signs fit, the first row is taken. */
static const struct described described[] = {
    {"jpcert-3.02", "コンピュータセキュリティインシデント報告様式", jpcert},
    {"jpcert-ics", "制御システムインシデント報告様式", jpcert_ics},
    {"jpcert-ics", "制御システムセキュリティインシデント報告様式", jpcert_ics},
    {"jpcert-ics", "ICSインシデント報告様式", jpcert_ics},
    {"ntt-cert-1.1", "NTT-CERT インシデント報告様式", ntt_cert},
    {"ntt-cert-1.1", "インシデント報告様式", ntt_cert},
    {"ipa-access", "不正アクセス届出様式", ipa},
    {"ipa-access", "コンピュータ不正アクセス届出様式", ipa},
    {"ipa-virus", "コンピュータウイルス届出様式", ipa, "virus"},
    {"ipa-virus", "ウイルス届出様式", ipa, "virus"},
    {"common-ddos", "DDoS攻撃事案共通様式", ipa, "ddos"},
    {"common-ransomware", "ランサムウェア事案共通様式", ipa, "malware"},
    {"common-ransomware", "ランサムウエア事案共通様式", ipa, "malware"},
    {"ipa-vulnerability", "脆弱性関連情報届出様式", weakness},
    {"ipa-vulnerability", "ソフトウエア製品脆弱性関連情報届出様式", weakness},
    {"ipa-vulnerability", "ソフトウェア製品脆弱性関連情報届出様式", weakness},
    {"ipa-vulnerability", "ウェブアプリケーション脆弱性関連情報届出様式", weakness},
};

static GPtrArray *known; /* struct form */

static void form_free(gpointer data)
{
    struct form *form = data;

    g_free(form->name);
    g_free(form->sign);
    g_free(form->anchor);
    g_hash_table_unref(form->labels);
    g_hash_table_unref(form->headings);
    g_free(form);
}

/* -- learning them -- */

/* A number is a label where nothing else is. */
static char *key_of(const char *label)
{
    g_autofree char *key = form_key(label, strlen(label));

    return *key ? g_steal_pointer(&key) : form_plain(label, strlen(label));
}

static void learn_field(struct form *form, const char *line)
{
    const char *equals = strrchr(line, '=');
    g_autofree char *left = equals ? g_strndup(line, (gsize)(equals - line)) : NULL;
    char *angle = left ? strstr(left, " > ") : NULL;
    g_autofree char *key = NULL;

    if (!left)
        return;
    if (angle) {
        g_autofree char *heading = (*angle = '\0', key_of(left));
        g_autofree char *label = key_of(angle + strlen(" > "));
        key = g_strconcat(heading, ">", label, NULL);
        g_hash_table_add(form->headings, g_steal_pointer(&heading));
    } else {
        key = key_of(left);
    }
    g_hash_table_insert(form->labels, g_steal_pointer(&key), g_strstrip(g_strdup(equals + 1)));
}

/* Kanji and hiragana have one way to be written, whatever the rest does. */
static gboolean is_unvaried(gunichar c)
{
    return (c >= 0x3041 && c <= 0x3096) || (c >= 0x4e00 && c <= 0x9fff);
}

/* The longest run of those. */
static char *anchor_of(const char *sign)
{
    const char *best = sign;
    gsize length = 0;

    for (const char *at = sign; *at;) {
        const char *begin = at;
        while (is_unvaried(g_utf8_get_char(at)))
            at = g_utf8_next_char(at);
        if ((gsize)(at - begin) > length) {
            best = begin;
            length = (gsize)(at - begin);
        }
        if (*at)
            at = g_utf8_next_char(at);
    }
    /* A blank may stand between any two characters of a title that is spaced out. */
    return g_strndup(best, length ? (gsize)(g_utf8_next_char(best) - best) : 0);
}

static void learn(const struct described *one)
{
    struct form *form = g_new0(struct form, 1);

    form->name = g_strdup(one->name);
    form->kind = one->kind;
    form->sign = form_key(one->sign, strlen(one->sign));
    form->anchor = anchor_of(form->sign);
    form->labels = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    form->headings = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (const char *const *field = one->fields; *field; field++)
        learn_field(form, *field);
    g_ptr_array_add(known, form);
}

static void learn_own(GVariant *list)
{
    for (gsize i = 0; i < g_variant_n_children(list); i++) {
        struct described one = {.kind = NULL};
        g_autofree const char **fields = NULL;
        g_autoptr(GVariant) row = g_variant_get_child_value(list, i);
        g_variant_get(row, "(&s&s^a&s)", &one.name, &one.sign, &fields);
        one.fields = fields;
        learn(&one);
    }
}

void report_know_forms(GVariantDict *settings)
{
    g_autoptr(GVariant) own =
        settings ? g_variant_dict_lookup_value(settings, "forms", G_VARIANT_TYPE("a(ssas)")) : NULL;

    g_clear_pointer(&known, g_ptr_array_unref);
    known = g_ptr_array_new_with_free_func(form_free);
    if (own)
        learn_own(own);
    for (gsize i = 0; i < G_N_ELEMENTS(described); i++)
        learn(&described[i]);
}

/* -- asking -- */

GPtrArray *form_list(const char *text)
{
    GPtrArray *list = g_ptr_array_new();

    if (!known)
        report_know_forms(NULL);
    for (guint i = 0; i < known->len; i++) {
        struct form *form = known->pdata[i];
        if (*form->sign && strstr(text, form->anchor))
            g_ptr_array_add(list, form);
    }
    return list;
}

const char *form_field(const struct form *form, const char *heading, const char *key)
{
    g_autofree char *below = heading ? g_strconcat(heading, ">", key, NULL) : NULL;
    const char *name = below ? g_hash_table_lookup(form->labels, below) : NULL;

    return name ? name : g_hash_table_lookup(form->labels, key);
}
