/* What is due of a ticket, and in how much time. */
#include "madoctl.h"
#include <string.h>

static char *with_left(const json_t *one, const char *when)
{
    g_autofree char *left = row_left(row_number(one, "left_seconds"));

    return g_strdup_printf(
        row_number(one, "left_seconds") > 0 ? _("%s %s (%s left)") : "%s %s (%s)",
        row_text(one, "kind"), when, left);
}

/* A program reads what it is, by when, and how it stands. */
static void cells(struct screen *screen, const char *name, const json_t *one)
{
    screen_cells(screen, name, row_text(one, "kind"), row_text(one, "due"), row_text(one, "met"),
        json_is_true(json_object_get(one, "late")) ? "late" : "", NULL);
}

/* Whether it applies mado does not know. */
static void draw_legal(struct screen *screen, const json_t *row, view_line line)
{
    gsize i;
    json_t *one;

    json_array_foreach(json_object_get(row, "legal"), i, one) {
        g_autofree char *when = row_time(one, "due");
        g_autofree char *time = row_left(row_number(one, "left_seconds"));
        g_autofree char *text = g_strdup_printf(_("%s: %s, by %s (%s): for Legal to decide"),
            row_text(one, "name"), row_text(one, "text"), when, time);
        line(screen, "Legal", text);
    }
}

void view_due(struct screen *screen, const json_t *row, view_line line)
{
    gsize i;
    json_t *one;

    json_array_foreach(json_object_get(row, "targets"), i, one) {
        g_autofree char *when = row_when(one, "due", row_text(row, "received"));
        g_autofree char *text = with_left(one, when);
        if (!*row_text(one, "due"))
            continue;
        if (!screen->terminal)
            cells(screen, "Due", one);
        else if (json_is_integer(row_at(one, "left_seconds")))
            line(screen, "Due", text);
    }
    draw_legal(screen, row, line);
}

void view_first_due(struct screen *screen, const json_t *row)
{
    const json_t *first = json_object_get(row, "first_due");
    g_autofree char *when = row_when(first, "due", row_text(row, "now"));
    g_autofree char *text = with_left(first, when);

    if (json_is_object(first))
        screen_print(screen, json_is_true(json_object_get(first, "late")) ? BAD : PLAIN,
            "First due: %s %s\n", row_text(first, "ticket"), text);
}
