/* The store's incidents that came from a spreadsheet; comes with store.h. */
#pragma once
#include <glib.h>

struct store;
struct new_incident;

/* -- import.c -- */
struct import {
    guint64 id;
    char *file, *actor;
    gint64 at, incidents;
    guint64 event; /* the last row of the journal then */
    gint64 undone_at;
    char *undone_by;
};
void import_free(struct import *import);
struct imported {
    guint64 incident, import, line;
    const char *old, *sha256;
    const char *state, *handler, *result;
    gint64 closed_at;
};
gboolean store_begin_import(
    struct store *store, const struct import *import, guint64 *id, GError **error);
/* What else a line says of an incident that has just been opened. */
gboolean store_add_imported(
    struct store *store, const struct imported *imported, gint64 received_at, GError **error);
/* All of them are there, and in the journal: whatever follows has come since. */
gboolean store_end_import(struct store *store, guint64 import, gint64 incidents, GError **error);
GPtrArray *store_imports(struct store *store, guint most, GError **error); /* the newest first */
/* NULL without error: there is none. The caller frees it. */
struct import *store_import_show(struct store *store, guint64 import, GError **error);
/* Which incident came from such a line (`sha256`), or had that number (`old`)? The newest; 0: none.
 */
gboolean store_find_imported(
    struct store *store, const char *sha256, guint64 *incident, GError **error);
/* The incidents that had that number before, or are said to have it: guint64 ids, newest first. */
GArray *store_find_old(struct store *store, const char *old, guint most, GError **error);
/* The first of its incidents with which something was done since; 0: none. */
gboolean store_import_touched(
    struct store *store, const struct import *import, guint64 *incident, GError **error);
/* They are as if they had never been; their numbers are not given again. */
gboolean store_undo_import(struct store *store, const struct import *import, const char *actor,
    gint64 now, GError **error);

typedef struct import mado_import;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_import, import_free)
