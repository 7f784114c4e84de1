/* Mailboxes behind one interface: list what is there, open one, tell the mailbox that it was
 * taken. The folder or connection is opened before confinement. */
#pragma once
#include <glib.h>

struct source_kind {
    const char *name; /* "maildir" */
    gpointer (*open)(const char *path, GError **error);
    /* Names of what is there, oldest first. `whole`: also what others have moved out of the
     * inbox meanwhile; the caller knows which of them were taken before. The caller unrefs it. */
    GPtrArray *(*list)(gpointer source, gboolean whole, GError **error);
    /* A readable fd of one mail; -1 without error when it has gone meanwhile. */
    int (*fetch)(gpointer source, const char *uid, GError **error);
    /* Only after the commit. Doing it again does nothing. */
    gboolean (*taken)(gpointer source, const char *uid, GError **error);
    /* An fd that becomes readable when there is news, and how to make it quiet again. */
    int (*watch)(gpointer source);
    void (*drain)(gpointer source);
    void (*close)(gpointer source);
};

/* NULL if there is no such kind. */
const struct source_kind *source_kind_find(const char *name);
extern const struct source_kind source_maildir;
