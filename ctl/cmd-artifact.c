/* artifact: the files that came with a ticket. They are listed, and never unpacked or run. */
#include "madoctl.h"
#include <inttypes.h>
#include <string.h>

enum { SIZE_COLUMNS = 8 };

static json_t *args(char **words, const struct options *options, GError **error)
{
    if (*words && g_str_equal(*words, "list"))
        words++;
    return view_one_word(words, "id", "Which ticket? Write: madoctl artifact 42.", error);
}

static void draw_file(struct screen *screen, const json_t *row)
{
    g_autofree char *size = ctl_bytes((guint64)row_number(row, "size"));
    g_autofree char *elsewhere = view_joined(row, "elsewhere", ", ");
    const char *name = row_text(row, "name");

    if (!screen->terminal) {
        g_autofree char *n = g_strdup_printf("%" PRIi64, row_number(row, "n"));
        screen_cells(
            screen, n, name, row_text(row, "type"), size, row_text(row, "sha256"), elsewhere, NULL);
        return;
    }
    screen_print(
        screen, BOLD, "%3" PRIi64 "  %s\n", row_number(row, "n"), *name ? name : _("(no name)"));
    screen_print(screen, PLAIN, "     %*s  %s\n     sha256 %s\n", SIZE_COLUMNS, size,
        row_text(row, "type"), row_text(row, "sha256"));
    if (*elsewhere)
        screen_print(screen, NOTICE, "     also in %s\n", elsewhere);
}

static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    gsize i;
    json_t *row;

    json_array_foreach(rows, i, row)
        draw_file(screen, row);
    if (screen->terminal && first && json_array_size(rows) == 0)
        screen_print(screen, PLAIN, "No files came with it.\n");
}

const struct view view_artifact = {"artifact", args, draw};
