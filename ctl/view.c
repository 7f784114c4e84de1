#include "madoctl.h"
#include "error.h"
#include "reason.h"
#include <errno.h>
#include <inttypes.h>
#include <mado/bounce.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PROGRESS_AFTER_SECONDS = 2, MOST_ASKED = 6000, LONGEST_PAUSE_MS = 1000, NAME_WIDTH = 14 };

gboolean view_usage(GError **error, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    error_set_valist(error, MADO_E_USAGE, format, values);
    va_end(values);
    return FALSE;
}

void view_give(json_t *args, const char *name, const char *value)
{
    if (value)
        json_object_set_new(args, name, ctl_string(value));
}

json_t *view_one_word(char **words, const char *name, const char *missing, GError **error)
{
    g_autofree char *joined = g_strjoinv(" ", words);
    json_t *args;

    if (!*words) {
        view_usage(error, _("%s Nothing was changed."), _(missing));
        return NULL;
    }
    args = json_object();
    json_object_set_new(args, name, ctl_string(joined));
    return args;
}

static void print_json(struct screen *screen, json_t *rows)
{
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row) {
        g_autofree char *line = ctl_dump(row);
        g_string_append(screen->text, line);
        g_string_append_c(screen->text, '\n');
    }
}

gboolean view_show_rows(
    const struct view *view, struct call *call, json_t *rows, gboolean first, GError **error)
{
    if (call->options.json)
        print_json(call->screen, rows);
    else
        view->draw(call->screen, rows, first);
    if (view->pager && call->screen->terminal && !call->options.json)
        return TRUE;
    if (screen_flush(call->screen, FALSE))
        return TRUE;
    error_set(error, MADO_E_STORE_WRITE, "The output cannot be written: %s.", g_strerror(errno));
    return FALSE;
}

static int judge(const struct view *view, json_t *rows)
{
    int status = 0;
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row)
        if (view->judge)
            status = MAX(status, view->judge(row));
    return status;
}

static char *how_far(const json_t *next)
{
    g_autofree char *count = ctl_count((guint64)row_number(next, "checked"));
    g_autofree char *done = ctl_bytes((guint64)row_number(next, "done"));
    g_autofree char *all = ctl_bytes((guint64)row_number(next, "all"));

    if (row_number(next, "all") > 0)
        return g_strdup_printf(_("%s of %s"), done, all);
    return json_object_get(next, "checked") ? g_strdup_printf(_("%s rows checked"), count) : NULL;
}

void view_progress(gint64 started, const json_t *next)
{
    static gboolean shown;
    gint64 seconds = (g_get_monotonic_time() - started) / G_USEC_PER_SEC;
    g_autofree char *far = next ? how_far(next) : NULL;

    if (!isatty(STDERR_FILENO) || (!shown && seconds < PROGRESS_AFTER_SECONDS))
        return;
    if (far) {
        fprintf(stderr, "\r\033[K%s", far);
        shown = TRUE;
    } else if (shown && !next) {
        fprintf(stderr, "\r\033[K");
        shown = FALSE;
    }
}

static json_t *next_args(json_t *args, json_t *next)
{
    json_t *more = json_deep_copy(args);

    json_object_set_new(more, "page", next);
    return more;
}

/* The arguments of the next page, or NULL: there is none, or nobody asked for it. */
static json_t *further(
    const struct view *view, const struct call *call, json_t *args, json_t *next, guint64 count)
{
    if (!next)
        return NULL;
    if (!view->latest || call->options.all)
        return next_args(args, next);
    fprintf(stderr, _("madoctl: the latest %" PRIu64 " of them. All: madoctl %s --all\n"), count,
        view->command);
    json_decref(next);
    return NULL;
}

int view_run(const struct view *view, struct call *call, GError **error)
{
    json_t *args = view->args ? view->args(call->words, &call->options, error) : json_object();
    gint64 started = g_get_monotonic_time();
    json_t *page = json_incref(args);
    gboolean first = TRUE;
    gboolean done = args != NULL;
    guint64 count = 0;
    int status = 0;

    while (done && page) {
        json_t *rows = json_array();
        json_t *next = NULL;
        done = client_ask(call, call->command->name, page, rows, &next, error);
        view_progress(started, next);
        done = done && view_show_rows(view, call, rows, first, error);
        status = MAX(status, judge(view, rows));
        first = FALSE;
        count += json_array_size(rows);
        page = done ? further(view, call, args, next, count) : NULL;
        json_decref(rows);
    }
    json_decref(args);
    if (done && view->finish && !call->options.json)
        view->finish(call->screen, count);
    if (done)
        screen_flush(call->screen, view->pager && !call->options.json);
    return done ? status : -1;
}

char *view_bounce(const json_t *row)
{
    g_autofree char *words =
        bounce_words(row_text(row, "reason"), row_text(row, "reply_code"), row_text(row, "status"));

    return g_strdup_printf("%s, %s%s", row_text(row, "recipient"), words,
        json_is_true(json_object_get(row, "permanent")) ? _(", permanent") : "");
}

void view_deliveries(struct screen *screen, const json_t *row)
{
    gsize i;
    json_t *one;

    json_array_foreach(json_object_get(row, "deliveries"), i, one) {
        g_autofree char *about = view_bounce(one);
        g_autofree char *text = g_strdup_printf(
            "%s: %s (mail:%" PRIi64 ")", row_text(one, "outcome"), about, row_number(one, "mail"));
        view_fact(screen, "Delivery", text);
    }
}

gboolean view_wait(
    struct call *call, const char *command, json_t *args, json_t *rows, GError **error)
{
    json_t *next = NULL;
    gboolean done = client_ask(call, command, args, rows, &next, error);

    for (int asked = 0; done && next && asked < MOST_ASKED; asked++) {
        gint64 pause = CLAMP(row_number(next, "again_ms"), 1, LONGEST_PAUSE_MS);
        json_t *page = json_pack("{s:o}", "page", next);
        next = NULL;
        g_usleep((gulong)pause * 1000);
        done = client_ask(call, command, page, rows, &next, error);
    }
    if (done && next) {
        error_set(error, MADO_E_BUSY,
            "It takes too long. What was begun goes on: look later what came of it.");
        done = FALSE;
    }
    json_decref(next);
    return done;
}

gboolean view_pages(
    struct call *call, const char *command, const json_t *args, json_t *rows, GError **error)
{
    json_t *page = json_deep_copy(args), *next = NULL;
    gint64 started = g_get_monotonic_time();
    gboolean done = TRUE;

    while (done && page) {
        next = NULL;
        done = client_ask(call, command, page, rows, &next, error);
        view_progress(started, next);
        page = done && next ? next_args((json_t *)args, next) : NULL;
    }
    return done;
}

int view_order(struct call *call, const struct view *view, json_t *args, GError **error)
{
    json_t *rows = json_array();
    gboolean done = args && view_wait(call, view->command, args, rows, error) &&
                    view_show_rows(view, call, rows, TRUE, error);

    json_decref(rows);
    return done ? 0 : -1;
}

void view_table(struct screen *screen, const struct column *columns, json_t *rows, gboolean first,
    const char *nothing)
{
    if (json_array_size(rows) > 0)
        screen_table(screen, columns, rows, first);
    else if (first && screen->terminal)
        screen_print(screen, PLAIN, "%s\n", _(nothing));
}

void view_fact(struct screen *screen, const char *name, const char *value)
{
    if (!*value)
        return;
    if (!screen->terminal) {
        screen_cells(screen, name, value, NULL);
        return;
    }
    screen_pad(screen, PLAIN, _(name), NAME_WIDTH);
    screen_wrap(screen, NAME_WIDTH, value);
}

void view_time(struct screen *screen, const char *name, const json_t *row, const char *path)
{
    g_autofree char *shown = screen->terminal ? row_time(row, path) : g_strdup(row_text(row, path));

    if (*row_text(row, path))
        view_fact(screen, name, shown);
}

char *view_reasons(
    const struct screen *screen, const json_t *row, const char *name, const char *between)
{
    GString *out = g_string_new(NULL);
    gsize i;
    json_t *one;

    json_array_foreach(json_object_get(row, name), i, one) {
        const char *written = json_string_value(one);
        g_autofree char *said = screen->terminal ? reason_said(written) : g_strdup(written);
        g_string_append_printf(out, "%s%s", i ? between : "", said);
    }
    return g_string_free(out, FALSE);
}

char *view_event_words(const json_t *event)
{
    gboolean ours = g_str_equal(row_text(event, "actor"), "mado");

    return ours ? reason_said(row_text(event, "text")) : g_strdup(row_text(event, "text"));
}

char *view_texts(const json_t *row, const char *path)
{
    g_autoptr(GString) all = g_string_new(NULL);
    gsize i;
    json_t *one;

    json_array_foreach(row_at(row, path), i, one)
        g_string_append_printf(all, "%s%s", i ? ", " : "", json_string_value(one));
    return g_string_free(g_steal_pointer(&all), FALSE);
}

char *view_joined(const json_t *row, const char *name, const char *between)
{
    GString *out = g_string_new(NULL);
    gsize i;
    json_t *one;

    json_array_foreach(json_object_get(row, name), i, one)
        g_string_append_printf(out, "%s%s", i ? between : "", json_string_value(one));
    return g_string_free(out, FALSE);
}
