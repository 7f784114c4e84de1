/* What is read of a JSON document, and of an XML one that was made into one. */
#pragma once
#include "report-parts.h"
#include <jansson.h>

/* One document: its place, its format, and what it says. */
struct document {
    struct report *report;
    const struct place *place;
    const char *format; /* "xarf-4" */
    json_t *root;
};

/* Each reads a whole document of its kind; what is wrong with it, or NULL. Nothing is added if
 * something is. The caller frees it. */
char *xarf_3_read(struct document *document);
char *xarf_4_read(struct document *document);
char *stix_read(struct document *document);
char *misp_read(struct document *document);
char *iodef_read(struct document *document);

/* The value below these names ("Report.Source.IP"), or NULL. */
json_t *json_below(const json_t *object, const char *path);
/* The string there, "" for none or another type. */
const char *json_text(const json_t *object, const char *path);
/* A string, or a number as one; "" for neither. The caller frees it. */
char *json_word(const json_t *object, const char *path);
/* The first of these paths at which there is no text, or NULL. */
const char *json_missing(const json_t *object, const char *const *names);
/* The values that a pattern of STIX looks for: char *. The caller frees it. */
GPtrArray *pattern_values(const char *pattern);
/* "TLP:AMBER" of XARF and MISP, where the tag is one. */
void tag_take(struct document *document, const char *tag);
gboolean json_is_uuid(const char *text);
