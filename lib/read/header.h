/* Header fields, decoded by ourselves (RFC 2047, RFC 2231, raw 8-bit): the library's decoder splits
 * characters and keeps what could break out of a line. */
#pragma once
#include <mado/message.h>

struct header_field {
    const char *name; /* not terminated: `name_length` bytes of the mail */
    gsize name_length;
    const char *value; /* unfolded later; `value_length` bytes of the mail */
    gsize value_length;
};

/* The fields of the header block at the start of `bytes`, at most LIMIT_HEADER_FIELDS, each cut at
 * LIMIT_HEADER_FIELD_BYTES, none that starts beyond LIMIT_HEADER_BYTES; `*body` is set to where the
 * body starts. The caller frees the array; it points into `bytes`. */
GArray *header_split(const guint8 *bytes, gsize size, gsize *body);
/* The value of the first field of that name, unfolded but not decoded, or NULL; the caller frees
 * it. */
char *header_raw(const GArray *fields, const char *name);
/* Unstructured text (Subject): one line, valid UTF-8, control and bidi characters made harmless. */
char *header_decode_text(const char *raw);
/* An address list: struct mailbox, at most LIMIT_RECIPIENTS; display names decoded, groups
 * flattened. */
GPtrArray *header_decode_addresses(const char *raw);
/* Message-IDs without < >, at most LIMIT_REFERENCES; NULL-terminated, the caller frees it. */
char **header_decode_ids(const char *raw);
/* One parameter of a structured field ("filename" of Content-Disposition), RFC 2231 continuations
 * and RFC 2047 misuse included; NULL if absent. The caller frees it. */
char *header_decode_parameter(const char *raw, const char *parameter);
