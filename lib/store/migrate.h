/* From one schema to the next. */
#pragma once
#include "statement.h"

#define STORE_APPLICATION 0x4d41444f /* "MADO" in the header of the file */

struct migration {
    int to; /* the version that the step makes; 0 ends the table */
    const char *sql;
    gboolean (*run)(struct store *store, GError **error); /* for what SQL cannot do; may be NULL */
};
extern const struct migration store_migrations[];

/* Fills an empty file. */
gboolean migrate_create(struct store *store, GError **error);
/* Applies the steps that are missing, all of them in one transaction or none. Refuses a file that
 * is not ours, or written by a newer program, or whose definitions are not those that we left. */
gboolean migrate_up(struct store *store, const struct migration *steps, GError **error);
