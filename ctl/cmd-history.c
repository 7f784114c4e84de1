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

static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    screen_table(screen, columns, rows, first);
}

const struct view view_history = {"history", args, draw, .pager = TRUE};
