/* alarms: what is wrong with the contact point itself, and what was. */
#include "madoctl.h"

static const struct column columns[] = {
    {"CONDITION", "condition", CELL_TEXT},
    {"SINCE", "since", CELL_TIME},
    {"OVER", "over", CELL_TIME},
    {"TOLD", "told", CELL_TEXT},
    {"AT", "told_at", CELL_TIME},
    {"WHAT", "text", CELL_WHOLE},
    {NULL},
};

static json_t *args(char **words, const struct options *options, GError **error)
{
    json_t *wanted;

    if (*words) {
        view_usage(
            error, "alarms takes no \"%s\". Nothing was changed. See: madoctl help alarms", *words);
        return NULL;
    }
    wanted = json_object();
    if (options->all)
        json_object_set_new(wanted, "all", json_true());
    return wanted;
}

static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    if (json_array_size(rows) > 0)
        screen_table(screen, columns, rows, first);
    else if (first && screen->terminal)
        screen_print(screen, PLAIN, "No alarms.\n");
}

const struct view view_alarms = {"alarms", args, draw};
