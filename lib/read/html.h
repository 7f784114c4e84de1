/* HTML as a person would read it: text alone, nothing is fetched. */
#pragma once
#include <glib.h>

/* The text of a document (valid UTF-8, `size` bytes), at most `max` bytes of it. Sets `*hidden` if
 * some of it is styled not to be seen, and `*cut` if the document was too deep or too long to be
 * read to its end. The caller frees the result. */
char *html_to_text(const char *html, gsize size, gsize max, gboolean *hidden, gboolean *cut);
