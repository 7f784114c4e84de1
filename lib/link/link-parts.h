/* Between the files of link.c alone: stream.c (bytes and time), tls.c (whom we speak with),
 * secret.c and login.c (who we are). */
#pragma once
#include "link.h"
#include "secret.h"
#include <gnutls/gnutls.h>

enum { LINK_BUFFER = 16 * 1024 }; /* what one TLS record holds */

struct link_server {
    const struct means *means;
    char *host;
    gint64 port;
    gint64 timeout;           /* seconds for one answer */
    gboolean starttls, plain; /* plain: no TLS at all, to this host alone */
    char *fingerprint;        /* "": the chain is checked */
    char *user, *auth;
    char *password; /* NULL where there is none */
    gnutls_certificate_credentials_t trust;
    gnutls_priority_t priority;
    /* What the certificate must be for. */
    guint8 address[16];
    gnutls_typed_vdata_st expected[2];
    gboolean *verified; /* the link that was opened last has shown whom it speaks with */
};

struct link {
    const struct link_server *server;
    int fd;
    gnutls_session_t session; /* NULL without TLS */
    gboolean glance;          /* take what is there, wait for nothing */
    gint64 deadline;
    guint seconds; /* how long it was, for the sentence */
    guint64 budget, most;
    guint8 buffer[LINK_BUFFER];
    gsize start, end; /* of what was received and not yet read */
    GString *line;
    GError *why; /* it is dead */
};

/* The first reason stays. Always FALSE. */
gboolean link_die(struct link *link, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Bytes as they are on the wire, for TLS and without it. -1: the link is dead, or with EAGAIN
 * nothing is there and the link only glances. */
gssize stream_receive(struct link *link, void *data, gsize size);
gssize stream_send(struct link *link, const void *data, gsize size);
/* FALSE: the desk is gone. */
gboolean stream_hear(struct link *link);
/* Is the other end on this host? */
gboolean stream_is_local(int fd);

gboolean tls_prepare(struct link_server *server, const char *ca_file, GError **error);
void tls_release(struct link_server *server);
/* FALSE: the link is dead, and nothing but the handshake was said. */
gboolean tls_start(struct link *link);
gssize tls_receive(struct link *link, void *data, gsize size); /* as stream_receive */
gboolean tls_send(struct link *link, const void *data, gsize size);
