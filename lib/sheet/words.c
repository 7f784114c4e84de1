/* What the heads and words of teams' own lists mean. */
#include "sheet.h"
#include <string.h>

enum { WORDS = 20, LONGEST_WORD = 200 };

const char *const sheet_field_names[] = {"keep", "ignore", "number", "received", "subject",
    "reporter", "contact", "category", "state", "handler", "severity", "label", "closed", "result",
    "note", NULL};

/* As sheet_fold() leaves them. */
static const struct {
    enum sheet_field field;
    const char *words[WORDS + 1];
} heads[] = {
    {SHEET_IGNORE, {"madoline", "madoreason"}}, /* that we have written */
    {SHEET_NUMBER,
        {"受付番号", "管理番号", "整理番号", "案件番号", "番号", "項番", "チケット番号",
            "インシデント番号", "no", "number", "id", "ticket", "ticketno", "ticketnumber", "case",
            "caseno", "caseid", "incidentid", "incidentno", "ref"}},
    {SHEET_RECEIVED, {"受付日", "受付日時", "受信日", "受信日時", "報告日", "報告日時", "起票日",
                         "登録日", "日付", "日時", "受付年月日", "received", "receivedat",
                         "datereceived", "reported", "reportedat", "date", "opened", "created"}},
    {SHEET_SUBJECT, {"件名", "タイトル", "題名", "標題", "表題", "案件名", "事案名",
                        "インシデント名", "概要", "subject", "title", "summary", "name"}},
    {SHEET_REPORTER, {"報告者", "通報者", "届出者", "申告者", "相談者", "連絡者", "報告元",
                         "通報元", "氏名", "reporter", "reportedby", "caller", "source", "from"}},
    {SHEET_CONTACT, {"連絡先", "メール", "メールアドレス", "電話", "電話番号", "報告者連絡先",
                        "contact", "email", "mail", "phone", "telephone", "tel", "address"}},
    {SHEET_CATEGORY,
        {"種別", "分類", "カテゴリ", "カテゴリー", "区分", "種類", "インシデント種別",
            "インシデント分類", "category", "type", "kind", "class", "classification"}},
    {SHEET_STATE, {"状況", "状態", "ステータス", "進捗", "対応状況", "処理状況", "対応状態",
                      "進捗状況", "status", "state", "progress"}},
    {SHEET_HANDLER, {"担当", "担当者", "対応者", "主担当", "対応担当", "handler", "owner",
                        "assignee", "assignedto", "assigned", "incharge", "operator"}},
    {SHEET_SEVERITY, {"重要度", "深刻度", "優先度", "緊急度", "危険度", "影響度", "severity",
                         "priority", "impact", "urgency"}},
    {SHEET_LABEL, {"tlp", "取扱区分", "取扱い", "取扱", "取り扱い", "公開範囲", "機密区分", "label",
                      "handling", "marking"}},
    {SHEET_CLOSED, {"完了日", "完了日時", "終了日", "終了日時", "対応完了日", "クローズ日",
                       "解決日", "処理完了日", "closed", "closedat", "dateclosed", "completed",
                       "resolved", "done", "closedon", "finished"}},
    {SHEET_RESULT, {"結果", "対応結果", "処理結果", "結論", "result", "resolution", "outcome"}},
    {SHEET_NOTE, {"備考", "メモ", "対応内容", "対応", "処置", "処置内容", "対応履歴", "詳細",
                     "内容", "経緯", "note", "notes", "remark", "remarks", "comment", "comments",
                     "description", "details", "action"}},
};

struct meaning {
    const char *is;
    const char *words[WORDS + 1];
};

static const struct meaning states[] = {
    {"new", {"未対応", "未着手", "未処理", "新規", "受付", "受付済", "受付済み", "new", "未"}},
    {"open", {"対応中", "調査中", "処理中", "進行中", "作業中", "確認中", "継続", "継続中", "open",
                 "opened", "inprogress", "ongoing", "working", "active", "assigned",
                 "investigating", "未完了", "中"}},
    {"waiting", {"回答待ち", "返信待ち", "連絡待ち", "保留", "保留中", "待ち", "待機", "様子見",
                    "経過観察", "waiting", "pending", "onhold", "stalled"}},
    {"closed", {"完了", "対応完了", "対応済", "対応済み", "終了", "クローズ", "クローズ済", "解決",
                   "解決済", "解決済み", "処理済", "済", "済み", "closed", "close", "done",
                   "resolved", "finished"}},
    {"rejected", {"却下", "対象外", "無効", "棄却", "取下げ", "取り下げ", "誤報", "rejected",
                     "invalid", "outofscope", "notanincident", "wontfix"}},
};

static const struct meaning severities[] = {
    {"critical", {"緊急", "最重要", "致命的", "最高", "特大", "critical", "urgent", "emergency"}},
    {"high", {"高", "大", "重大", "重要", "高い", "high", "major", "a", "severe"}},
    {"medium", {"中", "普通", "通常", "medium", "normal", "moderate", "b", "middle"}},
    {"low", {"低", "小", "軽微", "低い", "low", "minor", "c"}},
};

gboolean sheet_field_is_many(enum sheet_field field)
{
    return field == SHEET_KEEP || field == SHEET_IGNORE || field == SHEET_NOTE ||
           field == SHEET_CONTACT;
}

char *sheet_fold(const char *text)
{
    g_autofree char *some = g_utf8_substring(text, 0, MIN(g_utf8_strlen(text, -1), LONGEST_WORD));
    g_autofree char *same = g_utf8_normalize(some, -1, G_NORMALIZE_ALL_COMPOSE);
    g_autofree char *lower = g_utf8_strdown(same ? same : "", -1);
    GString *out = g_string_new(NULL);

    /* "受付日(年/月/日)" is the same as without */
    for (const char *at = lower; *at && (*at != '(' || !out->len); at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (g_unichar_isalnum(c) || g_unichar_ismark(c) || c == 0x30fc)
            g_string_append_unichar(out, c);
    }
    return g_string_free(out, FALSE);
}

static gboolean is_among(const char *const *words, const char *folded)
{
    for (; *words; words++)
        if (g_str_equal(*words, folded))
            return TRUE;
    return FALSE;
}

enum sheet_field sheet_field_of(const char *head)
{
    g_autofree char *folded = sheet_fold(head);

    for (gsize i = 0; i < G_N_ELEMENTS(heads); i++)
        if (is_among(heads[i].words, folded))
            return heads[i].field;
    return SHEET_KEEP;
}

static const char *meaning_of(const struct meaning *all, gsize count, const char *word)
{
    g_autofree char *folded = sheet_fold(word);

    for (gsize i = 0; i < count; i++)
        if (is_among(all[i].words, folded))
            return all[i].is;
    return NULL;
}

const char *sheet_state_of(const char *word)
{
    return meaning_of(states, G_N_ELEMENTS(states), word);
}

const char *sheet_severity_of(const char *word)
{
    return meaning_of(severities, G_N_ELEMENTS(severities), word);
}
