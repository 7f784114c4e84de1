/*
 * Reasons
 *
 * Why something was done is written down in English, in the journal above all, and said to people
 * in their language: so no store depends on a locale, and what was written years ago is said in the
 * language of whoever reads it now. A reason is a text that stands in po/ja.po as it is, or one of
 * these forms with values in it, by which it is known again.
 */
#pragma once
#include <glib.h>

enum reason {
    REASON_RULE,            /* its name */
    REASON_REPORT_SAYS,     /* a class of RSIT */
    REASON_WORD_IN_TITLE,   /* a category; in the subject */
    REASON_WORD_IN_TEXT,    /* likewise */
    REASON_SORTED_BECAUSE,  /* an operator, and what they have typed */
    REASON_SORTED,          /* an operator */
    REASON_SENT_OUTSIDE,    /* a colleague */
    REASON_WROTE_TO_US,     /* likewise */
    REASON_LET_GO,          /* a reason: of an acknowledgement that waits for a person */
    REASON_SET,             /* a field, its value and a reason */
    REASON_RELATED,         /* a number, by what, and a reason */
    REASON_SIGNATURE,       /* a fingerprint, and what is to be said of it: a reason */
    REASON_SIGNED_BY_ELSE,  /* whose key it is: of a signature, as the next */
    REASON_SIGNED_LONG_AGO, /* days */
    REASON_NOT_OPENED,      /* why, as this and the next two: a reason, or words of gpg */
    REASON_NOT_CHECKED,
    REASON_NOT_READ,
    REASON_MANY_KEYS,   /* how many are the limit */
    REASON_MANY_LAYERS, /* likewise */
    REASON_TWICE,       /* a field */
    REASONS
};

/* In English, to be written down; as many values as the form has, none of them empty. The caller
 * frees it. */
char *reason_make(enum reason reason, ...) G_GNUC_NULL_TERMINATED;
/* In the language that is spoken now; what is no reason of ours stays as it is. The caller frees
 * it. */
char *reason_said(const char *written);
