/*
 * Drawings: bars that lie, and columns that stand
 *
 * Colours of the set by Okabe and Ito, and a hatch for the second of two, so that a grey print
 * tells them apart; every bar has its number. Texts are placed by where they begin, stand or end.
 * How wide they are depends on the fonts of who reads them: labels are cut with ".." by the width
 * that letters have at most, and numbers get smaller where there are many. Four units are a
 * millimetre on paper.
 */
#include "figures-parts.h"
#include "figures-svg.h"
#include "text.h"
#include <string.h>

enum {
    NARROW = 440,
    WIDE = 720,
    LABELS = 168,
    NUMBERS = 46,
    BAR = 12,
    SPACE = 8,
    HIGH = 130,
    MARGIN = 10,
    FOOT = 22,
    FONT = 11,
    SMALL = 10,
    SMALLEST = 6,
    WIDEST_COLUMN = 40,
    LEGEND = 26,
    LEGEND_STEP = 140,
    WIDE_ROWS = 12
};

static const char *const fills[] = {"#0072B2", "url(#hatch)"};

gboolean svg_is_wide(const struct figure *figure)
{
    return figure->drawing == DRAW_COLUMNS && figure->rows->len >= WIDE_ROWS;
}

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

/* -- how wide letters are at most, in hundredths of their size -- */

static int width_of(gunichar c)
{
    if (g_unichar_iswide(c) || c > 0x2000)
        return 100;
    if (c < 0x80 && strchr("mwMW@%", (int)c))
        return 95;
    if (c < 0x80 && strchr("fijlrt .,:;!|'()[]-", (int)c))
        return 42;
    return g_unichar_isupper(c) ? 72 : 58;
}

static char *cut(const char *text, int room)
{
    g_autofree char *harmless = text_harmless(text, NULL);
    int taken = 0, dots = 2 * 60 * FONT, most = room * 100;
    const char *fits = harmless, *at = harmless;

    for (; *at && taken <= most; at = g_utf8_next_char(at)) {
        if (taken + dots <= most)
            fits = at;
        taken += width_of(g_utf8_get_char(at)) * FONT;
    }
    if (taken <= most)
        return g_steal_pointer(&harmless);
    return g_strdup_printf("%.*s..", (int)(fits - harmless), harmless);
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

/* -- what both have -- */

static void begin(GString *out, const struct figure *figure, int high)
{
    g_string_append_printf(out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\"%s viewBox=\"0 0 %d %d\" "
        "font-size=\"%d\">\n<title>",
        svg_is_wide(figure) ? " class=\"wide\"" : "", svg_is_wide(figure) ? WIDE : NARROW, high,
        FONT);
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
            "<rect x=\"%d\" y=\"4\" width=\"14\" height=\"11\" fill=\"%s\" stroke=\"#000\" "
            "stroke-width=\".6\"/>\n",
            x + (int)i * LEGEND_STEP, fills[i]);
        place_text(out, x + (int)i * LEGEND_STEP + 19, 14, "start", figure->columns->pdata[i]);
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

/* -- bars -- */

static void bar(GString *out, const struct figure *figure, guint row_number, gint64 longest)
{
    const struct figure_row *row = figure->rows->pdata[row_number];
    int high = (int)figure->drawn * BAR, y = LEGEND + (int)row_number * (high + SPACE);
    g_autofree char *label = cut(row->label, LABELS - 12);

    place_text(out, LABELS - 8, y + high / 2 + 4, "end", label);
    g_string_append_printf(out, "<g font-size=\"%d\">\n", SMALL);
    for (guint j = 0; j < figure->drawn; j++) {
        g_autofree char *amount = figure_amount(figure, row, j);
        int top = y + (int)j * BAR;
        int width = (int)(MAX(row->amounts[j], 0) * (NARROW - LABELS - NUMBERS) / longest);
        rect(out, LABELS, top, width, BAR, j);
        place_text(out, LABELS + width + 5, top + 10, "start", amount);
    }
    g_string_append(out, "</g>\n");
}

static void bars(GString *out, const struct figure *figure)
{
    int step = (int)figure->drawn * BAR + SPACE;

    begin(out, figure, LEGEND + (int)figure->rows->len * step);
    legend(out, figure, LABELS);
    for (guint i = 0; i < figure->rows->len; i++)
        bar(out, figure, i, most(figure));
    g_string_append(out, "</svg>\n");
}

/* -- columns -- */

struct stand {
    const struct figure *figure;
    int top, step, wide; /* of the drawing; of a row; of one column in it */
    int edge;            /* where it ends on the right */
    gint64 highest;
};

static struct stand stand_of(const struct figure *figure)
{
    int width = svg_is_wide(figure) ? WIDE : NARROW;
    int step = (width - 2 * MARGIN) / (int)MAX(figure->rows->len, 1);

    return (struct stand){.figure = figure,
        .top = figure->drawn > 1 || figure->target >= 0 ? LEGEND : SMALL / 2,
        .step = step,
        .wide = MIN((step - 4) / (int)figure->drawn, WIDEST_COLUMN),
        .edge = width - MARGIN,
        .highest = most(figure)};
}

static int foot_of(const struct stand *stand)
{
    return stand->top + HIGH;
}

static int high_of(const struct stand *stand, gint64 amount)
{
    return (int)(MAX(amount, 0) * (HIGH - 16) / stand->highest);
}

static int left_of(const struct stand *stand, guint row, guint series)
{
    int middle = MARGIN + (int)row * stand->step + stand->step / 2;

    return middle - stand->wide * (int)stand->figure->drawn / 2 + (int)series * stand->wide;
}

/* So that the longest fits between its neighbours. */
static int size_of_numbers(const struct stand *stand)
{
    const struct figure *figure = stand->figure;
    gsize longest = 1;

    for (guint i = 0; i < figure->rows->len; i++)
        for (guint j = 0; j < figure->drawn; j++) {
            g_autofree char *amount = figure_amount(figure, figure->rows->pdata[i], j);
            longest = MAX(longest, strlen(amount));
        }
    return CLAMP((figure->drawn > 1 ? stand->wide : stand->step) * 100 / (int)(longest * 60),
        SMALLEST, SMALL);
}

static void numbers(GString *out, const struct stand *stand)
{
    const struct figure *figure = stand->figure;

    g_string_append_printf(out, "<g font-size=\"%d\">\n", size_of_numbers(stand));
    for (guint i = 0; i < figure->rows->len; i++)
        for (guint j = 0; j < figure->drawn; j++) {
            const struct figure_row *row = figure->rows->pdata[i];
            g_autofree char *amount = figure_amount(figure, row, j);
            place_text(out, left_of(stand, i, j) + stand->wide / 2,
                foot_of(stand) - high_of(stand, row->amounts[j]) - 3, "middle", amount);
        }
    g_string_append(out, "</g>\n");
}

/* Below its columns; or, of what goes from one edge to the next, below the edge. */
static void label(GString *out, const struct stand *stand, guint row_number)
{
    const struct figure_row *row = stand->figure->rows->pdata[row_number];
    int left = MARGIN + (int)row_number * stand->step, y = foot_of(stand) + 15;

    if (!row->edge) {
        place_text(out, left + stand->step / 2, y, "middle", row->label);
        return;
    }
    if (!*row->edge)
        return;
    g_string_append_printf(out, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#000\"/>\n",
        left + stand->step, foot_of(stand), left + stand->step, foot_of(stand) + 4);
    place_text(out, left + stand->step, y, "middle", row->edge);
}

/* The line where what was promised ends. */
static void target(GString *out, const struct stand *stand, const char *word)
{
    int x = MARGIN + stand->figure->target * stand->step;

    if (stand->figure->target < 0)
        return;
    g_string_append_printf(out,
        "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#000\" stroke-width=\"1.5\" "
        "stroke-dasharray=\"5 3\"/>\n",
        x, 6, x, foot_of(stand));
    place_text(out, x - 5, 14, "end", word);
}

static void columns(GString *out, const struct figure *figure, const char *word)
{
    const struct stand stand = stand_of(figure);

    begin(out, figure, foot_of(&stand) + FOOT);
    legend(out, figure, MARGIN);
    for (guint i = 0; i < figure->rows->len; i++) {
        const struct figure_row *row = figure->rows->pdata[i];
        for (guint j = 0; j < figure->drawn; j++) {
            int high = high_of(&stand, row->amounts[j]);
            rect(out, left_of(&stand, i, j), foot_of(&stand) - high, stand.wide, high, j);
        }
        label(out, &stand, i);
    }
    g_string_append_printf(out, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#000\"/>\n",
        MARGIN, foot_of(&stand), stand.edge, foot_of(&stand));
    target(out, &stand, word);
    numbers(out, &stand);
    g_string_append(out, "</svg>\n");
}

void svg_figure(GString *out, const struct figure *figure, const char *language)
{
    if (figure->drawing == DRAW_BARS)
        bars(out, figure);
    else if (figure->drawing == DRAW_COLUMNS)
        columns(out, figure, figure_word(language, "target"));
}
