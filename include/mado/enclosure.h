/* A file that goes out with a letter. */
#pragma once
#include <glib.h>

struct enclosure {
    char *name;      /* as the recipient sees it: no path, nothing that a screen would mind */
    char *type;      /* "text/csv" */
    GBytes *bytes;   /* NULL where only what it is was asked for */
    char *sha256;    /* of the bytes, in hex */
    char *wraps;     /* of a stranger's file that is in it, behind a password; "": it is none */
    gboolean sealed; /* something in it came sealed, and is not to leave otherwise */
    guint64 size;
};
void enclosure_free(struct enclosure *enclosure);
/* Its name is made harmless, and its type is what the name says. Takes a reference. */
struct enclosure *enclosure_new(const char *name, GBytes *bytes, const char *wraps);
GPtrArray *enclosures_new(void);
/* The sizes of all. */
guint64 enclosures_size(const GPtrArray *all);
/* A name without a path, and without what a file system or a screen would mind; the caller frees
 * it. */
char *enclosure_safe_name(const char *name);
/* Text that can be read, as far as a program can tell: UTF-8 without a NUL. */
gboolean enclosure_is_text(const struct enclosure *enclosure);
