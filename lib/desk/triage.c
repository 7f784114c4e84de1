/* What kind of incident a new report is about: by the words in it, so that lists can be sorted
 * before a person has read it. A guess, and said to be one. */
#include "matter.h"
#include <string.h>

enum { TEXT_BYTES = 4096, WORDS = 16 };

/* The first row with a word in the subject wins, else the first with one in the text: the more
 * telling a word, the higher its row. Words in lower case and NFKC. */
static const struct category {
    const char *id;
    const char *severity;
    const char *words[WORDS + 1];
} categories[] = {
    {"ics", "high", {"制御システム", "scada", "plc", "industrial control", "modbus", "制御装置"}},
    {"targeted", "high",
        {"標的型", "targeted attack", "spear phishing", "spear-phishing", "apt", "水飲み場",
            "watering hole", "やり取り型"}},
    {"leak", "high",
        {"漏えい", "漏洩", "情報流出", "流出", "data leak", "data breach", "leaked", "exposed data",
            "credential dump", "breach"}},
    {"loss", "high",
        {"紛失", "置き忘れ", "盗難", "lost laptop", "stolen laptop", "lost device", "stolen device",
            "lost usb", "lost phone"}},
    {"phishing", "medium",
        {"フィッシング", "phishing", "phish", "偽サイト", "偽のサイト", "なりすましサイト",
            "fake site", "fraudulent web site", "fraudulent website", "smishing", "スミッシング"}},
    {"defacement", "medium", {"改ざん", "改竄", "defacement", "defaced", "webshell", "web shell"}},
    {"malware-site", "medium",
        {"マルウェアサイト", "マルウエアサイト", "マルウェア配布", "マルウエア配布",
            "malware distribution", "malware site", "malware url", "suspicious file url",
            "command and control", "c2 server", "c&c", "urlhaus"}},
    {"infection", "high",
        {"感染", "ランサムウェア", "ランサムウエア", "ransomware", "infected", "infection",
            "botnet", "bot", "emotet", "マルウェア", "マルウエア", "malware", "ウイルス",
            "trojan"}},
    {"dos", "high",
        {"ddos", "dos攻撃", "dos", "denial of service", "サービス妨害", "サービス不能",
            "amplification"}},
    {"scan", "low",
        {"スキャン", "scan", "scans", "scanning", "port scan", "brute force", "brute-force",
            "ブルートフォース", "総当たり", "不正アクセスの試み", "login attempts", "failed logins",
            "probe"}},
    {"vuln-web", "medium",
        {"xss", "クロスサイト", "cross-site", "cross site scripting", "sql injection",
            "sqlインジェクション", "csrf", "ssrf", "open redirect", "ディレクトリトラバーサル",
            "directory traversal", "subdomain takeover"}},
    {"vuln-product", "medium",
        {"脆弱性", "ぜい弱性", "vulnerability", "vulnerabilities", "vulnerable", "cve",
            "buffer overflow", "zero-day", "ゼロデイ", "security advisory"}},
    {"inquiry", "low",
        {"問い合わせ", "問合せ", "お尋ね", "ご相談", "相談", "質問", "inquiry", "enquiry",
            "question", "講演", "取材"}},
    {"other", "medium", {NULL}},
};

/* Japanese has no blanks between words; an ASCII word must stand alone ("scan", not "scandal"). */
static gboolean has_word(const char *text, const char *word)
{
    gsize length = strlen(word);

    for (const char *at = text; (at = strstr(at, word)); at += length) {
        gboolean begins = at == text || !g_ascii_isalnum(*word) || !g_ascii_isalnum(at[-1]);
        gboolean ends = !g_ascii_isalnum(word[length - 1]) || !g_ascii_isalnum(at[length]);
        if (begins && ends)
            return TRUE;
    }
    return FALSE;
}

static gboolean has_word_of(const struct category *category, const char *text)
{
    for (gsize i = 0; category->words[i]; i++)
        if (has_word(text, category->words[i]))
            return TRUE;
    return FALSE;
}

static const struct category *find_category(const char *text)
{
    const struct category *category = categories;

    while (category->words[0] && !has_word_of(category, text))
        category++;
    return category;
}

/* Lower case, with full-width letters and half-width kana in their usual form. */
static char *fold(const char *text)
{
    g_autofree char *start =
        g_utf8_substring(text, 0, g_utf8_strlen(text, (gssize)MIN(strlen(text), TEXT_BYTES)));
    g_autofree char *plain =
        g_str_is_ascii(start) ? NULL : g_utf8_normalize(start, -1, G_NORMALIZE_NFKC);

    return g_ascii_strdown(plain ?: start, -1);
}

static const struct category *category_of(const char *text)
{
    g_autofree char *folded = fold(text);
    return find_category(folded);
}

/* `why` is the caller's to free. */
static const struct category *sort(const struct matter *matter, char **why)
{
    const char *where = "subject";
    const struct category *category = category_of(matter->message->subject);

    if (!category->words[0]) {
        where = "text";
        category = category_of(matter->message->text);
    }
    *why = category->words[0]
               ? g_strdup_printf("a word of the category %s is in the %s", category->id, where)
               : g_strdup("no word of a category is in the subject or at the start of the text");
    return category;
}

/* What could not be read may ask for more than was known; nothing here lowers what a person set. */
void triage_change(const struct matter *matter, struct plan *plan)
{
    g_autofree char *why = NULL;
    const struct category *category = sort(matter, &why);

    plan_add(plan, ACTION_SET, why, "category", category->id, NULL);
    plan_add(plan, ACTION_SET, why, "severity", category->severity, NULL);
    label_raise(matter, matter->history->own_label, plan);
}

void triage_open(const struct matter *matter, struct plan *plan)
{
    g_autofree char *why = NULL;
    const struct category *category = sort(matter, &why);
    g_autofree char *label = label_for_new(matter, FALSE);

    plan_add(plan, ACTION_OPEN, why, category->id, category->severity, label, NULL);
    label_flag(matter, plan);
}
