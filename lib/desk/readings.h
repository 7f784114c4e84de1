/* How a text may be read by whoever gets it: pure. */
#pragma once
#include <glib.h>

/* The text as it is seen (one width, without what is not shown), then what programs make of it:
 * %40 and &#64;, quoted-printable, base64. All are valid UTF-8; at least one. */
GPtrArray *readings_of(const char *text);
