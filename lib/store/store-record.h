/* What is written down for the year. Part of store.h. */
#pragma once
#include <mado/record.h>

struct store;

struct facet {
    char *name, *value;
};

/* -- record.c -- */
GPtrArray *store_facets(struct store *store, guint64 incident, GError **error); /* struct facet */
/* `value` "": it is said no more. */
gboolean store_set_facet(
    struct store *store, guint64 incident, const char *name, const char *value, GError **error);
/* `*damage` is NULL where nobody has said. The caller frees it. */
gboolean store_damage(
    struct store *store, guint64 incident, struct damage **damage, GError **error);
gboolean store_keep_damage(
    struct store *store, guint64 incident, const struct damage *damage, GError **error);
GPtrArray *store_goals(struct store *store, GError **error); /* by name; struct goal */
gboolean store_keep_goal(struct store *store, const struct goal *goal, GError **error);
/* MADO_E_NO_SUCH: there is none. */
gboolean store_drop_goal(struct store *store, const char *name, GError **error);

/* Incidents of one kind, of those that are not for members alone. */
struct kind_count {
    char *severity, *category, *label;
    gint64 embargo;
    gint64 count; /* of goals of time: those that were in time */
    gint64 all;   /* of those that had a time */
};
/* Opened in that time. */
GPtrArray *store_count_opened(struct store *store, gint64 begins, gint64 ends, GError **error);
/* Of which something was due in that time. */
GPtrArray *store_count_in_time(
    struct store *store, const char *kind, gint64 begins, gint64 ends, GError **error);
