/* Whom we have asked whether what we hold of them is right, and what they say. */
#include "error.h"
#include "statement.h"
#include "store.h"
#include "token.h"

static const struct column columns[] = {
    NUMBER_OF(struct review, id),
    NUMBER_OF(struct review, contact),
    TEXT_OF(struct review, name),
    TEXT_OF(struct review, address),
    TEXT_OF(struct review, state),
    TEXT_OF(struct review, asked_by),
    NUMBER_OF(struct review, asked_at),
    NUMBER_OF(struct review, due),
    NUMBER_OF(struct review, answered_at),
    NUMBER_OF(struct review, mail),
};
static const struct shape shape = SHAPE(struct review, review_free, columns);

#define SELECT                                                                                     \
    "SELECT review.id, contact, contact.name, address, state, asked_by, asked_at, due,"            \
    " answered_at, ifnull(mail, 0) FROM review JOIN contact ON contact.id = review.contact "

/* -- who may be asked -- */

static const struct column subject_columns[] = {
    NUMBER_OF(struct review_subject, contact),
    NUMBER_OF(struct review_subject, created_at),
    NUMBER_OF(struct review_subject, verified_at),
    NUMBER_OF(struct review_subject, reviewed_at),
    NUMBER_OF(struct review_subject, asked_at),
    NUMBER_OF(struct review_subject, key_ends),
};
static const struct shape subject_shape = SHAPE(struct review_subject, g_free, subject_columns);

/* The end of a key is that of it, or of all of it that encrypts. With several of them the last
 * counts; one that never ends is enough. */
#define KEY_ENDS                                                                                   \
    "min(ifnull(nullif(expires, 0), 1 << 61), ifnull(nullif(encrypts_until, 0), 1 << 61))"
#define SUBJECT                                                                                    \
    "SELECT id, created_at, ifnull(verified_at, 0), (SELECT ifnull(max(answered_at), 0)"           \
    " FROM review WHERE review.contact = contact.id AND state IN ('unchanged', 'confirmed')),"     \
    " (SELECT ifnull(max(asked_at), 0) FROM review WHERE review.contact = contact.id),"            \
    " (SELECT ifnull(CASE WHEN max(" KEY_ENDS ") = 1 << 61 THEN 0 ELSE max(" KEY_ENDS ") END, 0)"  \
    " FROM key WHERE key.contact = contact.id AND place = 'pinned' AND revoked = 0)"               \
    " FROM contact "

GPtrArray *store_review_subjects(struct store *store, GError **error)
{
    return statement_rows(store,
        SUBJECT "WHERE kind <> 'group' AND relation <> '' AND EXISTS (SELECT 1 FROM contact_address"
                " WHERE contact_address.contact = contact.id) ORDER BY id",
        NULL, &subject_shape, error);
}

struct review_subject *store_review_subject(struct store *store, guint64 contact, GError **error)
{
    return statement_row(
        store, SUBJECT "WHERE id = ?1", VALUES(NUMBER(contact)), &subject_shape, "contact", error);
}

/* -- asking -- */

gboolean store_ask_review(struct store *store, struct review *wanted, GError **error)
{
    gint64 id;

    if (!statement_number(store,
            "INSERT INTO review (contact, address, state, asked_by, asked_at, due, answered_at,"
            " next_word) VALUES (?1, ?2, 'asked', ?3, ?4, ?5, 0, ?5) RETURNING id",
            VALUES(NUMBER(wanted->contact), TEXT(wanted->address), TEXT(wanted->asked_by),
                NUMBER(wanted->asked_at), NUMBER(wanted->due)),
            &id, error))
        return FALSE;
    wanted->id = (guint64)id;
    /* whoever is asked anew has had the letter before for long enough */
    return statement_run(store,
        "UPDATE review SET next_word = 0 WHERE contact = ?1 AND id < ?2 AND next_word > 0",
        VALUES(NUMBER(wanted->contact), NUMBER(id)), error);
}

gboolean store_count_reviews(struct store *store, gint64 since, gint64 *count, GError **error)
{
    return statement_number(store,
        "SELECT count(*) FROM review WHERE asked_at >= ?1 AND asked_by = 'mado'",
        VALUES(NUMBER(since)), count, error);
}

struct review *store_review(struct store *store, guint64 id, GError **error)
{
    return statement_row(
        store, SELECT "WHERE review.id = ?1", VALUES(NUMBER(id)), &shape, "review", error);
}

gboolean store_last_review(
    struct store *store, guint64 contact, struct review **review, GError **error)
{
    gint64 id;

    *review = NULL;
    return statement_number(store, "SELECT ifnull(max(id), 0) FROM review WHERE contact = ?1",
               VALUES(NUMBER(contact)), &id, error) &&
           (!id || (*review = store_review(store, (guint64)id, error)));
}

/* -- what comes of it -- */

GArray *store_due_reviews(struct store *store, gint64 now, guint most, GError **error)
{
    return statement_ids(store,
        "SELECT id FROM review WHERE next_word > 0 AND next_word <= ?1 ORDER BY next_word LIMIT ?2",
        VALUES(NUMBER(now), NUMBER(most)), error);
}

gboolean store_review_silent(struct store *store, guint64 id, GError **error)
{
    return statement_change(store,
        "UPDATE review SET state = 'silent', next_word = 0 WHERE id = ?1", VALUES(NUMBER(id)),
        "review", error);
}

gboolean store_review_answered(
    struct store *store, guint64 id, const char *state, guint64 mail, gint64 at, GError **error)
{
    return statement_change(store,
        "UPDATE review SET state = ?2, mail = ?3, answered_at = ?4, next_word = 0 WHERE id = ?1",
        VALUES(NUMBER(id), TEXT(state), NUMBER(mail), NUMBER(at)), "review", error);
}

gboolean store_confirm_reviews(struct store *store, guint64 contact, gint64 at, GError **error)
{
    return statement_run(store,
        "UPDATE review SET state = 'confirmed', answered_at = ?2, next_word = 0 WHERE contact = ?1"
        " AND state IN ('asked', 'changed', 'silent')",
        VALUES(NUMBER(contact), NUMBER(at)), error);
}

/* -- a mail that answers -- */

static gboolean still_has(struct store *store, const struct review *review, GError **error)
{
    guint64 owner;

    return store_find_address(store, review->address, &owner, error) && owner == review->contact;
}

static gboolean was_changed_since(struct store *store, const struct review *review, GError **error)
{
    gint64 changed = 0;

    statement_number(store, "SELECT changed_at FROM contact WHERE id = ?1",
        VALUES(NUMBER(review->contact)), &changed, error);
    return changed > review->asked_at;
}

static struct known_review *known_of(
    struct store *store, const struct review *review, gboolean token_ok, GError **error)
{
    struct known_review *known = g_new0(struct known_review, 1);

    known->id = review->id;
    known->contact = g_strdup(review->name);
    known->state = g_strdup(review->state);
    known->theirs = token_ok && still_has(store, review, error);
    known->changed_since = was_changed_since(store, review, error);
    return known;
}

gboolean store_find_review(struct store *store, const struct question *question,
    GBytes *token_secret, struct history *history, GError **error)
{
    g_autoptr(GError) failed = NULL;
    g_autoptr(mado_review) review = NULL;
    gboolean token_ok;

    if (!question->review)
        return TRUE;
    token_ok = *question->address && token_is_right(token_secret, TOKEN_OF_REVIEW, question->review,
                                         question->address, question->review_token);
    review = store_review(store, (guint64)question->review, &failed);
    if (review)
        history->review = known_of(store, review, token_ok, &failed);
    if (!failed || g_error_matches(failed, MADO_ERROR, MADO_E_NO_SUCH))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failed));
    return FALSE;
}
