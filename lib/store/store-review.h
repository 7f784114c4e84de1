/* Whether contacts are still right: whom we have asked, and what they say. Part of store.h. */
#pragma once
#include <mado/history.h>
#include <mado/review.h>

struct store;

/* In the table of what comes again: when somebody is to be asked. Whatever changes a contact, or
 * its keys, has it looked at anew. */
#define STORE_REVIEWS "contact review"

/* Who may be asked: whoever has an address and a relation to us, and is no group. */
struct review_subject {
    guint64 contact;
    gint64 created_at, verified_at, reviewed_at, asked_at, key_ends; /* 0: never */
};

/* -- review.c -- */
GPtrArray *store_review_subjects(struct store *store, GError **error); /* by id */
/* The same of one contact; NULL with MADO_E_NO_SUCH. The caller frees it. */
struct review_subject *store_review_subject(struct store *store, guint64 contact, GError **error);
/* Of a contact, an address, a user, a moment and a day. */
gboolean store_ask_review(struct store *store, struct review *wanted, GError **error);
/* By mado itself, since then. */
gboolean store_count_reviews(struct store *store, gint64 since, gint64 *count, GError **error);
/* The last of a contact; `*review` is NULL if it was never asked. */
gboolean store_last_review(
    struct store *store, guint64 contact, struct review **review, GError **error);
struct review *store_review(struct store *store, guint64 id, GError **error);
/* Of which operators are to be told now that nothing came: ids. */
GArray *store_due_reviews(struct store *store, gint64 now, guint most, GError **error);
gboolean store_review_silent(struct store *store, guint64 id, GError **error);
gboolean store_review_answered(
    struct store *store, guint64 id, const char *state, guint64 mail, gint64 at, GError **error);
/* A person has made sure of them: none waits any more. */
gboolean store_confirm_reviews(struct store *store, guint64 contact, gint64 at, GError **error);
/* What a mail answers by its token; fills the history. */
gboolean store_find_review(struct store *store, const struct question *question,
    GBytes *token_secret, struct history *history, GError **error);
