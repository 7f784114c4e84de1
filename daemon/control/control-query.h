/* The query language of list and search: what is typed -> terms of the store. */
#pragma once
#include "control-answers.h"

enum query_place { QUERY_OF_LIST, QUERY_OF_SEARCH, QUERY_OF_VIEW };
/* struct query_term; the caller unrefs it. */
GPtrArray *query_new(void);
/* Appends what `text` asks for. "@NAME" is in a list the view of that name. In a search a word with
 * a colon that is nothing of ours is a word. */
gboolean query_parse(struct answer *answer, const char *text, enum query_place place,
    GPtrArray *terms, GError **error);

/* -- control-when.c -- */
/* "2026", "2026-04", "2026-04-01", "2026-04-01 18:00", "today", "tomorrow": from when until when,
 * where the team is. FALSE: it is none of these. */
gboolean when_period(const struct answer *answer, const char *text, gint64 *since, gint64 *until);
/* "90m", "2h", "7d", "2w" in seconds; 0: it is no span. */
gint64 when_span(const char *text);
/* The moment by which something is to be done: the end of a day, a minute, or a span from now. */
gboolean when_due(const struct answer *answer, const char *text, gint64 *at);
/* That moment where the team is; the caller unrefs it. */
GDateTime *when_local(const struct answer *answer, gint64 at);
/* Of which the numbers are that are given then. */
int when_year(const struct answer *answer, gint64 at);
/* As it is typed: "2026-04-01 18:00"; "" for 0. The caller frees it. */
char *when_words(const struct answer *answer, gint64 at);
