/* duty: who is on duty, and who will be; what one tells the next. */
#include "error.h"
#include "madoctl.h"
#include <string.h>
#include <unistd.h>

static const struct column columns[] = {
    {"DAY", "day", CELL_TEXT},
    {"SHIFT", "shift", CELL_TEXT},
    {"FROM", "begins", CELL_TIME},
    {"UNTIL", "ends", CELL_TIME},
    {"WHO", "user", CELL_TEXT},
    {"DEPUTY", "deputy", CELL_TEXT},
    {NULL},
};

/* -- duty [now] -- */

static json_t *now_args(char **words, const struct options *options, GError **error)
{
    if (!*words || g_str_equal(*words, "now"))
        return json_object();
    view_usage(error, "%s is nothing of duty. Nothing was changed. See: madoctl help duty", *words);
    return NULL;
}

static void draw_person(
    struct screen *screen, const char *title, const json_t *row, const char *who)
{
    g_autofree char *name = g_strconcat(who, "_name", NULL);
    const char *user = row_text(row, who);
    g_autofree char *both = g_str_equal(user, row_text(row, name))
                                ? g_strdup(user)
                                : g_strdup_printf("%s (%s)", user, row_text(row, name));

    view_fact(screen, title, *user ? both : "");
}

static void draw_now(struct screen *screen, json_t *rows, gboolean first)
{
    const json_t *row = json_array_get(rows, 0);

    draw_person(screen, N_("On duty"), row, "on_duty");
    view_time(screen, N_("Since"), row, "since");
    view_fact(screen, N_("Told at"), row_text(row, "told_at"));
    view_fact(screen, N_("Shift"), row_text(row, "shift"));
    view_time(screen, N_("Ends"), row, "shift_ends");
    if (!g_str_equal(row_text(row, "planned"), row_text(row, "on_duty")))
        draw_person(screen, N_("Planned"), row, "planned");
    draw_person(screen, N_("Deputy"), row, "deputy");
    draw_person(screen, N_("Next"), row, "next");
    view_time(screen, N_("From"), row, "next_from");
    view_fact(screen, N_("Hand-over"), row_text(row, "handover"));
    view_fact(screen, N_("Waits for"), row_text(row, "handover_to"));
}

/* -- duty week [DAY], duty set, duty swap -- */

static json_t *week_args(char **words, const struct options *options, GError **error)
{
    return *words ? json_pack("{s:o}", "day", ctl_string(*words)) : json_object();
}

static json_t *set_args(char **words, const struct options *options, GError **error)
{
    if (words[0] && words[1] && !words[2])
        return json_pack("{s:o,s:o}", "when", ctl_string(words[0]), "user", ctl_string(words[1]));
    view_usage(error,
        "Which shift, and who? Nothing was changed. Write: madoctl duty set 2026-11-24 "
        "USER, or: madoctl duty set now USER");
    return NULL;
}

static json_t *swap_args(char **words, const struct options *options, GError **error)
{
    if (words[0] && words[1] && !words[2])
        return json_pack("{s:o,s:o}", "one", ctl_string(words[0]), "other", ctl_string(words[1]));
    view_usage(error, "Which two shifts? Nothing was changed. Write: madoctl duty swap 2026-11-24 "
                      "2026-12-01");
    return NULL;
}

static void draw_shifts(struct screen *screen, json_t *rows, gboolean first)
{
    if (json_object_get(json_array_get(rows, 0), "on_duty"))
        draw_now(screen, rows, first);
    else
        screen_table(screen, columns, rows, first);
}

/* -- duty handover, duty accept, duty show -- */

static const struct {
    const char *part, *title;
} parts[] = {{"watch", N_("Watch")}, {"new", N_("New")}, {"waiting", N_("Waiting")},
    {"promised", N_("Promised")}, {"held", N_("Held")}, {"mail", N_("Mail")},
    {"coming", N_("Coming")}, {"health", N_("Health")}};

static void draw_item(struct screen *screen, const char *title, const json_t *item)
{
    g_autofree char *due = row_time(item, "due");
    const char *ticket = row_text(item, "ticket");
    g_autofree char *text = g_strdup_printf(
        "%s%s%s%s%s", ticket, *ticket ? "  " : "", due, *due ? "  " : "", row_text(item, "text"));

    view_fact(screen, title, text);
}

static void draw_items(struct screen *screen, const json_t *items)
{
    for (gsize part = 0; part < G_N_ELEMENTS(parts); part++) {
        gsize i;
        json_t *item;
        json_array_foreach((json_t *)items, i, item)
            if (g_str_equal(row_text(item, "part"), parts[part].part))
                draw_item(screen, parts[part].title, item);
    }
}

static void draw_end(struct screen *screen, const json_t *row)
{
    const char *number = row_text(row, "handover"), *out = row_text(row, "outgoing");

    if (!screen->terminal)
        return;
    if (g_str_equal(row_text(row, "state"), "written"))
        screen_print(screen, PLAIN, _("\n%s stays on duty until %s runs: madoctl duty accept %s\n"),
            out, row_text(row, "incoming"), number);
    else
        screen_print(screen, PLAIN, _("\n%s is on duty.\n"), row_text(row, "ended_by"));
}

static void draw_sheet(struct screen *screen, json_t *rows, gboolean first)
{
    const json_t *row = json_array_get(rows, 0);

    if (screen->terminal)
        screen_print(screen, BOLD, "%s   %s -> %s   %s\n\n", row_text(row, "handover"),
            row_text(row, "outgoing"), row_text(row, "incoming"), row_text(row, "state"));
    else
        screen_cells(screen, row_text(row, "handover"), row_text(row, "outgoing"),
            row_text(row, "incoming"), row_text(row, "state"), NULL);
    view_time(screen, N_("Written"), row, "written");
    view_time(screen, N_("Tells since"), row, "since");
    view_fact(screen, N_("In words"), row_text(row, "text"));
    draw_items(screen, json_object_get(row, "items"));
    draw_end(screen, row);
}

static json_t *number_args(char **words, const struct options *options, GError **error)
{
    return *words ? json_pack("{s:o}", "handover", ctl_string(*words)) : json_object();
}

/* What is typed above the line of the sheet: below it stands what the daemon tells by itself. */
static char *words_above(const char *edited)
{
    g_auto(GStrv) lines = g_strsplit(edited, "\n", -1);
    g_autoptr(GString) text = g_string_new(NULL);

    for (char **line = lines; *line; line++)
        if (**line != '#')
            g_string_append_printf(text, "%s\n", *line);
    return g_strstrip(g_string_free(g_steal_pointer(&text), FALSE));
}

static char *sheet_to_edit(const json_t *row)
{
    g_autoptr(GString) text = g_string_new("\n");
    gsize i;
    json_t *item;

    g_string_append_printf(text, "# %s\n#\n",
        _("In your words: what to watch, what was promised. Lines with # are left out; this is "
          "told "
          "anyway:"));
    json_array_foreach(json_object_get(row, "items"), i, item)
        g_string_append_printf(text, "# %-9s %s  %s\n", row_text(item, "part"),
            row_text(item, "ticket"), row_text(item, "text"));
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static json_t *ask_handover(struct call *call, const char *text, gboolean dry, GError **error)
{
    json_t *args = json_pack("{s:b}", "dry_run", dry), *rows = json_array(), *next = NULL, *row;

    view_give(args, "to", call->options.to);
    view_give(args, "text", text);
    row = client_ask(call, "duty handover", args, rows, &next, error)
              ? json_incref(json_array_get(rows, 0))
              : NULL;
    json_decref(next);
    json_decref(rows);
    return row;
}

/* From --text, or from the editor where somebody sits at a terminal. */
static gboolean find_words(struct call *call, char **text, GError **error)
{
    g_autofree char *before = NULL, *edited = NULL;
    json_t *row;

    *text = NULL;
    if (call->options.text)
        return edit_read(call->options.text, text, error);
    if (call->options.dry_run || !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return TRUE;
    row = ask_handover(call, NULL, TRUE, error);
    before = row ? sheet_to_edit(row) : NULL;
    json_decref(row);
    if (!before || !edit_text(before, &edited, error))
        return FALSE;
    *text = words_above(edited);
    return TRUE;
}

static const struct view sheet_view = {"duty handover", .draw = draw_sheet};

static int run_handover(struct call *call, GError **error)
{
    g_autofree char *text = NULL;
    json_t *row = find_words(call, &text, error)
                      ? ask_handover(call, text, call->options.dry_run, error)
                      : NULL;
    json_t *rows;
    gboolean done;

    if (!row)
        return -1;
    rows = json_pack("[o]", row);
    done = view_show_rows(&sheet_view, call, rows, TRUE, error);
    json_decref(rows);
    return done ? 0 : -1;
}

const struct view view_duty = {"duty", now_args, draw_now};
const struct view view_duty_week = {"duty week", week_args, draw_shifts};
const struct view view_duty_set = {"duty set", set_args, draw_shifts};
const struct view view_duty_swap = {"duty swap", swap_args, draw_shifts};
const struct view view_duty_handover = {"duty handover", .run = run_handover};
const struct view view_duty_accept = {"duty accept", number_args, draw_sheet};
const struct view view_duty_show = {"duty show", number_args, draw_sheet};
