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
