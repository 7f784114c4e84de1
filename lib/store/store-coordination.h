/* Who was asked, told and called in about an incident; comes with store.h. */
#pragma once
#include <mado/coordination.h>

struct store;

/* -- coordination.c -- */
/* The sequence that the next one of that year would have. */
gboolean store_next_coordination(struct store *store, int year, gint64 *sequence, GError **error);
/* Takes the next sequence of its year; `format` makes the number of it. Fills `id`, `sequence` and
 * `number`. */
gboolean store_open_coordination(struct store *store, struct coordination *wanted,
    char *(*format)(int year, int sequence), GError **error);
/* NULL with MADO_E_NO_SUCH. The caller frees it. */
struct coordination *store_coordination(struct store *store, guint64 id, GError **error);
/* By number; year 0: the newest year that has that sequence. `*id` is 0 if there is none. */
gboolean store_find_coordination(
    struct store *store, int year, int sequence, guint64 *id, GError **error);
/* Keeps what may change: state, due, their number, reminders, result. */
gboolean store_keep_coordination(
    struct store *store, const struct coordination *coordination, gint64 now, GError **error);
/* struct coordination, oldest first. */
GPtrArray *store_coordinations(struct store *store, guint64 incident, GError **error);
/* Of all incidents, newest first; those that are open yet, or all; `before` 0: from the newest. */
GPtrArray *store_all_coordinations(
    struct store *store, gboolean all, guint64 before, guint most, GError **error);
/* There is something to do of them: guint64 ids. */
GArray *store_due_coordinations(struct store *store, gint64 now, guint most, GError **error);
/* To which a mail of an incident belongs: by whose it is, and by what it answers (Message-IDs, one
 * a line). `*id` is 0 if it is of none. */
struct answering {
    guint64 incident;
    const char *address, *references;
};
gboolean store_coordination_of(
    struct store *store, const struct answering *answering, guint64 *id, GError **error);
/* Of a letter; 0: of none. */
gboolean store_coordination_of_letter(
    struct store *store, guint64 letter, guint64 *id, GError **error);
/* Message-IDs of our letters in it, oldest first; NULL-terminated. */
char **store_coordination_thread(struct store *store, guint64 id, GError **error);
/* By whom, and why. */
struct giving_up {
    guint64 incident;
    const char *actor, *why;
    gint64 at;
};
/* Reminders of that coordination that wait yet never go. */
gboolean store_drop_reminders(
    struct store *store, guint64 id, const struct giving_up *why, GError **error);
/* Its writer wanted the first letter in clear. */
gboolean store_coordination_confirmed(
    struct store *store, guint64 id, gboolean *confirmed, GError **error);

/* -- told-party.c -- */
/* struct told_party, by letter; `purpose` NULL: of all. */
GPtrArray *store_told_parties(
    struct store *store, guint64 incident, const char *purpose, GError **error);
struct escalated {
    guint64 incident, letter;
    const char *target, *name, *actor;
    gint64 at;
};
gboolean store_keep_escalation(
    struct store *store, const struct escalated *escalated, GError **error);
/* How many times it was escalated to them so far, and this one. */
gboolean store_escalation_number(
    struct store *store, guint64 incident, const char *target, guint *number, GError **error);
/* Have they ever written to us, or we to them? */
gboolean store_knows_party(
    struct store *store, const char *address, gboolean *known, GError **error);
