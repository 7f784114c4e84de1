/* Tables of events: a header line that names its columns, and rows. A file is one from its first
 * line; in the text of a mail such a block begins where its header stands and ends with its rows.
 */
#include "report-parts.h"
#include <string.h>

enum { MOST_COLUMNS = 200, MOST_OF_A_CELL = LIMIT_FOUND_BYTES, LEAST_KNOWN = 2 };

struct table {
    struct report *report;
    const struct place *place;
    char separator;
    char *zone; /* of the header; NULL */
    enum role roles[MOST_COLUMNS];
    guint columns;
    GPtrArray *cells; /* GString: of one row, and more of a longer one before */
    guint filled;
    guint rows;      /* so far, of all its blocks */
    gboolean broken; /* a quotation mark without its partner */
};

static void cell_free(gpointer cell)
{
    g_string_free(cell, TRUE);
}

static void table_clear(struct table *table)
{
    g_ptr_array_unref(table->cells);
    g_free(table->zone);
}

static void table_start(struct table *table, struct report *report, const struct place *place)
{
    *table = (struct table){.report = report, .place = place};
    table->cells = g_ptr_array_new_with_free_func(cell_free);
}

/* -- one row (RFC 4180 2) -- */

static void put(GString *cell, char c)
{
    if (cell->len < MOST_OF_A_CELL)
        g_string_append_c(cell, c);
}

/* Behind the closing quotation mark; a doubled one is one. */
static const char *take_quoted(struct table *table, GString *cell, const char *at)
{
    for (at++; *at; at++) {
        if (*at == '"' && at[1] != '"')
            return at + 1;
        at += *at == '"';
        put(cell, *at);
    }
    table->broken = TRUE;
    return at;
}

static const char *take_cell(struct table *table, GString *cell, const char *at)
{
    g_string_truncate(cell, 0);
    at += strspn(at, " ");
    if (*at == '"')
        at = take_quoted(table, cell, at);
    for (; *at && *at != '\n' && *at != table->separator; at++)
        put(cell, *at);
    while (cell->len > 0 && g_ascii_isspace(cell->str[cell->len - 1]))
        g_string_truncate(cell, cell->len - 1);
    return at;
}

/* Behind the row. Columns beyond the limit fall into the last one, and are lost there. */
static const char *take_row(struct table *table, const char *at)
{
    table->filled = 0;
    if (table->separator == '|' && *at == '|')
        at++; /* drawn around the table, too */
    while (TRUE) {
        guint number = MIN(table->filled, MOST_COLUMNS - 1);
        if (number == table->cells->len)
            g_ptr_array_add(table->cells, g_string_new(NULL));
        at = take_cell(table, g_ptr_array_index(table->cells, number), at);
        table->filled = number + 1;
        if (*at != table->separator)
            return *at ? at + 1 : at;
        at++;
    }
}

static const char *cell(const struct table *table, guint number)
{
    return number < table->filled ? ((GString *)g_ptr_array_index(table->cells, number))->str : "";
}

/* -- the header line -- */

/* Of these the one that there is most of. */
static char separator_of(const char *line, gsize length)
{
    static const char all[] = ",;\t|";
    gsize most = 0;
    char found = '\0';

    if (strcspn(line, ",;\t|\n") >= length)
        return found;
    for (const char *one = all; *one; one++) {
        gsize count = 0;
        for (gsize i = 0; i < length; i++)
            count += line[i] == *one;
        if (count > most) {
            most = count;
            found = *one;
        }
    }
    return found;
}

static gboolean has_role(const struct table *table, enum role role)
{
    for (guint i = 0; i < table->columns; i++)
        if (table->roles[i] == role)
            return TRUE;
    return FALSE;
}

/* The first column of a role is it; but everything that is worth looking for is taken. */
static void name_column(struct table *table, guint number)
{
    enum role role = role_of(cell(table, number), &table->zone);

    if (role != ROLE_INDICATOR && has_role(table, role))
        role = ROLE_NONE;
    table->roles[number] = role;
    table->columns = number + 1;
}

/* A table of events has something to look for, and one thing more. */
static gboolean is_header(const struct table *table)
{
    guint known = 0;

    for (guint i = 0; i < table->columns; i++)
        known += table->roles[i] != ROLE_NONE;
    return known >= LEAST_KNOWN &&
           (has_role(table, ROLE_SOURCE) || has_role(table, ROLE_INDICATOR));
}

/* Behind the header, or NULL if the line is none. */
static const char *take_header(struct table *table, const char *line)
{
    gsize length = strcspn(line, "\n");
    const char *rest;

    table->columns = 0;
    table->broken = FALSE;
    g_clear_pointer(&table->zone, g_free);
    if (length > LIMIT_LINE_BYTES || !(table->separator = separator_of(line, length)))
        return NULL;
    rest = take_row(table, line);
    for (guint i = 0; i < table->filled && !table->broken; i++)
        name_column(table, i);
    return !table->broken && is_header(table) ? rest : NULL;
}

/* -- its rows -- */

/* A line of something else ends a block in a text. */
static gboolean is_event(const struct table *table)
{
    for (guint i = 0; i < MIN(table->filled, table->columns); i++) {
        g_autofree char *value = NULL;
        if (table->roles[i] != ROLE_SOURCE && table->roles[i] != ROLE_INDICATOR)
            continue;
        value = value_canonical(cell(table, i));
        if (value)
            return TRUE;
    }
    return FALSE;
}

/* "+------+": drawn below a header. */
static gboolean is_ruler(const char *line)
{
    gsize length = strcspn(line, "\n");

    return length > 0 && strspn(line, "+-=| \t\r") >= length;
}

static void add_row(struct table *table)
{
    const char *value[ROLES] = {[ROLE_ZONE] = table->zone};

    for (guint i = 0; i < MIN(table->filled, table->columns); i++) {
        enum role role = table->roles[i];
        if (role == ROLE_INDICATOR)
            value_add(table->report, cell(table, i), table->place->from);
        if (*cell(table, i) && (role != ROLE_INDICATOR || !value[role]))
            value[role] = cell(table, i);
    }
    event_add(table->report, value, table->place->from);
}

/* Behind the rows; in a text the first that is none stays where it is. */
static const char *take_rows(struct table *table, const char *at, gboolean in_text, guint *rows)
{
    while (*at && !table->broken) {
        const char *begin = at;
        if (table->rows++ >= LIMIT_SIGHTINGS) {
            table->report->more = TRUE;
            return at + strlen(at);
        }
        if (is_ruler(at)) {
            at += strcspn(at, "\n");
            at += *at == '\n';
            continue;
        }
        at = take_row(table, at);
        if (table->broken || (in_text && !is_event(table)))
            return begin;
        if (!is_event(table))
            continue;
        add_row(table);
        (*rows)++;
    }
    return at;
}

static void find_in_file(struct table *table)
{
    const char *text = table->place->text;
    const char *rest;
    guint rows = 0;

    if (g_str_has_prefix(text, "\xEF\xBB\xBF"))
        text += 3;
    rest = take_header(table, text);
    if (!rest)
        return;
    take_rows(table, rest, FALSE, &rows);
    if (table->broken)
        format_damaged(
            table->report, "csv", table->place, "has a quotation mark without its partner");
    else
        report_add_format(table->report, "csv");
}

static gboolean may_be_header(const char *line, gsize length)
{
    return length < LIMIT_FOUND_BYTES && separator_of(line, length) != '\0';
}

/* Every line with a comma is looked at, so they are counted. */
static void find_in_text(struct table *table)
{
    const char *at = table->place->text;

    for (int tries = 0; *at && tries < LIMIT_REPORT_LINES;) {
        gsize length = strcspn(at, "\n");
        gboolean tried = may_be_header(at, length);
        const char *rest = tried ? take_header(table, at) : NULL;
        guint rows = 0;
        tries += tried;
        if (rest)
            at = take_rows(table, rest, TRUE, &rows);
        else
            at += length + (at[length] == '\n');
        if (rows > 0)
            report_add_format(table->report, "csv");
    }
}

static gboolean is_table_file(const struct place *place)
{
    g_autofree char *name = g_ascii_strdown(place->from, -1);

    return g_str_equal(place->type, "text/csv") || g_str_equal(place->type, "application/csv") ||
           g_str_equal(place->type, "text/tab-separated-values") ||
           g_str_has_suffix(name, ".csv") || g_str_has_suffix(name, ".tsv");
}

void csv_find(struct report *report, const struct place *place)
{
    struct table table;

    if (!strcmp(place->from, "subject"))
        return;
    table_start(&table, report, place);
    if (is_table_file(place))
        find_in_file(&table);
    else if (g_str_has_prefix(place->type, "text/plain"))
        find_in_text(&table);
    table_clear(&table);
}
