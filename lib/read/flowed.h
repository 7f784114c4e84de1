/* RFC 3676: text whose lines were broken by the sender's program. */
#pragma once
#include <glib.h>

/* The paragraphs of a format=flowed text, one a line. The caller frees the result. */
char *flowed_unfold(const char *text, gboolean delsp);
