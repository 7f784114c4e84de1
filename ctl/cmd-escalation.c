/* escalate list, ack-escalation: those who decide, and whether they have read it. */
#include "madoctl.h"
#include <string.h>

static const struct column columns[] = {
    {"TICKET", "ticket", CELL_TEXT},
    {"TO", "target", CELL_TEXT},
    {"STATE", "state", CELL_WORD},
    {"TOLD", "told", CELL_TIME},
    {"READ", "read", CELL_TIME},
    {"NEXT", "next", CELL_TIME},
    {"RULE", "condition", CELL_WHOLE},
    {NULL},
};

static const struct column letter_columns[] = {
    {"LETTER", "letter", CELL_COUNT},
    {"NAME", "name", CELL_TEXT},
    {"STATE", "state", CELL_WORD},
    {"SENT", "at", CELL_TIME},
    {"READ", "read", CELL_TIME},
    {"BY", "read_by", CELL_TEXT},
    {"ANSWER", "answered_by", CELL_COUNT},
    {NULL},
};

static json_t *list_args(char **words, const struct options *options, GError **error)
{
    g_autofree char *id = g_strjoinv(" ", words);

    return *id ? json_pack("{s:o}", "id", ctl_string(id)) : json_object();
}

static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    gsize i;
    json_t *row;

    view_table(screen, columns, rows, first,
        _("Nobody has to be told of anything. See: escalation in mado.conf(5)"));
    json_array_foreach(rows, i, row)
        if (screen->terminal && json_array_size(json_object_get(row, "letters"))) {
            screen_print(
                screen, BOLD, "\n%s %s\n", row_text(row, "ticket"), row_text(row, "target"));
            screen_table(screen, letter_columns, json_object_get(row, "letters"), TRUE);
        }
}

static json_t *ack_args(char **words, const struct options *options, GError **error)
{
    json_t *args = view_one_word(words, "id",
        N_("Which ticket? Nothing was changed. Write: madoctl ack-escalation 42."), error);

    if (args && options->to)
        json_object_set_new(args, "target", ctl_string(options->to));
    if (args && options->how)
        json_object_set_new(args, "how", ctl_string(options->how));
    return args;
}

const struct view view_escalate_list = {"escalate list", list_args, draw};
const struct view view_ack_escalation = {"ack-escalation", ack_args, draw};
