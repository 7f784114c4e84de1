/* A table: how one is made, and how its numbers are written. */
#include "figures-parts.h"

static void row_free(gpointer data)
{
    struct figure_row *row = data;

    g_free(row->label);
    g_free(row->edge);
    g_free(row->amounts);
    g_free(row);
}

struct figure *figure_new(const char *id, const char *language, enum drawing drawing)
{
    struct figure *figure = g_new0(struct figure, 1);

    figure->id = id;
    figure->language = language;
    figure->title = g_strdup(figure_word(language, id));
    figure->head = g_strdup("");
    figure->note = g_strdup("");
    figure->columns = g_ptr_array_new_with_free_func(g_free);
    figure->kinds = g_array_new(FALSE, FALSE, sizeof(enum amount));
    figure->rows = g_ptr_array_new_with_free_func(row_free);
    figure->drawing = drawing;
    figure->drawn = 1;
    figure->target = -1;
    return figure;
}

void figure_free(struct figure *figure)
{
    if (!figure)
        return;
    g_free(figure->title);
    g_free(figure->head);
    g_free(figure->note);
    g_ptr_array_unref(figure->columns);
    g_array_unref(figure->kinds);
    g_ptr_array_unref(figure->rows);
    g_free(figure);
}

void figure_column(struct figure *figure, char *head, enum amount amount)
{
    g_ptr_array_add(figure->columns, head);
    g_array_append_val(figure->kinds, amount);
}

struct figure_row *figure_row(struct figure *figure, char *label)
{
    struct figure_row *row = g_new0(struct figure_row, 1);

    row->label = label;
    row->amounts = g_new(gint64, MAX(figure->columns->len, 1));
    for (guint i = 0; i < figure->columns->len; i++)
        row->amounts[i] = FIGURE_UNKNOWN;
    g_ptr_array_add(figure->rows, row);
    return row;
}

/* In between nothing happened, and enough that it tells of nobody. */
static gboolean is_small(gint64 amount)
{
    return amount > 0 && amount < FEWEST_SHOWN;
}

gboolean figure_hide_small(struct figure *figure, struct figure_row *row)
{
    gboolean hidden = FALSE;

    for (guint i = 0; i < figure->columns->len; i++)
        if (g_array_index(figure->kinds, enum amount, i) == AMOUNT_COUNT &&
            is_small(row->amounts[i])) {
            row->amounts[i] = FIGURE_UNKNOWN;
            hidden = TRUE;
        }
    figure->hides |= hidden;
    return hidden;
}

/* The smallest of those that are shown, which is not 0; NULL: none is. */
static struct figure_row *smallest_shown(
    const struct figure *figure, guint column, guint first, guint rows)
{
    struct figure_row *smallest = NULL;

    for (guint i = first; i < MIN(first + rows, figure->rows->len); i++) {
        struct figure_row *row = figure->rows->pdata[i];
        if (row->amounts[column] > 0 &&
            (!smallest || row->amounts[column] < smallest->amounts[column]))
            smallest = row;
    }
    return smallest;
}

static void hide_beside(struct figure *figure, guint column, guint first, guint rows)
{
    struct figure_row *other = smallest_shown(figure, column, first, rows);
    guint hidden = 0;

    for (guint i = first; i < MIN(first + rows, figure->rows->len); i++)
        hidden += ((struct figure_row *)figure->rows->pdata[i])->amounts[column] == FIGURE_UNKNOWN;
    if (hidden == 1 && other)
        other->amounts[column] = FIGURE_UNKNOWN;
}

void figure_hide_in_columns(struct figure *figure, guint rows)
{
    for (guint i = 0; i < figure->rows->len; i++)
        figure_hide_small(figure, figure->rows->pdata[i]);
    for (guint j = 0; j < figure->columns->len; j++)
        for (guint first = 0; first < figure->rows->len; first += rows)
            hide_beside(figure, j, first, rows);
}

static const struct {
    gint64 seconds;
    const char *en, *ja;
} units[] = {{24 * 3600, "d", "日"}, {3600, "h", "時間"}, {60, "m", "分"}, {1, "s", "秒"}};

static char *of_unit(const char *language, gint64 seconds, gsize unit)
{
    return g_strdup_printf("%" G_GINT64_FORMAT "%s", seconds / units[unit].seconds,
        g_str_equal(language, "ja") ? units[unit].ja : units[unit].en);
}

char *figure_span(const char *language, gint64 seconds)
{
    gsize i = 0;
    g_autofree char *first = NULL, *second = NULL;

    if (seconds == FIGURE_UNKNOWN || seconds < 0)
        return g_strdup("-");
    while (i + 1 < G_N_ELEMENTS(units) && seconds < units[i].seconds)
        i++;
    first = of_unit(language, seconds, i);
    if (i >= 2 || seconds % units[i].seconds / units[i + 1].seconds == 0)
        return g_steal_pointer(&first);
    second = of_unit(language, seconds % units[i].seconds, i + 1);
    return g_strconcat(first, g_str_equal(language, "ja") ? "" : " ", second, NULL);
}

char *figure_amount(const struct figure *figure, const struct figure_row *row, guint column)
{
    gint64 amount = row->amounts[column];
    enum amount kind = g_array_index(figure->kinds, enum amount, column);

    if (amount == FIGURE_UNKNOWN)
        return g_strdup("-");
    if (kind == AMOUNT_LEFT && amount < 0) {
        g_autofree char *over = figure_span(figure->language, -amount);
        return g_strconcat(over, figure_word(figure->language, "too-late"), NULL);
    }
    return kind == AMOUNT_COUNT ? g_strdup_printf("%" G_GINT64_FORMAT, amount)
                                : figure_span(figure->language, amount);
}
