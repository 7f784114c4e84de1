/* What a bounce or a complaint says: of each recipient, what became of the letter and why; and
 * which letter it was. Only what the mail system writes is heeded, never the text of the letter
 * that comes back. */
#pragma once
#include "header.h"
#include "part.h"

/* Fills bounces, returned_ids and feedback_type of a message whose kind is known by now; of any
 * other than a bounce or a complaint they stay empty. */
void bounce_read(
    struct message *message, const GArray *fields, const struct source *source, GMimeObject *root);
