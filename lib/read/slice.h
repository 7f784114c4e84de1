/* The parts of a multipart as they stand in the mail, byte for byte: what was signed cannot be
 * written anew. */
#pragma once
#include "scan.h"

struct slices {
    struct span prologue, epilogue;
    GArray *parts;   /* struct span; without the line end that belongs to the delimiter behind it */
    gboolean closed; /* the last delimiter was there */
};

/* Cuts at the lines that are delimiters of `boundary` (RFC 2046 5.1.1), and at no others; more than
 * LIMIT_PARTS parts are not told apart. slices_clear() frees what it holds. */
void slices_cut(struct slices *slices, const char *boundary, const guint8 *bytes, gsize size);
void slices_clear(struct slices *slices);
/* With each line ended by CRLF, as text is when it is signed (RFC 3156 5, RFC 8551 3.1.1); nothing
 * else is changed. */
GBytes *slice_canonical(const guint8 *bytes, gsize size);
