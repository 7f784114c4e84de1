/* audit: the journal's chain of hashes, here and as it was exported. */
#include "error.h"
#include "fd.h"
#include "madoctl.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* -- audit verify: what the daemon says of the journal -- */

/* Pages but the last have no row. */
static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    json_t *row = json_array_get(rows, 0);
    g_autofree char *checked = ctl_count((guint64)row_number(row, "checked"));
    gboolean intact = json_is_true(json_object_get(row, "intact"));
    const char *compared = row_text(row, "compared");

    if (!row)
        return;
    if (!screen->terminal)
        screen_cells(screen, intact ? "intact" : "broken", checked, row_text(row, "why"), NULL);
    else if (intact)
        screen_print(screen, GOOD, "ok: the journal is intact, %s rows%s%s.\n", checked,
            *compared ? _("; it is that of ") : "", compared);
    else
        screen_print(screen, BAD, "FAIL: %s\n%s rows before it are intact. Nothing was changed.\n",
            row_text(row, "why"), checked);
}

static int judge(const json_t *row)
{
    return json_is_true(json_object_get(row, "intact")) ? 0 : 1;
}

static json_t *no_args(char **words, const struct options *options, GError **error)
{
    return json_object();
}

/* -- audit verify FILE: an export, by itself and against the journal -- */

struct comparison {
    FILE *file;
    const char *path;
    char *line;
    size_t room;
    guint64 rows; /* of the file that were read */
    char *hash;   /* of the last */
    char *why;    /* what is wrong; NULL: nothing */
};

static void find(struct comparison *comparison, guint64 row, const char *what)
{
    if (!comparison->why)
        comparison->why = g_strdup_printf(
            _("row %" PRIu64 " %s; nothing was changed: keep both as they are"), row, what);
}

static struct journal_row row_of(const json_t *line)
{
    return (struct journal_row){.id = (guint64)row_number(line, "id"),
        .at = row_number(line, "at"),
        .actor = (char *)row_text(line, "actor"),
        .kind = (char *)row_text(line, "kind"),
        .incident = (guint64)row_number(line, "incident"),
        .mail = (guint64)row_number(line, "mail"),
        .purged = json_is_null(json_object_get(line, "text")),
        .text = (char *)row_text(line, "text"),
        .text_sha256 = (char *)row_text(line, "text_sha256"),
        .hash = (char *)row_text(line, "hash")};
}

/* The next line of the file, in its place and unchanged; NULL behind the last, or if it is not. */
static json_t *next_line(struct comparison *comparison)
{
    gssize size =
        comparison->why ? -1 : getline(&comparison->line, &comparison->room, comparison->file);
    json_t *line = size > 0 ? json_loadb(comparison->line, (gsize)size, 0, NULL) : NULL;
    struct journal_row row = row_of(line);
    g_autofree char *hash = journal_row_chain(comparison->hash, &row);
    g_autofree char *text = journal_text_hash(row.text);

    if (size <= 0)
        return NULL;
    if (row.id != comparison->rows + 1)
        find(comparison, comparison->rows + 1, _("of the export is missing, or in another place"));
    else if (!row.purged && !g_str_equal(text, row.text_sha256))
        find(comparison, row.id, _("of the export has another text than was written"));
    else if (!g_str_equal(hash, row.hash))
        find(comparison, row.id, _("of the export was changed"));
    if (comparison->why) {
        json_decref(line);
        return NULL;
    }
    comparison->rows++;
    g_free(comparison->hash);
    comparison->hash = g_strdup(row.hash);
    return line;
}

/* A text that was purged in between is no difference. */
static gboolean are_the_same(const json_t *line, const json_t *row)
{
    static const char *const parts[] = {
        "id", "at", "actor", "kind", "incident", "mail", "text_sha256", "hash"};
    g_autofree char *text = journal_text_hash(row_text(row, "text"));

    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
        if (!json_equal(json_object_get(line, parts[i]), json_object_get(row, parts[i])))
            return FALSE;
    return json_is_null(json_object_get(row, "text")) ||
           g_str_equal(text, row_text(row, "text_sha256"));
}

/* What the journal has more is what happened since. */
static gboolean compare(struct call *call, json_t *rows, gpointer data, GError **error)
{
    struct comparison *comparison = data;
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row) {
        json_t *line = next_line(comparison);
        if (line && !are_the_same(line, row))
            find(comparison, comparison->rows,
                _("of the journal is another one than in the export"));
        json_decref(line);
    }
    return TRUE;
}

static json_t *verdict(struct comparison *comparison)
{
    json_t *line = next_line(comparison), *row = ctl_row();

    if (line)
        find(comparison, comparison->rows,
            _("is in the export and not in the journal: the end of the journal was cut off"));
    else if (!comparison->rows)
        find(comparison, 1, _("of the export is missing"));
    json_decref(line);
    json_object_set_new(row, "checked", json_integer((json_int_t)comparison->rows));
    json_object_set_new(row, "intact", json_boolean(!comparison->why));
    json_object_set_new(row, "why", ctl_string(comparison->why));
    json_object_set_new(row, "compared", ctl_string(comparison->path));
    return row;
}

static gboolean cannot(const char *path, const char *what, GError **error)
{
    error_set(error, MADO_E_NO_SUCH, "%s cannot be %s: %s. Nothing was changed.", path, what,
        g_strerror(errno));
    return FALSE;
}

static int verify_file(struct call *call, GError **error)
{
    struct comparison comparison = {
        .path = call->words[0], .file = fopen(call->words[0], "re"), .hash = g_strdup("")};
    json_t *rows = json_array(), *args = json_object();
    int status = -1;

    json_object_set_new(args, "compare", ctl_string(comparison.path));
    if (!comparison.file) {
        cannot(comparison.path, "read", error);
    } else if (view_long_as(call, "audit export", &(struct view_long){compare, &comparison},
                   json_incref(args), error)) {
        json_array_append_new(rows, verdict(&comparison));
        if (view_show_rows(&view_audit_verify, call, rows, TRUE, error))
            status = judge(json_array_get(rows, 0));
    }
    if (comparison.file)
        fclose(comparison.file);
    free(comparison.line);
    g_free(comparison.hash);
    g_free(comparison.why);
    json_decref(args);
    json_decref(rows);
    return status;
}

static int verify(struct call *call, GError **error)
{
    static const struct view of_daemon = {"audit verify", no_args, draw, judge};

    if (call->words[0] && call->words[1])
        return view_usage(error, "One file. Nothing was changed. Write: madoctl audit verify FILE")
                   ? 0
                   : -1;
    return call->words[0] ? verify_file(call, error) : view_run(&of_daemon, call, error);
}

const struct view view_audit_verify = {"audit verify", no_args, draw, judge, .run = verify};

/* -- audit export -- */

struct exported {
    int fd;
    guint64 rows;
};

static gboolean write_rows(struct call *call, json_t *rows, gpointer data, GError **error)
{
    struct exported *exported = data;
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row) {
        g_autofree char *line = ctl_dump(row);
        g_autofree char *whole = g_strconcat(line, "\n", NULL);
        if (!fd_write_all(exported->fd, whole, strlen(whole), NULL))
            return cannot(_("The export"), "written", error);
        exported->rows++;
    }
    return TRUE;
}

static void draw_export(struct screen *screen, json_t *rows, gboolean first)
{
    const json_t *row = json_array_get(rows, 0);
    g_autofree char *count = ctl_count((guint64)row_number(row, "rows"));

    if (screen->terminal)
        screen_print(screen, GOOD, "ok: %s, %s rows.\nLater: madoctl audit verify %s\n",
            row_text(row, "file"), count, row_text(row, "file"));
    else
        screen_cells(screen, row_text(row, "file"), count, NULL);
}

static gboolean keep_export(
    struct call *call, struct exported *exported, gboolean done, GError **error)
{
    const char *path = call->words[0];
    json_t *rows;

    if (done && fsync(exported->fd) < 0)
        done = cannot(path, "written", error);
    close(exported->fd);
    if (!done) {
        unlink(path);
        return FALSE;
    }
    rows = json_pack("[{s:s,s:o,s:I}]", "schema", CTL_SCHEMA, "file", ctl_string(path), "rows",
        (json_int_t)exported->rows);
    done = view_show_rows(&view_audit_export, call, rows, TRUE, error);
    json_decref(rows);
    return done;
}

static int export(struct call *call, GError **error)
{
    const char *path = call->words[0];
    struct exported exported = {.fd = STDOUT_FILENO};
    json_t *args = json_object();
    gboolean done = TRUE;

    if (path)
        exported.fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (exported.fd < 0)
        done = cannot(path, "made", error);
    else
        done =
            view_long(call, &(struct view_long){write_rows, &exported}, json_incref(args), error);
    if (path && exported.fd >= 0)
        done = keep_export(call, &exported, done, error);
    json_decref(args);
    return done ? 0 : -1;
}

const struct view view_audit_export = {
    .command = "audit export", .draw = draw_export, .run = export};
