/*
 * The clock of --now is moved
 *
 * For tests alone, which let a year pass in minutes: the desk's clock goes on, that of gpg follows,
 * and what has become due is done as in any other turn. Without --now there is no such thing.
 */
#include "state.h"
#include "error.h"
#include "now.h"

static gboolean go_on(struct desk *desk, gint64 to, GError **error)
{
    if (to < now_seconds())
        return error_set(error, MADO_E_USAGE,
            "The clock goes forward, unless somebody sets it. Nothing was changed.");
    now_step(to);
    return TRUE;
}

static void tell_keys(struct peer *peer)
{
    if (peer->kind == ROLE_KEYS && peer->ready)
        peer_tell_settings(peer);
}

gboolean stepping_move(gpointer data, gint64 to, gboolean by_hand, GError **error)
{
    struct desk *desk = data;

    if (!(by_hand ? clock_set(desk, to, error) : go_on(desk, to, error)))
        return FALSE;
    peers_foreach(desk, tell_keys);
    desk_look_after_itself(desk);
    return TRUE;
}

/* While work is in hand the store may say that nothing is due. */
gboolean stepping_is_done(gpointer data, gint64 *next)
{
    struct desk *desk = data;

    *next = due_next(desk);
    return desk_is_quiet(desk) && *next > now_seconds();
}
