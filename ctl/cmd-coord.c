/* coord list, coord show, coord remind, coord done, notify list: who was asked and told, and how
 * that stands. */
#include "madoctl.h"
#include <string.h>

static const struct column columns[] = {
    {"NUMBER", "coordination", CELL_TEXT},
    {"TICKET", "ticket", CELL_TEXT},
    {"STATE", "state", CELL_WORD},
    {"MAIL", "delivery", CELL_WORD},
    {"DUE", "due", CELL_TIME},
    {"NAME", "name", CELL_TEXT},
    {"THEIR NUMBER", "their_number", CELL_WHOLE},
    {NULL},
};

static const struct column told_columns[] = {
    {"LETTER", "letter", CELL_COUNT},
    {"FOR", "purpose", CELL_TEXT},
    {"STATE", "state", CELL_WORD},
    {"ANSWER", "answered_by", CELL_COUNT},
    {"NAME", "name", CELL_TEXT},
    {"TO", "to", CELL_TEXT},
    {"SERVER", "reply", CELL_WHOLE},
    {NULL},
};

/* -- coord list [ID] [--all] -- */

static json_t *list_args(char **words, const struct options *options, GError **error)
{
    json_t *args = json_pack("{s:b}", "all", options->all);
    g_autofree char *id = g_strjoinv(" ", words);

    if (*id)
        json_object_set_new(args, "id", ctl_string(id));
    return args;
}

static void draw_list(struct screen *screen, json_t *rows, gboolean first)
{
    view_table(screen, columns, rows, first,
        _("Nobody was asked for anything. Write: madoctl coord ID --to CONTACT"));
}

/* -- coord show NUMBER -- */

static json_t *show_args(char **words, const struct options *options, GError **error)
{
    return view_one_word(
        words, "coordination", N_("Which one? Write: madoctl coord show C-2026-0057."), error);
}

static void draw_facts(struct screen *screen, const json_t *row)
{
    static const char *const facts[][2] = {{N_("Ticket"), "ticket"}, {N_("To"), "to"},
        {N_("Label"), "label"}, {N_("Language"), "language"}, {N_("Their number"), "their_number"},
        {N_("Last letter"), "delivery"}, {N_("May know"), "reporter_shown"},
        {N_("Result"), "result"}, {N_("Opened by"), "opened_by"}};
    static const char *const times[][2] = {{N_("Asked"), "opened"}, {N_("Due"), "due"},
        {N_("Reminder"), "next_reminder"}, {N_("Changed"), "changed"}};

    for (gsize i = 0; i < G_N_ELEMENTS(facts); i++)
        view_fact(screen, facts[i][0], row_text(row, facts[i][1]));
    for (gsize i = 0; i < G_N_ELEMENTS(times); i++)
        view_time(screen, times[i][0], row, times[i][1]);
}

static void draw_show(struct screen *screen, json_t *rows, gboolean first)
{
    const json_t *row = json_array_get(rows, 0);
    const char *number = row_text(row, "coordination"), *state = row_text(row, "state");
    json_t *letters = json_object_get(row, "letters");

    if (screen->terminal) {
        screen_print(screen, BOLD, "%s", number);
        screen_print(screen, screen_style(state), "   %s", state);
        screen_print(screen, PLAIN, "   %s\n\n", row_text(row, "name"));
    } else {
        screen_cells(screen, number, state, row_text(row, "name"), NULL);
    }
    draw_facts(screen, row);
    if (json_array_size(letters)) {
        screen_print(screen, PLAIN, "%s", screen->terminal ? "\n" : "");
        screen_table(screen, told_columns, letters, TRUE);
    }
}

/* -- coord done NUMBER [--result TEXT] -- */

static json_t *done_args(char **words, const struct options *options, GError **error)
{
    json_t *args = view_one_word(
        words, "coordination", N_("Which one? Write: madoctl coord done C-2026-0057."), error);

    if (args && options->result)
        json_object_set_new(args, "result", ctl_string(options->result));
    return args;
}

static void draw_done(struct screen *screen, json_t *rows, gboolean first)
{
    const json_t *row = json_array_get(rows, 0);

    if (screen->terminal)
        screen_print(screen, PLAIN, "%s is done: %s is asked no more.\n",
            row_text(row, "coordination"), row_text(row, "name"));
    else
        screen_cells(screen, row_text(row, "coordination"), row_text(row, "state"),
            row_text(row, "name"), row_text(row, "result"), NULL);
}

/* -- coord remind NUMBER -- */

static json_t *find_one(struct call *call, GError **error)
{
    json_t *args = view_one_word(
        call->words, "coordination", N_("Whom? Write: madoctl coord remind C-2026-0057."), error);
    json_t *rows = json_array(), *next = NULL, *row = NULL;

    if (args && client_ask(call, "coord show", args, rows, &next, error))
        row = json_incref(json_array_get(rows, 0));
    json_decref(next);
    json_decref(rows);
    return row;
}

static int remind(struct call *call, json_t *row, GError **error)
{
    struct pen pen = {.call = call,
        .purpose = "remind",
        .ticket = row_text(row, "ticket"),
        .said = TRUE,
        .confirmed = call->options.in_clear,
        .approve = call->options.approve,
        .extra = json_pack("{s:O,s:O}", "to", json_object_get(row, "to"), "coordination",
            json_object_get(row, "coordination"))};
    int status = pen_draft(&pen, error) ? pen_go(&pen, error) : -1;

    pen_clear(&pen);
    return status;
}

static int run_remind(struct call *call, GError **error)
{
    json_t *row = pen_may_begin(call, error) ? find_one(call, error) : NULL;
    int status = row ? remind(call, row, error) : -1;

    json_decref(row);
    return status;
}

/* -- notify list ID -- */

static json_t *told_args(char **words, const struct options *options, GError **error)
{
    return view_one_word(words, "id", N_("Which ticket? Write: madoctl notify list 42."), error);
}

static void draw_told(struct screen *screen, json_t *rows, gboolean first)
{
    view_table(screen, told_columns, rows, first,
        _("Nobody was told. Write: madoctl notify ID --group GROUP"));
}

const struct view view_coord_list = {"coord list", list_args, draw_list};
const struct view view_coord_show = {"coord show", show_args, draw_show};
const struct view view_coord_remind = {"coord remind", .run = run_remind};
const struct view view_coord_done = {"coord done", done_args, draw_done};
const struct view view_notify_list = {"notify list", told_args, draw_told};
