/* rules test: which of the team's rules hit past mail, and how often. */
#include "madoctl.h"
#include <inttypes.h>

enum { NAME_WIDTH = 24, INDENT = 4 };

static json_t *args(char **words, const struct options *options, GError **error)
{
    json_t *wanted = *words ? view_one_word(words, "name", "", error) : json_object();

    if (wanted && options->last)
        json_object_set_new(wanted, "last", ctl_string(options->last));
    return wanted;
}

static void draw_example(struct screen *screen, const json_t *one)
{
    const char *ticket = row_text(one, "ticket");

    screen_print(screen, PLAIN, "    mail:%" PRIi64 "  %s  %s\n    ", row_number(one, "mail"),
        *ticket ? ticket : row_text(one, "ledger"), row_text(one, "from"));
    screen_wrap_some(screen, INDENT, 1, row_text(one, "subject"));
}

static void draw_rule(struct screen *screen, const json_t *row)
{
    g_autofree char *hits = ctl_count((guint64)row_number(row, "hits"));
    g_autofree char *looked_at = ctl_count((guint64)row_number(row, "looked_at"));
    gsize i;
    json_t *one;

    if (!screen->terminal) {
        screen_cells(screen, row_text(row, "rule"), hits, looked_at, NULL);
        return;
    }
    screen_print(screen, BOLD, "%-*s", NAME_WIDTH, row_text(row, "rule"));
    screen_print(screen, PLAIN, " %s of %s mails\n", hits, looked_at);
    json_array_foreach(json_object_get(row, "examples"), i, one)
        draw_example(screen, one);
}

/* Pages but the last have no row. */
static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row)
        draw_rule(screen, row);
}

const struct view view_rules_test = {"rules test", args, draw};
