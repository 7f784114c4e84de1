/*
 * Drawings: bars that lie, and columns that stand
 *
 * Colours of the set by Okabe and Ito, and a hatch for the second of two, so that a grey print
 * tells them apart; every bar has its number. Texts are placed by where they begin, stand or end,
 * never by how wide they are, and labels have room for twelve kanji or break off with "..".
 */
#include "figures-parts.h"
#include "figures-svg.h"
#include "text.h"

enum {
    WIDE = 680,
    LABELS = 170,
    NUMBERS = 50,
    BAR = 13,
    SPACE = 10,
    HIGH = 180,
    TOP = 34,
    FOOT = 30
};

static const char *const fills[] = {"#0072B2", "url(#hatch)"};

void svg_text(GString *out, const char *text)
{
    g_autofree char *harmless = text_harmless(text, NULL);
    g_autofree char *escaped = g_markup_escape_text(harmless, -1);

    g_string_append(out, escaped);
}

static void place_text(GString *out, int x, int y, const char *anchor, const char *text)
{
    g_string_append_printf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">", x, y, anchor);
    svg_text(out, text);
    g_string_append(out, "</text>\n");
}

static gint64 most(const struct figure *figure)
{
    gint64 most = 1;

    for (guint i = 0; i < figure->rows->len; i++) {
        const struct figure_row *row = figure->rows->pdata[i];
        for (guint j = 0; j < figure->drawn; j++)
            most = MAX(most, row->amounts[j]);
    }
    return most;
}

static void begin(GString *out, const struct figure *figure, int high)
{
    g_string_append_printf(out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 %d %d\" "
        "font-size=\"12\">\n"
        "<title>",
        WIDE, high);
    svg_text(out, figure->title);
    g_string_append(out,
        "</title>\n<defs><pattern id=\"hatch\" width=\"5\" height=\"5\" "
        "patternUnits=\"userSpaceOnUse\" "
        "patternTransform=\"rotate(45)\"><rect width=\"5\" height=\"5\" fill=\"#fff\"/>"
        "<rect width=\"2\" height=\"5\" fill=\"#D55E00\"/></pattern></defs>\n");
}

/* What is what, above the drawing. */
static void legend(GString *out, const struct figure *figure, int x)
{
    for (guint i = 0; figure->drawn > 1 && i < figure->drawn; i++) {
        g_string_append_printf(out,
            "<rect x=\"%d\" y=\"8\" width=\"14\" height=\"12\" fill=\"%s\" stroke=\"#000\" "
            "stroke-width=\".6\"/>\n",
            x + (int)i * 200, fills[i]);
        place_text(out, x + (int)i * 200 + 20, 19, "start", figure->columns->pdata[i]);
    }
}

static void rect(GString *out, int x, int y, int width, int height, guint series)
{
    if (width > 0 && height > 0)
        g_string_append_printf(out,
            "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\" stroke=\"#000\" "
            "stroke-width=\".6\"/>\n",
            x, y, width, height, fills[series]);
}

static void bars(GString *out, const struct figure *figure)
{
    int step = (int)figure->drawn * BAR + SPACE, room = WIDE - LABELS - NUMBERS;
    gint64 longest = most(figure);

    begin(out, figure, TOP + (int)figure->rows->len * step);
    legend(out, figure, LABELS);
    for (guint i = 0; i < figure->rows->len; i++) {
        const struct figure_row *row = figure->rows->pdata[i];
        int y = TOP + (int)i * step;
        g_autofree char *label = text_fit(row->label, 24);
        place_text(out, LABELS - 8, y + (int)figure->drawn * BAR / 2 + 4, "end", label);
        for (guint j = 0; j < figure->drawn; j++) {
            g_autofree char *amount = figure_amount(figure, row, j);
            int width = (int)(MAX(row->amounts[j], 0) * room / longest);
            rect(out, LABELS, y + (int)j * BAR, width, BAR, j);
            place_text(out, LABELS + width + 5, y + (int)j * BAR + 11, "start", amount);
        }
    }
    g_string_append(out, "</svg>\n");
}

/* The line where what was promised ends. */
static void target(GString *out, const struct figure *figure, int step, const char *word)
{
    int x = SPACE + figure->target * step;

    if (figure->target < 0)
        return;
    g_string_append_printf(out,
        "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#000\" stroke-width=\"1.5\" "
        "stroke-dasharray=\"5 3\"/>\n",
        x, TOP - 8, x, TOP + HIGH);
    place_text(out, x - 4, TOP - 12, "end", word);
}

static void columns(GString *out, const struct figure *figure, const char *word)
{
    int step = (WIDE - 2 * SPACE) / (int)MAX(figure->rows->len, 1);
    int wide = MIN((step - 4) / (int)figure->drawn, 40);
    gint64 highest = most(figure);

    begin(out, figure, TOP + HIGH + FOOT);
    legend(out, figure, SPACE);
    for (guint i = 0; i < figure->rows->len; i++) {
        const struct figure_row *row = figure->rows->pdata[i];
        int middle = SPACE + (int)i * step + step / 2;
        int left = middle - wide * (int)figure->drawn / 2;
        for (guint j = 0; j < figure->drawn; j++) {
            g_autofree char *amount = figure_amount(figure, row, j);
            int high = (int)(MAX(row->amounts[j], 0) * (HIGH - 16) / highest);
            rect(out, left + (int)j * wide, TOP + HIGH - high, wide, high, j);
            place_text(
                out, left + (int)j * wide + wide / 2, TOP + HIGH - high - 3, "middle", amount);
        }
        place_text(out, middle, TOP + HIGH + 16, "middle", row->label);
    }
    g_string_append_printf(out, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#000\"/>\n",
        SPACE, TOP + HIGH, WIDE - SPACE, TOP + HIGH);
    target(out, figure, step, word);
    g_string_append(out, "</svg>\n");
}

void svg_figure(GString *out, const struct figure *figure, const char *language)
{
    if (figure->drawing == DRAW_BARS)
        bars(out, figure);
    else if (figure->drawing == DRAW_COLUMNS)
        columns(out, figure, figure_word(language, "target"));
}
