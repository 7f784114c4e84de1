/*
 * One ticket as one page: to read, to print, and to keep
 *
 * SECURITY. All of it is text of strangers: every value is escaped where it is written, and there
 * is no other way to write one. The page has no script, and says so to whoever shows it; nothing is
 * fetched from anywhere.
 */
#include "madoctl.h"
#include "text.h"
#include <string.h>

static const char style[] =
    "@page{size:A4;margin:18mm}*{box-sizing:border-box}"
    "body{font:10.5pt/1.5 'Noto Sans CJK JP','Hiragino Sans','Yu Gothic',sans-serif;color:#111;"
    "background:#fff;max-width:180mm;margin:8mm auto;padding:0 4mm}"
    "h1{font-size:17pt;margin:0 0 2mm}h2{font-size:12.5pt;margin:8mm 0 2mm;padding-bottom:1mm;"
    "border-bottom:.3mm solid #888;break-after:avoid}"
    ".tlp{font-weight:700;letter-spacing:.04em;border:.5mm solid #111;padding:.5mm 2mm;"
    "display:inline-block;margin:0 0 4mm}"
    "table{border-collapse:collapse;width:100%;font-size:9.5pt}"
    "th,td{text-align:left;vertical-align:top;padding:.8mm 2mm .8mm 0;border-bottom:.1mm solid "
    "#ccc;"
    "overflow-wrap:anywhere}th{width:34mm;font-weight:600}.at{width:34mm}.at,.who{white-space:"
    "nowrap}"
    "tr{break-inside:avoid}pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f5f5f5;"
    "border-left:1mm solid #bbb;padding:2mm 3mm;margin:2mm 0 0;"
    "font:9pt/1.45 'Noto Sans Mono CJK JP','Noto Sans Mono',monospace}"
    "section{margin:0 0 5mm}h3{font-size:10.5pt;margin:4mm 0 1mm;break-after:avoid}"
    "footer{margin-top:8mm;border-top:.3mm solid #888;padding-top:2mm;font-size:9pt}"
    "@media print{body{margin:0;max-width:none;padding:0}}";

/* -- words -- */

enum word {
    WORD_TICKET,
    WORD_TIMELINE,
    WORD_MAILS,
    WORD_LETTERS,
    WORD_INDICATORS,
    WORD_STATE,
    WORD_SEVERITY,
    WORD_CATEGORY,
    WORD_LABEL,
    WORD_HANDLER,
    WORD_REPORTER,
    WORD_OPENED,
    WORD_UPDATED,
    WORD_CLOSED,
    WORD_RESULT,
    WORD_SUBJECT,
    WORD_FROM,
    WORD_TO,
    WORD_ARRIVED,
    WORD_WRITTEN,
    WORD_FILES,
    WORD_LEDGER,
    WORD_MADE,
    WORDS
};
static const char *const words[WORDS][2] = {
    [WORD_TICKET] = {"Ticket", "案件"},
    [WORD_TIMELINE] = {"Time-line", "経過"},
    [WORD_MAILS] = {"Mails", "受信メール"},
    [WORD_LETTERS] = {"Letters", "送信メール"},
    [WORD_INDICATORS] = {"Indicators", "インディケータ"},
    [WORD_STATE] = {"State", "状態"},
    [WORD_SEVERITY] = {"Severity", "深刻度"},
    [WORD_CATEGORY] = {"Category", "分類"},
    [WORD_LABEL] = {"Label", "取扱区分"},
    [WORD_HANDLER] = {"Handler", "担当"},
    [WORD_REPORTER] = {"Reporter", "報告者"},
    [WORD_OPENED] = {"Opened", "受付"},
    [WORD_UPDATED] = {"Changed", "更新"},
    [WORD_CLOSED] = {"Closed", "終了"},
    [WORD_RESULT] = {"Result", "結果"},
    [WORD_SUBJECT] = {"Subject", "件名"},
    [WORD_FROM] = {"From", "差出人"},
    [WORD_TO] = {"To", "宛先"},
    [WORD_ARRIVED] = {"Arrived", "受信日時"},
    [WORD_WRITTEN] = {"Written", "作成日時"},
    [WORD_FILES] = {"Files", "添付ファイル"},
    [WORD_LEDGER] = {"Ledger", "区分"},
    [WORD_MADE] = {"Made by mado; times as they stand in the store.", "mado が作成しました。"},
};

struct page {
    GString *out;
    gboolean japanese;
};

static const char *say(const struct page *page, enum word word)
{
    return words[word][page->japanese];
}

/* -- the only way to write a value -- */

static void put(struct page *page, const char *text)
{
    g_autofree char *harmless = text_harmless(text, "\n\t");
    g_autofree char *escaped = g_markup_escape_text(harmless, -1);

    g_string_append(page->out, escaped);
}

static void put_tag(struct page *page, const char *tag)
{
    g_string_append(page->out, tag);
}

static void put_row(struct page *page, enum word name, const char *value)
{
    if (!*value)
        return;
    put_tag(page, "<tr><th>");
    put(page, say(page, name));
    put_tag(page, "</th><td>");
    put(page, value);
    put_tag(page, "</td></tr>\n");
}

static void put_title(struct page *page, enum word title)
{
    put_tag(page, "<h2>");
    put(page, say(page, title));
    put_tag(page, "</h2>\n");
}

static void put_text(struct page *page, const char *text)
{
    if (!*text)
        return;
    put_tag(page, "<pre>");
    put(page, text);
    put_tag(page, "</pre>\n");
}

/* -- the parts -- */

static char *person(const json_t *row, const char *path)
{
    g_autofree char *name = g_strconcat(path, ".name", NULL);
    g_autofree char *address = g_strconcat(path, ".address", NULL);

    if (!*row_text(row, name))
        return g_strdup(row_text(row, address));
    return g_strdup_printf("%s <%s>", row_text(row, name), row_text(row, address));
}

static void put_facts(struct page *page, const json_t *ticket)
{
    const struct {
        enum word word;
        const char *path;
    } facts[] = {{WORD_SUBJECT, "subject"}, {WORD_LABEL, "tlp"}, {WORD_STATE, "state"},
        {WORD_SEVERITY, "severity"}, {WORD_CATEGORY, "category"}, {WORD_HANDLER, "handler"},
        {WORD_OPENED, "received"}, {WORD_UPDATED, "updated"}, {WORD_CLOSED, "closed"},
        {WORD_RESULT, "result"}};
    g_autofree char *reporter = person(ticket, "reporter");

    put_tag(page, "<table>\n");
    for (gsize i = 0; i < G_N_ELEMENTS(facts); i++)
        put_row(page, facts[i].word, row_text(ticket, facts[i].path));
    put_row(page, WORD_REPORTER, reporter);
    put_tag(page, "</table>\n");
}

static void put_indicators(struct page *page, const json_t *all)
{
    gsize i;
    json_t *one;

    if (!json_array_size(all))
        return;
    put_title(page, WORD_INDICATORS);
    put_tag(page, "<table>\n");
    json_array_foreach((json_t *)all, i, one) {
        g_autofree char *value = indicator_defanged(row_text(one, "type"), row_text(one, "value"));
        put_tag(page, "<tr><th>");
        put(page, row_text(one, "type"));
        put_tag(page, "</th><td>");
        put(page, value);
        put_tag(page, "</td></tr>\n");
    }
    put_tag(page, "</table>\n");
}

static void put_timeline(struct page *page, const json_t *events)
{
    gsize i;
    json_t *one;

    put_title(page, WORD_TIMELINE);
    put_tag(page, "<table>\n");
    json_array_foreach((json_t *)events, i, one) {
        const char *const cells[] = {
            row_text(one, "actor"), row_text(one, "kind"), row_text(one, "text")};
        put_tag(page, "<tr><td class=\"at\">");
        put(page, row_text(one, "at"));
        for (gsize c = 0; c < G_N_ELEMENTS(cells); c++) {
            put_tag(page, c < G_N_ELEMENTS(cells) - 1 ? "</td><td class=\"who\">" : "</td><td>");
            put(page, cells[c]);
        }
        put_tag(page, "</td></tr>\n");
    }
    put_tag(page, "</table>\n");
}

static void put_files(struct page *page, const json_t *files)
{
    gsize i;
    json_t *one;

    json_array_foreach((json_t *)files, i, one) {
        g_autofree char *text = g_strdup_printf("%s (%s, SHA-256 %s)", row_text(one, "name"),
            row_text(one, "type"), row_text(one, "sha256"));
        put_row(page, WORD_FILES, text);
    }
}

static void put_mail(struct page *page, const json_t *mail)
{
    g_autofree char *from = person(mail, "from");

    put_tag(page, "<section><table>\n");
    put_row(page, WORD_SUBJECT, row_text(mail, "subject"));
    put_row(page, WORD_FROM, from);
    put_row(page, WORD_ARRIVED, row_text(mail, "arrived"));
    put_row(page, WORD_LEDGER, row_text(mail, "ledger"));
    put_files(page, json_object_get(mail, "attachments"));
    put_tag(page, "</table>\n");
    put_text(page, row_text(mail, "text"));
    put_tag(page, "</section>\n");
}

static void put_letter(struct page *page, const json_t *letter)
{
    g_autofree char *state =
        g_strdup_printf("%s, %s", row_text(letter, "kind"), row_text(letter, "state"));

    put_tag(page, "<section><table>\n");
    put_row(page, WORD_SUBJECT, row_text(letter, "subject"));
    put_row(page, WORD_TO, row_text(letter, "to"));
    put_row(page, WORD_WRITTEN, row_text(letter, "created"));
    put_row(page, WORD_STATE, state);
    put_files(page, json_object_get(letter, "files"));
    put_tag(page, "</table>\n");
    put_text(page, row_text(letter, "text"));
    put_tag(page, "</section>\n");
}

static void put_each(struct page *page, enum word title, const json_t *rows,
    void (*put_one)(struct page *page, const json_t *row))
{
    gsize i;
    json_t *row;

    if (!json_array_size(rows))
        return;
    put_title(page, title);
    json_array_foreach((json_t *)rows, i, row)
        put_one(page, row);
}

/* -- the whole -- */

static void put_label(struct page *page, const json_t *ticket)
{
    put_tag(page, "<div class=\"tlp\">");
    put(page, row_text(ticket, "tlp"));
    put_tag(page, "</div>\n");
}

static void put_head(struct page *page, const json_t *ticket)
{
    put_tag(page, page->japanese ? "<!DOCTYPE html>\n<html lang=\"ja\">"
                                 : "<!DOCTYPE html>\n<html lang=\"en\">");
    put_tag(page, "<head><meta charset=\"utf-8\">\n"
                  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                  "style-src 'unsafe-inline'\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
    put(page, row_text(ticket, "ticket"));
    put_tag(page, "</title>\n<style>");
    put_tag(page, style);
    put_tag(page, "</style></head>\n<body>\n");
}

char *export_page(const json_t *document, const char *language)
{
    struct page page = {g_string_new(NULL), g_str_equal(language, "ja")};
    const json_t *ticket = json_object_get(document, "ticket");

    put_head(&page, ticket);
    put_label(&page, ticket);
    put_tag(&page, "<h1>");
    put(&page, say(&page, WORD_TICKET));
    put_tag(&page, " ");
    put(&page, row_text(ticket, "ticket"));
    put_tag(&page, "</h1>\n");
    put_facts(&page, ticket);
    put_indicators(&page, json_object_get(ticket, "indicators"));
    put_timeline(&page, json_object_get(document, "history"));
    put_each(&page, WORD_MAILS, json_object_get(document, "mails"), put_mail);
    put_each(&page, WORD_LETTERS, json_object_get(document, "letters"), put_letter);
    put_tag(&page, "<footer>");
    put_label(&page, ticket);
    put(&page, say(&page, WORD_MADE));
    put_tag(&page, "</footer>\n</body></html>\n");
    return g_string_free(page.out, FALSE);
}
