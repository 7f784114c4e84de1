/* Bytes of any size, 1 MB a row. */
#pragma once
#include "statement.h"

/* `sql` inserts (owner, place, bytes) as ?1, ?2, ?3. */
gboolean chunk_keep_fd(
    struct store *store, const char *sql, guint64 owner, int fd, guint64 size, GError **error);
gboolean chunk_keep_bytes(
    struct store *store, const char *sql, guint64 owner, GBytes *bytes, GError **error);
/* A memory file of what `sql` selects for ?1, in order; the caller closes it. Refuses (-1) bytes
 * whose SHA-256 is not `sha256`, unless that is NULL. */
int chunk_fd(
    struct store *store, const char *sql, guint64 owner, const char *sha256, GError **error);
