/* Strangers' text made harmless for a terminal or a log line. */
#pragma once
#include <glib.h>

/* Does it move the cursor, turn the reading direction, or can it not be seen? */
gboolean text_is_dangerous(gunichar c);
/* Valid UTF-8 in which C0, C1, DEL, bidi controls and zero-width characters are shown as \xNN or
 * \u{NNNN}. `keep` names control characters that may stay ("\n\t"). The caller frees it. */
char *text_harmless(const char *text, const char *keep);
/* How many columns it takes on a terminal: kana and kanji are two, combining characters none. */
int text_width(const char *text);
/* The longest beginning of `text` that fits `columns`, with ".." where it was cut. */
char *text_fit(const char *text, int columns);
/* Would a program for tables take it for a formula (OWASP, "CSV injection")? In each width that
 * there is: some make them one first (NFKC). */
gboolean text_is_formula(const char *cell);
/* An addr-spec that may stand in an envelope or a header of ours: one @, no blanks, controls,
 * quotes or angle brackets, 254 bytes at most. */
gboolean text_is_safe_address(const char *address);
/* A Message-ID (without < >) that may stand in a header of ours. */
gboolean text_is_safe_message_id(const char *id);
