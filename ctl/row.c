/* What stands in a row of an answer. */
#include "ctl.h"
#include "screen.h"
#include <string.h>

json_t *row_at(const json_t *row, const char *path)
{
    g_auto(GStrv) names = g_strsplit(path, ".", -1);

    for (char **name = names; *name; name++)
        row = json_object_get(row, *name);
    return (json_t *)row;
}

const char *row_text(const json_t *row, const char *path)
{
    const char *text = json_string_value(row_at(row, path));
    return text ? text : "";
}

gint64 row_number(const json_t *row, const char *path)
{
    return json_integer_value(row_at(row, path));
}

/* The times of the daemon carry the team's own offset: they are cut, not converted. */
static char *cut_time(const json_t *row, const char *path, gsize from, gsize length)
{
    const char *text = row_text(row, path);
    char *cut;

    if (strlen(text) < 16)
        return g_strdup("-");
    cut = g_strndup(text + from, length);
    return g_strdelimit(cut, "T", ' ');
}

char *row_time(const json_t *row, const char *path)
{
    return cut_time(row, path, 0, 16);
}

static char *clock_of(const json_t *row, const char *path)
{
    return cut_time(row, path, 11, 5);
}

char *row_when(const json_t *row, const char *path, const char *day)
{
    gboolean same = strncmp(row_text(row, path), day, strlen("2026-11-20")) == 0;

    return same ? clock_of(row, path) : row_time(row, path);
}

char *row_left(gint64 seconds)
{
    g_autofree char *time = ctl_age_long(ABS(seconds));

    return seconds > 0 ? g_steal_pointer(&time) : g_strdup_printf(_("late %s"), time);
}
