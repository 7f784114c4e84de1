/*
 * Waiting: IDLE (RFC 2177) where the server has it, else the caller's next look. The words are our
 * own: libetpan's waiting does not see what is in its buffers, and its reading of "+" can be
 * crashed. An IDLE goes on while the desk is served, and ends before the next command.
 */
#include "imap-parts.h"
#include "error.h"
#include <string.h>

enum {
    IDLE_SECONDS = 28 * 60, /* RFC 2177: a server may end it after 30 minutes */
};

static gint64 idle_ends(const struct imap *imap)
{
    return imap->idle_since + IDLE_SECONDS * (gint64)G_USEC_PER_SEC;
}

/* "* 23 EXISTS" is news; what others expunge is not, but counts: libetpan does not see it. */
static void note_line(struct imap *imap, const char *line, gboolean *news)
{
    struct mailimap_selection_info *info = imap->session->imap_selection_info;
    char *word;
    guint64 number;

    if (!info || *line != '*')
        return;
    number = g_ascii_strtoull(line + 1, &word, 10);
    if (g_ascii_strcasecmp(word, " EXISTS") == 0) {
        info->sel_exists = (guint32)MIN(number, G_MAXUINT32);
        *news = TRUE;
    }
    if (g_ascii_strcasecmp(word, " EXPUNGE") == 0 && info->sel_exists)
        info->sel_exists--;
}

static gboolean start_idling(struct imap *imap, gboolean *news, GError **error)
{
    const char *line;

    imap_begin(imap, PACE_ANSWER, SHORT_ANSWER);
    if (!imap_tell(imap, "IDLE\r\n", 6, error))
        return FALSE;
    while ((line = imap_wire_line(imap->wire)) && *line == '*')
        note_line(imap, line, news);
    if (!line || *line != '+')
        return imap_break(imap, "the mail server offers IDLE, and does not do it", error);
    imap->idle_since = g_get_monotonic_time();
    return TRUE;
}

gboolean imap_stop_idling(struct imap *imap, gboolean *news, GError **error)
{
    const char *line;

    if (!imap->idle_since)
        return TRUE;
    imap->idle_since = 0;
    imap_begin(imap, PACE_ANSWER, SHORT_ANSWER);
    if (!imap_wire_write(imap->wire, "DONE\r\n", 6))
        return imap_break(imap, "the mail server cannot be told", error);
    while ((line = imap_wire_line(imap->wire)) && *line == '*')
        note_line(imap, line, news);
    return (line && imap_is_answer(imap, line)) ||
           imap_break(imap, "the mail server does not end IDLE", error);
}

/* The server has spoken, unasked. */
static gboolean hear_server(struct imap *imap, gboolean *news, GError **error)
{
    const char *line;

    imap_begin(imap, PACE_ANSWER, SHORT_ANSWER);
    do {
        if (!(line = imap_wire_line(imap->wire)))
            return imap_break(imap, "the connection ended", error);
        note_line(imap, line, news);
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

static gboolean prepare(struct imap *imap, gint64 *until, gboolean *news, GError **error)
{
    gboolean can = imap_can(imap, "IDLE");

    if (imap->idle_since && g_get_monotonic_time() >= idle_ends(imap) &&
        !imap_stop_idling(imap, news, error))
        return FALSE;
    if (!imap->idle_since) {
        if (can && imap->at != imap->places->pdata[0] &&
            !imap_select(imap, imap->places->pdata[0], error))
            return FALSE;
        if (can && !start_idling(imap, news, error))
            return FALSE;
        tell_state(imap, can);
    }
    if (can)
        *until = MIN(*until, idle_ends(imap));
    return TRUE;
}

gboolean imap_wait(struct imap *imap, gint64 until, gboolean *news, GError **error)
{
    enum link_news what;

    if (!prepare(imap, &until, news, error))
        return FALSE;
    if (*news)
        return TRUE;
    if (!link_wait(imap->wire->link, until, &what, &imap->wire->why))
        return imap_break(imap, "the connection ended", error);
    return what != LINK_SERVER || hear_server(imap, news, error);
}
