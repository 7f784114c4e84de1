/* Files without names: how bytes travel between roles. The receiver seals, sizes and hashes; the
 * sender's word on them counts for nothing. */
#pragma once
#include <glib.h>

/* An empty memory file that can be sealed. -1 and `error` on failure; the caller closes it. */
int fd_new_memory(const char *name, GError **error);
/* Seals `fd` against writing, growing and shrinking, then tells its size. Refuses what is not a
 * memory file and what is larger than `max`. */
gboolean fd_seal(int fd, guint64 max, guint64 *size, GError **error);
/* The SHA-256 of a sealed file in hex, or NULL; the caller frees it. */
char *fd_sha256(int fd, guint64 size, GError **error);
/* All of a sealed file, or NULL; the caller unrefs it. Maps, so that size costs no copy. */
GBytes *fd_map(int fd, guint64 size, GError **error);
gboolean fd_write_all(int fd, const void *data, gsize size, GError **error);
/* Copies everything from `from` into `to`, up to `max` bytes; FALSE with MADO_E_BAD_DATA beyond. */
gboolean fd_copy(int from, int to, guint64 max, guint64 *copied, GError **error);
/* Gives a file another name, in another folder, and writes over nothing. FALSE: errno says why. */
gboolean fd_move(int from_folder, const char *from, int to_folder, const char *to);
/* Makes the names in a folder durable (fsync of a file alone does not). */
gboolean fd_sync_folder(const char *folder, GError **error);
