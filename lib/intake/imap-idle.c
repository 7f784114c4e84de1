/*
 * Waiting: IDLE (RFC 2177) where the server has it, else the caller's next look. The words are our
 * own: libetpan's waiting does not see what is in its buffers, and its reading of "+" can be
 * crashed. An IDLE goes on while the desk is served, and ends before the next command.
 */
#include "imap-parts.h"
#include "error.h"
#include <string.h>

static gint64 idle_ends(const struct imap *imap)
{
    return imap->idle_since + imap->idle * G_USEC_PER_SEC;
}

static gboolean start_idling(struct imap *imap, GError **error)
{
    const char *line;

    imap_begin(imap, PACE_ANSWER, SHORT_ANSWER);
    if (!imap_tell(imap, "IDLE\r\n", 6, error))
        return FALSE;
    do {
        line = imap_wire_line(imap->wire);
    } while (line && *line == '*');
    if (!line || *line != '+')
        return imap_break(imap, "the mail server offers IDLE, and does not do it", error);
    imap->idle_since = g_get_monotonic_time();
    return TRUE;
}

gboolean imap_stop_idling(struct imap *imap, GError **error)
{
    const char *line;

    if (!imap->idle_since)
        return TRUE;
    imap->idle_since = 0;
    imap_begin(imap, PACE_ANSWER, SHORT_ANSWER);
    if (!imap_wire_write(imap->wire, "DONE\r\n", 6))
        return imap_break(imap, "the mail server cannot be told", error);
    do {
        line = imap_wire_line(imap->wire);
    } while (line && *line == '*');
    return (line && imap_is_answer(imap, line)) ||
           imap_break(imap, "the mail server does not end IDLE", error);
}

/* The server has spoken, unasked. */
static gboolean hear_server(struct imap *imap, GError **error)
{
    imap_begin(imap, PACE_ANSWER, SHORT_ANSWER);
    do {
        if (!imap_wire_hear(imap->wire))
            return imap_break(imap, "the connection ended", error);
    } while (link_has_more(imap->wire->link));
    return TRUE;
}

static void tell_state(struct imap *imap, gboolean idle)
{
    g_autofree char *how =
        idle ? g_strdup("IMAP idle")
             : g_strdup_printf("IMAP, looks every %" G_GINT64_FORMAT " s", imap->rescan);

    if (imap->state)
        return;
    imap->state = imap->note ? g_strdup_printf("%s; %s", how, imap->note) : g_strdup(how);
    imap->means->state(imap->means->role, imap->state);
}

/* Waiting is at the first folder: what came to it while another was selected is said by nobody. */
static gboolean go_back(struct imap *imap, GError **error)
{
    if (imap->idle_since && g_get_monotonic_time() >= idle_ends(imap) &&
        !imap_stop_idling(imap, error))
        return FALSE;
    return imap->at == imap->places->pdata[0] || !imap_can(imap, "IDLE") ||
           imap_select(imap, imap->places->pdata[0], error);
}

static gboolean wait_for_server(struct imap *imap, gint64 until, GError **error)
{
    gboolean idles = imap_can(imap, "IDLE");
    enum link_news what;

    if (idles && !imap->idle_since && !start_idling(imap, error))
        return FALSE;
    tell_state(imap, idles);
    if (imap->wire->grown)
        return TRUE;
    if (!link_wait(
            imap->wire->link, idles ? MIN(until, idle_ends(imap)) : until, &what, &imap->wire->why))
        return imap_break(imap, "the connection ended", error);
    return what != LINK_SERVER || hear_server(imap, error);
}

gboolean imap_wait(struct imap *imap, gint64 until, gboolean *news, GError **error)
{
    if (!go_back(imap, error) || (!imap->wire->grown && !wait_for_server(imap, until, error)))
        return FALSE;
    *news = imap->wire->grown;
    return TRUE;
}
