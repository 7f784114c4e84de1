/* How many operations with a private key an hour has seen: one small file beside the keys, so that
 * all workers count together, and no restart forgets. */
#pragma once
#include <glib.h>

/* Opens or makes the file in `folder`; -1 and `error`. The caller closes it. */
int hourly_open(const char *folder, GError **error);
/* Counts one more at `now` (seconds since 1970); FALSE: there were `most` in the last hour. A file
 * that cannot be read or written counts as full. */
gboolean hourly_take(int file, guint64 most, gint64 now);
