/* The inside of place.c, for store_open(). */
#pragma once
#include <glib.h>

#define PLACE_MARK ".changing" /* beside a store whose place another one is taking */

/* Was that begun, and not ended? */
gboolean place_is_changing(const char *path);
