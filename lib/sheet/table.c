/* The columns of one file: their heads, and what they are. */
#include "sheet.h"
#include <stdlib.h>
#include <string.h>

enum {
    HEADS_WITHIN = 20, /* lines: above stand a title, a date, who made it */
    LEAST_HEADS = 2,
    SAMPLE = 200, /* rows that tell what a column holds */
    MOSTLY = 80,  /* of a hundred */
};

static const char *cell(const struct csv_line *line, guint column)
{
    return column < line->fields->len ? line->fields->pdata[column] : "";
}

static const struct csv_line *line_of(const struct sheet *sheet, guint i)
{
    return sheet->lines->pdata[i];
}

/* -- heads -- */

static enum sheet_field named_field(const char *head, const struct sheet_mapping *mapping)
{
    g_autofree char *folded = sheet_fold(head);
    gpointer field;

    if (g_hash_table_lookup_extended(mapping->columns, *folded ? folded : head, NULL, &field))
        return (enum sheet_field)GPOINTER_TO_INT(field);
    return sheet_field_of(head);
}

static guint count_heads(const struct csv_line *line, const struct sheet_mapping *mapping)
{
    guint count = 0;

    for (guint i = 0; i < line->fields->len; i++)
        count += named_field(cell(line, i), mapping) != SHEET_KEEP;
    return count;
}

/* The line with the most of them; without any the first, if it has no date. */
static int find_heads(const GPtrArray *lines, const struct sheet_mapping *mapping)
{
    guint most = 0;
    int found = -1;
    struct sheet_date date;

    for (guint i = 0; i < MIN(lines->len, HEADS_WITHIN); i++) {
        guint count = count_heads(lines->pdata[i], mapping);
        if (count > most) {
            most = count;
            found = (int)i;
        }
    }
    if (most >= LEAST_HEADS || !lines->len)
        return found;
    for (guint i = 0; i < ((struct csv_line *)lines->pdata[0])->fields->len; i++)
        if (sheet_date_read(cell(lines->pdata[0], i), SHEET_ORDER_UNKNOWN, &date) != SHEET_NO_DATE)
            return -1;
    return 0;
}

static guint count_columns(const GPtrArray *lines)
{
    guint most = 0;

    for (guint i = 0; i < lines->len; i++)
        most = MAX(most, ((struct csv_line *)lines->pdata[i])->fields->len);
    return most;
}

static gboolean is_known(const GPtrArray *heads, const char *head)
{
    return g_ptr_array_find_with_equal_func((GPtrArray *)heads, head, g_str_equal, NULL);
}

/* One line each, and two with the same words apart. */
static char *own_head(const struct sheet *sheet, const char *written, guint column)
{
    char *head = g_strdelimit(
        *written ? g_strdup(written) : g_strdup_printf("column %u", column + 1), "\r\n\t", ' ');

    if (is_known(sheet->heads, head)) {
        g_autofree char *same = head;
        head = g_strdup_printf("%s [%u]", same, column + 1);
    }
    return head;
}

static void name_columns(struct sheet *sheet, const struct sheet_mapping *mapping)
{
    int at = find_heads(sheet->lines, mapping);
    guint count = count_columns(sheet->lines);

    sheet->first = (guint)(at + 1);
    sheet->heads_line = at < 0 ? 0 : line_of(sheet, (guint)at)->number;
    sheet->field = g_new0(enum sheet_field, count + 1);
    for (guint i = 0; i < count; i++) {
        const char *written = at < 0 ? "" : cell(line_of(sheet, (guint)at), i);
        char *head = own_head(sheet, written, i);
        enum sheet_field field = named_field(head, mapping);
        g_ptr_array_add(sheet->heads, head);
        if (!sheet_set(sheet, i, field)) /* the first column of two is it */
            sheet->field[i] = SHEET_KEEP;
    }
}

/* -- what the columns hold -- */

static gboolean is_date(const char *value)
{
    struct sheet_date date;

    return sheet_date_read(value, SHEET_ORDER_UNKNOWN, &date) != SHEET_NO_DATE;
}

static gboolean is_address(const char *value)
{
    const char *at = strchr(value, '@');

    return at && at != value && strchr(at, '.');
}

static gboolean is_state(const char *value)
{
    return sheet_state_of(value) != NULL;
}

static const struct {
    enum sheet_field field;
    gboolean (*is)(const char *value);
} contents[] = {{SHEET_RECEIVED, is_date}, {SHEET_CONTACT, is_address}, {SHEET_STATE, is_state}};

static gboolean holds(const struct sheet *sheet, guint column, gboolean (*is)(const char *value))
{
    guint values = 0, hits = 0;

    for (guint i = sheet->first; i < sheet->lines->len && values < SAMPLE; i++) {
        const char *value = cell(line_of(sheet, i), column);
        values += *value != '\0';
        hits += *value && is(value);
    }
    return hits > 0 && hits * 100 >= values * MOSTLY;
}

/* A column that the mapping names is what that says, also if that is nothing. */
static void propose(struct sheet *sheet, const struct sheet_mapping *mapping)
{
    for (gsize k = 0; k < G_N_ELEMENTS(contents); k++)
        for (guint i = 0; i < sheet->heads->len && !sheet_has(sheet, contents[k].field); i++) {
            g_autofree char *folded = sheet_fold(sheet->heads->pdata[i]);
            if (sheet->field[i] == SHEET_KEEP && !g_hash_table_contains(mapping->columns, folded) &&
                holds(sheet, i, contents[k].is))
                sheet->field[i] = contents[k].field;
        }
}

struct sheet *sheet_new(GPtrArray *lines, const struct sheet_mapping *mapping)
{
    struct sheet *sheet = g_new0(struct sheet, 1);

    sheet->lines = lines;
    sheet->heads = g_ptr_array_new_with_free_func(g_free);
    name_columns(sheet, mapping);
    propose(sheet, mapping);
    return sheet;
}

void sheet_free(struct sheet *sheet)
{
    if (!sheet)
        return;
    g_ptr_array_unref(sheet->heads);
    g_free(sheet->field);
    g_free(sheet);
}

gboolean sheet_has(const struct sheet *sheet, enum sheet_field field)
{
    for (guint i = 0; i < sheet->heads->len; i++)
        if (sheet->field[i] == field)
            return TRUE;
    return FALSE;
}

gboolean sheet_set(struct sheet *sheet, guint column, enum sheet_field field)
{
    if (sheet->field[column] != field && !sheet_field_is_many(field) && sheet_has(sheet, field))
        return FALSE;
    sheet->field[column] = field;
    return TRUE;
}

/* -- dates -- */

static gboolean is_dated(enum sheet_field field)
{
    return field == SHEET_RECEIVED || field == SHEET_CLOSED;
}

/* Does the date say by itself which of its numbers is the month? One that begins with the year has
 * nothing to say. */
static enum sheet_order order_of(const char *value, gboolean *unclear)
{
    struct sheet_date date;
    long first = strtol(value, NULL, 10);

    *unclear = sheet_date_read(value, SHEET_ORDER_UNKNOWN, &date) == SHEET_UNCLEAR;
    if (*unclear || first < 1 || first > 31 ||
        sheet_date_read(value, SHEET_ORDER_UNKNOWN, &date) != SHEET_DATE)
        return SHEET_ORDER_UNKNOWN;
    return first > 12 ? SHEET_DAY_FIRST : date.day > 12 ? SHEET_MONTH_FIRST : SHEET_ORDER_UNKNOWN;
}

enum sheet_order sheet_find_order(const struct sheet *sheet, const char **example)
{
    guint votes[3] = {0};

    *example = NULL;
    for (guint i = sheet->first; i < sheet->lines->len; i++)
        for (guint k = 0; k < sheet->heads->len; k++) {
            const char *value = cell(line_of(sheet, i), k);
            gboolean unclear = FALSE;
            if (!is_dated(sheet->field[k]) || !*value)
                continue;
            votes[order_of(value, &unclear)]++;
            if (unclear && !*example)
                *example = value;
        }
    if (!!votes[SHEET_MONTH_FIRST] == !!votes[SHEET_DAY_FIRST])
        return SHEET_ORDER_UNKNOWN;
    return votes[SHEET_MONTH_FIRST] ? SHEET_MONTH_FIRST : SHEET_DAY_FIRST;
}
