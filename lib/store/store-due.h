/* What has its moment, and stands in the store until then. Part of store.h. */
#pragma once
#include <glib.h>

struct store;

/* -- due.c -- */
/* The first moment at which anything of all that waits for one is to be done; G_MAXINT64: none is.
 */
gboolean store_next_due(struct store *store, gint64 *at, GError **error);
/* What comes again by the calendar: when it is next; 0: it was never planned. */
gboolean store_planned(struct store *store, const char *name, gint64 *next, GError **error);
gboolean store_plan(struct store *store, const char *name, gint64 next, GError **error);
gboolean store_forget_plan(struct store *store, const char *name, GError **error);
struct planned {
    char *name;
    gint64 next;
};
void planned_free(struct planned *planned);
/* struct planned: those whose name begins so. */
GPtrArray *store_plans(struct store *store, const char *prefix, GError **error);
