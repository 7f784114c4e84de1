/* A letter before it goes: what it says, to whom, how, and what is to be looked at; and what has
 * become of it. */
#include "madoctl.h"
#include "say.h"
#include "text.h"
#include <inttypes.h>
#include <string.h>

enum { NAME_COLUMNS = 12, TEXT_COLUMNS = 56 };

static void draw_line(struct screen *screen, const char *name, const char *text, const char *result)
{
    int room = screen->columns - NAME_COLUMNS - text_width(text) - text_width(result);
    int gap = MIN(TEXT_COLUMNS - text_width(text) + 2, room);

    if (!screen->terminal) {
        screen_cells(screen, name, result, text, NULL);
        return;
    }
    screen_print(screen, PLAIN, "  ");
    screen_pad(screen, PLAIN, _(name), NAME_COLUMNS - 2);
    if (gap < 2) {
        g_autofree char *both = g_strdup_printf("%s  %s", text, result);
        screen_wrap(screen, NAME_COLUMNS, both);
        return;
    }
    screen_print(screen, PLAIN, "%s%*s", text, *result ? gap : 0, "");
    screen_print(screen, screen_style(result), "%s\n", result);
}

static void draw_recipient(struct screen *screen, const json_t *row)
{
    const char *name = row_text(row, "name");
    g_autofree char *who = *name ? g_strdup_printf("%s <%s>", name, row_text(row, "to"))
                                 : g_strdup(row_text(row, "to"));
    g_autofree char *day = g_strndup(row_text(row, "verified"), strlen("2026-11-20"));
    g_autofree char *age = ctl_age(row_number(row, "verified_age"));
    g_autofree char *verified = *day ? g_strdup_printf(_("verified %s (%s ago)"), day, age)
                                : *row_text(row, "contact") ? g_strdup(_("not verified"))
                                                            : g_strdup(_("no contact of ours"));

    draw_line(screen, "To", who, verified);
}

char *preview_security(const json_t *row)
{
    g_autofree char *to = view_texts(row, "sealed_to");
    gint64 approvals = row_number(row, "approvals");

    if (approvals && !g_str_equal(row_text(row, "gate"), "refuse"))
        return g_strdup_printf(
            _("held for %" PRIi64 " approvals: %s"), approvals, row_text(row, "gate_why"));
    if (g_str_equal(row_text(row, "gate"), "seal"))
        return g_strdup_printf(_("encrypted to %s, and signed"), to);
    if (g_str_equal(row_text(row, "gate"), "clear"))
        return g_strdup_printf(_("in clear, and signed: %s"), row_text(row, "gate_why"));
    return g_strdup_printf("%s: %s", row_text(row, "gate"), row_text(row, "gate_why"));
}

const char *preview_security_result(const json_t *row)
{
    if (g_str_equal(row_text(row, "gate"), "refuse"))
        return "FAIL";
    return g_str_equal(row_text(row, "gate"), "hold") || row_number(row, "approvals") ||
                   json_is_true(json_object_get(row, "confirm"))
               ? "WARNING"
               : "ok";
}

void preview_draw_text(struct screen *screen, const json_t *row)
{
    g_auto(GStrv) lines = g_strsplit(row_text(row, "text"), "\n", -1);

    for (char **line = lines; *line && screen->terminal; line++)
        screen_print(screen, PLAIN, "  | %s\n", *line);
    if (!screen->terminal)
        screen_cells(screen, "text", row_text(row, "text"), NULL);
}

static void draw_files(struct screen *screen, const json_t *row)
{
    gsize i;
    json_t *file;

    json_array_foreach(json_object_get(row, "files"), i, file) {
        g_autofree char *size = ctl_bytes((guint64)row_number(file, "size"));
        g_autofree char *text = g_strdup_printf("%s (%s%s)", row_text(file, "name"), size,
            *row_text(file, "wraps") ? _(", password infected") : "");
        draw_line(screen, "Attached", text, "");
        draw_line(screen, "  SHA-256", row_text(file, "sha256"), "");
    }
}

static void draw_coordination(struct screen *screen, const json_t *row)
{
    const char *number = row_text(row, "coordination"), *due = row_text(row, "reply_by");
    g_autofree char *text =
        *due ? g_strdup_printf(_("%s, answer by %s"), number, due) : g_strdup(number);

    if (*number)
        draw_line(screen, "Asked", text, "");
}

void preview_draw(const struct pen *pen)
{
    struct screen *screen = pen->call->screen;
    const json_t *row = pen->weighed;
    g_autofree char *how = preview_security(row);
    gsize i;
    json_t *check;

    if (!pen->edited)
        preview_draw_text(screen, row);
    screen_print(screen, PLAIN, "%s", screen->terminal ? "\n" : "");
    draw_recipient(screen, row);
    draw_line(screen, "Subject", row_text(row, "subject"), "");
    draw_line(screen, "Label", row_text(row, "label"), "");
    draw_coordination(screen, row);
    draw_files(screen, row);
    draw_line(screen, "Security", how, preview_security_result(row));
    json_array_foreach(json_object_get(row, "checks"), i, check)
        draw_line(screen, "Check", row_text(check, "text"), row_text(check, "result"));
    screen_flush(screen, FALSE);
}

static void draw_one(struct screen *screen, const json_t *row)
{
    g_autofree char *id = g_strdup_printf("%" PRIi64, row_number(row, "id"));
    gboolean held = g_str_equal(row_text(row, "state"), "held");

    if (!screen->terminal) {
        screen_cells(screen, id, row_text(row, "state"), row_text(row, "to"),
            row_text(row, "ticket"), row_text(row, "reply"), NULL);
        return;
    }
    if (held) {
        g_autofree char *text =
            g_strdup_printf(_("Letter %s is held: %s"), id, row_text(row, "reply"));
        screen_wrap(screen, 0, text);
        screen_print(screen, PLAIN, "\nNext:  madoctl hold show %s\n", id);
        return;
    }
    screen_print(screen, PLAIN, "Letter %s to %s goes in %" PRIi64 " s.\n", id, row_text(row, "to"),
        row_number(row, "undo_seconds"));
    screen_print(screen, PLAIN, "\nNext:  madoctl hold undo %s\n", id);
}

void preview_draw_sent(struct screen *screen, json_t *rows, gboolean first)
{
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row)
        draw_one(screen, row);
}
