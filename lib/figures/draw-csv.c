/* For a spreadsheet (RFC 4180): each table with its title above, and an empty line behind. Amounts
 * are plain numbers; spans are seconds. */
#include "figures-parts.h"
#include "text.h"
#include <string.h>

static void append_cell(GString *text, const char *cell)
{
    g_auto(GStrv) parts = g_strsplit(cell, "\"", -1);
    g_autofree char *quoted = g_strjoinv("\"\"", parts);

    g_string_append_printf(text, "\"%s%s\"", text_is_formula(cell) ? "'" : "", quoted);
}

static void append_line(GString *text, const char *first, const char *second)
{
    append_cell(text, first);
    if (second) {
        g_string_append_c(text, ',');
        append_cell(text, second);
    }
    g_string_append(text, "\r\n");
}

static void append_row(GString *text, const struct figure *figure, const struct figure_row *row)
{
    append_cell(text, row->label);
    for (guint i = 0; i < figure->columns->len; i++) {
        g_string_append_c(text, ',');
        if (row->amounts[i] != FIGURE_UNKNOWN)
            g_string_append_printf(text, "%" G_GINT64_FORMAT, row->amounts[i]);
    }
    g_string_append(text, "\r\n");
}

static void append_figure(GString *text, const struct figure *figure)
{
    g_string_append(text, "\r\n");
    append_line(text, figure->title, *figure->note ? figure->note : NULL);
    append_cell(text, figure->head);
    for (guint i = 0; i < figure->columns->len; i++) {
        g_string_append_c(text, ',');
        append_cell(text, figure->columns->pdata[i]);
    }
    g_string_append(text, "\r\n");
    for (guint i = 0; i < figure->rows->len; i++)
        append_row(text, figure, figure->rows->pdata[i]);
}

char *figures_csv(const struct figures *figures, gboolean mark)
{
    GString *text = g_string_new(mark ? "\xef\xbb\xbf" : "");
    g_autofree char *title =
        g_strdup_printf("%s %s %s", figures->team, figures->title, figures->period);

    append_line(text, figures->label, NULL);
    append_line(text, title, figures->as_of);
    for (guint i = 0; i < figures->figures->len; i++)
        append_figure(text, figures->figures->pdata[i]);
    return g_string_free(text, FALSE);
}
