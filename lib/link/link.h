/*
 * A connection to one mail server: verified TLS, absolute deadlines, a byte budget.
 *
 * Everything that is a file (certificates, password) is read by link_server_new(), before the role
 * is confined. A connection comes from the desk as a file descriptor. Nothing secret is sent before
 * host name and chain (or the pinned fingerprint) are checked. While it waits, the desk is heard:
 * what hears it must not use the link. After any error the link is dead: every further call fails
 * at once with the same words, the caller frees it.
 */
#pragma once
#include "means.h"
#include <glib.h>

struct link_server;
struct link;

/* From the settings that the desk sends (names as in struct server); reads CA file and password,
 * refuses a password that others may read. `means` outlives it. The caller frees it. */
struct link_server *link_server_new(
    GVariantDict *settings, const struct means *means, GError **error);
void link_server_free(struct link_server *server);
const char *link_server_host(const struct link_server *server);
const char *link_server_auth(const struct link_server *server); /* "" where no login is wanted */
gboolean link_server_wants_starttls(const struct link_server *server);
guint link_server_timeout(const struct link_server *server); /* seconds for one answer */

/* Asks for a connection; TLS from the first byte is up when it returns. NULL: MADO_E_LINK says why
 * (out of reach, certificate, deadline). The caller frees it, which says nothing to the server. */
struct link *link_open(const struct link_server *server, GError **error);
void link_free(struct link *link);
/* After the server has agreed to STARTTLS, by the deadline that is set. Refuses bytes that came
 * before the handshake (injected by somebody on the way). */
gboolean link_start_tls(struct link *link, GError **error);

/* What follows must be done within so many seconds and read no more than so many bytes, however
 * slowly it drips. Behind link_open(): what is left of the time for one answer, and two long lines.
 */
void link_set_deadline(struct link *link, guint seconds);
void link_set_budget(struct link *link, guint64 bytes);

/* 0 is never returned: an end is an error, for no protocol here ends so. */
gssize link_read(struct link *link, void *data, gsize size, GError **error);
/* One line without its CRLF (a bare LF ends one too), NULs refused. Valid until the next call. */
const char *link_read_line(struct link *link, gsize *length, GError **error);
gboolean link_write(struct link *link, const void *data, gsize size, GError **error);
gboolean link_print(struct link *link, GError **error, const char *format, ...)
    G_GNUC_PRINTF(3, 4); /* at once; no secrets */
/* Bytes that are here already, in our buffer or in TLS's. */
gboolean link_has_more(struct link *link);

/* Waits until the server has said something (not TLS, which says things of its own), or `until`
 * (monotonic microseconds; the deadline does not matter), or the desk has been heard. FALSE: the
 * link, or the desk, is gone. */
enum link_news { LINK_SERVER, LINK_DESK, LINK_TIME };
gboolean link_wait(struct link *link, gint64 until, enum link_news *news, GError **error);

/* The login as the server's protocol wants it; NULL unless the link opened last is there and has
 * shown whom it speaks with. A token is fetched anew for each. Wiped by link_secret_free.
 * `mechanism` is of auth: "PLAIN", "XOAUTH2", "OAUTHBEARER" (RFC 4616, RFC 7628); "LOGIN" has no
 * first response, take user and password. */
struct link_secret {
    char *mechanism;
    char *user, *password; /* of the password kinds */
    char *initial;         /* base64, for AUTH and AUTHENTICATE; NULL for LOGIN */
};
struct link_secret *link_login(const struct link_server *server, GError **error);
void link_secret_free(struct link_secret *secret);

typedef struct link mado_link;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_link, link_free)
