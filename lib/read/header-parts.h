/* What the files behind header.h share. */
#pragma once
#include <glib.h>

/* `raw` as valid UTF-8: raw 8-bit text and bare Japanese escapes are recognised. The caller frees
 * it. */
char *header_to_utf8(const char *raw);
/* One line that cannot pass for something else: what moves the cursor becomes a blank, what cannot
 * be seen (bidi controls, zero-width characters, fillers) goes; variation selectors stay, since
 * names of people need them. No blanks at either end. The caller frees it. */
char *header_harmless(const char *text);
/* Can `text`, which is valid UTF-8, be shown as it is? */
gboolean header_is_harmless(const char *text);
/* How long the encoded-word at `at` is; 0 if there is none. */
gsize header_word_length(const char *at);
/* All encoded-words of `text` decoded, wherever they stand. The caller frees it. */
char *header_decode_words(const char *text);
