/* The files of a mail that programs may find something in. */
#pragma once
#include "part.h"
#include <mado/crypto.h>

/* Adds to the parts of the facts, up to the limits; those in mails that are attached, too. `shown`
 * is the one that is the text of the mail, or NULL. */
void files_read(
    struct facts *facts, const struct source *source, GMimeObject *root, GMimeObject *shown);
