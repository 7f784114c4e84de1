/* A contact was asked whether what we hold of it is right. */
#pragma once
#include <glib.h>

struct review {
    guint64 id, contact;
    char *name;     /* of the contact */
    char *address;  /* where the letter went, in lower case */
    char *state;    /* "asked", "unchanged", "changed", "confirmed", "silent" */
    char *asked_by; /* "mado", or a user name */
    gint64 asked_at, due;
    gint64 answered_at; /* 0: not yet */
    guint64 mail;       /* their answer; 0: none */
};
void review_free(struct review *review);

typedef struct review mado_review;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_review, review_free)
