/* The store's order among incidents: parts, links, queries; comes with store.h. */
#pragma once
#include <mado/incident.h>

struct store;

/* -- merge.c: an incident that becomes a part of another one -- */
struct merge {
    guint64 incident, target; /* the part, and of which */
    char *actor, *reason;
    gint64 at;
    char *label;    /* of both from then on: the stricter one */
    int restricted; /* likewise */
};
void merge_free(struct merge *merge);
/* Mails, letters and bounces go over; who has part in it and the numbers of other trackers are
 * added. Who may see both are those who could. */
/* What the journal says of it stands there already: whatever follows has come since. */
gboolean store_merge(struct store *store, const struct merge *merge, GError **error);
/* NULL without error: it is no part. The caller frees it. */
struct merge *store_merge_show(struct store *store, guint64 incident, GError **error);
/* Both are as they were. What has come since stays where it is; `*kept` is TRUE where the other one
 * therefore keeps the stricter label. */
gboolean store_merge_undo(
    struct store *store, const struct merge *merge, gint64 now, gboolean *kept, GError **error);
/* A mail of one incident is one of another from now on; whoever wrote it has, for the one that it
 * was of, told us only what is left there. */
gboolean store_split_mail(
    struct store *store, guint64 mail, guint64 from, guint64 incident, GError **error);

/* -- link.c: incidents that have to do with each other -- */
struct incident_link {
    guint64 incident, other;
    char *kind; /* what the other is to it */
    char *actor, *reason;
    gint64 at;
};
void incident_link_free(struct incident_link *link);
/* `back`: what it is to the other. In place of what was said of the two before. */
gboolean store_link(
    struct store *store, const struct incident_link *link, const char *back, GError **error);
gboolean store_unlink(
    struct store *store, guint64 incident, guint64 other, gboolean *was, GError **error);
/* The newest first: struct incident_link. */
GPtrArray *store_links(struct store *store, guint64 incident, guint most, GError **error);

/* -- query.c: the query language, as far as the store knows it -- */
enum query_field {
    QUERY_STATE,
    QUERY_SEVERITY,
    QUERY_CATEGORY,
    QUERY_HANDLER,
    QUERY_TEAM,
    QUERY_LABEL,
    QUERY_DUE,    /* between two moments */
    QUERY_OPENED, /* likewise */
    QUERY_FROM,   /* an address, or "@" and a domain */
    QUERY_REFERENCE,
    QUERY_WORDS, /* of its mails, all of them in one */
    QUERY_FIELDS
};
enum { QUERY_MOST_TERMS = 12 };
struct query_term {
    enum query_field field;
    gboolean negated;
    char *text;          /* several values with blanks between and around; of the last three one */
    gint64 since, until; /* the moments: until is not among them */
};
void query_term_free(struct query_term *term);
struct incident_query {
    const GPtrArray *terms; /* struct query_term; all of them must hold */
    gboolean finished;      /* also what is closed or rejected */
    gint64 before_updated;  /* of the last one of the page before; 0: from the newest */
    guint64 before_id;      /* likewise */
    guint most;
    const struct sight_rule *sight; /* whom the answer is for; NULL: somebody who sees all */
};
/* struct incident, latest change first. Of words that very many mails have, the latest of these. */
GPtrArray *store_query_incidents(
    struct store *store, const struct incident_query *query, GError **error);

/* -- saved.c: queries with a name -- */
struct saved_view {
    char *name, *query, *actor;
    gint64 at;
};
void saved_view_free(struct saved_view *view);
GPtrArray *store_saved_views(struct store *store, GError **error); /* struct saved_view, by name */
/* `*view` NULL: there is none. The caller frees it. */
gboolean store_saved_view(
    struct store *store, const char *name, struct saved_view **view, GError **error);
/* NULL without error: there is none. The caller frees it. */
char *store_saved_query(struct store *store, const char *name, GError **error);
gboolean store_save_view(struct store *store, const struct saved_view *view, GError **error);
gboolean store_drop_view(struct store *store, const char *name, gboolean *was, GError **error);

typedef struct merge mado_merge;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_merge, merge_free)
