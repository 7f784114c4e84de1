#include "room.h"
#include <mado/limits.h>
#include <sys/statvfs.h>

gboolean room_look(const char *folder, struct room *room)
{
    struct statvfs is;

    if (statvfs(folder, &is) < 0)
        return FALSE;
    *room = (struct room){(guint64)is.f_bavail * is.f_frsize, (guint64)is.f_blocks * is.f_frsize};
    return TRUE;
}

static gboolean is_below(const struct room *room, guint64 bytes, guint percent, gboolean already)
{
    guint64 quarters = already ? 5 : 4;

    return room->left < bytes / 4 * quarters ||
           (gdouble)room->left * 400 < (gdouble)room->all * percent * (gdouble)quarters;
}

enum room_state room_judge(const struct room *room, enum room_state before)
{
    if (is_below(room, LIMIT_ROOM_RESERVE, 0, before == ROOM_NONE))
        return ROOM_NONE;
    return is_below(room, LIMIT_ROOM_BYTES, LIMIT_ROOM_PERCENT, before != ROOM_ENOUGH)
               ? ROOM_LOW
               : ROOM_ENOUGH;
}
