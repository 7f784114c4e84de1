/* Mailboxes behind one interface: list what is there, open one, tell the mailbox that it was taken. The
 * connection or folder is opened before confinement. */
#pragma once
#include <glib.h>

struct source_kind {
    const char *name; /* "maildir" */
    gpointer (*open)(const char *path, GError **error);
    /* Names of what waits, oldest first, at most `most`; `*more` if that was not all. */
    GPtrArray *(*list)(gpointer source, guint most, gboolean *more, GError **error);
    /* A readable fd of one mail, or -1 (gone meanwhile: no error). */
    int (*fetch)(gpointer source, const char *uid, GError **error);
    /* Only after the commit. */
    gboolean (*taken)(gpointer source, const char *uid, GError **error);
    /* An fd to poll for news, or -1; and what to do when it is readable. */
    int (*watch)(gpointer source);
    void (*drain)(gpointer source);
    void (*close)(gpointer source);
};

const struct source_kind *source_kind_find(const char *name);
extern const struct source_kind source_maildir;
