/*
 * Mailboxes behind one interface.
 *
 * A source has places (the folders of IMAP; elsewhere one). For each place in turn the role enters
 * it, lists it, asks the desk what is new, has the new ones fetched, and when the desk says that
 * they are committed has the mailbox told. What is a file is opened in `open`, before confinement;
 * a connection comes later, by `means`, as often as it takes. After an error of any call but `open`
 * the source has dropped its connection, and the next `enter` makes a new one.
 */
#pragma once
#include "means.h"
#include <glib.h>

struct source_setup {
    GVariantDict *settings;    /* names as in struct source and struct server */
    const struct means *means; /* outlives the source */
    guint64 max_message;       /* bytes */
    /* One mail that `fetch` was asked for, as an unsealed memory file that the callee takes over;
     * or -1 and why it cannot be taken (too large); the mail then stays. FALSE: stop. */
    gboolean (*got)(gpointer role, const char *uid, int mail, const char *why_not);
};

struct source_kind {
    const char *name; /* "maildir" */
    gpointer (*open)(const struct source_setup *setup, GError **error);
    guint (*places)(gpointer source);
    /* Goes to that place. A `*validity` other than before: the uids known so far are void. */
    gboolean (*enter)(gpointer source, guint place, guint64 *validity, GError **error);
    /* Names of what is there, oldest first, unique within the source and validity. `whole`: also
     * what others have moved out of the inbox meanwhile; the caller knows which of them were taken
     * before. The caller unrefs it. */
    GPtrArray *(*list)(gpointer source, gboolean whole, GError **error);
    /* Has `got` called for each that is still there; what has gone meanwhile is passed over. */
    gboolean (*fetch)(gpointer source, const GPtrArray *uids, GError **error);
    /* Only after the commit, in the place where they were listed. Doing it again does nothing. */
    gboolean (*taken)(gpointer source, const GPtrArray *uids, GError **error);
    /* Every place was looked at: what has to be finished for the server to keep it (POP3's QUIT).
     */
    gboolean (*finish)(gpointer source, GError **error);
    /* Until there is news of the mailbox, `until` (monotonic microseconds), or the desk was heard.
     * `*news`: worth a look. */
    gboolean (*wait)(gpointer source, gint64 until, gboolean *news, GError **error);
    void (*close)(gpointer source);
};

/* NULL if there is no such kind. */
const struct source_kind *source_kind_find(const char *name);
extern const struct source_kind source_maildir, source_imap, source_pop3;
