/* What keeps the store safe, and what lets go of it; comes with state.h. */
#pragma once
#include <glib.h>

struct desk;
struct settings;
struct task;

/* -- archive.c: sealed to our own keys, in pieces -- */

struct archive;
struct archive_end {
    const char *path, *sealed_to; /* fingerprints with blanks between */
    guint64 size;
    const GError *error; /* then there is no such file */
};
typedef void (*archive_done)(struct desk *desk, gpointer data, const struct archive_end *end);
struct archive_wanted {
    const char *kind; /* "store", "journal" */
    const char *path; /* of the file to be */
    int from;         /* what goes in; taken over */
    guint64 rows;     /* of the journal, and the hash of the last: for who compares */
    const char *hash;
};
/* `done` is called once, outside of any change, and never before this returns. NULL with an error,
 * and then `from` is closed all the same. */
struct archive *archive_begin(struct desk *desk, const struct archive_wanted *wanted,
    archive_done done, gpointer data, GError **error);
/* In bytes of what goes in. */
void archive_progress(const struct archive *archive, guint64 *done, guint64 *all);
/* Is there a key of ours to seal to? An error that says what to do if not. */
gboolean archive_may(struct desk *desk, GError **error);

/* -- backup.c: copies of the store, and the journal, each day -- */

/* At the start: what a desk that was ended has left behind. */
void backup_clear(struct desk *desk);
/* The order of an operator. */
gboolean backup_order(struct task *task, GError **error);
/* From time to time: is one due? */
void backup_watch(struct desk *desk);
/* Once a turn, behind the commit. */
void backup_feed(struct desk *desk);
void backup_stop(struct desk *desk);

/* The last time that it was that time of day, by the clock of the team. */
gint64 backup_last_moment(const struct desk *desk);

/* -- purge.c: what retention lets go, each day -- */

void purge_watch(struct desk *desk);
/* Something was purged; behind the commit nothing of it is left in the files. */
void purge_leave_nothing(gpointer desk);
void purge_feed(struct desk *desk);

/* -- rebuild.c: madod --rebuild -- */

/* In place of the store: a new one, which gets what the mails say. */
gboolean rebuild_open(struct desk *desk, GError **error);
/* The readers and the keys role, and nobody else. */
void rebuild_start_peers(struct desk *desk);
/* What a mail says, read again: kept, and nothing is decided or sent. Within a change. */
void rebuild_keep(struct desk *desk, const struct reading *reading);
/* It cannot be read again: what is known of it stays. */
void rebuild_leave(struct desk *desk, guint64 mail);
/* Once a turn: when all is read, the new store takes its place, and the desk ends. */
void rebuild_look_for_the_end(struct desk *desk);
