/* One leaf of a mail: its bytes, its type, its names. Everything is decoded by ourselves. */
#pragma once
#include <gmime/gmime.h>
#include <mado/message.h>

/* What stands behind a mail's parts while they are read. */
struct source {
    const guint8 *body; /* of the whole mail */
    gsize size;
    gsize shift; /* where the body begins in the parser's stream */
    const struct scan *scan;
};

/* "text/plain" in lower case; the caller frees it. */
char *part_type(GMimeObject *part);
/* A parameter of Content-Type or Content-Disposition, or NULL; the caller frees it. */
char *part_parameter(GMimeObject *part, const char *field, const char *parameter);
/* Is it to be saved rather than shown, as its sender says? */
gboolean part_is_attached(GMimeObject *part);
/* A name without anything dangerous, "" if there is none; the caller frees it. */
char *part_name(GMimeObject *part);
/* The decoded bytes, at most `max` of them; the caller frees the array. */
GByteArray *part_bytes(const struct source *source, GMimeObject *part, gsize max);
/* Bytes without that Content-Transfer-Encoding (NULL: none), at most `max`; the caller frees it. */
GByteArray *part_decode(const char *encoding, const guint8 *data, gsize size, gsize max);
/* What a listing says of it; the caller frees it. */
struct attachment *part_describe(const struct source *source, GMimeObject *part);
