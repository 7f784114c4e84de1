/* madoctl import: a spreadsheet, what its columns are, and what became of its rows. */
#pragma once
#include "madoctl.h"
#include "sheet.h"

struct intake {
    struct call *call;
    const char *path;
    char *mapping_path;
    struct sheet_mapping *mapping;
    GPtrArray *lines; /* struct csv_line */
    struct sheet *sheet;
    GPtrArray *rows;      /* struct sheet_row */
    json_t *found;        /* what the daemon says of each, in their order */
    gboolean has_mapping; /* a file said what the columns are */
    gboolean asked;       /* somebody has said something new */
};

/* -- import-ask.c: FALSE, and they gave it up -- */
gboolean import_ask_columns(struct intake *intake);
gboolean import_ask_order(struct intake *intake);
/* Of one kind those that say nothing to us, and how often they stand there. `meanings`: ends with
 * NULL, or NULL for any word. */
gboolean import_ask_words(struct intake *intake, const char *kind, GHashTable *unknown,
    const char *const *meanings, const char *otherwise);
/* y or n, default no. */
gboolean import_ask_yes(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* -- import-files.c: never over what is there -- */
/* A file of LIMIT_SHEET_BYTES at most, with its values. */
GPtrArray *import_read(const char *path, GError **error);
/* NULL with an error. Its path, that of the spreadsheet with another end; the caller frees it. */
char *import_beside(const char *path, const char *end);
gboolean import_read_mapping(struct intake *intake, GError **error);
gboolean import_write_mapping(struct intake *intake, GError **error);
/* Those that were rejected, with their reasons; `*path` is NULL where there are none. The caller
 * frees it. */
gboolean import_write_rejected(struct intake *intake, char **path, GError **error);

/* -- import-show.c -- */
guint import_count(const struct intake *intake, const char *result);
/* Words of a kind that say nothing to the daemon -> how often (gint). The caller unrefs it. */
GHashTable *import_not_understood(const struct intake *intake, const char *kind);
/* Rows of a file, or imports. */
void import_draw(struct screen *screen, json_t *rows, gboolean first);
/* On a terminal what matters, for a program all of it. */
gboolean import_show_look(const struct intake *intake, GError **error);
/* `rejected`: the file of rejected rows, or NULL. */
gboolean import_show_done(
    const struct intake *intake, json_t *rows, const char *rejected, GError **error);
