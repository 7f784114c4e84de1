/* For programs. Spans are seconds; what is not known is null. */
#include "figures-parts.h"
#include <jansson.h>

static const char *const kinds[] = {
    [AMOUNT_COUNT] = "count", [AMOUNT_SPAN] = "seconds", [AMOUNT_LEFT] = "seconds"};

static json_t *amounts_of(const struct figure *figure, const struct figure_row *row)
{
    json_t *amounts = json_array();

    for (guint i = 0; i < figure->columns->len; i++)
        json_array_append_new(amounts,
            row->amounts[i] == FIGURE_UNKNOWN ? json_null() : json_integer(row->amounts[i]));
    return amounts;
}

static json_t *figure_json(const struct figure *figure)
{
    json_t *columns = json_array(), *rows = json_array();

    for (guint i = 0; i < figure->columns->len; i++)
        json_array_append_new(
            columns, json_pack("{s:s, s:s}", "name", figure->columns->pdata[i], "unit",
                         kinds[g_array_index(figure->kinds, enum amount, i)]));
    for (guint i = 0; i < figure->rows->len; i++) {
        const struct figure_row *row = figure->rows->pdata[i];
        json_array_append_new(
            rows, json_pack("{s:s, s:o}", "name", row->label, "values", amounts_of(figure, row)));
    }
    return json_pack("{s:s, s:s, s:s, s:o, s:o}", "id", figure->id, "title", figure->title, "note",
        figure->note, "columns", columns, "rows", rows);
}

char *figures_json(const struct figures *figures)
{
    json_t *tables = json_array(), *whole;
    char *text;

    for (guint i = 0; i < figures->figures->len; i++)
        json_array_append_new(tables, figure_json(figures->figures->pdata[i]));
    whole = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "schema", "mado/1", "report",
        figures->kind, "period", figures->period, "team", figures->team, "label", figures->label,
        "as_of", figures->as_of, "figures", tables);
    text = json_dumps(whole, JSON_COMPACT);
    json_decref(whole);
    return text;
}
