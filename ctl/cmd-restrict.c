/* restrict, unrestrict: who may see a ticket. */
#include "madoctl.h"

static json_t *restrict_args(char **words, const struct options *options, GError **error)
{
    json_t *args = view_one_word(
        words, "id", "Which ticket? Write: madoctl restrict 42 --member USER.", error);

    if (args)
        json_object_set_new(args, "members", ctl_texts(options->members));
    return args;
}

static json_t *unrestrict_args(char **words, const struct options *options, GError **error)
{
    json_t *args = view_one_word(
        words, "id", "Which ticket? Write: madoctl unrestrict 42 --reason TEXT.", error);

    if (args && options->reason)
        json_object_set_new(args, "reason", ctl_string(options->reason));
    return args;
}

static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    const json_t *row = json_array_get(rows, 0);
    g_autofree char *members = view_joined(row, "members", ", ");
    const char *ticket = row_text(row, "ticket");
    gboolean restricted = json_is_true(json_object_get(row, "restricted"));

    if (!screen->terminal)
        screen_cells(screen, ticket, restricted ? "restricted" : "", members, NULL);
    else if (restricted)
        screen_print(screen, PLAIN, "%s is seen by commanders, admins%s%s alone.\n", ticket,
            *members ? " and " : "", members);
    else
        screen_print(screen, PLAIN, "%s is seen as its label allows.\n", ticket);
}

const struct view view_restrict = {"restrict", restrict_args, draw};
const struct view view_unrestrict = {"unrestrict", unrestrict_args, draw};
