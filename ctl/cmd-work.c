/* take, set, close, reopen: what operators do to tickets. */
#include "madoctl.h"

static json_t *take_args(char **words, const struct options *options, GError **error)
{
    if (*words)
        return json_pack("{s:o,s:b}", "ids", ctl_texts(words), "over", options->over);
    view_usage(error, "Which ticket? Nothing was changed. Write: madoctl take 42");
    return NULL;
}

static json_t *set_args(char **words, const struct options *options, GError **error)
{
    json_t *args;

    if (!*words || !words[1]) {
        view_usage(error, "Which ticket, and which field? Nothing was changed. Write: madoctl set "
                          "42 severity=high");
        return NULL;
    }
    args = json_pack("{s:o,s:o}", "id", ctl_string(*words), "set", ctl_texts(words + 1));
    view_give(args, "reason", options->reason);
    return args;
}

static json_t *close_args(char **words, const struct options *options, GError **error)
{
    json_t *args =
        view_one_word(words, "id", "Which ticket? Write: madoctl close 42 --result TEXT.", error);

    if (args && options->result)
        json_object_set_new(args, "result", ctl_string(options->result));
    return args;
}

static json_t *reopen_args(char **words, const struct options *options, GError **error)
{
    json_t *args =
        view_one_word(words, "id", "Which ticket? Write: madoctl reopen 42 --reason TEXT.", error);

    if (args && options->reason)
        json_object_set_new(args, "reason", ctl_string(options->reason));
    return args;
}

/* -- what was changed -- */

static const char *or_dash(const char *text)
{
    return *text ? text : "-";
}

static void draw_change(struct screen *screen, const char *ticket, const json_t *change)
{
    const char *field = row_text(change, "field");
    const char *before = row_text(change, "old"), *now = row_text(change, "new");
    g_autofree char *text = g_str_equal(before, now)
                                ? g_strdup_printf("%s confirmed", now)
                                : g_strdup_printf("%s -> %s", or_dash(before), or_dash(now));

    if (screen->terminal) {
        screen_print(screen, PLAIN, "  %-*s", 12, field);
        screen_wrap(screen, 14, text);
    } else {
        screen_cells(screen, ticket, field, before, now, NULL);
    }
}

static void draw_one(struct screen *screen, const json_t *row)
{
    const char *ticket = row_text(row, "ticket");
    const json_t *changes = json_object_get(row, "changes");
    gsize i;
    json_t *one;

    if (screen->terminal) {
        screen_print(screen, BOLD, "%s", ticket);
        screen_print(screen, screen_style(row_text(row, "state")), "   %s", row_text(row, "state"));
        screen_print(screen, PLAIN, "%s\n", json_array_size(changes) ? "" : _("   as it was"));
    }
    json_array_foreach((json_t *)changes, i, one)
        draw_change(screen, ticket, one);
    json_array_foreach(json_object_get(row, "hints"), i, one)
        if (screen->terminal)
            screen_wrap(screen, 0, json_string_value(one));
}

void view_next(struct screen *screen, const json_t *row)
{
    gsize i;
    json_t *one;

    json_array_foreach(json_object_get(row, "next"), i, one)
        screen_print(
            screen, PLAIN, "%s  %s\n", i == 0 ? _("\nNext:") : "     ", json_string_value(one));
}

void view_draw_changes(struct screen *screen, json_t *rows, gboolean first)
{
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row)
        draw_one(screen, row);
    if (screen->terminal && json_array_size(rows) == 1)
        view_next(screen, json_array_get(rows, 0));
}

/* Without a notice nothing leaves the house, so nothing is asked. */
static int run_close(struct call *call, GError **error)
{
    static const struct view quietly = {"close", close_args, view_draw_changes};
    const struct options *options = &call->options;

    if (options->notice)
        return write_letter_about(call, "close", error);
    if (options->to || options->text || options->language || options->in_clear ||
        options->approve || options->dry_run || options->yes) {
        view_usage(error, "Without --notice nothing is sent. Nothing was changed. Write: madoctl "
                          "close 42 --result TEXT --notice");
        return -1;
    }
    return view_run(&quietly, call, error);
}

const struct view view_take = {"take", take_args, view_draw_changes};
const struct view view_set = {"set", set_args, view_draw_changes};
const struct view view_close = {"close", close_args, view_draw_changes, .run = run_close};
const struct view view_reopen = {"reopen", reopen_args, view_draw_changes};
