/* What an import asks at a terminal: which column is what, and which word means what. */
#include "import.h"
#include "init.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEAD_WIDTH = 20, FIELD_WIDTH = 9, NUMBER_WIDTH = 4, SAMPLES = 3, MOST_ASKED = 30 };

gboolean import_ask_yes(const char *format, ...)
{
    va_list values;
    g_autofree char *question = NULL, *line = NULL;

    va_start(values, format);
    question = g_strdup_vprintf(format, values);
    va_end(values);
    line = init_read_line(question, FALSE);
    return line && (g_ascii_strcasecmp(line, "y") == 0 || g_ascii_strcasecmp(line, "yes") == 0);
}

/* -- columns -- */

static void say_cell(const char *text, int width)
{
    g_autofree char *harmless = text_harmless(text, "");
    g_autofree char *fits = text_fit(harmless, width);

    init_say("%s%*s  ", fits, MAX(width - text_width(fits), 0), "");
}

static void say_samples(const struct intake *intake, guint column)
{
    int width = intake->call->screen->columns - NUMBER_WIDTH - HEAD_WIDTH - FIELD_WIDTH - 6;
    g_autoptr(GString) all = g_string_new(NULL);
    g_autofree char *harmless = NULL, *fits = NULL;

    for (guint i = intake->sheet->first, shown = 0; i < intake->lines->len && shown < SAMPLES;
         i++) {
        const struct csv_line *line = intake->lines->pdata[i];
        const char *value = column < line->fields->len ? line->fields->pdata[column] : "";
        if (!*value)
            continue;
        g_string_append_printf(all, "%s%s", shown ? " | " : "", value);
        shown++;
    }
    g_strdelimit(all->str, "\r\n\t", ' ');
    harmless = text_harmless(all->str, "");
    fits = text_fit(harmless, MAX(width, FIELD_WIDTH));
    init_say("%s\n", fits);
}

static void say_columns(const struct intake *intake)
{
    init_say("%*s  ", NUMBER_WIDTH, "NO");
    say_cell(_("COLUMN"), HEAD_WIDTH);
    say_cell("IS", FIELD_WIDTH);
    init_say("FIRST ROWS\n");
    for (guint i = 0; i < intake->sheet->heads->len; i++) {
        init_say("%*u  ", NUMBER_WIDTH, i + 1);
        say_cell(intake->sheet->heads->pdata[i], HEAD_WIDTH);
        say_cell(sheet_field_names[intake->sheet->field[i]], FIELD_WIDTH);
        say_samples(intake, i);
    }
}

static int place_of(const char *const *names, const char *name)
{
    for (int i = 0; names[i]; i++)
        if (g_str_equal(names[i], name))
            return i;
    return -1;
}

/* "4=state"; FALSE, and says why not. */
static gboolean change_column(struct intake *intake, const char *typed)
{
    char *end;
    unsigned long number = strtoul(typed, &end, 10);
    int field = *end == '=' ? place_of(sheet_field_names, end + 1) : -1;

    if (field < 0 || number < 1 || number > intake->sheet->heads->len) {
        g_autofree char *all = g_strjoinv(", ", (char **)sheet_field_names);
        init_say("\"%.40s\" cannot be read. Write 4=state. There are: %s.\n", typed, all);
        return FALSE;
    }
    if (!sheet_set(intake->sheet, (guint)number - 1, (enum sheet_field)field)) {
        init_say("Another column is that already: say first what that one is.\n");
        return FALSE;
    }
    intake->asked = TRUE;
    return TRUE;
}

gboolean import_ask_columns(struct intake *intake)
{
    say_columns(intake);
    for (;;) {
        g_autofree char *line =
            init_read_line(_("Enter: that is right. Else write 4=state, 7=ignore, ..: "), FALSE);
        g_auto(GStrv) words = NULL;
        gboolean done = line && !*line;
        if (!line)
            return FALSE;
        if (done && sheet_has(intake->sheet, SHEET_RECEIVED)) {
            intake->asked = TRUE;
            return TRUE;
        }
        if (done) {
            init_say("Which column says when it was received? Write: 2=received\n");
            continue;
        }
        words = g_strsplit_set(line, " ,", -1);
        for (char **word = words; *word; word++)
            if (**word)
                change_column(intake, *word);
        say_columns(intake);
    }
}

/* -- dates -- */

gboolean import_ask_order(struct intake *intake)
{
    const char *example;
    enum sheet_order known = sheet_find_order(intake->sheet, &example);

    while (example && !known && !intake->mapping->order) {
        g_autofree char *harmless = text_harmless(example, "");
        g_autofree char *prompt =
            g_strdup_printf(_("%.40s: is the [m]onth first, or the [d]ay? "), harmless);
        g_autofree char *line = init_read_line(prompt, FALSE);
        if (!line)
            return FALSE;
        if (g_ascii_strcasecmp(line, "m") == 0)
            intake->mapping->order = SHEET_MONTH_FIRST;
        if (g_ascii_strcasecmp(line, "d") == 0)
            intake->mapping->order = SHEET_DAY_FIRST;
        intake->asked = TRUE;
    }
    return TRUE;
}

/* -- words -- */

static gboolean ask_word(struct intake *intake, const char *kind, const char *word, int count,
    const char *const *meanings, const char *otherwise)
{
    g_autofree char *all =
        meanings ? g_strjoinv(" ", (char **)meanings) : g_strdup(_("a word of ours"));
    g_autofree char *harmless = text_harmless(word, "");
    g_autofree char *fits = text_fit(harmless, HEAD_WIDTH * 2);

    init_say("%s \"%s\" (rows: %d) is: %s\n", kind, fits, count, all);
    for (;;) {
        g_autofree char *prompt = g_strdup_printf(_("One of these, or Enter: %s: "), otherwise);
        g_autofree char *line = init_read_line(prompt, FALSE);
        if (!line)
            return FALSE;
        if (!*line)
            return TRUE;
        if (!meanings || g_strv_contains(meanings, line)) {
            sheet_mapping_say(intake->mapping, kind, word, line);
            intake->asked = TRUE;
            return TRUE;
        }
    }
}

gboolean import_ask_words(struct intake *intake, const char *kind, GHashTable *unknown,
    const char *const *meanings, const char *otherwise)
{
    g_autoptr(GList) words = g_list_sort(g_hash_table_get_keys(unknown), (GCompareFunc)strcmp);
    guint asked = 0;

    for (GList *word = words; word && asked < MOST_ASKED; word = word->next, asked++) {
        int count = GPOINTER_TO_INT(g_hash_table_lookup(unknown, word->data));
        if (!ask_word(intake, kind, word->data, count, meanings, otherwise))
            return FALSE;
    }
    return TRUE;
}
