/* The inside of place.c, for store_open(). */
#pragma once
#include <glib.h>

#define PLACE_MARK ".changing" /* beside a store whose place another one is taking */

/* What was begun and not ended is done now; nothing if there is no such thing. */
gboolean place_finish(const char *path, GError **error);
