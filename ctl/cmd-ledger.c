/* ledger: where all mail has ended; the sum is the proof that nothing was lost. */
#include "madoctl.h"
#include <inttypes.h>

static const struct column columns[] = {
    {"MAIL", "mail", CELL_COUNT},
    {"AGE", "age_seconds", CELL_AGE, "arrived"},
    {"SIZE", "size", CELL_BYTES},
    {"CLAIMS", "claims", CELL_TEXT},
    {"FROM", "from.address", CELL_TEXT},
    {"SUBJECT", "subject", CELL_TEXT},
    {NULL},
};

static json_t *args(char **words, const struct options *options, GError **error)
{
    return *words ? view_one_word(words, "place", "", error) : json_object();
}

/* In the order of the ledger; unknown places have no remark. */
static const struct {
    const char *place, *meaning;
} places_meaning[] = {
    {"incident", N_("opened a ticket or joined one")},
    {"pending", N_("for a person to sort")},
    {"feed", N_("of a source that only reports in bulk")},
    {"bounce", N_("says that a letter was not delivered")},
    {"machine", N_("written by a program; noted, never answered")},
    {"spam", N_("marked as such")},
    {"unreadable", N_("cannot be decrypted yet")},
    {"quarantine", N_("killed its reader each time")},
    {"copy", N_("the same mail as another; both are kept")},
};

static const char *meaning_of(const char *place)
{
    for (gsize i = 0; i < G_N_ELEMENTS(places_meaning); i++)
        if (g_str_equal(places_meaning[i].place, place))
            return places_meaning[i].meaning;
    return "";
}

static void draw_line(struct screen *screen, const char *name, gint64 count, const char *remark)
{
    g_autofree char *written = ctl_count((guint64)count);
    g_autofree char *plain = g_strdup_printf("%" PRIi64, count);

    if (screen->terminal)
        screen_print(
            screen, PLAIN, "%-14s %12s%s%s\n", name, written, *remark ? "  " : "", _(remark));
    else
        screen_cells(screen, name, plain, NULL);
}

/* Reports that are no mail, and so no part of the sum. */
static void draw_told(struct screen *screen, json_t *told)
{
    const char *way;
    json_t *count;

    json_object_foreach(told, way, count)
        if (json_integer_value(count) > 0)
            draw_line(
                screen, way, json_integer_value(count), _("told, not mailed: beside the sum"));
}

static void draw_sum(struct screen *screen, const json_t *row)
{
    json_t *places = json_object_get(row, "places");
    gboolean balanced = json_is_true(json_object_get(row, "balanced"));
    const char *place;
    json_t *count;

    draw_line(screen, "arrived", row_number(row, "arrived"), _("handed over by the sources"));
    draw_line(screen, "repeats", row_number(row, "repeats"), _("bytes that were here already"));
    draw_line(screen, "mails", row_number(row, "mails"), "");
    if (screen->terminal)
        screen_print(screen, PLAIN, "\n");
    json_object_foreach(places, place, count)
        draw_line(screen, place, json_integer_value(count), meaning_of(place));
    draw_line(screen, "waiting", row_number(row, "waiting"), _("not read yet"));
    draw_line(screen, "sum", row_number(row, "sum"), "");
    draw_told(screen, json_object_get(row, "told"));
    if (!screen->terminal)
        screen_cells(screen, "balanced", balanced ? "yes" : "no", NULL);
    else if (balanced)
        screen_print(screen, GOOD, "\nok: each mail is in exactly one place.\n");
    else
        screen_print(screen, BAD, "\nFAIL: the sum is not what arrived. See: madoctl doctor\n");
    if (screen->terminal)
        screen_print(screen, PLAIN, "The mails of one place: madoctl ledger pending\n");
}

static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    json_t *row = json_array_get(rows, 0);

    if (json_object_get(row, "places"))
        draw_sum(screen, row);
    else if (row)
        screen_table(screen, columns, rows, first);
    else if (first && screen->terminal)
        screen_print(screen, PLAIN, "No mail is there.\n");
    if (screen->terminal && json_object_get(row, "mail"))
        screen_print(
            screen, PLAIN, "\nRead one: madoctl show mail:%" PRIi64 "\n", row_number(row, "mail"));
}

static int judge(const json_t *row)
{
    return json_is_false(json_object_get(row, "balanced")) ? 1 : 0;
}

const struct view view_ledger = {"ledger", args, draw, judge};
