/* From what a mail says to facts: forms, formats, indicators, labels, numbers of other trackers.
 * Runs in the reader's child alone, behind lib/read: no file, no socket. */
#pragma once
#include <mado/crypto.h>

/* Opens what it may need, so that nothing needs a file afterwards. Once, before confinement. */
void report_warm(void);
/* What the numbers of other teams' trackers look like, and the tag of our own: "tickets" and "tag"
 * of the reader's settings. Likewise. */
void report_know_tickets(GVariantDict *settings);
/* The forms that the team describes itself: "forms" of them. NULL: there are none. */
void report_know_forms(GVariantDict *settings);
/* Fills the report of the message, from it and from the parts beside it. Never fails: what is meant
 * to be a report and is not is said in `damaged`. */
void report_find(struct facts *facts);
