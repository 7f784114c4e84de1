/* A letter before it goes, as it was weighed. */
#include "madoctl.h"
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
    g_autofree char *verified = *day                        ? g_strdup_printf(_("verified %s"), day)
                                : *row_text(row, "contact") ? g_strdup(_("not verified"))
                                                            : g_strdup(_("no contact of ours"));

    draw_line(screen, "To", who, verified);
}

static char *security(const json_t *row)
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

static const char *security_result(const json_t *row)
{
    if (g_str_equal(row_text(row, "gate"), "refuse"))
        return "FAIL";
    return g_str_equal(row_text(row, "gate"), "hold") || row_number(row, "approvals") ||
                   json_is_true(json_object_get(row, "confirm"))
               ? "WARNING"
               : "ok";
}

static void draw_text(struct screen *screen, const json_t *row)
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

void preview_draw(struct screen *screen, const json_t *row, gboolean with_text)
{
    g_autofree char *how = security(row);
    gsize i;
    json_t *check;

    if (with_text)
        draw_text(screen, row);
    screen_print(screen, PLAIN, "%s", screen->terminal ? "\n" : "");
    draw_recipient(screen, row);
    draw_line(screen, "Subject", row_text(row, "subject"), "");
    draw_line(screen, "Label", row_text(row, "label"), "");
    draw_files(screen, row);
    draw_line(screen, "Security", how, security_result(row));
    json_array_foreach(json_object_get(row, "checks"), i, check)
        draw_line(screen, "Check", row_text(check, "text"), row_text(check, "result"));
    screen_flush(screen, FALSE);
}
