/* What the rows of a file say of incidents. */
#include "say.h"
#include "sheet.h"
#include <string.h>

enum {
    PIECE = 4000, /* bytes of a line of text */
    LONGEST_ROW = 64 * 1024,
    LONGEST_LINE = 200,   /* characters of the subject, and of the result */
    LONGEST_VALUE = 1000, /* bytes of any other */
};

static const char *cell(const struct csv_line *line, guint column)
{
    return column < line->fields->len ? line->fields->pdata[column] : "";
}

struct reading {
    const struct sheet *sheet;
    const struct sheet_mapping *mapping;
    enum sheet_order order;
    GHashTable *numbers, *texts; /* of the rows before -> line */
};

static void row_free(gpointer data)
{
    struct sheet_row *row = data;

    for (int i = 0; i < SHEET_FIELDS; i++)
        g_free(row->value[i]);
    g_ptr_array_unref(row->text);
    g_free(row->why);
    g_free(row);
}

static gboolean reject(struct sheet_row *row, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The first reason stays. */
static gboolean reject(struct sheet_row *row, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    if (!row->why)
        row->why = g_strdup_vprintf(_(format), values);
    va_end(values);
    return FALSE;
}

/* In pieces that the daemon takes, without cutting a character. */
static void add_text(struct sheet_row *row, const char *head, const char *value)
{
    g_autofree char *whole = g_strdup_printf("%s: %s", head, value);

    for (const char *at = whole; *at;) {
        gsize size = strnlen(at, PIECE);
        while (at[size] && (at[size] & 0xc0) == 0x80)
            size--;
        g_ptr_array_add(row->text, g_strndup(at, size));
        at += size;
    }
}

static void set_value(struct sheet_row *row, enum sheet_field field, const char *value)
{
    g_autofree char *before = row->value[field];

    if (!*value || !before || !*before)
        row->value[field] = *value || !before ? g_strdup(value) : g_strdup(before);
    else
        row->value[field] = g_strconcat(before, "\n", value, NULL);
}

static void take_cells(
    const struct reading *reading, const struct csv_line *line, struct sheet_row *row)
{
    gsize size = 0;

    for (guint i = 0; i < reading->sheet->heads->len; i++) {
        const char *value = cell(line, i);
        enum sheet_field field = reading->sheet->field[i];
        if (!*value || field == SHEET_IGNORE)
            continue;
        size += strlen(value);
        add_text(row, reading->sheet->heads->pdata[i], value);
        set_value(row, field, value);
    }
    for (int i = 0; i < SHEET_FIELDS; i++)
        if (!row->value[i])
            row->value[i] = g_strdup("");
    if (size > LONGEST_ROW)
        reject(row, "it has more than %d bytes", LONGEST_ROW);
}

static gboolean read_date(
    const struct reading *reading, struct sheet_row *row, enum sheet_field field, const char *what)
{
    g_autofree char *written = row->value[field];
    enum sheet_order order = reading->mapping->order ? reading->mapping->order : reading->order;
    struct sheet_date date;
    enum sheet_found found = sheet_date_read(written, order, &date);

    row->value[field] = found == SHEET_DATE ? sheet_date_words(&date) : g_strdup("");
    if (found == SHEET_DATE || !*written)
        return TRUE;
    return found == SHEET_UNCLEAR
               ? reject(row, "%s \"%s\" can be read in two ways", _(what), written)
               : reject(row, "%s \"%.60s\" is no date that we know", _(what), written);
}

static const char *meaning(const struct sheet_mapping *mapping, const char *kind, const char *word)
{
    const char *said = sheet_mapping_word(mapping, kind, word);

    if (said)
        return said;
    return g_str_equal(kind, "state")      ? sheet_state_of(word)
           : g_str_equal(kind, "severity") ? sheet_severity_of(word)
                                           : NULL;
}

/* What has no state is over if it says when. */
static void read_state(const struct reading *reading, struct sheet_row *row)
{
    g_autofree char *written = row->value[SHEET_STATE];
    gboolean ended = *row->value[SHEET_CLOSED] != '\0';
    const char *state = *written                     ? meaning(reading->mapping, "state", written)
                        : ended                      ? "closed"
                        : *row->value[SHEET_HANDLER] ? "open"
                                                     : "new";

    row->value[SHEET_STATE] = g_strdup(state ? state : "");
    if (!state)
        reject(row, "the state \"%.60s\" says nothing to us", written);
    else if (ended && !g_str_equal(state, "closed") && !g_str_equal(state, "rejected"))
        reject(row, "it is %s (\"%.60s\"), and has the day of its end", state, written);
}

static void read_severity(const struct reading *reading, struct sheet_row *row)
{
    g_autofree char *written = row->value[SHEET_SEVERITY];
    const char *severity = *written ? meaning(reading->mapping, "severity", written) : "";

    row->value[SHEET_SEVERITY] = g_strdup(severity ? severity : "");
    if (!severity)
        reject(row, "the severity \"%.60s\" says nothing to us", written);
}

static void read_words(const struct reading *reading, struct sheet_row *row)
{
    static const struct {
        enum sheet_field field;
        const char *kind;
    } words[] = {{SHEET_CATEGORY, "category"}, {SHEET_HANDLER, "handler"}};

    for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
        char **value = &row->value[words[i].field];
        const char *said = **value ? meaning(reading->mapping, words[i].kind, *value) : NULL;
        if (!said)
            continue;
        g_free(*value);
        *value = g_strdup(said);
    }
}

static char *in_a_line(const char *text)
{
    char *line = g_strdelimit(g_strdup(text), "\r\n\t", ' ');

    if (g_utf8_strlen(line, -1) > LONGEST_LINE)
        *g_utf8_offset_to_pointer(line, LONGEST_LINE) = '\0';
    return line;
}

/* What a mado incident has room for; all of it stands in the text as well. */
static void read_lengths(struct sheet_row *row)
{
    static const enum sheet_field bounded[] = {
        SHEET_NUMBER, SHEET_REPORTER, SHEET_CONTACT, SHEET_CATEGORY, SHEET_HANDLER, SHEET_LABEL};
    g_autofree char *result = row->value[SHEET_RESULT];

    row->value[SHEET_RESULT] = in_a_line(result);
    for (gsize i = 0; i < G_N_ELEMENTS(bounded); i++)
        if (strlen(row->value[bounded[i]]) > LONGEST_VALUE)
            reject(row, "its %s is longer than %d bytes", sheet_field_names[bounded[i]],
                LONGEST_VALUE);
}

/* One line, of what there is. */
static void read_subject(struct sheet_row *row)
{
    static const enum sheet_field sources[] = {
        SHEET_NOTE, SHEET_RESULT, SHEET_CATEGORY, SHEET_KEEP};
    g_autofree char *subject = row->value[SHEET_SUBJECT];
    const char *found = subject;

    for (gsize i = 0; i < G_N_ELEMENTS(sources) && !*found; i++)
        found = row->value[sources[i]];
    row->value[SHEET_SUBJECT] = in_a_line(found);
    if (!*found)
        reject(row, "it does not say what happened");
}

static void look_for_twin(struct reading *reading, struct sheet_row *row)
{
    g_autofree char *number = sheet_fold(row->value[SHEET_NUMBER]);
    GString *text = g_string_new(NULL);
    gpointer line;

    for (guint i = 0; i < row->text->len; i++)
        g_string_append_printf(text, "%s\n", (char *)row->text->pdata[i]);
    if (*number && (line = g_hash_table_lookup(reading->numbers, number)))
        reject(row, "its number stands in line %u too", GPOINTER_TO_UINT(line));
    else if (*number)
        g_hash_table_insert(reading->numbers, g_strdup(number), GUINT_TO_POINTER(row->line));
    if ((line = g_hash_table_lookup(reading->texts, text->str)))
        reject(row, "it says the same as line %u", GPOINTER_TO_UINT(line));
    else
        g_hash_table_insert(reading->texts, g_strdup(text->str), GUINT_TO_POINTER(row->line));
    g_string_free(text, TRUE);
}

static struct sheet_row *read_row(struct reading *reading, const struct csv_line *line)
{
    struct sheet_row *row = g_new0(struct sheet_row, 1);

    row->line = line->number;
    row->text = g_ptr_array_new_with_free_func(g_free);
    take_cells(reading, line, row);
    if (!*row->value[SHEET_RECEIVED])
        reject(row, "it does not say when it was received");
    read_date(reading, row, SHEET_RECEIVED, N_("the day of reception"));
    read_date(reading, row, SHEET_CLOSED, N_("the day of its end"));
    read_state(reading, row);
    read_severity(reading, row);
    read_words(reading, row);
    read_subject(row);
    read_lengths(row);
    look_for_twin(reading, row);
    return row;
}

GPtrArray *sheet_rows(const struct sheet *sheet, const struct sheet_mapping *mapping)
{
    GPtrArray *rows = g_ptr_array_new_with_free_func(row_free);
    const char *example;
    struct reading reading = {sheet, mapping, sheet_find_order(sheet, &example),
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};

    for (guint i = sheet->first; i < sheet->lines->len; i++)
        g_ptr_array_add(rows, read_row(&reading, sheet->lines->pdata[i]));
    g_hash_table_unref(reading.numbers);
    g_hash_table_unref(reading.texts);
    return rows;
}

/* -- words -- */

static enum sheet_field field_of_kind(const char *kind)
{
    for (int i = 0; sheet_field_names[i]; i++)
        if (g_str_equal(sheet_field_names[i], kind))
            return (enum sheet_field)i;
    return SHEET_KEEP;
}

GHashTable *sheet_unknown(
    const struct sheet *sheet, const struct sheet_mapping *mapping, const char *kind)
{
    GHashTable *words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    enum sheet_field field = field_of_kind(kind);

    for (guint i = sheet->first; i < sheet->lines->len; i++)
        for (guint k = 0; k < sheet->heads->len; k++) {
            const char *value = cell(sheet->lines->pdata[i], k);
            int count = GPOINTER_TO_INT(g_hash_table_lookup(words, value));
            if (sheet->field[k] == field && *value && !meaning(mapping, kind, value))
                g_hash_table_insert(words, g_strdup(value), GINT_TO_POINTER(count + 1));
        }
    return words;
}
