/* Spreadsheets: dates, words, columns, rows. */
#include "error.h"
#include "sheet.h"
#include <string.h>

static void test_dates_are_read_as_people_type_them(void)
{
    static const struct {
        const char *text;
        enum sheet_order order;
        const char *date; /* "?": can be read in two ways; NULL: it is none */
    } rows[] = {
        {"2026/4/1", 0, "2026-04-01"},
        {"2026-04-01", 0, "2026-04-01"},
        {"2026.4.1", 0, "2026-04-01"},
        {"2026年4月1日", 0, "2026-04-01"},
        {"2026年4月1日(水)", 0, "2026-04-01"},
        {"2026年4月1日（水）", 0, "2026-04-01"},
        {"２０２６／４／１", 0, "2026-04-01"},
        {" 2026/4/1 9:05 ", 0, "2026-04-01 09:05"},
        {"2026/4/1 09:05:59", 0, "2026-04-01 09:05"},
        {"2026年4月1日 9時5分", 0, "2026-04-01 09:05"},
        {"2026年4月1日 9時", 0, "2026-04-01 09:00"},
        {"2026/4/1 午後3:05", 0, "2026-04-01 15:05"},
        {"2026/4/1 午前12:05", 0, "2026-04-01 00:05"},
        {"2026/4/1 3:05 PM", 0, "2026-04-01 15:05"},
        {"2026/4/1 12:05 pm", 0, "2026-04-01 12:05"},
        {"2026-04-01T09:05:00+09:00", 0, "2026-04-01T09:05:00+09:00"},
        {"2026-04-01T09:05:00.000Z", 0, "2026-04-01T09:05:00Z"},
        {"2026-04-01 09:05+0900", 0, "2026-04-01T09:05:00+09:00"},
        {"20260401", 0, "2026-04-01"},
        {"令和8年4月1日", 0, "2026-04-01"},
        {"令和元年5月1日", 0, "2019-05-01"},
        {"㋿8年4月1日", 0, "2026-04-01"},
        {"R8.4.1", 0, "2026-04-01"},
        {"Ｒ８．４．１", 0, "2026-04-01"},
        {"R8/4/1", 0, "2026-04-01"},
        {"h31.4.30", 0, "2019-04-30"},
        {"平成31年4月30日", 0, "2019-04-30"},
        {"S64.1.7", 0, NULL}, /* before 1990 */
        {"4/1/2026", 0, "?"},
        {"4/1/2026", SHEET_MONTH_FIRST, "2026-04-01"},
        {"4/1/2026", SHEET_DAY_FIRST, "2026-01-04"},
        {"4/13/2026", 0, "2026-04-13"},
        {"13/4/2026", 0, "2026-04-13"},
        {"13/4/2026", SHEET_MONTH_FIRST, "2026-04-13"},
        {"4/4/2026", 0, "2026-04-04"},
        {"46113", 0, "2026-04-01"},
        {"46113.5", 0, "2026-04-01 12:00"},
        {"46113.99999", 0, "2026-04-02 00:00"},
        {"12345", 0, NULL},
        {"99999", 0, NULL},
        {"2026/2/30", 0, NULL},
        {"2026/13/1", 0, NULL},
        {"2026/0/1", 0, NULL},
        {"13/13/2026", 0, NULL},
        {"2026/4/1 25:00", 0, NULL},
        {"2026/4/1 9:60", 0, NULL},
        {"26/4/1", 0, NULL},
        {"4/1", 0, NULL},
        {"R0.4.1", 0, NULL},
        {"", 0, NULL},
        {"未定", 0, NULL},
        {"2026/4/1 to 2026/4/3", 0, NULL},
        {"1e5", 0, NULL},
        {"nan", 0, NULL},
        {"((((", 0, NULL},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct sheet_date date;
        enum sheet_found found = sheet_date_read(rows[i].text, rows[i].order, &date);
        g_autofree char *words = found == SHEET_DATE ? sheet_date_words(&date) : NULL;
        g_test_message("%s", rows[i].text);
        g_assert_cmpstr(found == SHEET_UNCLEAR ? "?" : words, ==, rows[i].date);
    }
}

static void test_heads_are_known_in_two_languages(void)
{
    static const struct {
        const char *head;
        enum sheet_field field;
    } rows[] = {
        {"受付番号", SHEET_NUMBER},
        {"No.", SHEET_NUMBER},
        {"№", SHEET_NUMBER},
        {"Ｎｏ", SHEET_NUMBER},
        {"受付日", SHEET_RECEIVED},
        {"受付日\n(年/月/日)", SHEET_RECEIVED},
        {"受付日（西暦）", SHEET_RECEIVED},
        {"Date received", SHEET_RECEIVED},
        {"件名", SHEET_SUBJECT},
        {"報告者", SHEET_REPORTER},
        {"E-Mail", SHEET_CONTACT},
        {"カテゴリー", SHEET_CATEGORY},
        {"対応状況", SHEET_STATE},
        {"担当 者", SHEET_HANDLER},
        {"重要度", SHEET_SEVERITY},
        {"TLP", SHEET_LABEL},
        {"完了日", SHEET_CLOSED},
        {"結果", SHEET_RESULT},
        {"備考", SHEET_NOTE},
        {"mado reason", SHEET_IGNORE},
        {"発生日", SHEET_KEEP},
        {"", SHEET_KEEP},
        {"()", SHEET_KEEP},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_test_message("%s", rows[i].head);
        g_assert_cmpint(sheet_field_of(rows[i].head), ==, rows[i].field);
    }
}

static void test_words_of_states(void)
{
    static const struct {
        const char *word, *state;
    } rows[] = {
        {"未対応", "new"},
        {"対応中", "open"},
        {"In Progress", "open"},
        {"回答待ち", "waiting"},
        {"対応済み", "closed"},
        {"Closed", "closed"},
        {"対象外", "rejected"},
        {"謎", NULL},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpstr(sheet_state_of(rows[i].word), ==, rows[i].state);
    g_assert_cmpstr(sheet_severity_of("高"), ==, "high");
    g_assert_cmpstr(sheet_severity_of("Minor"), ==, "low");
    g_assert_null(sheet_severity_of("?"));
}

/* "number received keep" of a file. */
static char *fields_of(const char *text, const char *mapping_text, guint *heads_line)
{
    g_autoptr(GPtrArray) lines = csv_read(text, strlen(text), NULL);
    g_autoptr(mado_mapping) mapping = sheet_mapping_read(mapping_text, NULL);
    struct sheet *sheet = sheet_new(lines, mapping);
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < sheet->heads->len; i++)
        g_string_append_printf(out, "%s%s", i ? " " : "", sheet_field_names[sheet->field[i]]);
    *heads_line = sheet->heads_line;
    sheet_free(sheet);
    return g_string_free(out, FALSE);
}

static void test_columns_are_proposed(void)
{
    static const struct {
        const char *text, *mapping, *fields;
        guint heads_line;
    } rows[] = {
        {"受付番号,受付日,件名\n1,2026/4/1,x", "", "number received subject", 1},
        {"台帳,,\n,,\n受付番号,受付日,件名\n1,2026/4/1,x", "", "number received subject", 3},
        /* two of one kind: the first is it */
        {"受付日,日付,件名\n2026/4/1,2026/4/2,x", "", "received keep subject", 1},
        /* by what they hold */
        {"いつ,だれ,どう\n2026/4/1,a@peer.example,完了\n2026/4/2,b@peer.example,対応中", "",
            "received contact state", 1},
        {"いつ,だれ\n2026/4/1,x\nまだ,y\n不明,z", "", "keep keep", 1},
        /* no heads at all */
        {"1,2026/4/1,x\n2,2026/4/2,y", "", "keep received keep", 0},
        /* a file says so */
        {"あ,受付日,件名\n1,2026/4/1,x", "[columns]\nnumber=あ\nkeep=件名\n",
            "number received keep", 1},
        {"いつ,件名,番号\n2026/4/1,x,1", "[columns]\nkeep=いつ\n", "keep subject number", 1},
        {"", "", "", 0},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        guint heads_line;
        g_autofree char *fields = fields_of(rows[i].text, rows[i].mapping, &heads_line);
        g_test_message("%s", rows[i].text);
        g_assert_cmpstr(fields, ==, rows[i].fields);
        g_assert_cmpuint(heads_line, ==, rows[i].heads_line);
    }
}

static void test_dates_show_their_order(void)
{
    static const struct {
        const char *dates;
        enum sheet_order order;
        const char *example;
    } rows[] = {
        {"4/1/2026\n4/13/2026", SHEET_MONTH_FIRST, "4/1/2026"},
        {"4/1/2026\n13/4/2026", SHEET_DAY_FIRST, "4/1/2026"},
        {"4/1/2026\n13/4/2026\n4/13/2026", SHEET_ORDER_UNKNOWN, "4/1/2026"},
        {"4/1/2026", SHEET_ORDER_UNKNOWN, "4/1/2026"},
        {"2026/4/1\n46113\nR8.4.20", SHEET_ORDER_UNKNOWN, NULL},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = g_strconcat("受付日,件名\n", rows[i].dates, "\n", NULL);
        g_autoptr(GPtrArray) lines = csv_read(text, strlen(text), NULL);
        g_autoptr(mado_mapping) mapping = sheet_mapping_new();
        struct sheet *sheet = sheet_new(lines, mapping);
        const char *example;
        g_test_message("%s", rows[i].dates);
        g_assert_cmpint(sheet_find_order(sheet, &example), ==, rows[i].order);
        g_assert_cmpstr(example, ==, rows[i].example);
        sheet_free(sheet);
    }
}

/* "LINE: why" or "LINE: number received state subject" of the rows. */
static char *rows_of(const char *text, const char *mapping_text)
{
    g_autoptr(GPtrArray) lines = csv_read(text, strlen(text), NULL);
    g_autoptr(mado_mapping) mapping = sheet_mapping_read(mapping_text, NULL);
    struct sheet *sheet = sheet_new(lines, mapping);
    g_autoptr(GPtrArray) rows = sheet_rows(sheet, mapping);
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < rows->len; i++) {
        const struct sheet_row *row = rows->pdata[i];
        if (row->why)
            g_string_append_printf(out, "%u: %s; ", row->line, row->why);
        else
            g_string_append_printf(out, "%u: %s %s %s %s; ", row->line, row->value[SHEET_NUMBER],
                row->value[SHEET_RECEIVED], row->value[SHEET_STATE], row->value[SHEET_SUBJECT]);
    }
    sheet_free(sheet);
    return g_string_free(out, FALSE);
}

static void test_rows_are_whole_or_say_why_not(void)
{
    static const char heads[] = "受付番号,受付日,件名,状況,担当,完了日,備考\n";
    static const struct {
        const char *row, *mapping, *said;
    } rows[] = {
        {"1,2026/4/1,x,完了,,,", "", "2: 1 2026-04-01 closed x; "},
        {"1,2026/4/1,x,,,,", "", "2: 1 2026-04-01 new x; "},
        {"1,2026/4/1,x,,田中,,", "", "2: 1 2026-04-01 open x; "},
        {"1,2026/4/1,x,,,2026/4/2,", "", "2: 1 2026-04-01 closed x; "},
        {"1,2026/4/1,,,,,\"two\nlines\"", "", "2: 1 2026-04-01 new two lines; "},
        {"1,2026/4/1,x,謎,,,", "", "2: the state \"謎\" says nothing to us; "},
        {"1,2026/4/1,x,謎,,,", "[state]\nclosed=謎\n", "2: 1 2026-04-01 closed x; "},
        {"1,2026/4/1,x,謎,,,", "[state]\nclosed=他;謎\n", "2: 1 2026-04-01 closed x; "},
        {"1,2026/4/1,x,対応中,,2026/4/2,", "",
            "2: it is open (\"対応中\"), and has the day of its end; "},
        {"1,4/1/2026,x,,,,", "", "2: the day of reception \"4/1/2026\" can be read in two ways; "},
        {"1,4/1/2026,x,,,,", "[dates]\norder=day-first\n", "2: 1 2026-01-04 new x; "},
        {"1,,x,,,,", "", "2: it does not say when it was received; "},
        {"1,2026/4/1,x,,,なし,", "", "2: the day of its end \"なし\" is no date that we know; "},
        {"1,2026/4/1,x,,,,\n1,2026/4/2,y,,,,", "",
            "2: 1 2026-04-01 new x; 3: its number stands in line 2 too; "},
        {"１,2026/4/1,x,,,,\n1,2026/4/2,y,,,,", "",
            "2: １ 2026-04-01 new x; 3: its number stands in line 2 too; "},
        {",2026/4/1,x,,,,\n,2026/4/1,x,,,,", "",
            "2:  2026-04-01 new x; 3: it says the same as line 2; "},
        {",2026/4/1,x,,,,\n,2026/4/1,y,,,,", "", "2:  2026-04-01 new x; 3:  2026-04-01 new y; "},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = g_strconcat(heads, rows[i].row, "\n", NULL);
        g_autofree char *said = rows_of(text, rows[i].mapping);
        g_assert_cmpstr(said, ==, rows[i].said);
    }
}

static void test_a_mapping_survives_its_file(void)
{
    g_autoptr(mado_mapping) mapping = sheet_mapping_new();
    g_autoptr(mado_mapping) again = NULL;
    g_autofree char *text = NULL, *twice = NULL;

    mapping->order = SHEET_DAY_FIRST;
    sheet_mapping_set(mapping, "受付 [1]; =#", SHEET_NUMBER);
    sheet_mapping_set(mapping, "備考", SHEET_NOTE);
    sheet_mapping_set(mapping, "経緯", SHEET_NOTE);
    sheet_mapping_say(mapping, "state", "おわり;", "closed");
    sheet_mapping_say(mapping, "handler", "田中", "tanaka");
    text = sheet_mapping_text(mapping);
    again = sheet_mapping_read(text, NULL);
    g_assert_nonnull(again);
    twice = sheet_mapping_text(again);
    g_assert_cmpstr(text, ==, twice);
    g_assert_cmpint(again->order, ==, SHEET_DAY_FIRST);
    g_assert_cmpstr(sheet_mapping_word(again, "state", "おわり"), ==, "closed");
    g_assert_cmpstr(sheet_mapping_word(again, "handler", "田 中"), ==, "tanaka");
    g_assert_null(sheet_mapping_word(again, "state", "田中"));
}

static void test_what_is_no_mapping_is_refused(void)
{
    static const char *const texts[] = {"x", "[columns]\ncolour=x\n", "[dates]\norder=sideways\n",
        "[dates]\nzone=x\n", "[other]\nx=y\n", "[columns\n"};

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(sheet_mapping_read(texts[i], &error));
        g_assert_error(error, MADO_ERROR, MADO_E_BAD_DATA);
        g_assert_nonnull(strstr(error->message, "Nothing was changed"));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sheet/dates", test_dates_are_read_as_people_type_them);
    g_test_add_func("/sheet/heads", test_heads_are_known_in_two_languages);
    g_test_add_func("/sheet/states", test_words_of_states);
    g_test_add_func("/sheet/columns", test_columns_are_proposed);
    g_test_add_func("/sheet/order", test_dates_show_their_order);
    g_test_add_func("/sheet/rows", test_rows_are_whole_or_say_why_not);
    g_test_add_func("/sheet/mapping", test_a_mapping_survives_its_file);
    g_test_add_func("/sheet/no mapping", test_what_is_no_mapping_is_refused);
    return g_test_run();
}
