/* A Content-Type read strictly, where a signature depends on it: programs that read an odd field
 * in different ways see different parts. */
#pragma once
#include "header.h"

struct content {
    char *type;          /* "multipart/signed", in lower case; "text/plain" if there is none */
    gboolean doubtful;   /* others may read it in another way */
    GPtrArray *settings; /* char *: name, value, name, value, ... */
};

/* Of a header block; content_clear() frees what it holds. */
void content_read(struct content *content, const GArray *fields);
void content_clear(struct content *content);
/* The value of a parameter, "" if it is absent; as long as the content. */
const char *content_setting(const struct content *content, const char *name);
gboolean content_says(const struct content *content, const char *name, const char *value);

/* One MIME entity: a mail, a part, or what came out of a layer. It points into the bytes. */
struct entity {
    GArray *fields;
    struct content content;
    const guint8 *body;
    gsize size;
};
void entity_read(struct entity *entity, const guint8 *bytes, gsize size);
void entity_clear(struct entity *entity);
/* The body without its Content-Transfer-Encoding, at most `max` bytes; the caller frees it. */
GByteArray *entity_bytes(const struct entity *entity, gsize max);
