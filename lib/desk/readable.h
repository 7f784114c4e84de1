/* A file as a text, in whatever charset it is: for what must not stand in it. Pure. */
#pragma once
#include <glib.h>

/* Opens the tables, which are files; what is not opened then is not known later. */
void readable_warm(void);
/* char *: what it may say, valid UTF-8, one for each charset that it may be in; at least one.
 * `*is_text`: somebody who opens it reads one of these, and nothing beside. */
GPtrArray *readable_texts(GBytes *bytes, gboolean *is_text);
