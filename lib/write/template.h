/* What the reading of a template is made of. */
#pragma once
#include "write.h"

/* Reads as far as it can. Every problem becomes a sentence "FILE:LINE: ..." in `problems`; the
 * template may be rendered only if there is none. `variables` is NULL where any name will do. */
struct template *template_read(const char *text, const char *file,
    const struct template_variable *variables, GPtrArray *problems);
/* Adds what stands between its tags, as keys that the set owns. */
void template_add_words(const struct template *template, GHashTable *words);
