/* purge: first what would go, then its number typed back, then it goes. */
#include "error.h"
#include "madoctl.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct column columns[] = {
    {"RULE", "rule", CELL_TEXT},
    {"COUNT", "count", CELL_COUNT},
    {"BYTES", "bytes", CELL_COUNT},
    {"OLDER THAN", "before", CELL_TEXT},
    {NULL},
};

static gint64 sum_of(const json_t *rows)
{
    gint64 sum = 0;
    gsize i;
    json_t *row;

    json_array_foreach((json_t *)rows, i, row)
        sum += row_number(row, "count");
    return sum;
}

static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    const json_t *row = json_array_get(rows, 0);
    g_autofree char *count = ctl_count((guint64)row_number(row, "purged"));

    if (!json_object_get(row, "purged"))
        view_table(screen, columns, rows, TRUE, "Nothing.");
    else if (screen->terminal)
        screen_print(screen, GOOD, "ok: %s purged. The journal says so.\n", count);
    else
        screen_cells(screen, "purged", count, NULL);
}

static gboolean take(struct call *call, json_t *rows, gpointer data, GError **error)
{
    json_array_extend(data, rows);
    return TRUE;
}

static gboolean look(struct call *call, json_t *rows, GError **error)
{
    return view_long(
        call, &(struct view_long){take, rows}, json_pack("{s:b}", "dry_run", TRUE), error);
}

/* What cannot be taken back is typed, not answered. The caller frees it. */
static char *ask_for_number(struct call *call, const json_t *rows, GError **error)
{
    char line[32] = "";

    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
        view_usage(error, "Nothing was purged. Without a terminal write: madoctl purge --yes "
                          "--count N, with the number of madoctl purge --dry-run");
        return NULL;
    }
    fprintf(stderr, _("It cannot be taken back. Type the number of what goes (%" PRIi64 "): "),
        sum_of(rows));
    if (!fgets(line, sizeof line, stdin))
        line[0] = '\0';
    return g_strdup(g_strstrip(line));
}

static gboolean purge(struct call *call, const char *count, GError **error)
{
    json_t *rows = json_array(), *args = json_pack("{s:s}", "count", count);
    gboolean done = view_long(call, &(struct view_long){take, rows}, args, error) &&
                    view_show_rows(&view_purge, call, rows, TRUE, error);

    json_decref(rows);
    return done;
}

static gboolean look_and_purge(struct call *call, GError **error)
{
    json_t *rows = json_array();
    g_autofree char *count = NULL;
    gboolean done = look(call, rows, error);

    if (done && (call->options.dry_run || !call->options.json))
        done = view_show_rows(&view_purge, call, rows, TRUE, error);
    if (done && !call->options.dry_run && sum_of(rows) > 0)
        done = (count = ask_for_number(call, rows, error)) && purge(call, count, error);
    json_decref(rows);
    return done;
}

static int run(struct call *call, GError **error)
{
    const struct options *options = &call->options;
    gboolean done;

    if (*call->words || (options->yes && !options->count) || (!options->yes && options->count))
        done =
            view_usage(error, "Nothing was purged. Write: madoctl purge --dry-run, madoctl purge, "
                              "or madoctl purge --yes --count N");
    else if (options->yes && !options->dry_run)
        done = purge(call, options->count, error);
    else
        done = look_and_purge(call, error);
    return done ? 0 : -1;
}

const struct view view_purge = {.command = "purge", .draw = draw, .run = run};
