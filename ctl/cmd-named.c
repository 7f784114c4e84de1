/* named: who may be told of a ticket whatever its label is. */
#include "madoctl.h"

static const struct column columns[] = {
    {"NAME", "name", CELL_TEXT},
    {"BY", "by", CELL_TEXT},
    {"WHEN", "at", CELL_TIME},
    {"REASON", "reason", CELL_WHOLE},
    {NULL},
};

static json_t *list_args(char **words, const struct options *options, GError **error)
{
    if (*words && g_str_equal(*words, "list"))
        words++;
    return view_one_word(words, "id", "Which ticket? Write: madoctl named 42.", error);
}

/* The number, and behind it the words of a name. */
static json_t *change_args(char **words, const struct options *options, GError **error)
{
    json_t *args;

    if (!words[0] || !words[1]) {
        view_usage(error, "Which ticket, and who? Nothing was changed. Write: madoctl named add 42 "
                          "CONTACT --reason TEXT");
        return NULL;
    }
    args = view_one_word(words + 1, "contact", "", error);
    json_object_set_new(args, "id", ctl_string(words[0]));
    view_give(args, "reason", options->reason);
    return args;
}

static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    if (json_array_size(rows) > 0)
        screen_table(screen, columns, rows, first);
    else if (first && screen->terminal)
        screen_print(screen, PLAIN,
            "Nobody is named: who told us, and whom the label allows. Name somebody: madoctl named "
            "add ID CONTACT --reason TEXT\n");
}

const struct view view_named = {"named", list_args, draw};
const struct view view_named_add = {"named add", change_args, draw};
const struct view view_named_remove = {"named remove", change_args, draw};
