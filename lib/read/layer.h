/* Which layer of encryption or signature a mail, or a document, has at its root. */
#pragma once
#include "content.h"
#include <mado/crypto.h>

/* What is known of the document by now. */
struct rooted {
    const struct entity *root;
    int parts;        /* that the parser of the library found in the root; -1: it is no multipart */
    const char *text; /* that is shown */
    GPtrArray *problems;
};

/* Fills kind, whole, payload, signature and header of `layer`, in which the has_* flags are set by
 * now. What can be read in two ways is no layer, and said in `problems`. */
void layer_find(struct layer *layer, const struct rooted *rooted);
/* Does the type alone say that an entity is signed or encrypted? */
gboolean layer_is_type(const char *type);
