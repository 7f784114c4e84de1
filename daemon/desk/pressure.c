/* Back-pressure: while there is too little room on the disk of the store, mail stays where it is,
 * and comes by itself when there is room again. */
#include "state.h"
#include "log.h"
#include "room.h"
#include <errno.h>

static void tell_intake(struct peer *intake)
{
    const char *why = pressure_why(intake->desk);

    if (intake->ready)
        peer_tell(intake, IPC_PAUSE, g_variant_new("(s)", why ? why : ""), -1);
}

void pressure_greet(struct peer *intake)
{
    if (pressure_why(intake->desk))
        tell_intake(intake);
}

static void log_change(const struct desk *desk, const struct room *room)
{
    g_autofree char *left = g_format_size_full(room->left, G_FORMAT_SIZE_IEC_UNITS);
    static const char *const then[] = {
        [ROOM_ENOUGH] = "mail is taken again",
        [ROOM_LOW] = "no mail is taken until there is more",
        [ROOM_NONE] = "nothing is written until there is more",
    };

    log_event(desk->room == ROOM_ENOUGH ? LOG_LEVEL_INFO : LOG_LEVEL_ALARM, 0, "disk",
        "%s free in %s: %s", left, desk->settings->daemon.state, then[desk->room]);
}

void pressure_watch(struct desk *desk)
{
    enum room_state before = desk->room;
    struct room room;

    if (!room_look(desk->settings->daemon.state, &room))
        return; /* doctor says so; a disk that cannot be asked is no reason to refuse mail */
    desk->room = room_judge(&room, before);
    if (desk->room == before)
        return;
    log_change(desk, &room);
    for (guint i = 0; desk->intakes && i < desk->intakes->len; i++)
        tell_intake(desk->intakes->pdata[i]);
}

const char *pressure_why(const struct desk *desk)
{
    static const char *const why[] = {
        [ROOM_ENOUGH] = NULL,
        [ROOM_LOW] = "the disk of the store is nearly full: no mail is taken until there is room",
        [ROOM_NONE] = "the disk of the store is full: nothing is written until there is room",
    };

    return why[desk->room];
}
