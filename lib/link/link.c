#include "link-parts.h"
#include "error.h"
#include "now.h"
#include <errno.h>
#include <mado/limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* Until the caller sets its own: enough for a handshake and a greeting. */
enum { FIRST_BYTES = 2 * LIMIT_LINE_BYTES };

/* -- death -- */

gboolean link_die(struct link *link, const char *format, ...)
{
    g_autofree char *what = NULL;
    va_list values;

    if (link->why)
        return FALSE;
    va_start(values, format);
    what = g_strdup_vprintf(format, values);
    va_end(values);
    g_set_error(&link->why, MADO_ERROR, MADO_E_LINK, "%s port %" G_GINT64_FORMAT ": %s",
        link->server->host, link->server->port, what);
    return FALSE;
}

static gboolean tell(const struct link *link, GError **error)
{
    if (error && link->why)
        *error = g_error_copy(link->why);
    return !link->why;
}

/* -- open and close -- */

static gboolean begin(struct link *link)
{
    const struct link_server *server = link->server;

    link_set_deadline(link, link_server_timeout(server));
    link_set_budget(link, FIRST_BYTES);
    *server->verified = server->plain && stream_is_local(link->fd);
    if (server->plain)
        return *server->verified ||
               link_die(link, "`tls` is \"none\", and the server is another host. Nothing was "
                              "sent; set `tls` to \"tls\" or \"starttls\"");
    return server->starttls || tls_start(link);
}

struct link *link_open(const struct link_server *server, GError **error)
{
    int fd = server->means->need(server->means->role, NEED_CONNECTION, error);
    struct link *link;

    if (fd < 0)
        return NULL;
    link = g_new0(struct link, 1);
    link->server = server;
    link->fd = fd;
    link->line = g_string_new(NULL);
    if (begin(link))
        return link;
    tell(link, error);
    link_free(link);
    return NULL;
}

void link_free(struct link *link)
{
    if (!link)
        return;
    *link->server->verified = FALSE;
    g_clear_pointer(&link->session, gnutls_deinit);
    close(link->fd);
    g_string_free(link->line, TRUE);
    g_clear_error(&link->why);
    g_free(link);
}

/* RFC 3207, 5; RFC 9051, 7.1; RFC 2595, 4: what was said before TLS counts for nothing behind it,
 * and who says more than the answer is not the server. */
gboolean link_start_tls(struct link *link, GError **error)
{
    if (link->session || link->server->plain)
        link_die(link, "STARTTLS is out of place here. Nothing was sent; look at `tls`");
    else if (link_has_more(link))
        link_die(link, "somebody on the way put words between STARTTLS and TLS. Nothing secret was "
                       "sent; use `tls` = \"tls\" if the server has it");
    if (!link->why)
        tls_start(link);
    return tell(link, error);
}

/* -- time and bytes -- */

void link_set_deadline(struct link *link, guint seconds)
{
    link->seconds = seconds;
    link->deadline = g_get_monotonic_time() + seconds * (gint64)G_USEC_PER_SEC;
}

void link_set_budget(struct link *link, guint64 bytes)
{
    link->budget = link->most = bytes;
}

/* FALSE: the link is dead; or with EAGAIN, where it only glances, nothing is there. */
static gboolean fill(struct link *link)
{
    gssize got;

    if (link->start < link->end)
        return TRUE;
    link->start = link->end = 0;
    got = link->session ? tls_receive(link, link->buffer, sizeof link->buffer)
                        : stream_receive(link, link->buffer, sizeof link->buffer);
    if (got > 0)
        link->end = (gsize)got;
    return got > 0;
}

static gboolean spend(struct link *link, gsize bytes)
{
    if (bytes > link->budget)
        return link_die(link,
            "the server said more than %" G_GUINT64_FORMAT " bytes, where less was to be expected. "
            "The connection is ended; the server is tried again",
            link->most);
    link->budget -= bytes;
    return TRUE;
}

gssize link_read(struct link *link, void *data, gsize size, GError **error)
{
    gsize part;

    if (link->why || !fill(link) || !spend(link, 1)) {
        tell(link, error);
        return -1;
    }
    part = MIN(MIN(size, link->end - link->start), link->budget + 1);
    spend(link, part - 1);
    memcpy(data, link->buffer + link->start, part);
    link->start += part;
    return (gssize)part;
}

/* Moves what belongs to the line. TRUE: it has its end. */
static gboolean take_part(struct link *link)
{
    const guint8 *from = link->buffer + link->start;
    const guint8 *end = memchr(from, '\n', link->end - link->start);
    gsize size = end ? (gsize)(end + 1 - from) : link->end - link->start;

    if (!spend(link, size))
        return FALSE;
    if (link->line->len + size > LIMIT_LINE_BYTES) /* RFC 5321 and RFC 9051 allow less */
        return link_die(link,
            "the server said a line of more than %d bytes. The connection is "
            "ended; the server is tried again",
            LIMIT_LINE_BYTES);
    if (memchr(from, '\0', size)) /* RFC 9051, 4.3.1; RFC 5321, 2.3.8 */
        return link_die(
            link, "the server said a NUL. The connection is ended; the server is tried again");
    g_string_append_len(link->line, (const char *)from, (gssize)size);
    link->start += size;
    return end != NULL;
}

const char *link_read_line(struct link *link, gsize *length, GError **error)
{
    GString *line = link->line;

    g_string_truncate(line, 0);
    while (!link->why && fill(link) && !take_part(link))
        ;
    if (!tell(link, error))
        return NULL;
    g_string_truncate(line, line->len - 1);
    if (line->len && line->str[line->len - 1] == '\r')
        g_string_truncate(line, line->len - 1);
    if (length)
        *length = line->len;
    return line->str;
}

static gboolean send_plain(struct link *link, const guint8 *data, gsize size)
{
    for (gsize done = 0; done < size;) {
        gssize put = stream_send(link, data + done, size - done);
        if (put < 0)
            return FALSE;
        done += (gsize)put;
    }
    return TRUE;
}

gboolean link_write(struct link *link, const void *data, gsize size, GError **error)
{
    if (!link->why && link->session)
        tls_send(link, data, size);
    else if (!link->why)
        send_plain(link, data, size);
    return tell(link, error);
}

gboolean link_print(struct link *link, GError **error, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list values;

    va_start(values, format);
    text = g_strdup_vprintf(format, values);
    va_end(values);
    return link_write(link, text, strlen(text), error);
}

gboolean link_has_more(struct link *link)
{
    return !link->why && (link->start < link->end ||
                             (link->session && gnutls_record_check_pending(link->session)));
}

/* -- waiting -- */

/* Is there a byte for the caller? TLS also says things of its own. */
static gboolean glance(struct link *link)
{
    gboolean here;

    link->glance = TRUE;
    here = fill(link);
    link->glance = FALSE;
    return here;
}

/* FALSE: nothing yet, or the link is dead. */
static gboolean look(struct link *link, gint64 until, enum link_news *news)
{
    struct pollfd on[] = {{link->fd, POLLIN, 0}, {link->server->means->channel, POLLIN, 0}};
    int left = now_milliseconds_to(until);

    *news = LINK_TIME;
    if (poll(on, G_N_ELEMENTS(on), left) <= 0)
        return left == 0;
    *news = on[1].revents ? LINK_DESK : LINK_SERVER;
    return on[1].revents ? stream_hear(link) : glance(link);
}

gboolean link_wait(struct link *link, gint64 until, enum link_news *news, GError **error)
{
    *news = LINK_SERVER;
    if (!link_has_more(link))
        while (!link->why && !look(link, until, news))
            ;
    return tell(link, error);
}
