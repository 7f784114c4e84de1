/* alarms: what is wrong with the contact point itself, and what was. */
#include "madoctl.h"

enum { INDENT = 4 };

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

static char *whom(const json_t *alarm)
{
    g_autofree char *when = row_time(alarm, "told_at");

    if (!*row_text(alarm, "told"))
        return g_strdup(_("nobody was told"));
    if (json_is_true(json_object_get(alarm, "letter_waits")))
        return g_strdup_printf(_("the letter to %s waits"), row_text(alarm, "told"));
    if (json_is_true(json_object_get(alarm, "letter_lost")))
        return g_strdup_printf(_("the letter to %s may not have arrived"), row_text(alarm, "told"));
    return g_strdup_printf("told %s, last %s", row_text(alarm, "told"), when);
}

static void draw_one(struct screen *screen, const json_t *alarm)
{
    g_autofree char *since = row_time(alarm, "since");
    g_autofree char *over = row_time(alarm, "over");
    g_autofree char *told = whom(alarm);
    gboolean lasts = !*row_text(alarm, "over");

    screen_print(screen, lasts ? BAD : BOLD, "%s", row_text(alarm, "condition"));
    screen_print(
        screen, PLAIN, "  since %s%s%s\n    ", since, lasts ? "" : ", over ", lasts ? "" : over);
    screen_wrap(screen, INDENT, row_text(alarm, "text"));
    screen_print(screen, PLAIN, "    %s\n", told);
}

static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row)
        if (screen->terminal)
            draw_one(screen, row);
        else
            screen_cells(screen, row_text(row, "condition"), row_text(row, "since"),
                row_text(row, "over"), row_text(row, "told"), row_text(row, "told_at"),
                row_text(row, "text"), NULL);
    if (first && screen->terminal && !json_array_size(rows))
        screen_print(screen, PLAIN, "No alarms.\n");
}

const struct view view_alarms = {"alarms", .args = args, .draw = draw, .pager = TRUE};
