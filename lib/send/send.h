/* Ways out, behind one interface. */
#pragma once
#include "means.h"
#include <glib.h>

struct send_result {
    enum send_outcome outcome;
    char *reply; /* what the other side said, for the operator; the caller frees it */
};

struct letter_out {
    guint64 id;
    const char *from; /* of the envelope; "" is the null sender */
    const char *to;
    int fd; /* the exact bytes */
};

struct transport_setup {
    GVariantDict *settings;    /* names as in struct settings.outgoing and struct server */
    const struct means *means; /* outlives the transport */
    /* The desk is told that from now on the letter may have gone out. FALSE: the desk is gone. */
    gboolean (*dot)(gpointer role, guint64 letter);
};

struct transport {
    const char *name; /* "maildir" */
    /* Sending the same letter again leaves one letter, not two: an attempt whose end is not known
     * may be made again. */
    gboolean repeatable;
    gpointer (*open)(const struct transport_setup *setup, GError **error);
    void (*send)(gpointer transport, const struct letter_out *letter, struct send_result *result);
    /* Does the relay answer, and let us in? Sends nothing. */
    gboolean (*prove)(gpointer transport, GError **error);
    /* Nothing was sent for a while: a connection is ended politely. */
    void (*rest)(gpointer transport);
    void (*close)(gpointer transport);
};

/* NULL if there is no such transport. */
const struct transport *transport_find(const char *name);
extern const struct transport transport_maildir, transport_smtp;
