/* What figures are made of; part of store.h. */
#pragma once
#include <glib.h>

struct store;

/* -- facts.c -- */

enum fact_kind { FACT_CASE, FACT_REPORT, FACT_COORDINATION };

/* Texts are borrowed, until the next one. Times are 0 where it has not happened, or is not asked.
 */
struct fact_row {
    enum fact_kind kind;
    gint64 at; /* opened, came, asked */
    /* Of its incident: who may see it. */
    const char *label, *state;
    gboolean restricted, member; /* member: it is restricted to that user, among others */
    gint64 due; /* when the next thing is to be done of a case, or a party is to have answered */
    /* Of a case alone. */
    const char *number, *category, *severity, *handler;
    gint64 closed;
    gint64 acknowledged, acknowledge_by, triaged, triage_by;
    gint64 unread_since;      /* somebody was told of it, and has not read that */
    const char *address;      /* of who reported it; "" where nobody knows */
    const char *relation;     /* what they are to us; "" */
    const char *contact_kind; /* "person", "peer", ...; "": nobody that we know */
    const char *way;          /* "phone", ... where it came by no mail; "" */
};
typedef void (*store_fact)(gpointer data, const struct fact_row *row);

/* All cases that were open at or behind `since`, and all reports and requests since then. What
 * became a part of another case is none, and its reports are of that one. A case of which no report
 * is known (any more) counts as one. `user`: whose memberships are told. */
gboolean store_facts(struct store *store, const char *user, gint64 since, store_fact visit,
    gpointer data, GError **error);
