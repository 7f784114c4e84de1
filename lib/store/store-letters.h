/* The part of the store that letters are in, up to what came back. Included by store.h. */
#pragma once
#include "store.h"

/* -- outbox.c -- */
struct new_letter {
    const char *kind;   /* "ack", "unreadable", "notice" */
    const char *cause;  /* UNIQUE with kind: "mail:17" */
    const char *sender; /* of the envelope; "" is the null sender */
    const char *recipient;
    const char *subject; /* for listings */
    const char *message_id;
    GBytes *bytes;
    guint64 incident, mail; /* 0: none */
    gboolean opens;   /* an ack for a new incident (counts for the address), not a follow-up */
    const char *seal; /* what is to be done with it first: "sign", "seal"; NULL: nothing */
    const char *held; /* why it stays here; NULL: it goes */
    gint64 at;
    gint64 wait; /* seconds in which its writer may take it back */
    /* Of what it is made: as of struct outbox_row; NULL: it is not made anew. */
    const char *template, *languages, *answers, *numbers;
};
/* `*queued` is FALSE when this cause has its letter already. */
gboolean store_queue_letter(
    struct store *store, const struct new_letter *letter, gboolean *queued, GError **error);
struct due_letter {
    guint64 id;
    char *sender, *recipient;
};
/* What may go now: of the letters to one address only the oldest that is not settled, and none that
 * is to be signed or sealed first. The cost is that of what is found. */
GPtrArray *store_due_letters(struct store *store, gint64 now, guint most, GError **error);
/* The clock was set by so many seconds and says `now`: what waits has waited as long as before, and
 * will wait as long as it had to. What would wait longer than `longest` (a clock that was wrong has
 * named that moment) is due. */
gboolean store_clock_was_set(
    struct store *store, gint64 by, gint64 now, gint64 longest, GError **error);
int store_letter_fd(struct store *store, guint64 letter, GError **error);
gboolean store_letter_sending(struct store *store, guint64 letter, GError **error);
/* The caller frees it. */
struct outbox_row *store_letter_show(struct store *store, guint64 letter, GError **error);
/* state: "sent", "deferred", "failed", "unknown", "queued", "held"; `reply` NULL: as it was */
gboolean store_letter_settled(struct store *store, guint64 letter, const char *state,
    const char *reply, gint64 next_try, gint64 now, GError **error);
/* From "sending" back to "queued", and the attempt was none. */
gboolean store_letter_not_tried(
    struct store *store, guint64 letter, const char *reply, gint64 now, GError **error);
/* A person gives it up: it is listed as "dropped" and never sent any more. */
gboolean store_drop_letter(struct store *store, guint64 letter, const char *actor,
    const char *reason, gint64 now, GError **error);
/* struct outbox_row, newest first. `sight`: of their incidents; NULL for who sees all. */
GPtrArray *store_list_letters(struct store *store, const char *state,
    const struct sight_rule *sight, guint64 before, guint most, GError **error);
GPtrArray *store_letters_of_incident(struct store *store, guint64 incident, GError **error);
/* People's letters that may be taken back yet: struct outbox_row. */
GPtrArray *store_fresh_letters(struct store *store, gint64 now, guint most, GError **error);
GPtrArray *store_count_letters(struct store *store, GError **error); /* struct state_count */

/* -- sealing.c: what is asked before a letter goes -- */
struct pinned_key {
    char *fingerprint;
    int cms;
    gint64 expires; /* the key, or before it all that encrypts; 0: never */
    int revoked, can_encrypt;
    int encrypts; /* it has a part for that, though it may have ended */
};
struct addressee {
    guint64 contact; /* whose address it is; 0: nobody's that we know */
    int always_seal;
    char *name, *relation, *clearance; /* "" for not known */
    int verified;
    GPtrArray *keys; /* struct pinned_key, of that contact; expired and revoked ones too */
};
struct addressee *store_addressee(struct store *store, const char *address, GError **error);
void addressee_free(struct addressee *addressee);
/* Was the mail encrypted, or a part of it? */
gboolean store_came_sealed(struct store *store, guint64 mail, gboolean *sealed, GError **error);
/* Why it stayed closed: "no-key"; "" if it did not. The caller frees it. */
char *store_closed_because(struct store *store, guint64 mail, GError **error);

/* -- and letters that wait for it -- */
/* To be signed or sealed now: guint64 ids. */
GArray *store_unsealed_letters(struct store *store, gint64 now, guint most, GError **error);
/* Of these, of one kind, such as were queued before that moment. */
GArray *store_unsealed_of_kind(
    struct store *store, const char *kind, gint64 before, guint most, GError **error);
/* Those behind `after`, by id: guint64. */
GArray *store_held_letters(struct store *store, guint64 after, guint most, GError **error);
/* And since when the oldest and the newest of them are held; 0: none is. */
gboolean store_count_held(
    struct store *store, gint64 *count, gint64 *oldest, gint64 *newest, GError **error);
/* The caller unrefs them. */
GBytes *store_letter_bytes(struct store *store, guint64 letter, GError **error);
struct sealed_letter {
    GBytes *bytes;           /* in place of what it had; NULL: it goes as it is */
    const char *sealed_to;   /* fingerprints, one a line; "" in clear */
    const char *signed_with; /* "": unsigned */
};
/* From now on the courier may have it. `*done` is FALSE where it waits for no seal any more: a
 * person has given it up, or it went another way. */
gboolean store_letter_sealed(struct store *store, guint64 letter, const struct sealed_letter *with,
    gint64 now, gboolean *done, GError **error);
/* It could not be sealed yet. */
gboolean store_letter_waits(
    struct store *store, guint64 letter, gint64 next_try, const char *why, GError **error);
struct held_letter {
    gboolean must_be_sealed; /* from then on, if it is not made ready yet */
    const char *why;
};
gboolean store_letter_held(
    struct store *store, guint64 letter, const struct held_letter *how, gint64 now, GError **error);
/* When the oldest that waits to be signed or sealed was written; 0: none waits. */
gboolean store_oldest_unsealed(struct store *store, gint64 *since, GError **error);
/* One that is held and not made ready yet says something else from now on. */
gboolean store_letter_remade(
    struct store *store, guint64 letter, const char *subject, GBytes *bytes, GError **error);
/* From "held" to be signed or sealed, as it was to, in so many seconds; MADO_E_NO_SUCH where it was
 * made ready before. */
gboolean store_letter_released(
    struct store *store, guint64 letter, gint64 wait, gint64 now, GError **error);

/* -- released.c: what came sealed, and single facts of it that may go -- */
struct released {
    guint64 id;
    char *text, *actor, *reason;
    gint64 at;
};
GPtrArray *store_released(struct store *store, guint64 incident, GError **error);
/* Of what it is linked to, or was one with, as well. */
GPtrArray *store_released_around(struct store *store, guint64 incident, GError **error);
gboolean store_release_fact(
    struct store *store, guint64 incident, const struct released *fact, GError **error);
/* Subject and text of each mail of the incident that came sealed: char *. */
GPtrArray *store_sealed_texts(struct store *store, guint64 incident, GError **error);
/* Of what it is linked to, or was one with, as well. */
GPtrArray *store_sealed_texts_around(struct store *store, guint64 incident, GError **error);
/* Has it, or had it once, a mail that came sealed? */
gboolean store_had_sealed(struct store *store, guint64 incident, gboolean *sealed, GError **error);
/* Likewise of the latest letters of people that have left in clear, at most so many. */
GPtrArray *store_clear_texts(struct store *store, guint64 incident, guint most, GError **error);

/* -- delivery.c: what came back -- */
struct new_delivery {
    guint64 mail, letter, incident; /* 0: none of the two last */
    const char *recipient, *outcome, *status, *reply_code, *reason;
    gboolean permanent;
    gint64 at;
};
gboolean store_add_delivery(
    struct store *store, const struct new_delivery *delivery, GError **error);
/* struct delivery, the newest `most` of them, oldest first. */
GPtrArray *store_deliveries_of_incident(
    struct store *store, guint64 incident, guint most, GError **error);
GPtrArray *store_deliveries_of_letter(
    struct store *store, guint64 letter, guint most, GError **error);
/* A letter that was sent, or may have been, has failed after all; a bounce may be faster than the
 * courier's word that it is sent. It went out, so the caps go on counting it: who lets our
 * acknowledgements bounce gets no more of them. `*failed` is FALSE where it was in another state,
 * which it keeps. */
gboolean store_letter_returned(struct store *store, guint64 letter, const char *why, gint64 now,
    gboolean *failed, GError **error);
/* Adds to the history the letters that a bounce brings back. */
gboolean store_find_returned(struct store *store, const struct question *question,
    GBytes *token_secret, struct history *history, GError **error);

/* -- trip.c: a letter to ourselves -- */
struct store_trip {
    guint64 letter;
    char *state, *reply; /* of the letter */
    gint64 changed_at;   /* when it came to that state */
    guint64 mail;        /* that it came back as; 0: not yet */
    char *source;        /* from where */
    gint64 arrived_at;
};
/* NULL with an error: there is no such letter. The caller frees it. */
struct store_trip *store_trip(struct store *store, const char *message_id, GError **error);
void store_trip_free(struct store_trip *trip);

typedef struct addressee mado_addressee;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_addressee, addressee_free)
typedef struct store_trip mado_trip;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_trip, store_trip_free)
