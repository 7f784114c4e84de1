/* export --all: each table as CSV, in UTF-8 as Excel knows it. */
#include "madoctl.h"
#include "sharing.h"
#include <string.h>

static gboolean add_row(
    struct export_folder *folder, const json_t *row, gboolean first, GError **error)
{
    g_autoptr(GString) line = g_string_new(first ? "\xEF\xBB\xBF" : NULL);
    g_autoptr(GPtrArray) cells = g_ptr_array_new();
    g_autofree char *name = g_strconcat(row_text(row, "table"), ".csv", NULL);
    gsize i;
    json_t *cell;

    json_array_foreach(json_object_get(row, "cells"), i, cell)
        g_ptr_array_add(cells, (gpointer)(json_is_string(cell) ? json_string_value(cell) : ""));
    g_ptr_array_add(cells, NULL);
    share_csv_line(line, (const char *const *)cells->pdata);
    return export_folder_add(folder, name, line->str, line->len, error);
}

/* The first row of a table names its columns. */
static gboolean add_page(
    struct export_folder *folder, const json_t *rows, char **table, guint64 *count, GError **error)
{
    gsize i;
    json_t *row;

    json_array_foreach((json_t *)rows, i, row) {
        gboolean first = g_strcmp0(*table, row_text(row, "table")) != 0;
        if (first) {
            g_free(*table);
            *table = g_strdup(row_text(row, "table"));
        }
        *count += !first;
        if (!add_row(folder, row, first, error))
            return FALSE;
    }
    return TRUE;
}

gboolean export_tables(
    struct call *call, struct export_folder *folder, guint64 *count, GError **error)
{
    gint64 started = g_get_monotonic_time();
    json_t *args = json_pack("{s:b}", "all", TRUE);
    g_autofree char *table = NULL;
    gboolean done = TRUE;

    while (done && args) {
        json_t *rows = json_array(), *next = NULL;
        done = client_ask(call, "export", args, rows, &next, error);
        view_progress(started, next);
        done = done && add_page(folder, rows, &table, count, error);
        args = next ? json_pack("{s:b,s:o}", "all", TRUE, "page", next) : NULL;
        json_decref(rows);
    }
    return done;
}
