/* Header fields that were signed or encrypted with the text (RFC 9788, and what went before it). */
#pragma once
#include "content.h"

/* Is the header of a document that came out of a layer meant to replace the outer one? */
gboolean protect_is_meant(const struct entity *root);
/* Is the document nothing but a wrapped mail, whose header is meant (RFC 8551 3.1)? */
gboolean protect_is_wrapped(const struct entity *root);

/* The copies of fields that were put into the text for programs that know nothing of protected
 * ones. Behind those of a plain text; `text` itself if it begins with none. */
const char *protect_skip_display(const char *text);
/* The same of HTML, taken out. */
void protect_cut_display(char *html);
/* Is a text nothing but such copies? */
gboolean protect_is_display(const char *text);
