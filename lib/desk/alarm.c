#include "alarm.h"

enum { TOLD_AGAIN_AFTER = 3600 };

const struct alarm *alarm_lasting(const GPtrArray *rows, const char *condition)
{
    for (guint i = 0; i < rows->len; i++) {
        const struct alarm *row = rows->pdata[i];
        if (!row->over_at && g_str_equal(row->condition, condition))
            return row;
    }
    return NULL;
}

static gboolean is_found(const GPtrArray *found, const char *condition)
{
    for (guint i = 0; i < found->len; i++)
        if (g_str_equal(((struct alarm_found *)found->pdata[i])->condition, condition))
            return TRUE;
    return FALSE;
}

GArray *alarm_compare(const GPtrArray *rows, const GPtrArray *found)
{
    GArray *changes = g_array_new(FALSE, FALSE, sizeof(struct alarm_change));

    for (guint i = 0; i < found->len; i++) {
        const struct alarm_found *one = found->pdata[i];
        struct alarm_change change = {ALARM_BEGINS, alarm_lasting(rows, one->condition), one};
        if (change.row)
            change.step = ALARM_CHANGES;
        if (!change.row || !g_str_equal(change.row->text, one->text) ||
            change.row->worse_at != one->worse_at)
            g_array_append_val(changes, change);
    }
    for (guint i = 0; i < rows->len; i++) {
        const struct alarm *row = rows->pdata[i];
        struct alarm_change change = {ALARM_ENDS, row, NULL};
        if (!row->over_at && !is_found(found, row->condition))
            g_array_append_val(changes, change);
    }
    return changes;
}

/* A clock that was put back must not silence an alarm until it has caught up. */
static gboolean is_due(const struct alarm *row, gint64 now)
{
    if (row->over_at || !row->last_told || now < row->last_told)
        return TRUE;
    return row->worse_at ? row->last_told < row->worse_at
                         : now - row->last_told >= TOLD_AGAIN_AFTER;
}

GPtrArray *alarm_due(const GPtrArray *rows, gint64 now)
{
    GPtrArray *due = g_ptr_array_new();

    for (guint i = 0; i < rows->len; i++)
        if (is_due(rows->pdata[i], now))
            g_ptr_array_add(due, rows->pdata[i]);
    return due;
}

gboolean alarm_is_of_a_key(const char *condition)
{
    return g_str_has_prefix(condition, "key ") || g_str_has_prefix(condition, "our key ");
}
