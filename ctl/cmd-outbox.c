/* outbox: letters of ours. */
#include "madoctl.h"

static const struct column columns[] = {
    {"STATE", "state", CELL_WORD},
    {"AGE", "age_seconds", CELL_AGE, "created"},
    {"KIND", "kind", CELL_TEXT},
    {"TICKET", "ticket", CELL_TEXT},
    {"TRIES", "attempts", CELL_COUNT},
    {"TO", "to", CELL_TEXT},
    {"SUBJECT", "subject", CELL_TEXT},
    {NULL},
};

static json_t *args(char **words, const struct options *options, GError **error)
{
    return *words ? view_one_word(words, "state", "", error) : json_object();
}

static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    gsize i;
    json_t *row;

    if (json_array_size(rows) > 0)
        screen_table(screen, columns, rows, first);
    else if (first && screen->terminal)
        screen_print(screen, PLAIN, "No such letters.\n");
    json_array_foreach(rows, i, row)
        if (screen->terminal && g_str_equal(row_text(row, "state"), "failed"))
            screen_print(screen, PLAIN, "%s to %s: %s\n", row_text(row, "ticket"),
                row_text(row, "to"), row_text(row, "reply"));
}

const struct view view_outbox = {"outbox", args, draw};
