/* Ways out, behind one interface. */
#pragma once
#include "ipc.h"
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

struct transport {
    const char *name; /* "maildir" */
    /* Sending the same letter again leaves one letter, not two: an attempt whose end is not known
     * may be made again. */
    gboolean repeatable;
    gpointer (*open)(const char *path, GError **error);
    void (*send)(gpointer transport, const struct letter_out *letter, struct send_result *result);
    void (*close)(gpointer transport);
};

/* NULL if there is no such transport. */
const struct transport *transport_find(const char *name);
extern const struct transport transport_maildir;
