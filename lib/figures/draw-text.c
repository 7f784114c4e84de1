/* For a terminal and for plain mail: blanks, ASCII, kana and kanji alone, for nothing else is as
 * wide on each of them. */
#include "figures-parts.h"
#include "text.h"
#include <string.h>

enum { GAP = 2, WIDEST_LABEL = 48, LONGEST_BAR = 30, SHORTEST_BAR = 8 };

static void append_cell(GString *text, const char *cell, int width, gboolean right)
{
    int blanks = MAX(width - text_width(cell), 0);

    g_string_append_printf(text, "%*s%s%*s", right ? blanks : 0, "", cell, right ? 0 : blanks, "");
}

static int label_width(const struct figure *figure)
{
    int width = text_width(figure->head);

    for (guint i = 0; i < figure->rows->len; i++) {
        const struct figure_row *row = figure->rows->pdata[i];
        width = MAX(width, text_width(row->label));
    }
    return MIN(width, WIDEST_LABEL);
}

static int column_width(const struct figure *figure, guint column)
{
    int width = text_width(figure->columns->pdata[column]);

    for (guint i = 0; i < figure->rows->len; i++) {
        g_autofree char *amount = figure_amount(figure, figure->rows->pdata[i], column);
        width = MAX(width, text_width(amount));
    }
    return width;
}

static gint64 most(const struct figure *figure)
{
    gint64 most = 1;

    for (guint i = 0; i < figure->rows->len; i++) {
        const struct figure_row *row = figure->rows->pdata[i];
        most = MAX(most, row->amounts[0]);
    }
    return most;
}

static void append_row(GString *text, const struct figure *figure, const struct figure_row *row,
    const int *widths, int bar)
{
    g_autofree char *label = text_fit(row->label, widths[0]);

    append_cell(text, label, widths[0], FALSE);
    for (guint i = 0; i < figure->columns->len; i++) {
        g_autofree char *amount = figure_amount(figure, row, i);
        g_string_append_printf(text, "%*s", GAP, "");
        append_cell(text, amount, widths[i + 1], TRUE);
    }
    if (bar && row->amounts[0] > 0) {
        gint64 most_of_all = most(figure), length = row->amounts[0] * bar / most_of_all;
        g_string_append_printf(text, "%*s", GAP, "");
        for (gint64 i = 0; i < MAX(length, 1); i++)
            g_string_append_c(text, '#');
    }
    g_string_append_c(text, '\n');
}

static void append_target(
    GString *text, const struct figure *figure, guint row, int width, const char *language)
{
    if (figure->target == (int)row)
        g_string_append_printf(text, "%.*s %s\n", MIN(width, 20), "- - - - - - - - - - ",
            figure_word(language, "target"));
}

static void append_figure(
    GString *text, const struct figure *figure, const char *language, int width)
{
    g_autofree int *widths = g_new0(int, figure->columns->len + 1);
    int taken = widths[0] = label_width(figure), bar;

    for (guint i = 0; i < figure->columns->len; i++)
        taken += GAP + (widths[i + 1] = column_width(figure, i));
    bar = figure->drawing == DRAW_NOTHING ? 0 : MIN(width - taken - GAP, LONGEST_BAR);
    if (bar < SHORTEST_BAR)
        bar = 0;
    g_string_append_printf(text, "\n%s\n", figure->title);
    if (!figure->rows->len) {
        g_string_append_printf(text, "%s\n", figure_word(language, "none"));
        return;
    }
    append_cell(text, figure->head, widths[0], FALSE);
    for (guint i = 0; i < figure->columns->len; i++) {
        g_string_append_printf(text, "%*s", GAP, "");
        append_cell(text, figure->columns->pdata[i], widths[i + 1], TRUE);
    }
    g_string_append_c(text, '\n');
    for (guint i = 0; i < figure->rows->len; i++) {
        append_target(text, figure, i, taken, language);
        append_row(text, figure, figure->rows->pdata[i], widths, bar);
    }
    if (*figure->note)
        g_string_append_printf(text, "%s\n", figure->note);
}

char *figures_text(const struct figures *figures, int width)
{
    GString *text = g_string_new(NULL);

    g_string_printf(text, "%s %s %s   %s   (%s)\n", figures->team, figures->title, figures->period,
        figures->label, figures->as_of);
    for (guint i = 0; i < figures->figures->len; i++)
        append_figure(text, figures->figures->pdata[i], figures->language, width);
    return g_string_free(text, FALSE);
}
