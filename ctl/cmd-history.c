/* history: what happened to a ticket, oldest first. */
#include "madoctl.h"

static const struct column columns[] = {
    {"WHEN", "at", CELL_TIME},
    {"WHO", "actor", CELL_TEXT},
    {"WHAT", "kind", CELL_TEXT},
    {"MAIL", "mail", CELL_COUNT},
    {"WHY", "text", CELL_WHOLE},
    {NULL},
};

static json_t *args(char **words, const struct options *options, GError **error)
{
    return view_one_word(words, "id", "Which ticket? Write: madoctl history 42.", error);
}

/* A note of several lines is one here; madoctl show has it as it was written. */
static void flatten(json_t *row)
{
    g_auto(GStrv) lines = g_strsplit(row_text(row, "text"), "\n", -1);
    g_autofree char *text = g_strjoinv(" / ", lines);

    json_object_set_new(row, "text", ctl_string(text));
}

static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    static const char *const typed[] = {"note", "phone", "visit", "web", NULL};
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row)
        if (screen->terminal && g_strv_contains(typed, row_text(row, "kind")))
            flatten(row);
    screen_table(screen, columns, rows, first);
}

const struct view view_history = {"history", args, draw, .pager = TRUE};
