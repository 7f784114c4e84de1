/* list, search: tickets, a line each. */
#include "madoctl.h"
#include "error.h"
#include "text.h"
#include <stdio.h>
#include <string.h>

enum { CATEGORY_WIDTH = 12 };

static const struct column columns[] = {
    {"TICKET", "ticket", CELL_TEXT},
    {"SEV", "severity", CELL_WORD},
    {"AGE", "age_seconds", CELL_AGE, "received"},
    {"DUE", "target.left_seconds", CELL_LEFT, "target.due"},
    {"STATE", "state", CELL_WORD},
    {"HANDLER", "handler", CELL_TEXT},
    {"TLP", "tlp", CELL_LABEL},
    {"SUBJECT", "shown", CELL_TEXT, "subject"},
    {NULL},
};

/* The daemon reads it: one language for list, search and views. */
static json_t *list_args(char **words, const struct options *options, GError **error)
{
    g_autofree char *query = g_strjoinv(" ", words);
    json_t *args = json_object();

    if (options->all)
        json_object_set_new(args, "all", json_true());
    if (*query)
        json_object_set_new(args, "query", ctl_string(query));
    return args;
}

static json_t *search_args(char **words, const struct options *options, GError **error)
{
    return view_one_word(
        words, "text", "No words to search for. Write: madoctl search WORDS.", error);
}

/* "phishing: " before a subject, as a person has said; "phishing? " until one has. A column of its
 * own would not fit 80 beside the longest label. */
static void show_category(json_t *row)
{
    g_autofree char *category = text_fit(row_text(row, "category"), CATEGORY_WIDTH);
    gboolean proposed = g_str_equal(row_text(row, "category_by"), "proposal");
    g_autofree char *shown = g_strconcat(category,
        !*category ? ""
        : proposed ? "? "
                   : ": ",
        row_text(row, "subject"), NULL);

    json_object_set_new(row, "shown", ctl_string(shown));
}

static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row)
        show_category(row);
    view_table(screen, columns, rows, first, "No such tickets. All: madoctl list --all");
}

static void count(struct screen *screen, guint64 rows)
{
    g_autofree char *written = ctl_count(rows);

    if (rows > 0 && screen->terminal)
        screen_print(screen, PLAIN,
            rows == 1 ? "%s ticket. To see it: madoctl show ID\n"
                      : _("%s tickets. One of them: madoctl show ID\n"),
            written);
}

static void count_found(struct screen *screen, guint64 rows)
{
    if (rows < CTL_MOST_FOUND)
        count(screen, rows);
    else if (screen->terminal)
        screen_print(screen, NOTICE, "The search stopped at %d tickets: more words find fewer.\n",
            CTL_MOST_FOUND);
    else
        fprintf(stderr, _("madoctl: The search stopped at %d tickets; more words find fewer.\n"),
            CTL_MOST_FOUND);
}

const struct view view_list = {"list", list_args, draw, .finish = count, .latest = TRUE};
const struct view view_search = {"search", search_args, draw, .finish = count_found, .pager = TRUE};
