/* One file out of a mail, known by its hash. */
#pragma once
#include "part.h"

/* The first part whose decoded bytes have that SHA-256 (hexadecimal); NULL: there is none, or it is
 * larger than LIMIT_SAVED_BYTES. The caller unrefs it. */
GBytes *cut_part(const struct source *source, GMimeObject *root, const char *sha256);
/* Those bytes, if they have that hash; else NULL. The caller unrefs it. */
GBytes *cut_whole(GBytes *bytes, const char *sha256);
