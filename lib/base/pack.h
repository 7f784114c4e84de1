/* Structures as they travel between roles: one table names each field once, in the order of the
 * variant's type. Unpacking believes nothing. */
#pragma once
#include <glib.h>

struct pack_codec {
    GVariant *(*put)(const void *field);
    gboolean (*take)(void *field, GVariant *value); /* FALSE: out of range */
};
struct pack_field {
    const struct pack_codec *codec;
    gsize offset;
};

/* A floating tuple of all fields. */
GVariant *pack(const struct pack_field *fields, gsize count, const void *base);
/* Into fields that hold their empty values; FALSE for values out of range, and then some are
 * filled. The type of `variant` is the caller's to check. */
gboolean unpack(const struct pack_field *fields, gsize count, void *base, GVariant *variant);

extern const struct pack_codec pack_string;  /* char *, never NULL: "s" */
extern const struct pack_codec pack_maybe;   /* char *, or NULL: "ms" */
extern const struct pack_codec pack_strings; /* char **, at most LIMIT_HEADER_FIELDS: "as" */
extern const struct pack_codec pack_flag;    /* gboolean: "b" */
extern const struct pack_codec pack_time;    /* gint64: "x" */
extern const struct pack_codec pack_bytes;   /* GBytes *, NULL is empty: "ay" */
