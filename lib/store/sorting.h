/* Mail that belongs to an incident, or that an operator sorts. */
#pragma once
#include "store.h"

/* -- reference.c -- */
/* One incident, without what depends on a mail; NULL: there is none, or an error. It reopens if it
 * is not closed, or was closed at that moment or later. The caller frees it. */
struct known_incident *store_known_incident(
    struct store *store, guint64 incident, gint64 reopen_since, GError **error);
/* Adds the incidents that the sender's tracker has under a number in the mail. */
gboolean store_find_referred(struct store *store, const struct question *question,
    gint64 reopen_since, struct history *history, GError **error);

/* -- sorting.c -- */
/* What is to be done with it and is not done yet. */
gboolean store_find_sorting(
    struct store *store, guint64 mail, struct history *history, GError **error);
/* The last word on it; `*sorting` is NULL where nobody has said anything, else the caller frees it.
 */
gboolean store_sorting_show(
    struct store *store, guint64 mail, struct sorted **sorting, gboolean *done, GError **error);
/* In place of an earlier word; the mail waits again, as if it had just come. */
gboolean store_sort_mail(
    struct store *store, guint64 mail, const struct sorted *sorting, gint64 now, GError **error);
gboolean store_sorting_done(struct store *store, guint64 mail, GError **error);
gboolean store_count_mails(struct store *store, guint64 incident, gint64 *count, GError **error);
/* Why it ended where it is; the caller frees it. */
char *store_mail_why(struct store *store, guint64 mail, GError **error);
