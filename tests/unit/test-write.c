#include "write.h"
#include "error.h"
#include "folder.h"
#include "text.h"
#include <string.h>

/* -- templates -- */

static void render(const char *source, const struct values *values, char **subject, char **text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(mado_template) template = template_parse(source, "x.tmpl", &error);

    g_assert_no_error(error);
    template_render(template, values, subject, text);
}

static void test_template_has_values_and_sections(void)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"a {{one}} b\n", "a 1 b\n"},
        {"{{one}}{{one}}\n", "11\n"},
        {"{{none}}|{{missing}}\n", "|\n"},
        {"{{#one}}\nyes\n{{/one}}\n", "yes\n"},
        {"{{#none}}\nyes\n{{/none}}\nend\n", "end\n"},
        {"{{^none}}\nno\n{{/none}}\n", "no\n"},
        {"{{^one}}\nno\n{{/one}}\n", ""},
        {"  {{#one}}  \n{{#none}}\nx\n{{/none}}\ny\n{{/one}}\n", "y\n"},
        {"{{#list}}\n- {{n}} of {{one}}\n{{/list}}\n", "- a of 1\n- b of 1\n"},
        {"{{^list}}\nempty\n{{/list}}\n", ""},
        {"{ } }} {one}\n", "{ } }} {one}\n"},
        {"no line end", "no line end\n"},
        {"", ""},
        {"\n\n", "\n\n"},
    };
    g_autoptr(mado_values) values = values_new();

    values_set(values, "one", "1");
    values_set(values, "none", "");
    values_set(values_add(values, "list"), "n", "a");
    values_set(values_add(values, "list"), "n", "b");
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *source = g_strconcat("Subject: s {{one}}\n\n", cases[i].text, NULL);
        g_autofree char *subject = NULL, *text = NULL;
        render(source, values, &subject, &text);
        g_assert_cmpstr(subject, ==, "s 1");
        g_assert_cmpstr(text, ==, cases[i].expected);
    }
}

static void test_values_cannot_break_out(void)
{
    g_autoptr(mado_values) values = values_new();
    g_autofree char *subject = NULL, *text = NULL;

    values_set(values, "a", "{{b}} {{#b}}\r\nBcc: x@y.example\tz \xe2\x80\xae \x1b[2J \xff");
    values_set(values, "b", "secret");
    render("Subject: [{{a}}]\n\n{{a}}\n", values, &subject, &text);
    g_assert_cmpstr(
        subject, ==, "[{{b}} {{#b}}  Bcc: x@y.example z \\u{202E} \\x1B[2J \xef\xbf\xbd]");
    g_assert_cmpstr(
        text, ==, "{{b}} {{#b}}\nBcc: x@y.example\tz \\u{202E} \\x1B[2J \xef\xbf\xbd\n");
}

static void test_what_is_wrong_is_said_with_file_and_line(void)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"", "x.tmpl:1: the first line must be"},
        {"Betreff: x\n\n", "x.tmpl:1: the first line must be"},
        {"Subject: \n\n", "x.tmpl:1: the first line must be"},
        {"Subject: a\ntext\n", "x.tmpl:2: the line below the subject must be empty"},
        {"Subject: a\n\n1\n{{#b}}\n2\n", "x.tmpl:4: the section {{#b}} is never closed"},
        {"Subject: a\n\n{{^b}}\n{{/c}}\n", "x.tmpl:4: {{/c}} closes what is not open"},
        {"Subject: a\n\n{{/b}}\n", "x.tmpl:3: {{/b}} closes what is not open"},
        {"Subject: a\n\nx {{#b}} y {{/b}}\n",
            "x.tmpl:3: the tag {{#b}} must stand on a line of its own"},
        {"Subject: {{#b}}\n\n{{/b}}\n", "x.tmpl:1: the tag {{#b}} must stand on a line"},
        {"Subject: a\n\n{{b\n", "x.tmpl:3: {{ without }}"},
        {"Subject: a\n\n{{}}\n", "x.tmpl:3: {{}} is not the name of a variable"},
        {"Subject: a\n\n{{{b}}}\n", "x.tmpl:3: {{{b}} is not the name of a variable"},
        {"Subject: a\n\n{{> b}}\n", "x.tmpl:3: {{> b}} is not the name of a variable"},
        {"Subject: a\r\n\r\n", "x.tmpl:1: Windows line ends"},
        {"Subject: a\n\nb\nc\r\n", "x.tmpl:4: Windows line ends"},
        {"\xef\xbb\xbfSubject: a\n\n", "x.tmpl:1: the file begins with a byte order mark"},
        {"Subject: a\n\n\x8e\xf3\n", "x.tmpl:3: this is not UTF-8"},
        {"Subject: a\n\n\x1b[2J\n", "x.tmpl:3: a control character"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(template_parse(cases[i].text, "x.tmpl", &error));
        g_assert_error(error, MADO_ERROR, MADO_E_TEMPLATE);
        g_test_message("%s", error->message);
        g_assert_true(g_str_has_prefix(error->message, cases[i].says));
    }
}

/* -- the folder -- */

static char *our_templates(void)
{
    const char *source = g_getenv("MADO_SOURCE");
    return g_build_filename(source ?: ".", "etc", "mado", "templates", NULL);
}

static void write_file(const char *folder, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

/* A folder with every template of the table, all right. */
static char *good_folder(void)
{
    static const char *const languages[] = {"ja", "en"};
    char *folder = g_dir_make_tmp("mado-templates-XXXXXX", NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(languages); i++) {
        g_autofree char *sub = g_build_filename(folder, languages[i], NULL);
        g_mkdir(sub, 0700);
        for (const struct template_kind *kind = templates_table(); kind->name; kind++) {
            g_autofree char *name = g_strconcat(kind->name, ".tmpl", NULL);
            g_autofree char *text =
                g_strdup_printf("Subject: %s %s\n\n{{team}}\n", languages[i], kind->name);
            write_file(sub, name, text);
        }
    }
    return folder;
}

static void test_all_problems_of_a_folder_are_told_at_once(void)
{
    char *folder = good_folder();
    g_autofree char *lost = g_build_filename(folder, "en", "notice.tmpl", NULL);
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) problems = NULL;
    g_autofree char *all = NULL;

    write_file(folder, "ja/ack-new.tmpl",
        "Subject: {{subject}}\n\n{{reporter_name}}\n{{#items}}\n{{/items}}\n{{#team}}\n");
    write_file(folder, "ja/notice-many.tmpl", "Subject: {{number}}\n\n{{items}}\n");
    write_file(folder, "en/ack-nwe.tmpl", "Subject: a\n\n");
    g_unlink(lost);
    problems = templates_check(folder);
    all = g_strjoinv("\n", problems);
    g_test_message("%s", all);
    g_assert_nonnull(strstr(all, "ja/ack-new.tmpl:1: unknown variable {{subject}}"));
    g_assert_nonnull(strstr(all, "ja/ack-new.tmpl:3: unknown variable {{reporter_name}}"));
    g_assert_nonnull(strstr(all, "ja/ack-new.tmpl:4: unknown variable {{items}}"));
    g_assert_nonnull(strstr(all, "ja/ack-new.tmpl:6: the section {{#team}} is never closed"));
    g_assert_nonnull(strstr(all, "ja/notice-many.tmpl:1: {{number}} may only be used inside"));
    g_assert_nonnull(strstr(all, "ja/notice-many.tmpl:3: {{items}} is a list"));
    g_assert_nonnull(strstr(all, "en/ack-nwe.tmpl:1: there is no template of this name"));
    g_assert_nonnull(strstr(all, "en/notice.tmpl:1: the template cannot be read"));
    g_assert_cmpuint(g_strv_length(problems), ==, 8);
    g_assert_null(templates_load(folder, &error));
    g_assert_error(error, MADO_ERROR, MADO_E_TEMPLATE);
    folder_remove(folder);
}

/* What rules name may say no more than any acknowledgement. */
static void test_templates_of_the_team_are_checked_alike(void)
{
    char *folder = good_folder();
    g_autoptr(mado_templates) templates = NULL;
    g_auto(GStrv) problems = NULL;

    write_file(folder, "ja/own-bank.tmpl", "Subject: {{number}}\n\n{{team}}\n");
    templates = templates_load(folder, NULL);
    g_assert_nonnull(templates);
    g_assert_nonnull(templates_get(templates, "own-bank", "ja"));
    g_assert_nonnull(templates_get(templates, "own-bank", "en"));
    write_file(folder, "en/own-bank.tmpl", "Subject: {{subject}}\n\n{{team}}\n");
    problems = templates_check(folder);
    g_assert_cmpuint(g_strv_length(problems), ==, 1);
    g_assert_nonnull(strstr(problems[0], "en/own-bank.tmpl:1: unknown variable {{subject}}"));
    folder_remove(folder);
}

static void test_a_zero_byte_is_a_problem(void)
{
    char *folder = good_folder();
    g_autofree char *path = g_build_filename(folder, "ja", "notice.tmpl", NULL);
    g_auto(GStrv) problems = NULL;

    g_assert_true(g_file_set_contents(path, "Subject: a\n\n\0{{nothing}}\n", 24, NULL));
    problems = templates_check(folder);
    g_assert_cmpuint(g_strv_length(problems), ==, 1);
    g_assert_nonnull(strstr(problems[0], "zero byte"));
    folder_remove(folder);
}

static void test_a_template_is_there_in_any_language(void)
{
    char *folder = good_folder();
    g_autoptr(mado_templates) templates = templates_load(folder, NULL);
    g_autoptr(mado_values) values = values_new();
    static const struct {
        const char *language, *subject;
    } cases[] = {{"ja", "ja notice"}, {"en", "en notice"}, {"fr", "ja notice"}};

    g_assert_nonnull(templates);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *subject = NULL, *text = NULL;
        template_render(
            templates_get(templates, "notice", cases[i].language), values, &subject, &text);
        g_assert_cmpstr(subject, ==, cases[i].subject);
    }
    folder_remove(folder);
}

/* -- our templates -- */

static const struct {
    const char *name, *value;
} filled[] = {
    {"number", "SAKURA#2026-0042-K7"},
    {"received_at", "2026-11-20 18:42 (JST)"},
    {"team", "SAKURA-CSIRT"},
    {"team_ja", "さくら工業 CSIRT"},
    {"address", "csirt@sakura.example"},
    {"duty_hours", "平日 09:00-17:30(土日祝日・年末年始を除く)"},
    {"off_hours", "11月24日(火) 09:00"},
    {"first_reply_by", "11月24日(火) 10:00"},
    {"our_fpr", "C1B3 84FE 0FF8 8AFA 13D5  84FB BBE3 0B6E 57D1 4B4D"},
    {"our_key_url", "https://csirt.sakura.example/pgp-key.txt"},
    {"emergency_phone", "+81-3-0000-0110"},
    {"count", "5"},
    {"state", "new"},
    {"severity", "high"},
    {"label", "TLP:AMBER"},
    {"time", "2026-11-20 18:42"},
    {"conditions", "source inbox, relay"},
    {"condition", "source inbox"},
    {"since", "2026-11-20 18:42 JST"},
    {"over", "2026-11-20 19:42 JST"},
};

static struct values *filled_values(gboolean all)
{
    struct values *values = values_new();
    struct values *item = values_add(values, "items");
    static const char *const never_empty[] = {
        "label", "label_note", "writer_name", "reason", "category", "closed_at", "n", "question"};

    for (gsize i = 0; i < G_N_ELEMENTS(never_empty); i++)
        values_set(values, never_empty[i], never_empty[i]);
    for (gsize i = 0; i < G_N_ELEMENTS(filled); i++) {
        values_set(item, filled[i].name, filled[i].value);
        if (all || i < 5)
            values_set(values, filled[i].name, filled[i].value);
    }
    return values;
}

/* As wide as a mail is read, and fit for those who can read ISO-2022-JP only. */
static void check_lines(const char *name, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autoptr(GError) error = NULL;
    g_autofree char *encoded = g_convert(text, -1, "ISO-2022-JP", "UTF-8", NULL, NULL, &error);

    g_assert_no_error(error);
    g_assert_nonnull(encoded);
    for (char **line = lines; *line; line++)
        if (text_width(*line) > 74)
            g_error("%s: %d columns: %s", name, text_width(*line), *line);
    g_assert_null(strstr(text, "\n\n\n"));
    g_assert_null(strstr(text, "{{"));
    g_assert_false(g_str_has_prefix(text, "\n"));
}

static void test_our_templates_are_right(void)
{
    static const char *const languages[] = {"ja", "en"};
    g_autofree char *folder = our_templates();
    g_autoptr(GError) error = NULL;
    g_autoptr(mado_templates) templates = templates_load(folder, &error);

    g_assert_no_error(error);
    for (gsize i = 0; i < 4; i++)
        for (const struct template_kind *kind = templates_table(); kind->name; kind++) {
            g_autoptr(mado_values) values = filled_values(i < 2);
            g_autofree char *subject = NULL, *text = NULL;
            template_render(
                templates_get(templates, kind->name, languages[i % 2]), values, &subject, &text);
            check_lines(kind->name, text);
            check_lines(kind->name, subject);
            g_test_message("%s\n\n%s", subject, text);
        }
}

static void test_one_letter_in_two_languages(void)
{
    static const char *const both[] = {"ja", "en", NULL};
    g_autofree char *folder = our_templates(), *subject = NULL, *text = NULL;
    g_autoptr(mado_templates) templates = templates_load(folder, NULL);
    g_autoptr(mado_values) first = filled_values(TRUE), second = filled_values(TRUE);
    struct values *const values[] = {first, second};
    const char *japanese, *english;

    values_set(first, "received_at", "金曜日");
    values_set(second, "received_at", "Friday");
    pages_render(templates, "ack-new", both, values, &subject, &text);
    check_lines("ack-new", text);
    g_assert_true(
        g_str_has_suffix(subject, "] ご連絡を受け付けました / We have received your report"));
    g_assert_true(strstr(subject, "[") == g_strrstr(subject, "["));
    japanese = strstr(text, "金曜日");
    english = strstr(text, "Friday");
    g_assert_true(japanese && english && japanese < english);
    g_assert_true(strstr(text, "\n-- \n") == g_strrstr(text, "\n-- \n"));
    g_assert_true(strstr(text, "\n-- \n") > english);
}

static void test_what_is_not_known_is_left_out(void)
{
    g_autofree char *folder = our_templates();
    g_autoptr(mado_templates) templates = templates_load(folder, NULL);
    g_autoptr(mado_values) all = filled_values(TRUE), few = filled_values(FALSE);
    static const char *const names[] = {"ack-new", "ack-followup"};
    static const char *const optional[] = {
        "C1B3 84FE", "pgp-key.txt", "0000-0110", "09:00-17:30", "10:00", "受付時間", "公開鍵"};

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *subject = NULL, *text = NULL, *other = NULL, *short_text = NULL;
        template_render(templates_get(templates, names[i], "ja"), all, &subject, &text);
        template_render(templates_get(templates, names[i], "ja"), few, &other, &short_text);
        for (gsize k = 0; k < G_N_ELEMENTS(optional); k++) {
            g_assert_nonnull(strstr(text, optional[k]));
            g_assert_null(strstr(short_text, optional[k]));
        }
    }
}

/* A letter of an alarm may be read by many: no word of a server, and of no report. */
static void test_alarms_say_which_and_when(void)
{
    static const char *const closed[] = {
        "team", "conditions", "items", "condition", "since", "over", NULL};
    int found = 0;

    for (const struct template_kind *kind = templates_table(); kind->name; kind++)
        for (const struct template_variable *v = kind->variables; v->name; v++)
            if (g_str_has_prefix(kind->name, "alarm") && ++found)
                g_assert_true(g_strv_contains(closed, v->name));
    g_assert_cmpint(found, ==, 12);
}

/* What an acknowledgement may say is a closed list: it goes to whoever claims to have written. */
static void test_acknowledgements_can_say_nothing_of_the_report(void)
{
    static const char *const closed[] = {"number", "received_at", "team", "team_ja", "address",
        "duty_hours", "off_hours", "first_reply_by", "our_fpr", "our_key_url", "phone",
        "emergency_phone", NULL};

    for (const struct template_kind *kind = templates_table(); kind->name; kind++)
        for (const struct template_variable *v = kind->variables; v->name; v++)
            if (g_str_has_prefix(kind->name, "ack-"))
                g_assert_true(g_strv_contains(closed, v->name));
}

static void test_the_manual_names_every_variable(void)
{
    g_autofree char *path =
        g_build_filename(g_getenv("MADO_SOURCE") ?: ".", "man", "mado-templates.5", NULL);
    g_autofree char *page = NULL;

    g_assert_true(g_file_get_contents(path, &page, NULL, NULL));
    for (const struct template_kind *kind = templates_table(); kind->name; kind++) {
        g_auto(GStrv) words = g_strsplit(kind->name, "-", -1);
        g_autofree char *escaped = g_strjoinv("\\-", words); /* as roff writes it */
        g_autofree char *name = g_strdup_printf(".B %s\n", escaped);
        if (!strstr(page, name))
            g_error("mado-templates.5 does not tell of %s", kind->name);
        for (const struct template_variable *v = kind->variables; v->name; v++) {
            g_autofree char *variable = g_strdup_printf(".B %s\n", v->name);
            if (!strstr(page, variable))
                g_error("mado-templates.5 does not tell of %s", v->name);
        }
    }
}

static void test_writing_is_quick(void)
{
    g_autofree char *folder = our_templates();
    g_autoptr(mado_templates) templates = templates_load(folder, NULL);
    g_autoptr(mado_values) values = filled_values(TRUE);
    int letters = 0;

    write_warm("Asia/Tokyo");
    g_test_timer_start();
    while (g_test_timer_elapsed() < 0.5) {
        struct letter letter = {.from_name = "さくら工業 CSIRT",
            .from_addr = "csirt@sakura.example",
            .to_addr = "hanako@yamabuki.example",
            .message_id = "2026-0042.0123456789abcdef.u1@sakura.example",
            .timezone = "Asia/Tokyo",
            .auto_submitted = "auto-replied",
            .language = "ja"};
        g_autofree char *subject = NULL, *text = NULL;
        template_render(templates_get(templates, "ack-new", "ja"), values, &subject, &text);
        letter.subject = subject;
        letter.text = text;
        g_bytes_unref(write_letter(&letter, NULL));
        letters++;
    }
    g_test_message("%.0f letters a second", letters / g_test_timer_last());
    g_assert_cmpfloat(letters / g_test_timer_last(), >, 100); /* on a busy machine */
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/write/template/values and sections", test_template_has_values_and_sections);
    g_test_add_func("/write/template/values cannot break out", test_values_cannot_break_out);
    g_test_add_func("/write/template/what is wrong is said with file and line",
        test_what_is_wrong_is_said_with_file_and_line);
    g_test_add_func("/write/folder/all problems are told at once",
        test_all_problems_of_a_folder_are_told_at_once);
    g_test_add_func("/templates/those of the team are checked alike",
        test_templates_of_the_team_are_checked_alike);
    g_test_add_func("/write/folder/a zero byte is a problem", test_a_zero_byte_is_a_problem);
    g_test_add_func(
        "/write/folder/there in any language", test_a_template_is_there_in_any_language);
    g_test_add_func("/write/ours/are right", test_our_templates_are_right);
    g_test_add_func("/write/ours/two languages", test_one_letter_in_two_languages);
    g_test_add_func(
        "/write/ours/what is not known is left out", test_what_is_not_known_is_left_out);
    g_test_add_func("/write/ours/acknowledgements can say nothing of the report",
        test_acknowledgements_can_say_nothing_of_the_report);
    g_test_add_func(
        "/write/ours/the manual names every variable", test_the_manual_names_every_variable);
    g_test_add_func("/write/is quick", test_writing_is_quick);
    g_test_add_func("/templates/alarms", test_alarms_say_which_and_when);
    return g_test_run();
}
