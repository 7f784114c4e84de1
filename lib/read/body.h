/* What a person would read of a mail, and what is attached to it. */
#pragma once
#include "part.h"

/* Fills text, text_from and attachments of `message`, from the tree whose root is given. With
 * `shielded`, whose header fields are protected, the copies of them in the text are left out. What
 * is returned is the attachment that served as the text, or NULL; the tree owns it. */
GMimeObject *body_read(struct message *message, GPtrArray *problems, const struct source *source,
    GMimeObject *root, gboolean shielded);
/* Notes a fact for the operator, once, and no more than LIMIT_PROBLEMS of them. */
void problem_add(GPtrArray *problems, const char *text);
