/* What may be said of a contact, and how long a key lasts. Pure. */
#pragma once
#include <mado/contact.h>

/* One word of an operator: "language=ja", "address+=soc@peer.example", "member-=Tanaka". FALSE with
 * a sentence: there is no such field, or it takes no such value. */
gboolean contact_set(struct contact *contact, const char *word, GError **error);
/* FALSE with a sentence: something of it does not fit together. */
gboolean contact_check(const struct contact *contact, GError **error);
/* "language ja, addresses a@peer.example": what differs; NULL: nothing. The caller frees it. */
char *contact_difference(const struct contact *before, const struct contact *after);

/* How a key stands at a moment. */
enum key_health {
    KEY_GOOD,
    KEY_ENDS_IN_60, /* days, or sooner: */
    KEY_ENDS_IN_30,
    KEY_ENDS_IN_7,
    KEY_EXPIRED,
    KEY_REVOKED,
    KEY_HEALTHS
};
enum { KEY_WATCHED_DAYS = 60 };
enum key_health key_health(const struct key *key, gint64 now);
/* When it came to that; 0: it has not, or nobody knows. */
gint64 key_health_since(const struct key *key, gint64 now);
/* "good", "ends in 12 days", "ended 3 days ago", "revoked"; the caller frees it. */
char *key_health_words(const struct key *key, gint64 now);
/* Days, rounded down; negative behind the end. For a key that ends. */
gint64 key_end(const struct key *key);
gint64 key_days_left(const struct key *key, gint64 now);
