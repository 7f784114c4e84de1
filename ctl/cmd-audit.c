/* audit verify: the journal's chain of hashes. */
#include "madoctl.h"

static json_t *args(char **words, const struct options *options, GError **error)
{
    return json_object();
}

/* Pages but the last have no row. */
static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    json_t *row = json_array_get(rows, 0);
    g_autofree char *checked = ctl_count((guint64)row_number(row, "checked"));
    gboolean intact = json_is_true(json_object_get(row, "intact"));

    if (!row)
        return;
    if (!screen->terminal)
        screen_cells(screen, intact ? "intact" : "broken", checked, row_text(row, "why"), NULL);
    else if (intact)
        screen_print(screen, GOOD, "ok: the journal is intact, %s rows.\n", checked);
    else
        screen_print(screen, BAD, "FAIL: %s\n%s rows before it are intact. Nothing was changed.\n",
            row_text(row, "why"), checked);
}

static int judge(const json_t *row)
{
    return json_is_true(json_object_get(row, "intact")) ? 0 : 1;
}

const struct view view_audit_verify = {"audit verify", args, draw, judge};
