/* One connection: from the greeting to the login, and what every command has in common. */
#include "imap-parts.h"
#include "error.h"
#include <string.h>

enum {
    GOODBYE_SECONDS = 2,
    TEXT_SHOWN = 200,
};

/* -- every command -- */

void imap_begin(struct imap *imap, enum imap_pace pace, guint64 bytes)
{
    link_set_deadline(imap->wire->link, pace * link_server_timeout(imap->server));
    link_set_budget(imap->wire->link, bytes);
}

/* What the server said last, harmless and short. */
static char *last_words(const struct imap *imap)
{
    const char *said = imap->session->imap_response;

    return imap_guard_shown(said ? said : "", TEXT_SHOWN);
}

gboolean imap_break(struct imap *imap, const char *what, GError **error)
{
    if (imap->wire && imap->wire->why)
        g_propagate_error(error, g_steal_pointer(&imap->wire->why));
    else
        g_set_error(
            error, MADO_ERROR, MADO_E_SOURCE, "%s. Nothing is lost; it is tried again", what);
    if (error && *error && (*error)->code != MADO_E_LINK) /* which names the server itself */
        g_prefix_error(error, "%s: ", link_server_host(imap->server));
    imap_drop(imap);
    return FALSE;
}

/* The errors of libetpan that mean "the server said NO"; it gives each command its own. */
static gboolean is_refusal(int status)
{
    return status >= MAILIMAP_ERROR_APPEND && status <= MAILIMAP_ERROR_STARTTLS;
}

gboolean imap_done(struct imap *imap, int status, const char *what, GError **error)
{
    g_autofree char *said = NULL;
    g_autofree char *sentence = NULL;

    if (status <= MAILIMAP_NO_ERROR_NON_AUTHENTICATED)
        return TRUE;
    said = last_words(imap);
    if (is_refusal(status) && !imap->wire->why) {
        g_set_error(error, MADO_ERROR, MADO_E_SOURCE, "%s: the mail server refuses %s: %s",
            link_server_host(imap->server), what, said);
        return FALSE;
    }
    sentence = g_strdup_printf(
        "the mail server's answer to %s cannot be understood%s%s", what, *said ? ": " : "", said);
    return imap_break(imap, sentence, error);
}

gboolean imap_tell(struct imap *imap, const char *command, gsize size, GError **error)
{
    g_autofree char *tag = g_strdup_printf("m%u ", ++imap->tags);

    return (imap_wire_write(imap->wire, tag, strlen(tag)) &&
               imap_wire_write(imap->wire, command, size)) ||
           imap_break(imap, "the mail server cannot be told", error);
}

gboolean imap_is_answer(const struct imap *imap, const char *line)
{
    g_autofree char *tag = g_strdup_printf("m%u ", imap->tags);

    return g_str_has_prefix(line, tag);
}

/* -- what the server can -- */

gboolean imap_can(const struct imap *imap, const char *capability)
{
    return mailimap_has_extension(imap->session, (char *)capability);
}

gboolean imap_can_login(const struct imap *imap, const char *mechanism)
{
    return mailimap_has_authentication(imap->session, mechanism);
}

/* What was said before TLS, or before the login, counts for nothing (RFC 9051, 6.2.1): it is
 * forgotten, and asked again. libetpan wants a list to be there, even where the server names none.
 */
static gboolean ask_capability(struct imap *imap, GError **error)
{
    struct mailimap_connection_info *known = imap->session->imap_connection_info;
    struct mailimap_capability_data *copy = NULL;

    if (known->imap_capability)
        mailimap_capability_data_free(known->imap_capability);
    known->imap_capability = mailimap_capability_data_new(clist_new());
    imap_begin(imap, PACE_ANSWER, SHORT_ANSWER);
    if (!imap_done(imap, mailimap_capability(imap->session, &copy), "CAPABILITY", error)) {
        imap_drop(imap);
        return FALSE;
    }
    mailimap_capability_data_free(copy);
    return TRUE;
}

/* -- connect -- */

static gboolean start_tls(struct imap *imap, GError **error)
{
    if (!ask_capability(imap, error))
        return FALSE;
    if (!imap_can(imap, "STARTTLS"))
        return imap_break(imap,
            "the mail server does not offer STARTTLS, or somebody on the way has taken it out of "
            "its answer. No password was sent; set `tls` to \"tls\" if the server has that",
            error);
    imap_begin(imap, PACE_ANSWER, SHORT_ANSWER);
    if (!imap_done(imap, mailimap_starttls(imap->session), "STARTTLS", error)) {
        imap_drop(imap);
        return FALSE;
    }
    return link_start_tls(imap->wire->link, &imap->wire->why) ||
           imap_break(imap, "TLS cannot be started", error);
}

/* RFC 9051, 11.1: logged in before TLS means that somebody on the way did it. */
static gboolean greet(struct imap *imap, mailstream *stream, gboolean *inside, GError **error)
{
    int status;

    imap_begin(imap, PACE_ANSWER, SHORT_ANSWER);
    status = mailimap_connect(imap->session, stream);
    if (!imap_done(imap, status, "the connection", error)) {
        imap_drop(imap);
        return FALSE;
    }
    *inside = status == MAILIMAP_NO_ERROR_AUTHENTICATED;
    if (*inside && link_server_wants_starttls(imap->server))
        return imap_break(imap,
            "the mail server says that we are logged in already, before TLS: that is not to be "
            "believed. Nothing was sent",
            error);
    return TRUE;
}

/* libetpan frees the stream with the session. */
static mailstream *start_session(struct imap *imap, struct link *link)
{
    imap->wire = g_new0(struct imap_wire, 1);
    imap->session = mailimap_new(0, NULL);
    return imap_wire_start(imap->wire, link);
}

gboolean imap_connect(struct imap *imap, GError **error)
{
    struct link *link = link_open(imap->server, error);
    gboolean inside = FALSE;

    if (!link || !greet(imap, start_session(imap, link), &inside, error))
        return FALSE;
    if (link_server_wants_starttls(imap->server) && !start_tls(imap, error))
        return FALSE;
    if (!ask_capability(imap, error))
        return FALSE;
    if (!inside && !imap_login(imap, error))
        return FALSE;
    imap->session->imap_state = MAILIMAP_STATE_AUTHENTICATED;
    imap->note = NULL;
    imap->resting = FALSE;
    return inside || ask_capability(imap, error);
}

/* mailimap_free() says LOGOUT, unless the wire is closed. */
static void end(struct imap *imap)
{
    mailimap_free(imap->session);
    imap_wire_stop(imap->wire);
    imap->session = NULL;
    imap->wire = NULL;
    imap->at = NULL;
    imap->idle_since = 0;
}

void imap_drop(struct imap *imap)
{
    if (!imap->session || !imap->wire)
        return;
    imap->wire->closed = TRUE;
    end(imap);
}

void imap_leave(struct imap *imap)
{
    if (!imap->session)
        return;
    imap->wire->guard.leaving = TRUE;
    link_set_deadline(imap->wire->link, GOODBYE_SECONDS);
    end(imap);
}
