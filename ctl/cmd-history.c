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
static void make_line(json_t *row)
{
    static const char *const typed[] = {"note", "phone", "visit", "web", NULL};
    g_autofree char *words = view_event_words(row);
    gboolean note = g_strv_contains(typed, row_text(row, "kind"));
    g_auto(GStrv) lines = note ? g_strsplit(words, "\n", -1) : NULL;
    g_autofree char *text = note ? g_strjoinv(" / ", lines) : g_strdup(words);

    json_object_set_new(row, "text", ctl_string(text));
}

static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row)
        if (screen->terminal)
            make_line(row);
    screen_table(screen, columns, rows, first);
}

const struct view view_history = {"history", args, draw, .pager = TRUE};
