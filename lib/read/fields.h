/* Small questions that several files ask of the fields of a header. */
#pragma once
#include "header.h"

gboolean field_is(const struct header_field *field, const char *name);
gboolean field_begins(const struct header_field *field, const char *beginning);
/* The value, unfolded but not decoded; the caller frees it. */
char *field_raw(const struct header_field *field);
/* The values of all fields of that name, in order (char *, freed with the array). */
GPtrArray *fields_all(const GArray *fields, const char *name);
guint fields_count(const GArray *fields, const char *name);
