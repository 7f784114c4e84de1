/* How large and how deep a mail is, told by one pass over its bytes before anything is built from
 * them. It follows declared boundaries only, so that diffs and keys full of "--" count for nothing.
 */
#pragma once
#include "header.h"

struct span {
    gsize begin, end; /* within the body */
};

struct scan {
    const char *too_complex; /* the first limit that was met (static), or NULL: it may be parsed */
    GArray *messages; /* struct span: the bytes of each embedded message, in order of their begin */
    GArray
        *strays; /* gsize: where text begins inside of a part's header, for want of a blank line */
};

/* Counts what is in the body of a mail with these fields. scan_clear() frees what it holds. */
void scan_body(struct scan *scan, const GArray *fields, const guint8 *body, gsize size);
void scan_clear(struct scan *scan);
/* The body with the blank lines that its strays lack, to be scanned anew; the caller frees it. */
GByteArray *scan_mend(const struct scan *scan, const guint8 *body, gsize size);

/* Of the header block at the start of a mail alone: a limit that it exceeds (static), or NULL. */
const char *scan_header(const guint8 *bytes, gsize size);
/* How many mailboxes and groups an address field may hold, at most: what stands between commas. */
gsize scan_recipients(const struct header_field *field);
