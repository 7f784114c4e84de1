/* The words of reports. */
#include "figures-parts.h"

static const struct {
    const char *word, *ja, *en;
} words[] = {
    {"weekly", "週次報告", "weekly report"},
    {"monthly", "月次報告", "monthly report"},
    {"quarterly", "四半期報告", "quarterly report"},
    {"half", "半期報告", "half-year report"},
    {"yearly", "年次報告", "yearly report"},
    {"as-of", "現在", "as of"},
    {"preliminary", "速報値", "preliminary"},
    {"page", "ページ", "page"},
    {"received", "受付の件数", "What was received"},
    {"reports", "受け付けた報告", "Reports received"},
    {"incidents", "インシデント", "Incidents"},
    {"coordinations", "調整の依頼", "Coordination requests"},
    {"in-all", "計", "in all"},
    {"last-year", "前年", "last year"},
    {"previous", "前期", "before"},
    {"this", "今期", "this time"},
    {"count", "件数", "count"},
    {"months", "月別の報告とインシデント", "Reports and incidents by month"},
    {"reports-last-year", "報告(前年)", "reports, last year"},
    {"incidents-last-year", "インシデント(前年)", "incidents, last year"},
    {"months-coordinations", "月別の調整依頼", "Coordination requests by month"},
    {"month", "月", "month"},
    {"categories", "種別", "Incidents by category"},
    {"category", "種別", "category"},
    {"severities", "重大度", "Incidents by severity"},
    {"severity", "重大度", "severity"},
    {"critical", "緊急", "critical"},
    {"high", "重大", "high"},
    {"medium", "中", "medium"},
    {"low", "軽微", "low"},
    {"sources", "通報元", "Incidents by source"},
    {"source", "通報元", "source"},
    {"handlers", "担当者", "Incidents by handler"},
    {"handler", "担当者", "handler"},
    {"nobody", "(担当なし)", "(nobody)"},
    {"other", "その他", "other"},
    {"open-by-age", "未完了の案件(受付からの日数)", "Open incidents by age"},
    {"age", "経過", "age"},
    {"acknowledged", "受取通知までの時間", "Time to acknowledge"},
    {"triaged", "初動判断までの時間", "Time to triage"},
    {"closed", "完了までの時間", "Time to close"},
    {"time", "時間", "time"},
    {"hours", "受付の時刻", "Reports by hour of the day"},
    {"hour", "時", "hour"},
    {"weekdays", "受付の曜日", "Reports by day of the week"},
    {"weekday", "曜日", "weekday"},
    {"1", "月", "Mon"},
    {"2", "火", "Tue"},
    {"3", "水", "Wed"},
    {"4", "木", "Thu"},
    {"5", "金", "Fri"},
    {"6", "土", "Sat"},
    {"7", "日", "Sun"},
    {"longest-open", "長く続いている案件", "Open for longest"},
    {"number", "受付番号", "number"},
    {"up-to", "以内", "up to"},
    {"over", "超", "over"},
    {"target", "目標", "target"},
    {"median", "中央値", "median"},
    {"ninetieth", "90 パーセンタイル", "90th percentile"},
    {"in-target", "目標内", "in target"},
    {"none", "該当なし", "none"},
    {"merged", "少ない件数は「その他」にまとめています。",
        "Small counts are merged into \"other\"."},
};

const char *figure_word(const char *language, const char *word)
{
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_str_equal(words[i].word, word))
            return g_str_equal(language, "ja") ? words[i].ja : words[i].en;
    return word;
}
