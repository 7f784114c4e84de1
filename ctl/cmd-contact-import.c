/* contact import: a list of contacts, as a spreadsheet has it. */
#include "error.h"
#include "madoctl.h"
#include "sheet.h"
#include <errno.h>
#include <inttypes.h>
#include <mado/limits.h>
#include <string.h>

/* The heads of columns, and the fields that they fill. What is empty leaves a contact as it is. */
static const struct {
    const char *head, *field;
    gboolean list;   /* several, with blanks, commas or semicolons between */
    gboolean blanks; /* but blanks are a part of them */
} heads[] = {
    {"name", NULL},
    {"kind", "kind="},
    {"organisation", "organisation="},
    {"addresses", "address+=", TRUE},
    {"address", "address+=", TRUE},
    {"language", "language="},
    {"seal", "seal="},
    {"relation", "relation="},
    {"clearance", "clearance="},
    {"charset", "charset="},
    {"numbers", "number+=", TRUE, TRUE},
    {"capability", "capability="},
    {"day", "day="},
    {"night", "night="},
    {"deputies", "deputy+=", TRUE, TRUE},
    {"note", "note="},
    {"verified", "verified="},
    {"members", "member+=", TRUE, TRUE},
};

static gboolean unknown_head(const char *name, GError **error)
{
    g_autoptr(GString) all = g_string_new(NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(heads); i++)
        g_string_append_printf(all, "%s%s", i ? ", " : "", heads[i].head);
    error_set(error, MADO_E_BAD_DATA,
        "line 1: there is no column \"%s\". Nothing was changed. The first line has the names of "
        "columns: %s.",
        name, all->str);
    return FALSE;
}

static gboolean read_heads(const struct csv_line *line, GArray *places, GError **error)
{
    gboolean named = FALSE;

    for (guint i = 0; i < line->fields->len; i++) {
        g_autofree char *name = g_ascii_strdown(line->fields->pdata[i], -1);
        guint place = 0;
        while (place < G_N_ELEMENTS(heads) && !g_str_equal(heads[place].head, name))
            place++;
        if (place == G_N_ELEMENTS(heads))
            return unknown_head(name, error);
        named |= place == 0;
        g_array_append_val(places, place);
    }
    if (!named)
        error_set(
            error, MADO_E_BAD_DATA, "line 1: no column is called \"name\". Nothing was changed.");
    return named;
}

static void add_words(json_t *words, guint place, const char *value)
{
    const char *separators = heads[place].blanks ? ",;\n" : " ,;\n";
    g_auto(GStrv) parts = g_strsplit_set(value, separators, heads[place].list ? -1 : 1);

    for (char **part = parts; *part; part++) {
        /* A cell may have several lines, a field has one. */
        const char *value_in_a_line = g_strstrip(g_strdelimit(*part, "\r\n", ' '));
        g_autofree char *word = g_strconcat(heads[place].field, value_in_a_line, NULL);
        if (**part)
            json_array_append_new(words, ctl_string(word));
    }
}

static json_t *row_of(const struct csv_line *line, const GArray *places)
{
    json_t *words = json_array();
    const char *name = "";

    for (guint i = 0; i < MIN(line->fields->len, places->len); i++) {
        guint place = g_array_index(places, guint, i);
        if (place == 0)
            name = line->fields->pdata[i];
        else
            add_words(words, place, line->fields->pdata[i]);
    }
    return json_pack(
        "{s:i,s:o,s:o}", "line", (int)line->number, "name", ctl_string(name), "set", words);
}

static json_t *rows_of(const GPtrArray *lines, GError **error)
{
    g_autoptr(GArray) places = g_array_new(FALSE, FALSE, sizeof(guint));
    json_t *rows;

    if (lines->len < 2) {
        error_set(error, MADO_E_BAD_DATA,
            "The file has no contact. Nothing was changed. Its first line has the names of "
            "columns, and each further one a contact.");
        return NULL;
    }
    if (!read_heads(lines->pdata[0], places, error))
        return NULL;
    rows = json_array();
    for (guint i = 1; i < lines->len; i++)
        json_array_append_new(rows, row_of(lines->pdata[i], places));
    return rows;
}

static gboolean check_lengths(const GPtrArray *lines, GError **error)
{
    const struct csv_line *first = lines->len ? lines->pdata[0] : NULL;

    for (guint i = 1; i < lines->len; i++) {
        const struct csv_line *line = lines->pdata[i];
        if (line->fields->len <= first->fields->len)
            continue;
        error_set(error, MADO_E_BAD_DATA,
            "line %u: more fields than there are columns. Nothing was changed. Has a text a comma "
            "in it? Then it stands in quotation marks.",
            line->number);
        return FALSE;
    }
    return TRUE;
}

static json_t *import_args(char **words, const struct options *options, GError **error)
{
    g_autofree char *bytes = NULL;
    g_autoptr(GPtrArray) lines = NULL;
    g_autoptr(GError) failed = NULL;
    gsize size;
    json_t *rows, *args;

    if (!words[0] || words[1]) {
        view_usage(
            error, "Which file? Nothing was changed. Write: madoctl contact import FILE.csv");
        return NULL;
    }
    if (!g_file_get_contents(words[0], &bytes, &size, &failed)) {
        error_set(error, MADO_E_NO_SUCH, "%s. Nothing was changed.", failed->message);
        return NULL;
    }
    lines = csv_read(bytes, size, error);
    rows = lines && check_lengths(lines, error) ? rows_of(lines, error) : NULL;
    if (!rows)
        return NULL;
    args = json_object();
    json_object_set_new(args, "lines", rows);
    json_object_set_new(args, "dry_run", json_boolean(options->dry_run));
    return args;
}

static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    gsize i;
    json_t *row;
    guint added = 0, changed = 0;

    json_array_foreach(rows, i, row) {
        const char *result = row_text(row, "result");
        g_autofree char *line = g_strdup_printf("%" PRIi64, row_number(row, "line"));
        added += g_str_equal(result, "added");
        changed += g_str_equal(result, "changed");
        if (!screen->terminal) {
            screen_cells(
                screen, line, result, row_text(row, "name"), row_text(row, "change"), NULL);
        } else if (!g_str_equal(result, "unchanged")) {
            screen_print(screen, PLAIN, "%-9s  ", result);
            screen_wrap(screen, 11, row_text(row, "name"));
        }
    }
    if (screen->terminal)
        screen_print(screen, GOOD, "%u added, %u changed, %u as they were.\n", added, changed,
            (guint)json_array_size(rows) - added - changed);
}

static int run(struct call *call, GError **error)
{
    json_t *args = import_args(call->words, &call->options, error);
    json_t *rows = json_array();
    gboolean done = args && view_wait(call, "contact import", args, rows, error) &&
                    view_show_rows(&view_contact_import, call, rows, TRUE, error);

    if (done && call->options.dry_run && call->screen->terminal) {
        screen_print(call->screen, NOTICE, "Nothing was changed (dry run).\n");
        screen_flush(call->screen, FALSE);
    }
    json_decref(rows);
    return done ? 0 : -1;
}

const struct view view_contact_import = {"contact import", .draw = draw, .run = run};
