/* The categories of a team that has named none of its own: those by which JPCERT/CC counts, and
 * what is reported beside them. */
#include "category.h"
#include <string.h>

enum { TAKES = 12, WORDS = 16 };

/* The first row with a word in the subject wins, else the first with one in the text: the more
 * telling a word, the higher its row. Words in lower case and NFKC. `rsit` is what it is called in
 * the Reference Security Incident Taxonomy; `takes` is what else of that comes here. */
static const struct {
    const char *id, *ja, *en, *rsit, *severity;
    const char *takes[TAKES + 1];
    const char *words[WORDS + 1];
} usual[] = {
    {"ics", "制御システム関連", "industrial control systems", "intrusions/system-compromise",
        "high", {NULL},
        {"制御システム", "scada", "plc", "industrial control", "modbus", "制御装置"}},
    {"targeted", "標的型攻撃", "targeted attack", "intrusions/system-compromise", "high", {NULL},
        {"標的型", "targeted attack", "spear phishing", "spear-phishing", "apt", "水飲み場",
            "watering hole", "やり取り型"}},
    {"leak", "情報漏えい", "leak of information", "information-content-security/data-leak", "high",
        {"information-content-security/data-leak",
            "information-content-security/unauthorised-information-access"},
        {"漏えい", "漏洩", "情報流出", "流出", "data leak", "data breach", "leaked", "exposed data",
            "credential dump", "breach"}},
    {"loss", "紛失・盗難", "loss or theft", "information-content-security/data-loss", "high",
        {"information-content-security/data-loss", "intrusions/burglary"},
        {"紛失", "置き忘れ", "盗難", "lost laptop", "stolen laptop", "lost device", "stolen device",
            "lost usb", "lost phone"}},
    {"phishing", "フィッシングサイト", "phishing site", "fraud/phishing", "medium",
        {"fraud/phishing", "fraud/masquerade", "information-gathering/social-engineering"},
        {"フィッシング", "phishing", "phish", "偽サイト", "偽のサイト", "なりすましサイト",
            "fake site", "fraudulent web site", "fraudulent website", "smishing", "スミッシング"}},
    {"defacement", "Web サイト改ざん", "defaced web site",
        "information-content-security/unauthorised-information-modification", "medium",
        {"information-content-security/unauthorised-information-modification"},
        {"改ざん", "改竄", "defacement", "defaced", "webshell", "web shell"}},
    {"malware-site", "マルウエアサイト", "malware site", "malicious-code/malware-distribution",
        "medium",
        {"malicious-code/malware-distribution", "malicious-code/malware-configuration",
            "malicious-code/c2-server"},
        {"マルウェアサイト", "マルウエアサイト", "マルウェア配布", "マルウエア配布",
            "malware distribution", "malware site", "malware url", "suspicious file url",
            "command and control", "c2 server", "c&c", "urlhaus"}},
    {"infection", "マルウエア感染", "infected system", "malicious-code/infected-system", "high",
        {"malicious-code"},
        {"感染", "ランサムウェア", "ランサムウエア", "ransomware", "infected", "infection",
            "botnet", "bot", "emotet", "マルウェア", "マルウエア", "malware", "ウイルス",
            "trojan"}},
    {"dos", "DoS/DDoS", "denial of service", "availability/ddos", "high",
        {"availability/dos", "availability/ddos"},
        {"ddos", "dos攻撃", "dos", "denial of service", "サービス妨害", "サービス不能",
            "amplification"}},
    {"scan", "スキャン", "scan", "information-gathering/scanner", "low",
        {"information-gathering", "intrusion-attempts"},
        {"スキャン", "scan", "scans", "scanning", "port scan", "brute force", "brute-force",
            "ブルートフォース", "総当たり", "不正アクセスの試み", "login attempts", "failed logins",
            "probe"}},
    {"vuln-web", "Web サイトの脆弱性", "vulnerability of a web site",
        "vulnerable/vulnerable-system", "medium", {NULL},
        {"xss", "クロスサイト", "cross-site", "cross site scripting", "sql injection",
            "sqlインジェクション", "csrf", "ssrf", "open redirect", "ディレクトリトラバーサル",
            "directory traversal", "subdomain takeover"}},
    {"vuln-product", "製品の脆弱性", "vulnerability of a product", "vulnerable/vulnerable-system",
        "medium", {NULL},
        {"脆弱性", "ぜい弱性", "vulnerability", "vulnerabilities", "vulnerable", "cve",
            "buffer overflow", "zero-day", "ゼロデイ", "security advisory"}},
    {"intrusion", "不正侵入", "intrusion", "intrusions/system-compromise", "high",
        {"intrusions/system-compromise", "intrusions", "fraud/unauthorised-use-of-resources"},
        {"不正侵入", "不正ログイン", "乗っ取", "account takeover", "hacked", "intrusion",
            "compromised account", "compromised server", "compromised host"}},
    {"exposed", "公開された弱いサービス", "weak or open service",
        "vulnerable/potentially-unwanted-accessible", "low",
        {"vulnerable/vulnerable-system", "vulnerable", "availability/misconfiguration"},
        {"オープンリゾルバ", "open resolver", "open proxy", "exposed service", "open service"}},
    {CATEGORY_INQUIRY, "問い合わせ", "inquiry", "other/other", "low", {NULL},
        {"問い合わせ", "問合せ", "お尋ね", "ご相談", "相談", "質問", "inquiry", "enquiry",
            "question", "講演", "取材"}},
    {CATEGORY_OTHER, "その他", "other", "other/undetermined", "medium",
        {"abusive-content", "availability", "fraud", "information-content-security", "other/other",
            "other", "test"},
        {NULL}},
};

GPtrArray *category_list_usual(void)
{
    GPtrArray *list = g_ptr_array_new();

    for (gsize i = 0; i < G_N_ELEMENTS(usual); i++) {
        struct category *category = g_new0(struct category, 1);
        category->id = g_strdup(usual[i].id);
        category->ja = g_strdup(usual[i].ja);
        category->en = g_strdup(usual[i].en);
        category->rsit = g_strdup(usual[i].rsit);
        category->severity = g_strdup(usual[i].severity);
        category->first_reply = g_strdup("");
        category->incident = g_strdup(g_str_equal(usual[i].id, CATEGORY_INQUIRY) ? "no" : "yes");
        category->takes = g_strdupv((char **)usual[i].takes);
        category->words = g_strdupv((char **)usual[i].words);
        g_ptr_array_add(list, category);
    }
    return list;
}

const struct category *category_find(const GPtrArray *list, const char *id)
{
    for (guint i = 0; i < list->len; i++) {
        const struct category *category = list->pdata[i];
        if (g_strcmp0(category->id, id) == 0)
            return category;
    }
    return NULL;
}

static const struct category *taker_of(const GPtrArray *list, const char *class)
{
    for (guint i = 0; i < list->len; i++) {
        const struct category *category = list->pdata[i];
        if (g_strv_contains((const char *const *)category->takes, class))
            return category;
    }
    return NULL;
}

static const struct category *called(const GPtrArray *list, const char *class)
{
    for (guint i = 0; i < list->len; i++) {
        const struct category *category = list->pdata[i];
        if (g_str_equal(category->rsit, class))
            return category;
    }
    return NULL;
}

const struct category *category_of_class(const GPtrArray *list, const char *class)
{
    g_autofree char *predicate = g_strndup(class, strcspn(class, "/"));

    if (!*class)
        return NULL;
    return taker_of(list, class) ?: called(list, class) ?: taker_of(list, predicate);
}
