/* import: the spreadsheet of a team becomes tickets. What its columns are is proposed and asked,
 * what each row would become is shown, and then all good rows are taken, or none. */
#include "desk.h"
#include "error.h"
#include "import.h"
#include "init.h"
#include <mado/limits.h>
#include <string.h>
#include <unistd.h>

enum { ROWS_AT_ONCE = 250, PROGRESS_AFTER_SECONDS = 2 };

/* What the daemon is told of a row: the name of each value. */
static const struct {
    enum sheet_field field;
    const char *name;
} values[] = {{SHEET_NUMBER, "number"}, {SHEET_RECEIVED, "received"}, {SHEET_SUBJECT, "subject"},
    {SHEET_REPORTER, "reporter"}, {SHEET_CONTACT, "contact"}, {SHEET_CATEGORY, "category"},
    {SHEET_STATE, "state"}, {SHEET_HANDLER, "handler"}, {SHEET_SEVERITY, "severity"},
    {SHEET_LABEL, "label"}, {SHEET_CLOSED, "closed"}, {SHEET_RESULT, "result"}};

static void intake_clear(struct intake *intake)
{
    g_free(intake->mapping_path);
    sheet_free(intake->sheet);
    sheet_mapping_free(intake->mapping);
    g_clear_pointer(&intake->rows, g_ptr_array_unref);
    g_clear_pointer(&intake->lines, g_ptr_array_unref);
    json_decref(intake->found);
}

static gboolean is_there_somebody(void)
{
    return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

/* -- rows for the daemon -- */

static json_t *row_json(const struct sheet_row *row)
{
    json_t *json = json_pack("{s:i}", "line", (int)row->line);
    json_t *text = json_array();

    for (gsize i = 0; i < G_N_ELEMENTS(values); i++)
        if (*row->value[values[i].field])
            json_object_set_new(json, values[i].name, ctl_string(row->value[values[i].field]));
    for (guint i = 0; i < row->text->len; i++)
        json_array_append_new(text, ctl_string(row->text->pdata[i]));
    json_object_set_new(json, "text", text);
    return json;
}

/* In the form of what the daemon says of rows. */
static json_t *rejected_json(const struct sheet_row *row)
{
    static const char *const unknown[] = {
        "ticket", "category", "severity", "handler", "tlp", "received", "closed"};
    json_t *json = ctl_row();

    json_object_set_new(json, "line", json_integer(row->line));
    json_object_set_new(json, "result", json_string("rejected"));
    for (gsize i = 0; i < G_N_ELEMENTS(unknown); i++)
        json_object_set_new(json, unknown[i], json_null());
    json_object_set_new(json, "old", ctl_known(row->value[SHEET_NUMBER]));
    json_object_set_new(json, "state", ctl_known(row->value[SHEET_STATE]));
    json_object_set_new(json, "subject", ctl_known(row->value[SHEET_SUBJECT]));
    json_object_set_new(json, "why", ctl_string(row->why));
    json_object_set_new(json, "not_understood", json_array());
    return json;
}

static json_t *in_order(json_t *row)
{
    static const char *const names[] = {"schema", "line", "result", "ticket", "old", "state",
        "category", "severity", "handler", "tlp", "received", "closed", "subject", "why",
        "not_understood"};
    json_t *sorted = json_object();

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        json_object_set(sorted, names[i], json_object_get(row, names[i]));
    json_decref(row);
    return sorted;
}

/* -- what would become of them -- */

static void show_progress(const struct intake *intake, guint done, gint64 started)
{
    g_autofree char *here = ctl_count(done), *all = ctl_count(intake->rows->len);

    if (isatty(STDERR_FILENO) &&
        g_get_monotonic_time() - started >= PROGRESS_AFTER_SECONDS * G_USEC_PER_SEC)
        init_say(
            "\rlooked at %s of %s rows%s", here, all, done == intake->rows->len ? "\r\033[K" : "");
}

/* Asks about the good ones of so many rows, and puts the answers where they belong. */
static gboolean look_at(struct intake *intake, guint from, guint to, GError **error)
{
    json_t *args = json_object(), *rows = json_array(), *found = json_array(), *next = NULL;
    gsize at = 0;
    gboolean done;

    for (guint i = from; i < to; i++) {
        const struct sheet_row *row = intake->rows->pdata[i];
        if (!row->why)
            json_array_append_new(rows, row_json(row));
    }
    json_object_set_new(args, "rows", rows);
    json_object_set_new(args, "look", json_true());
    done = client_ask(intake->call, "import", args, found, &next, error);
    for (guint i = from; done && i < to; i++) {
        const struct sheet_row *row = intake->rows->pdata[i];
        json_t *one =
            row->why ? in_order(rejected_json(row)) : json_incref(json_array_get(found, at++));
        json_array_append_new(intake->found, one ? one : json_null());
    }
    json_decref(next);
    json_decref(found);
    return done;
}

static gboolean look(struct intake *intake, GError **error)
{
    gint64 started = g_get_monotonic_time();

    g_clear_pointer(&intake->rows, g_ptr_array_unref);
    json_decref(intake->found);
    intake->rows = sheet_rows(intake->sheet, intake->mapping);
    intake->found = json_array();
    for (guint i = 0; i < intake->rows->len; i += ROWS_AT_ONCE) {
        guint to = MIN(i + ROWS_AT_ONCE, intake->rows->len);
        if (!look_at(intake, i, to, error))
            return FALSE;
        show_progress(intake, to, started);
    }
    return TRUE;
}

/* -- the dialogue -- */

static gboolean give_up(GError **error)
{
    error_set(error, MADO_E_BAD_DATA, "Given up. Nothing was imported.");
    return FALSE;
}

static gboolean ask_first(struct intake *intake)
{
    g_autoptr(GHashTable) states = NULL, severities = NULL;

    if (!import_ask_columns(intake) || !import_ask_order(intake))
        return FALSE;
    states = sheet_unknown(intake->sheet, intake->mapping, "state");
    severities = sheet_unknown(intake->sheet, intake->mapping, "severity");
    return import_ask_words(
               intake, "state", states, incident_states, _("these rows are rejected")) &&
           import_ask_words(
               intake, "severity", severities, severity_names, _("these rows are rejected"));
}

/* What the daemon does not know is asked once. */
static gboolean ask_more(struct intake *intake, gboolean *more)
{
    g_autoptr(GHashTable) categories = import_not_understood(intake, "category");
    g_autoptr(GHashTable) handlers = import_not_understood(intake, "handler");
    guint before = intake->mapping->said->len;

    if (!import_ask_words(intake, "category", categories, NULL, "other") ||
        !import_ask_words(intake, "handler", handlers, NULL, "nobody"))
        return FALSE;
    *more = intake->mapping->said->len > before;
    return TRUE;
}

static gboolean check_columns(const struct intake *intake, GError **error)
{
    if (sheet_has(intake->sheet, SHEET_RECEIVED))
        return TRUE;
    error_set(error, MADO_E_BAD_DATA,
        "No column of %s says when something was received. Nothing was imported. Run it at a "
        "terminal, where it asks, or write [columns] and received=HEAD into %s.",
        intake->path, intake->mapping_path);
    return FALSE;
}

static gboolean prepare(struct intake *intake, GError **error)
{
    gboolean asks = is_there_somebody() && !intake->has_mapping && !intake->call->options.yes;
    gboolean more = FALSE;

    if (asks && !ask_first(intake))
        return give_up(error);
    if (!check_columns(intake, error) || !look(intake, error))
        return FALSE;
    if (asks && !ask_more(intake, &more))
        return give_up(error);
    return !more || look(intake, error);
}

/* -- the real run -- */

static int by_reception(gconstpointer one, gconstpointer other)
{
    const struct sheet_row *a = *(struct sheet_row *const *)one;
    const struct sheet_row *b = *(struct sheet_row *const *)other;
    int order = strcmp(a->value[SHEET_RECEIVED], b->value[SHEET_RECEIVED]);

    return order ? order : (a->line > b->line) - (a->line < b->line);
}

/* Their numbers follow the order in which they came, whatever that of the file is. */
static json_t *good_rows(const struct intake *intake)
{
    g_autoptr(GPtrArray) good = g_ptr_array_new();
    json_t *rows = json_array();

    for (guint i = 0; i < intake->rows->len; i++)
        if (g_str_equal(row_text(json_array_get(intake->found, i), "result"), "new"))
            g_ptr_array_add(good, intake->rows->pdata[i]);
    g_ptr_array_sort(good, by_reception);
    for (guint i = 0; i < good->len; i++)
        json_array_append_new(rows, row_json(good->pdata[i]));
    return rows;
}

static gboolean take(struct intake *intake, GError **error)
{
    json_t *args = json_object(), *rows = json_array(), *next = NULL;
    g_autofree char *file = g_path_get_basename(intake->path), *rejected = NULL;
    gboolean done =
        import_write_mapping(intake, error) && import_write_rejected(intake, &rejected, error);

    json_object_set_new(args, "file", ctl_string(file));
    json_object_set_new(args, "rows", good_rows(intake));
    if (done)
        done = client_ask(intake->call, "import", json_incref(args), rows, &next, error) &&
               import_show_done(intake, rows, rejected, error);
    json_decref(args);
    json_decref(next);
    json_decref(rows);
    return done;
}

/* -- all of it -- */

static gboolean check_amount(const struct intake *intake, GError **error)
{
    guint good = import_count(intake, "new");

    if (good > LIMIT_SHEET_ROWS) {
        error_set(error, MADO_E_BAD_DATA,
            "%u rows: one import takes %d. Nothing was imported. Cut the file into several.", good,
            LIMIT_SHEET_ROWS);
        return FALSE;
    }
    if (good)
        return TRUE;
    error_set(error, MADO_E_BAD_DATA,
        "No row is new: %u are here already, %u cannot be taken. Nothing was imported. See: "
        "madoctl import %s --dry-run",
        import_count(intake, "known"), import_count(intake, "rejected"), intake->path);
    return FALSE;
}

static int work(struct intake *intake, GError **error)
{
    const struct options *options = &intake->call->options;
    guint rejected;

    if (!prepare(intake, error) || !import_show_look(intake, error))
        return -1;
    if (options->dry_run)
        return import_write_mapping(intake, error) ? 0 : -1;
    if (!check_amount(intake, error))
        return -1;
    rejected = import_count(intake, "rejected");
    if (!options->yes &&
        !import_ask_yes(_("Import %u incidents%s? [y/N] "), import_count(intake, "new"),
            rejected ? _(", and write the rejected rows to a file of their own") : "")) {
        init_say("madoctl: nothing was imported.\n");
        return 1;
    }
    return take(intake, error) ? 0 : -1;
}

static gboolean may_go_on(const struct options *options, GError **error)
{
    if (options->yes || options->dry_run || is_there_somebody())
        return TRUE;
    return view_usage(error,
        "Nobody is there to be asked. Nothing was imported. Give --dry-run to see what would "
        "become of it, or --yes.");
}

static int import_file(struct call *call, GError **error)
{
    struct intake intake = {.call = call, .path = call->words[0]};
    int status = -1;

    if (may_go_on(&call->options, error) && (intake.lines = import_read(intake.path, error)) &&
        import_read_mapping(&intake, error)) {
        intake.sheet = sheet_new(intake.lines, intake.mapping);
        status = work(&intake, error);
    }
    intake_clear(&intake);
    return status;
}

static int undo(struct call *call, GError **error)
{
    static const struct view drawn = {"import", .draw = import_draw};

    if (*call->words) {
        view_usage(error, "--undo takes a number and no file. Nothing was changed. Write: madoctl "
                          "import --undo 3");
        return -1;
    }
    if (!may_go_on(&call->options, error))
        return -1;
    if (!call->options.yes &&
        !import_ask_yes(
            _("Take all incidents of import %s out again? [y/N] "), call->options.undo)) {
        init_say("madoctl: nothing was changed.\n");
        return 1;
    }
    return view_order(
        call, &drawn, json_pack("{s:o}", "undo", ctl_string(call->options.undo)), error);
}

static int run(struct call *call, GError **error)
{
    static const struct view drawn = {"import", .draw = import_draw};

    if (call->options.undo)
        return undo(call, error);
    if (!*call->words)
        return view_order(call, &drawn, json_object(), error);
    if (call->words[1]) {
        view_usage(error, "One file at a time. Nothing was imported. Write: madoctl import "
                          "ledger.csv");
        return -1;
    }
    return import_file(call, error);
}

const struct view view_import = {"import", .run = run};
