/* What madod does by itself, with the daemon stopped: no role of it runs but the keys role. */
#pragma once
#include <glib.h>
#include <mado/settings.h>

struct options;

/* A backup in the place of the store, or (with `check`) beside it, and gone again. The exit status.
 */
struct offline {
    const char *file;
    gboolean check, replace;
};
int offline_restore(const struct options *options, const struct offline *wanted);

/* -- sealed.c: what the desk has sealed to our own keys, opened again -- */
struct sealed_about {
    char *kind, *team, *made, *sha256, *journal_hash;
    guint64 size, pieces, journal_rows;
};
void sealed_about_clear(struct sealed_about *about);
/* All of it into `to`, checked: signed by a key of ours, whole, and in its order. `about` (the
 * caller clears it) is what it says of itself. */
gboolean sealed_open(const struct settings *settings, const char *file, int to,
    struct sealed_about *about, GError **error);

/* -- progress.c: on a terminal, once it takes long -- */
void progress_tell(const char *what, guint64 done, guint64 all);
void progress_end(void);
