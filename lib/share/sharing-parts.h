/* What the formats have in common. Inside lib/share only. */
#pragma once
#include "sharing.h"
#include <jansson.h>

/* "2026-11-20T09:00:00Z"; the caller frees it, as all below. */
char *part_moment(gint64 at);
/* With milliseconds, as STIX has them. */
char *part_moment_exact(gint64 at);
/* The UUID of version 5 (RFC 9562 section 5.5) of a name in a namespace of 16 bytes. */
char *part_uuid(const guint8 *space, const char *name);
/* In ours: of a thing of this incident. */
char *part_id(const struct share *share, const char *what, const char *value);
/* INDICATOR_KINDS: it is no address and no name. */
enum indicator_kind part_kind_of(const char *value);
/* "192.0.2.7:4444"; "" */
char *part_endpoint(const char *value, const char *port);
/* "amber+strict" */
char *part_label_word(const struct share *share);
/* "rsit:fraud=\"phishing\"", or NULL. */
char *part_class_tag(const struct share *share);
json_t *part_string(const char *text);
/* Indented, with an end of line; takes `value`. */
char *part_document(json_t *value);

/* -- stix-seen.c: what was seen, as objects; their ids go into `refs`, too -- */
struct stix {
    const struct share *share;
    json_t *objects, *refs;
    GHashTable *known; /* char *: ids of the objects */
};
void stix_add_seen(struct stix *stix);
/* With type, id and marking; the caller adds what else it has. NULL: that id is there already. */
json_t *stix_add(struct stix *stix, const char *type, char *id);
