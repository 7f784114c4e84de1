/* By when something is to have happened to incidents. Part of store.h. */
#pragma once
#include <mado/target.h>

struct store;

/* -- target.c -- */
/* What depends on all that happens to incidents (`ids`: guint64) is done within the same turn: it
 * is called before each commit behind which there would be something that it has not seen. */
typedef gboolean (*store_follower)(gpointer data, const GArray *ids, GError **error);
void store_set_follower(struct store *store, store_follower follower, gpointer data);
/* At once, for who wants to see what comes of it. */
gboolean store_follow_changes(struct store *store, GError **error);
/* struct target of an incident, each kind once. */
GPtrArray *store_targets(struct store *store, guint64 incident, GError **error);
gboolean store_keep_target(struct store *store, const struct target *target, GError **error);
/* Those that are due first, of incidents on which somebody works. */
GPtrArray *store_first_targets(struct store *store, guint most, GError **error);
/* Those of which somebody is to be told something: struct target. */
GPtrArray *store_due_targets(struct store *store, gint64 now, guint most, GError **error);

/* What has happened to an incident, as far as targets go; moments are 0 where it has not. */
struct target_events {
    int imported; /* it came out of a list */
    int machine;  /* the mail that opened it was written by a program */
    gint64 ack_queued_at, ack_last_at, acked_at;
    gint64 person_at; /* the first deed of one of ours */
    gint64 replied_at,
        told_at;     /* the first letter of a person that reached its reporter, the last */
    gint64 heard_at; /* the last mail that a person has sent about it */
};
gboolean store_target_events(
    struct store *store, guint64 incident, struct target_events *events, GError **error);

/* -- waiting.c: reporters for whom an incident waits -- */
struct waiting {
    guint64 incident, letter;
    gint64 since, reminded, next_reminder;
};
/* The last letter of a person that asked a reporter, and has gone; 0: none has. */
gboolean store_asking_letter(
    struct store *store, guint64 incident, guint64 *letter, gint64 *at, GError **error);
/* All 0 where there is none. */
gboolean store_waiting(
    struct store *store, guint64 incident, struct waiting *waiting, GError **error);
gboolean store_keep_waiting(struct store *store, const struct waiting *waiting, GError **error);
gboolean store_waits_no_more(struct store *store, guint64 incident, GError **error);
/* Reminders to its reporters that have not left: guint64 ids. */
GArray *store_unsent_reminders(struct store *store, guint64 incident, GError **error);
/* guint64 ids of incidents. */
GArray *store_due_waiting(struct store *store, gint64 now, guint most, GError **error);

/* -- legal.c: dates of authorities -- */
/* struct legal_clock, in the order in which they end. */
GPtrArray *store_legal_clocks(struct store *store, guint64 incident, GError **error);
gboolean store_keep_legal(struct store *store, const struct legal_clock *legal, GError **error);
GPtrArray *store_untold_legal(struct store *store, guint most, GError **error);
