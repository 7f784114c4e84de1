/* The store's events that programs of operators are told; comes with store.h. */
#pragma once
#include <glib.h>

struct store;

/* -- event.c -- */
struct hook_event {
    guint64 id, incident;
    char *kind;  /* "incident-new", "state", "alarm" */
    char *what;  /* the state; "begun", "over" */
    char *alarm; /* "" */
    gint64 at, tries;
};
void hook_event_free(struct hook_event *event);
/* From now on they are kept, or no more: then what waits is forgotten. */
gboolean store_keep_events(struct store *store, gboolean keep, GError **error);
/* The oldest that waits. NULL without error: none. The caller frees it. */
struct hook_event *store_next_event(struct store *store, GError **error);
gboolean store_event_begun(struct store *store, guint64 event, GError **error);
gboolean store_event_done(struct store *store, guint64 event, GError **error);
gboolean store_count_events(struct store *store, gint64 *count, GError **error);
/* Only the newest so many stay. */
gboolean store_trim_events(struct store *store, guint most, GError **error);

typedef struct hook_event mado_hook_event;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_hook_event, hook_event_free)
