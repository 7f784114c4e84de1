/* What is signed or encrypted anywhere in a mail, and the keys that came along. */
#pragma once
#include "part.h"
#include <mado/crypto.h>

/* Fills the has_* flags of the layer, and adds to the offers. By now the message is read. */
void below_read(
    struct facts *facts, GPtrArray *problems, const struct source *source, GMimeObject *root);
