/* What keeps the store safe, and small: copies, exports, what is purged, and one store in the place
 * of another. Part of store.h. */
#pragma once
#include <glib.h>

/* -- copy.c: a copy of the store while it is at work -- */
struct store_copy;
typedef struct store_copy mado_copy;
/* Into a new file at `path`, for its owner alone; what is there goes. The caller frees it, and the
 * copy is whole only behind the last step. */
struct store_copy *store_copy_begin(struct store *store, const char *path, GError **error);
/* Some pages more: 1 if there are others, 0 if that was all, -1 with `error`. What is written
 * meanwhile is in the copy as well. Does nothing within a turn. */
int store_copy_step(struct store_copy *copy, int pages, GError **error);
/* In pages. */
void store_copy_progress(const struct store_copy *copy, guint64 *done, guint64 *all);
void store_copy_free(struct store_copy *copy);

/* -- place.c: one store in the place of another; nobody has either open -- */
/* The one at `fresh` is found at `path` from now on, and what was there at `aside`, if anything
 * was. Where that is ended in between, store_open() does the rest. */
gboolean store_take_place(const char *fresh, const char *path, const char *aside, GError **error);
/* ... which may be needed here: does the rest of it. */
gboolean store_finish_place(const char *path, GError **error);
/* Has a process opened it? */
gboolean store_is_open(const char *path);
/* With all that belongs to it. */
void store_remove_file(const char *path);

/* -- keeping.c: how it went the last time -- */
struct kept_run {
    gint64 begun_at, done_at; /* 0: never */
    char *file, *why;         /* why: it has failed since then; "" if not */
    guint64 size;
};
/* All zero for what was never done. The caller frees it. */
struct kept_run *store_kept_run(struct store *store, const char *what, GError **error);
void kept_run_free(struct kept_run *run);
/* When the first thing happened here; 0: nothing has yet. */
gboolean store_begun_at(struct store *store, gint64 *at, GError **error);
gboolean store_run_begins(struct store *store, const char *what, gint64 at, GError **error);
gboolean store_run_done(struct store *store, const char *what, const char *file, guint64 size,
    gint64 at, GError **error);
gboolean store_run_failed(struct store *store, const char *what, const char *why, GError **error);

#define STORE_RESTORED "the store was restored: it may have been sent since"
/* A copy is the store from now on: its letters that waited are uncertain, those that were held say
 * so behind their reason, and the next ticket gets
 * a higher number than any that can have been given since the copy was made. Within a turn. */
gboolean store_is_restored(struct store *store, gint64 now, gint64 *letters, GError **error);

/* -- export.c: the journal as it is kept elsewhere -- */
/* Up to `most` rows behind `after`: struct journal_row. */
GPtrArray *store_journal_rows(struct store *store, guint64 after, guint most, GError **error);
/* How many rows were written, and the hash of the last ("" if there is none), which the caller
 * frees. */
gboolean store_journal_end(struct store *store, guint64 *rows, char **hash, GError **error);

/* -- purge.c: what is gone by the rules of retention -- */
enum purge_rule {
    PURGE_CLOSED, /* incidents, with all their mails and letters */
    PURGE_SPAM,   /* mails, as the others */
    PURGE_UNREADABLE,
    PURGE_FEED,
    PURGE_BOUNCE,
    PURGE_MACHINE,
    PURGE_RULES
};
const char *purge_rule_name(enum purge_rule rule); /* "closed", as the setting */
/* How many may go that ended before that moment, and the bytes of their mails. */
gboolean store_purge_count(struct store *store, enum purge_rule rule, gint64 before, guint64 *count,
    guint64 *bytes, GError **error);
struct purge_some {
    enum purge_rule rule;
    gint64 before, now;
    guint64 most;
    const char *actor;
};
/* They go, each with a row of the journal; within a turn. */
gboolean store_purge_some(
    struct store *store, const struct purge_some *some, guint64 *count, GError **error);
/* Behind them, until there is no more: their words, and the room that they had. Within a turn. */
gboolean store_purge_clean(struct store *store, gboolean first, gboolean *more, GError **error);
/* Last, outside of any turn. */
gboolean store_purge_end(struct store *store, GError **error);
/* What letters with figures say that went before that moment, and what came with them. */
gboolean store_forget_reports(struct store *store, gint64 before, GError **error);

/* -- rebuild.c: the store again, from the mails as they came -- */
typedef void (*store_progress)(const char *what, guint64 done, guint64 all);
/* A new store at `fresh` with all that people did and that was decided, and with what was derived
 * from mail, as long as that is not read again; the old one stays as it is. The caller closes it;
 * NULL with an error. */
struct store *store_rebuild(
    const char *old, const char *fresh, store_progress tell, GError **error);
/* Mails of such a store that were not read again yet, as long as it is open: guint64 ids. */
GArray *store_unread_mails(struct store *store, guint most, GError **error);
gboolean store_mail_is_read(struct store *store, guint64 mail, GError **error);
gboolean store_count_unread(struct store *store, guint64 *count, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_copy, store_copy_free)
typedef struct kept_run mado_kept_run;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_kept_run, kept_run_free)
