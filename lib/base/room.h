/* How much room a file system has, and whether that is enough to take mail. */
#pragma once
#include <glib.h>

struct room {
    guint64 left, all; /* bytes */
};

enum room_state {
    ROOM_ENOUGH,
    ROOM_LOW,  /* no mail is taken any more; what was taken goes its way */
    ROOM_NONE, /* nothing is written any more */
};

/* FALSE with errno. */
gboolean room_look(const char *folder, struct room *room);
/* `before`: what it was. It is well again only with a quarter more than what made it bad. */
enum room_state room_judge(const struct room *room, enum room_state before);
