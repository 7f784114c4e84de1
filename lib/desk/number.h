/* Ticket numbers: SAKURA#2026-0042-K7. Two check characters over GF(31) make a code of distance
 * three: any one or two wrong characters, and any two that changed places, are noticed. */
#pragma once
#include <glib.h>

/* "2026-0042-K7"; the caller frees it. */
char *number_format(int year, int sequence);
/* Finds the next number of ours with this tag at or behind `*at` in `text`, leniently (full-width
 * letters, lower case, blanks around # and -), and moves `*at` behind it. FALSE if there is none.
 */
gboolean number_find(
    const char *text, const char *tag, gsize *at, int *year, int *sequence, gboolean *check_ok);
/* Reads what an operator types: "42", "2026-42", "2026-0042-K7", or a whole subject line. `*year`
 * is 0 where none was given. `*check_ok` is TRUE also where no check characters were given. */
gboolean number_parse(
    const char *text, const char *tag, int *year, int *sequence, gboolean *check_ok);
