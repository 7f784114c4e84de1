/* Text cut into the words of the index: NFKC, case folded; scripts without blanks as overlapping
 * pairs of characters. */
#pragma once
#include <glib.h>

/* Appends the words of `text`, each with a blank behind it. The last character of a run of pairs is
 * a word, too, so that each character begins one and can be found alone. */
void words_append(GString *out, const char *text);
/* A search in FTS5's language: all words of it, quoted ones as phrases; nothing of `text` is ever
 * an operator.
 * "" if it has no words. The caller frees it. */
char *words_query(const char *text);
