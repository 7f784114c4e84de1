/* What an operator does to an incident, field by field; part of one change of the store, so that
 * whatever fails leaves all as it was. */
#pragma once
#include "control-answers.h"

struct deed {
    struct answer *answer;
    struct incident *was; /* before it began */
    json_t *changes;      /* [{"field", "old", "new"}] */
    json_t *hints;        /* sentences */
    json_t *more;         /* for its row, or NULL */
    gint64 now;
};
/* FALSE with an error: there is no such ticket. Whoever begins one ends it or gives it up. */
gboolean deed_begin(struct deed *deed, struct answer *answer, const char *id, GError **error);
/* Also of a ticket that is a part of another one, to which else nothing is done. */
/* FALSE with an error: it is a part of another one, and the work is done there. */
gboolean deed_is_whole(
    const struct answer *answer, const struct incident *incident, GError **error);
gboolean deed_begin_any(struct deed *deed, struct answer *answer, const char *id, GError **error);
/* `reason`: for the journal; NULL: none. */
struct wish {
    const char *field; /* as the store calls it */
    const char *value;
    const char *reason;
};
/* Sets what is not so yet, and says so in the journal. What stands there as a proposal, or by a
 * report, is confirmed, if the operator wants the same. */
gboolean deed_set(struct deed *deed, const struct wish *wish, GError **error);
/* A change that stands beside the incident: told and written down. */
gboolean deed_note(struct deed *deed, const struct wish *wish, const char *before, GError **error);
/* -- control-targets.c: `field` has happened at that moment (seconds since 1970; 0: it has not) --
 */
gboolean deed_set_target(struct deed *deed, const struct wish *wish, GError **error);
/* Sets the state, by the table of states, which may refuse it. `result`: what came of it; NULL: it
 * stays, and goes when the ticket is closed or opened again. */
gboolean deed_move(struct deed *deed, const struct wish *wish, const char *result, GError **error);
void deed_hint(struct deed *deed, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* Tells what was done; `next` are commands, with ID for the number, NULL-terminated. */
gboolean deed_end(struct deed *deed, const char *const *next, GError **error);
gboolean deed_give_up(struct deed *deed); /* FALSE, always */

/* An argument as one line, without what cannot be seen; NULL: not given. The caller frees it. */
char *deed_line_of(const struct answer *answer, const char *name);
/* Is that short enough for a result, or a reason? NULL is. */
gboolean deed_is_short(const char *text, GError **error);

/* -- control-again.c -- */
/* The letter that was ordered with that draft before; 0: none was. FALSE with an error: it says
 * something else. */
gboolean answer_was_sent(
    const struct answer *answer, const struct sheet *sheet, guint64 *letter, GError **error);

/* -- control-set.c -- */
/* Sets a field as it was typed: "severity=high". `reason` may be NULL. */
gboolean deed_set_word(struct deed *deed, const char *word, const char *reason, GError **error);
