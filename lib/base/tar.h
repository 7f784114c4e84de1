/* Files in one file, as tar has them (POSIX ustar): what any host can unpack without mado. Plain
 * files with short names, and nothing else. */
#pragma once
#include <glib.h>

struct tar_member {
    char name[101];
    guint64 from, size; /* in bytes */
};

/* Behind what is there. */
gboolean tar_add(int fd, const char *name, GBytes *bytes, gint64 at, GError **error);
gboolean tar_end(int fd, GError **error);
/* The one behind `member` (all zero: the first): 1, 0 behind the last, -1 with MADO_E_BAD_DATA. */
int tar_next(int fd, struct tar_member *member, GError **error);
/* The caller unrefs them; NULL with an error for more than `most`. */
GBytes *tar_bytes(int fd, const struct tar_member *member, gsize most, GError **error);
