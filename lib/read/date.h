#pragma once

/* RFC 3339 of a Date field, with the zone that it gave; NULL if it cannot be read. The caller frees
 * it. */
char *date_to_rfc3339(const char *raw);
