/* note: what operators write down about a ticket, on the command line, in an editor or through a
 * pipe. */
#include "madoctl.h"
#include <unistd.h>

static gboolean find_text(char **words, char **text, GError **error)
{
    if (*words && !g_str_equal(*words, "-")) {
        *text = g_strjoinv(" ", words);
        return TRUE;
    }
    return !*words && isatty(STDIN_FILENO) ? edit_text("", text, error)
                                           : edit_read("-", text, error);
}

static json_t *args(char **words, const struct options *options, GError **error)
{
    g_autofree char *text = NULL;

    if (!*words) {
        view_usage(
            error, "A note on which ticket? Nothing was changed. Write: madoctl note 42 TEXT");
        return NULL;
    }
    if (!find_text(words + 1, &text, error))
        return NULL;
    return json_pack("{s:o,s:o,s:b,s:o*}", "id", ctl_string(*words), "text", ctl_string(text),
        "advice", options->advice, "decision",
        options->decision ? ctl_string(options->decision) : NULL);
}

static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    const json_t *row = json_array_get(rows, 0);

    if (!screen->terminal) {
        screen_cells(screen, row_text(row, "ticket"), row_text(row, "text"), NULL);
        return;
    }
    screen_print(screen, PLAIN, "Noted in %s, for operators alone.\n", row_text(row, "ticket"));
    view_next(screen, row);
}

const struct view view_note = {"note", args, draw};
