/* What leaves as tables and as raw mail; comes with store.h. */
#pragma once
#include <glib.h>

struct store;

/* -- tables.c -- */
/* "incidents", "mails", ...; NULL behind the last table. */
const char *store_export_name(guint table);
char **store_export_columns(guint table); /* the caller frees it */
struct export_row {
    gint64 key;             /* for the next page */
    guint64 incident, mail; /* of which it is; 0: of none */
    char **cells;
};
/* struct export_row, in order, those behind `after`. */
GPtrArray *store_export(struct store *store, guint table, gint64 after, guint most, GError **error);
/* A piece of the bytes of a mail, as they came; empty behind the last. The caller unrefs it. */
GBytes *store_mail_chunk(struct store *store, guint64 mail, guint place, GError **error);
