/* Ways out, behind one interface. */
#pragma once
#include <glib.h>

struct send_result {
    int outcome; /* enum send_outcome of ipc.h */
    char *reply; /* what the other side said, for the operator */
};

struct transport {
    const char *name; /* "maildir" */
    /* Sending the same letter again leaves one letter, not two: an attempt whose end is not known may be repeated. */
    gboolean repeatable;
    gpointer (*open)(const char *path, GError **error);
    void (*send)(gpointer transport, guint64 id, const char *from, const char *to, int fd,
        struct send_result *result);
    void (*close)(gpointer transport);
};

const struct transport *transport_find(const char *name);
extern const struct transport transport_maildir;
