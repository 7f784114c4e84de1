/* contact review, contact ask: is what we hold of them right? */
#include "madoctl.h"

static const struct column columns[] = {
    {"ID", "contact", CELL_COUNT},
    {"NAME", "name", CELL_TEXT},
    {"RELATION", "relation", CELL_TEXT},
    {"VERIFIED", "known_age", CELL_AGE, "known_since"},
    {"REVIEW", "review.state", CELL_WORD},
    {"ASKED", "review.asked", CELL_TIME},
    {"MAIL", "review.mail", CELL_COUNT},
    {"NEXT", "next", CELL_TIME},
    {NULL},
};

static json_t *list_args(char **words, const struct options *options, GError **error)
{
    return *words ? view_one_word(words, "query", "", error) : json_object();
}

static gboolean has_changed(const json_t *rows)
{
    gsize i;
    json_t *row;

    json_array_foreach((json_t *)rows, i, row)
        if (g_str_equal(row_text(row, "review.state"), "changed"))
            return TRUE;
    return FALSE;
}

static void draw_list(struct screen *screen, json_t *rows, gboolean first)
{
    view_table(screen, columns, rows, first, "No such contacts. Add one: madoctl contact add NAME");
    if (screen->terminal && has_changed(rows))
        screen_print(screen, PLAIN, "%s",
            _("\nNext:  madoctl inbox show MAIL, then madoctl contact edit NAME FIELD=VALUE, and "
              "when you\nhave made sure of it, madoctl contact verify NAME --how TEXT\n"));
}

static json_t *ask_args(char **words, const struct options *options, GError **error)
{
    return view_one_word(words, "contact", "Who? Write: madoctl contact ask NAME.", error);
}

static void draw_asked(struct screen *screen, json_t *rows, gboolean first)
{
    const json_t *row = json_array_get(rows, 0);
    g_autofree char *due = row_time(row, "review.due");

    if (!screen->terminal) {
        screen_cells(screen, row_text(row, "name"), row_text(row, "review.to"), due, NULL);
        return;
    }
    screen_print(screen, GOOD, _("%s is asked at %s, to answer by %s.\n"), row_text(row, "name"),
        row_text(row, "review.to"), due);
}

const struct view view_contact_review = {"contact review", list_args, draw_list, .pager = TRUE};
const struct view view_contact_ask = {"contact ask", ask_args, draw_asked};
