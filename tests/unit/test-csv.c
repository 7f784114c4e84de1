/* Comma-separated values. */
#include "error.h"
#include "sheet.h"
#include <string.h>

/* "1:a|b 2:c" */
static char *written(const GPtrArray *lines)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < lines->len; i++) {
        const struct csv_line *line = lines->pdata[i];
        g_string_append_printf(out, "%s%u:", i ? " " : "", line->number);
        for (guint k = 0; k < line->fields->len; k++)
            g_string_append_printf(out, "%s%s", k ? "|" : "", (const char *)line->fields->pdata[k]);
    }
    return g_string_free(out, FALSE);
}

static void test_values_are_read_as_spreadsheets_write_them(void)
{
    static const struct {
        const char *bytes;
        const char *lines; /* NULL: refused */
    } rows[] = {
        {"", ""},
        {"a,b\nc", "1:a|b 2:c"},
        {"a,b\r\nc,d\r\n", "1:a|b 2:c|d"},
        {"\xEF\xBB\xBF"
         "a",
            "1:a"},
        {" a , b ", "1:a|b"},
        {"a,\"b, c\"", "1:a|b, c"},
        {"\"say \"\"hello\"\"\"", "1:say \"hello\""},
        {"\"two\nlines\",b\nc", "1:two\nlines|b 3:c"},
        {"a\n\n ,\nb", "1:a 4:b"},
        {"a,", "1:a|"},
        {"\"a\"b,c", "1:ab|c"},
        {"\"a", NULL},
        {"a\n\"b\nc", NULL},
        {"\x8E\x52\x90\x81,\x87\x40", "1:山吹|①"}, /* CP932 */
        {"a\n\xFF\xFF", NULL},
        {"a;b,c;d\n1;2", "1:a|b,c|d 2:1|2"},
        {"a\tb\n1\t2", "1:a|b 2:1|2"},
        {"\"a;b;c\",d", "1:a;b;c|d"},
        {"title\na;b", "1:title 2:a|b"},
        {"=\"0012\",'=1+1,'x", "1:0012|=1+1|'x"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) lines = csv_read(rows[i].bytes, strlen(rows[i].bytes), &error);
        g_autofree char *text = lines ? written(lines) : NULL;
        g_assert_cmpstr(text, ==, rows[i].lines);
        if (!lines)
            g_assert_error(error, MADO_ERROR, MADO_E_BAD_DATA);
    }
}

static void test_what_is_no_text_is_refused(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(csv_read("a\0b", 3, &error));
    g_assert_error(error, MADO_ERROR, MADO_E_BAD_DATA);
}

static void test_utf16_is_read(void)
{
    g_autoptr(GPtrArray) lines = csv_read("\xFF\xFE\x71\x5C\x09\x00z\x00\n\x00", 10, NULL);
    g_autofree char *text = written(lines);

    g_assert_cmpstr(text, ==, "1:\u5c71|z");
    g_assert_null(csv_read("\xFF\xFE"
                           "a\0\0\0",
        6, NULL));
}

static void test_what_is_written_is_read_again(void)
{
    static const char *const values[] = {"", "a", "a,b", "say \"x\"", "two\nlines", "=1+1", "+1",
        "-x", "@x", "'", "'=x", "''", "山", "＝1+1", "＋1", "－x", "＠x", "﹦x", "'＝x", "\t=x",
        "\rx", "\nx"};
    static const char *const formulas[] = {
        "\"=", "\"+", "\"-", "\"@", "\"＝", "\"＋", "\"－", "\"＠", "\"﹦", "\"\t", "\"\r", "\"\n"};
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GPtrArray) lines = NULL;
    const struct csv_line *line;

    for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
        csv_append(out, values[i]);
        g_string_append_c(out, ',');
    }
    for (gsize i = 0; i < G_N_ELEMENTS(formulas); i++)
        g_assert_null(strstr(out->str, formulas[i]));
    lines = csv_read(out->str, out->len, NULL);
    line = lines->pdata[0];
    for (gsize i = 0; i < G_N_ELEMENTS(values); i++)
        g_assert_cmpstr(line->fields->pdata[i], ==, values[i]);
}

static void test_fields_have_an_end(void)
{
    g_autofree char *commas = g_strnfill(250, ',');
    g_autoptr(GError) error = NULL;

    g_assert_null(csv_read(commas, 250, &error));
    g_assert_nonnull(strstr(error->message, "line 1"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/csv/values", test_values_are_read_as_spreadsheets_write_them);
    g_test_add_func("/csv/no text", test_what_is_no_text_is_refused);
    g_test_add_func("/csv/utf-16", test_utf16_is_read);
    g_test_add_func("/csv/written", test_what_is_written_is_read_again);
    g_test_add_func("/csv/fields", test_fields_have_an_end);
    return g_test_run();
}
