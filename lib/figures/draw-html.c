/* One page: no script, no font and no picture from elsewhere; it opens from a share and from a
 * mail, and prints on A4. */
#include "figures-parts.h"
#include "figures-svg.h"

static const char style[] =
    "@page{size:A4;margin:14mm 15mm}"
    "body{font-family:'Noto Sans CJK JP','Hiragino Sans','Yu Gothic',Meiryo,sans-serif;"
    "font-size:10pt;line-height:1.4;width:178mm;margin:0 auto;padding:4mm;color:#000;"
    "background:#fff}"
    "h1{font-size:16pt;margin:0}h2{font-size:11pt;margin:6mm 0 2mm;break-after:avoid}"
    ".label{font-weight:bold;float:right;border:.4mm solid #000;padding:.5mm 2mm}"
    "section{break-inside:avoid}"
    "svg{width:104mm;height:auto;flex:none;"
    "font-family:'Noto Sans CJK JP','Hiragino Sans','Yu Gothic',Meiryo,sans-serif}"
    "svg.wide{width:178mm;display:block}"
    ".beside{display:flex;flex-wrap:wrap;gap:3mm;align-items:flex-start}"
    ".beside table{flex:1 1 50mm;max-width:69mm}"
    "table{border-collapse:collapse;font-size:8pt;line-height:1.25}"
    "th,td{border:.2mm solid #777;padding:.5mm 1.2mm;text-align:right;white-space:nowrap}"
    "th:first-child,td:first-child{text-align:left;white-space:normal;word-break:keep-all;"
    "overflow-wrap:anywhere}"
    ".beside table{font-size:7pt}.beside th:first-child{min-width:24mm}"
    ".beside th,.beside td{padding:.5mm .8mm}"
    "tr{break-inside:avoid}.across{width:100%;font-size:7pt}.across th,.across td{padding:.5mm}"
    "p{margin:1mm 0;font-size:8.5pt}"
    "@media print{body{padding:0;margin:0}}";

static void cell(GString *page, const char *tag, const char *text)
{
    g_string_append_printf(page, "<%s>", tag);
    svg_text(page, text);
    g_string_append_printf(page, "</%s>", tag);
}

/* A row for each row. */
static void table(GString *page, const struct figure *figure)
{
    g_string_append(page, "<table>\n<tr>");
    cell(page, "th", figure->head);
    for (guint i = 0; i < figure->columns->len; i++)
        cell(page, "th", figure->columns->pdata[i]);
    g_string_append(page, "</tr>\n");
    for (guint i = 0; i < figure->rows->len; i++) {
        const struct figure_row *row = figure->rows->pdata[i];
        g_string_append(page, "<tr>");
        cell(page, "td", row->label);
        for (guint j = 0; j < figure->columns->len; j++) {
            g_autofree char *amount = figure_amount(figure, row, j);
            cell(page, "td", amount);
        }
        g_string_append(page, "</tr>\n");
    }
    g_string_append(page, "</table>\n");
}

/* A column for each row, as the drawing above has it. */
static void table_across(GString *page, const struct figure *figure)
{
    g_string_append(page, "<table class=\"across\">\n<tr>");
    cell(page, "th", figure->head);
    for (guint i = 0; i < figure->rows->len; i++)
        cell(page, "th", ((struct figure_row *)figure->rows->pdata[i])->label);
    g_string_append(page, "</tr>\n");
    for (guint j = 0; j < figure->columns->len; j++) {
        g_string_append(page, "<tr>");
        cell(page, "td", figure->columns->pdata[j]);
        for (guint i = 0; i < figure->rows->len; i++) {
            g_autofree char *amount = figure_amount(figure, figure->rows->pdata[i], j);
            cell(page, "td", amount);
        }
        g_string_append(page, "</tr>\n");
    }
    g_string_append(page, "</table>\n");
}

static void drawing_and_table(GString *page, const struct figure *figure, const char *language)
{
    gboolean beside = figure->drawing != DRAW_NOTHING && !svg_is_wide(figure);

    if (beside)
        g_string_append(page, "<div class=\"beside\">\n");
    svg_figure(page, figure, language);
    if (svg_is_wide(figure))
        table_across(page, figure);
    else
        table(page, figure);
    if (beside)
        g_string_append(page, "</div>\n");
}

static void section(GString *page, const struct figure *figure, const char *language)
{
    g_string_append(page, "<section>\n");
    cell(page, "h2", figure->title);
    g_string_append_c(page, '\n');
    if (!figure->rows->len)
        cell(page, "p", figure_word(language, "none"));
    else
        drawing_and_table(page, figure, language);
    if (*figure->note)
        cell(page, "p", figure->note);
    g_string_append(page, "</section>\n");
}

char *figures_html(const struct figures *figures)
{
    GString *page = g_string_new(NULL);
    g_autofree char *title =
        g_strdup_printf("%s %s %s", figures->team, figures->title, figures->period);

    g_string_append_printf(page,
        "<!DOCTYPE html>\n<html lang=\"%s\">\n<head><meta charset=\"utf-8\">", figures->language);
    cell(page, "title", title);
    g_string_append_printf(
        page, "<style>%s</style></head>\n<body>\n<header><span class=\"label\">", style);
    svg_text(page, figures->label);
    g_string_append(page, "</span>");
    cell(page, "h1", title);
    cell(page, "p", figures->as_of);
    g_string_append(page, "</header>\n");
    for (guint i = 0; i < figures->figures->len; i++)
        section(page, figures->figures->pdata[i], figures->language);
    g_string_append(page, "</body>\n</html>\n");
    return g_string_free(page, FALSE);
}
