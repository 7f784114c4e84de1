/* stats and report, and status for those who decide: figures, as the daemon has drawn them, on the
 * terminal or in a file. */
#include "error.h"
#include "madoctl.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const char *const endings[][2] = {
    {".html", "html"}, {".htm", "html"}, {".csv", "csv"}, {".json", "json"}, {".txt", "text"}};

/* As it is asked for, or as the file is called. */
static const char *format_of(const struct options *options)
{
    for (gsize i = 0; !options->format && options->output && i < G_N_ELEMENTS(endings); i++)
        if (g_str_has_suffix(options->output, endings[i][0]))
            return endings[i][1];
    return options->format ? options->format : options->json ? "json" : "text";
}

static json_t *args_of(const struct call *call)
{
    const struct options *options = &call->options;
    g_autofree char *width = g_strdup_printf("%d", call->screen->columns);
    json_t *args = json_object();

    view_give(args, "format", format_of(options));
    view_give(args, "language", options->language);
    if (call->screen->terminal && !options->output)
        view_give(args, "width", width);
    return args;
}

/* -- what came -- */

static void cannot(const char *path, const char *what, GError **error)
{
    error_set(error, MADO_E_NO_SUCH, "%s cannot be %s: %s. Nothing was changed.", path, what,
        g_strerror(errno));
}

static gboolean write_all(int fd, const char *content)
{
    gsize size = strlen(content);

    for (gsize done = 0; done < size;) {
        gssize put = write(fd, content + done, size - done);
        if (put < 0 && errno != EINTR)
            return FALSE;
        done += (gsize)MAX(put, 0);
    }
    return fsync(fd) == 0 || errno == EINVAL;
}

/* A new one: what somebody has kept is not lost. */
static gboolean keep(const char *path, const char *content, GError **error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    gboolean done = fd >= 0 && write_all(fd, content);

    if (!done)
        cannot(path, fd < 0 ? "made" : "written", error);
    if (fd >= 0)
        close(fd);
    if (fd >= 0 && !done)
        unlink(path);
    return done;
}

static gboolean show(struct call *call, json_t *rows, GError **error)
{
    static const struct view view = {"report"};
    const struct options *options = &call->options;
    json_t *row = json_array_get(rows, 0);
    gboolean drawn = json_object_get(row, "content") != NULL;
    g_autofree char *json = drawn ? NULL : ctl_dump(row);
    g_autofree char *line = json ? g_strconcat(json, "\n", NULL) : NULL;
    const char *content = drawn ? row_text(row, "content") : line;

    if (options->output)
        return keep(options->output, content, error);
    return options->json && drawn ? view_show_rows(&view, call, rows, TRUE, error)
                                  : view_print(content, error);
}

/* Takes `args`. */
static int ask(struct call *call, const char *command, json_t *args, GError **error)
{
    json_t *rows = json_array();
    gboolean done = view_pages(call, command, args, rows, error) && show(call, rows, error);

    json_decref(args);
    json_decref(rows);
    return done ? 0 : -1;
}

/* -- the commands -- */

int report_status(struct call *call, const char *kind, GError **error)
{
    json_t *args = args_of(call);

    view_give(args, "kind", kind);
    return ask(call, "stats", args, error);
}

static int run_stats(struct call *call, GError **error)
{
    json_t *args = args_of(call);

    view_give(args, "period", call->words[0]);
    view_give(args, "by", call->options.by);
    return ask(call, "stats", args, error);
}

const struct view view_stats = {"stats", .run = run_stats};

static int run_authority(struct call *call, GError **error)
{
    g_autofree char *sheet = authority_sheet(call, error);
    json_t *rows = json_pack("[{s:s,s:s,s:o,s:n,s:s,s:i,s:o}]", "schema", CTL_SCHEMA, "report",
        "authority", "period", ctl_string(call->words[1]), "label", "format", "text", "figures", 0,
        "content", ctl_string(sheet));
    gboolean done = sheet && show(call, rows, error);

    json_decref(rows);
    return done ? 0 : -1;
}

static int run_report(struct call *call, GError **error)
{
    json_t *args;

    if (call->words[0] && g_str_equal(call->words[0], "authority"))
        return run_authority(call, error);
    args = args_of(call);
    view_give(args, "kind", call->words[0]);
    view_give(args, "period", call->words[0] ? call->words[1] : NULL);
    view_give(args, "audience", call->options.audience);
    view_give(args, "label", call->options.label);
    json_object_set_new(args, "mark", json_true());
    return ask(call, "report", args, error);
}

const struct view view_periodic = {"report", .run = run_report};
