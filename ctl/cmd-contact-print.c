/* contact list --print: whom we know, on paper, for the day when nothing else works. */
#include "madoctl.h"

enum { PAPER = 80, INDENT = 12 };

/* On paper it looks as on a terminal of that width, wherever it is written to. */
static struct screen paper_of(const struct screen *screen)
{
    struct screen paper = *screen;

    paper.terminal = TRUE;
    paper.colour = screen->colour && screen->terminal;
    paper.columns = PAPER;
    return paper;
}

static void fact(struct screen *paper, const char *name, const char *value)
{
    if (!*value)
        return;
    screen_print(paper, PLAIN, "  ");
    screen_pad(paper, PLAIN, _(name), INDENT - 2);
    screen_wrap(paper, INDENT, value);
}

static char *what_they_are(const json_t *row)
{
    g_autoptr(GPtrArray) parts = g_ptr_array_new();
    const char *const paths[] = {"kind", "organisation", "relation", "clearance", "language"};

    for (gsize i = 0; i < G_N_ELEMENTS(paths); i++)
        if (*row_text(row, paths[i]))
            g_ptr_array_add(parts, (gpointer)row_text(row, paths[i]));
    g_ptr_array_add(parts, NULL);
    return g_strjoinv(", ", (char **)parts->pdata);
}

static char *how_verified(const json_t *row)
{
    g_autofree char *when = row_time(row, "verified.at");

    if (!*row_text(row, "verified.at"))
        return g_strdup("never");
    return g_strdup_printf(
        "%s by %s: %s", when, row_text(row, "verified.by"), row_text(row, "verified.how"));
}

static void print_one(struct screen *paper, const json_t *row)
{
    g_autofree char *what = what_they_are(row);
    g_autofree char *verified = how_verified(row);
    g_autofree char *addresses = view_texts(row, "addresses");
    g_autofree char *deputies = view_texts(row, "deputies");
    g_autofree char *members = view_texts(row, "members");

    screen_print(paper, BOLD, "%s", "");
    screen_wrap(paper, 0, row_text(row, "name"));
    fact(paper, "Who", what);
    fact(paper, "Verified", verified);
    fact(paper, "By day", row_text(row, "day"));
    fact(paper, "By night", row_text(row, "night"));
    fact(paper, "Deputies", deputies);
    fact(paper, "Mail", addresses);
    fact(paper, "Members", members);
    fact(paper, "Can", row_text(row, "capability"));
    fact(paper, "Note", row_text(row, "note"));
    screen_print(paper, PLAIN, "\n");
}

void contact_print(struct screen *screen, json_t *rows, gboolean first)
{
    struct screen paper = paper_of(screen);
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row)
        print_one(&paper, row);
    if (first && json_array_size(rows) == 0)
        screen_print(&paper, PLAIN, "No such contacts.\n");
}
