/* What an import shows: what would become of its rows, and what has. */
#include "import.h"
#include <inttypes.h>
#include <string.h>

enum { SHOWN = 12, REASONS_SHOWN = 20 };

static const struct column columns[] = {
    {"LINE", "line", CELL_COUNT},
    {"BECOMES", "result", CELL_WORD},
    {"OLD NUMBER", "old", CELL_TEXT},
    {"TICKET", "ticket", CELL_TEXT},
    {"STATE", "state", CELL_WORD},
    {"CATEGORY", "category", CELL_TEXT},
    {"RECEIVED", "received", CELL_TIME},
    {"SUBJECT", "subject", CELL_TEXT},
    {NULL},
};

static const struct column made[] = {
    {"IMPORT", "import", CELL_COUNT},
    {"WHEN", "at", CELL_TIME},
    {"BY", "by", CELL_TEXT},
    {"INCIDENTS", "incidents", CELL_COUNT},
    {"IS", "result", CELL_WORD},
    {"FILE", "file", CELL_TEXT},
    {NULL},
};

GHashTable *import_not_understood(const struct intake *intake, const char *kind)
{
    GHashTable *words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *start = g_strconcat(kind, " ", NULL);
    gsize i, k;
    json_t *row, *word;

    json_array_foreach(intake->found, i, row)
        json_array_foreach(json_object_get(row, "not_understood"), k, word) {
            const char *text = json_string_value(word);
            if (!g_str_has_prefix(text, start))
                continue;
            text += strlen(start);
            g_hash_table_insert(words, g_strdup(text),
                GINT_TO_POINTER(GPOINTER_TO_INT(g_hash_table_lookup(words, text)) + 1));
        }
    return words;
}

guint import_count(const struct intake *intake, const char *result)
{
    guint sum = 0;
    gsize i;
    json_t *row;

    json_array_foreach(intake->found, i, row)
        sum += g_str_equal(row_text(row, "result"), result);
    return sum;
}

static json_t *some_rows(const struct intake *intake, gboolean rejected, guint most)
{
    json_t *rows = json_array();
    gsize i;
    json_t *row;

    json_array_foreach(intake->found, i, row)
        if (g_str_equal(row_text(row, "result"), "rejected") == rejected &&
            json_array_size(rows) < most)
            json_array_append(rows, row);
    return rows;
}

static void draw_reasons(const struct intake *intake, guint most)
{
    struct screen *screen = intake->call->screen;
    json_t *rows = some_rows(intake, TRUE, most);
    guint left = import_count(intake, "rejected") - (guint)json_array_size(rows);
    gsize i;
    json_t *row;

    if (json_array_size(rows) > 0)
        screen_print(screen, BOLD, "\nRejected\n");
    json_array_foreach(rows, i, row) {
        screen_print(screen, NOTICE, "line %-5" PRIi64 "  ", row_number(row, "line"));
        screen_wrap(screen, 12, row_text(row, "why"));
    }
    if (left)
        screen_print(screen, PLAIN, "and %u more\n", left);
    json_decref(rows);
}

static void draw_words(const struct intake *intake, const char *kind, const char *becomes)
{
    struct screen *screen = intake->call->screen;
    g_autoptr(GHashTable) words = import_not_understood(intake, kind);
    g_autoptr(GList) sorted = g_list_sort(g_hash_table_get_keys(words), (GCompareFunc)strcmp);
    g_autoptr(GString) all = g_string_new(NULL);

    for (GList *word = sorted; word; word = word->next)
        g_string_append_printf(all, "%s%s (%d)", all->len ? ", " : "", (char *)word->data,
            GPOINTER_TO_INT(g_hash_table_lookup(words, word->data)));
    if (!all->len)
        return;
    screen_print(screen, NOTICE, "\nNot understood  ");
    g_string_append_printf(all, ": %s", becomes);
    g_string_prepend_c(all, ' ');
    g_string_prepend(all, kind);
    screen_wrap(screen, 16, all->str);
}

static void draw_look(const struct intake *intake, gboolean all)
{
    struct screen *screen = intake->call->screen;
    json_t *rows = some_rows(intake, FALSE, all ? G_MAXUINT : SHOWN);
    guint left =
        intake->rows->len - import_count(intake, "rejected") - (guint)json_array_size(rows);

    view_table(screen, columns, rows, TRUE, "No row can be taken.");
    if (left)
        screen_print(screen, PLAIN, "and %u more. All: madoctl import --dry-run FILE.csv\n", left);
    draw_reasons(intake, all ? G_MAXUINT : REASONS_SHOWN);
    draw_words(intake, "category", _("they become \"other\"; the word stays in the text"));
    draw_words(intake, "handler", _("nobody handles them; the name stays in the text"));
    screen_print(screen, BOLD, "\n%u new, %u here already, %u rejected.\n",
        import_count(intake, "new"), import_count(intake, "known"),
        import_count(intake, "rejected"));
    json_decref(rows);
}

void import_draw(struct screen *screen, json_t *rows, gboolean first)
{
    const json_t *row = json_array_get(rows, 0);

    if (json_object_get(row, "line"))
        screen_table(screen, columns, rows, first);
    else
        view_table(screen, made, rows, first, "Nothing was imported yet.");
}

static gboolean print_rows(const struct intake *intake, json_t *rows, GError **error)
{
    static const struct view plain = {"import", .draw = import_draw};

    return view_show_rows(&plain, intake->call, rows, TRUE, error);
}

/* On a terminal what matters, for a program all of it. */
gboolean import_show_look(const struct intake *intake, GError **error)
{
    const struct options *options = &intake->call->options;

    if (!intake->call->screen->terminal || options->json)
        return !options->dry_run || print_rows(intake, intake->found, error);
    draw_look(intake, options->dry_run);
    if (options->dry_run)
        screen_print(intake->call->screen, NOTICE, "Nothing was changed (dry run).\n");
    return screen_flush(intake->call->screen, options->dry_run);
}

static void draw_done(const struct intake *intake, const json_t *import, const char *rejected)
{
    struct screen *screen = intake->call->screen;

    screen_print(screen, GOOD, "Imported %" PRIi64 " incidents as import %" PRIi64 ".\n",
        row_number(import, "incidents"), row_number(import, "import"));
    if (rejected) {
        screen_print(screen, NOTICE, "Rejected rows: ");
        screen_wrap(screen, 15, rejected);
    }
    screen_print(screen, PLAIN,
        "Take it out again within a day: madoctl import --undo %" PRIi64 "\n",
        row_number(import, "import"));
}

gboolean import_show_done(
    const struct intake *intake, json_t *rows, const char *rejected, GError **error)
{
    gboolean terminal = intake->call->screen->terminal && !intake->call->options.json;

    if (rejected && !terminal)
        screen_complain_softly(
            "%u rows were rejected: they are in %s.", import_count(intake, "rejected"), rejected);
    if (!terminal && intake->call->options.json)
        return print_rows(intake, rows, error);
    if (!terminal) {
        json_t *last = json_array();
        json_array_append(last, json_array_get(rows, json_array_size(rows) - 1));
        print_rows(intake, last, error);
        json_decref(last);
        return TRUE;
    }
    draw_done(intake, json_array_get(rows, json_array_size(rows) - 1), rejected);
    return screen_flush(intake->call->screen, FALSE);
}
