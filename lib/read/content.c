#include "content.h"
#include "fields.h"
#include "part.h"
#include <string.h>

/* RFC 2045 5.1: what a token may not hold; "=" and "/:?@" are often written all the same, and read
 * in one way. */
#define NOT_IN_VALUE " \t()<>@,;\\\"[]"
#define MAX_SETTINGS 100

/* What decides on a structure: only here does an odd way of writing matter. */
static gboolean decides(const char *name)
{
    static const char *const names[] = {"boundary", "protocol", "smime-type", "charset", "hp",
        "protected-headers", "forwarded", NULL};

    return g_strv_contains(names, name);
}

static const char *find(const struct content *content, const char *name)
{
    for (guint i = 0; i + 1 < content->settings->len; i += 2)
        if (!strcmp(content->settings->pdata[i], name))
            return content->settings->pdata[i + 1];
    return NULL;
}

const char *content_setting(const struct content *content, const char *name)
{
    return find(content, name) ?: "";
}

gboolean content_says(const struct content *content, const char *name, const char *value)
{
    return !g_ascii_strcasecmp(content_setting(content, name), value);
}

static void doubt(struct content *content)
{
    content->doubtful = TRUE;
}

/* RFC 2231 pieces ("boundary*0=") are put together by some programs, and passed over by others. */
static void add(struct content *content, char *name, char *value)
{
    char *star = strchr(name, '*');

    if (star)
        *star = '\0';
    if (decides(name) && (star || find(content, name)))
        doubt(content);
    g_ptr_array_add(content->settings, name);
    g_ptr_array_add(content->settings, value);
}

/* Programs differ on what a backslash in a boundary means. */
static char *take_quoted(struct content *content, const char **at)
{
    const char *begin = *at + 1, *end = begin + strcspn(begin, "\"\\");

    while (*end == '\\') {
        doubt(content);
        end += end[1] ? 2 : 1;
        end += strcspn(end, "\"\\");
    }
    if (!*end)
        doubt(content);
    *at = *end ? end + 1 : end;
    return g_strndup(begin, (gsize)(end - begin));
}

static char *take_value(struct content *content, const char **at)
{
    const char *begin = *at;

    if (*begin == '"')
        return take_quoted(content, at);
    *at += strcspn(begin, NOT_IN_VALUE);
    return g_strndup(begin, (gsize)(*at - begin));
}

static void skip_blanks(const char **at)
{
    *at += strspn(*at, " \t");
}

static void take_setting(struct content *content, const char **at)
{
    gsize length;
    char *name;

    skip_blanks(at);
    length = strcspn(*at, NOT_IN_VALUE "=");
    name = g_ascii_strdown(*at, (gssize)length);
    *at += length;
    skip_blanks(at);
    if (**at == '=' && length > 0) {
        ++*at;
        skip_blanks(at);
        add(content, name, take_value(content, at));
        skip_blanks(at);
    } else {
        g_free(name);
    }
}

/* A name and a value between semicolons; a comment, or two values side by side, is a doubt. */
static void read_settings(struct content *content, const char *at)
{
    while (*at) {
        if (*at != ';' || content->settings->len >= 2 * MAX_SETTINGS) {
            doubt(content);
            return;
        }
        at++;
        take_setting(content, &at);
    }
}

/* What the lenient reading, by which parts are found and shown, makes of the same field. */
static void compare(struct content *content, const char *raw)
{
    const char *boundary = content_setting(content, "boundary");
    g_autofree char *lenient = header_decode_parameter(raw, "boundary");

    if (strcmp(boundary, lenient ? lenient : "") != 0)
        doubt(content);
    if (g_str_has_prefix(content->type, "multipart/") && !*boundary)
        doubt(content);
}

static void read_value(struct content *content, const char *raw)
{
    const char *at = raw + strspn(raw, " \t");
    gsize length = strcspn(at, NOT_IN_VALUE "=");
    g_autofree char *type = g_ascii_strdown(at, (gssize)length);

    at += length;
    skip_blanks(&at);
    if (strchr(type, '/')) {
        g_free(content->type);
        content->type = g_steal_pointer(&type);
    }
    read_settings(content, at);
    compare(content, raw);
}

void content_read(struct content *content, const GArray *fields)
{
    gboolean seen = FALSE;

    *content = (struct content){
        .type = g_strdup("text/plain"), .settings = g_ptr_array_new_with_free_func(g_free)};
    for (guint i = 0; i < fields->len; i++) {
        const struct header_field *field = &g_array_index(fields, struct header_field, i);
        g_autofree char *raw = NULL;
        if (!field_is(field, "Content-Type"))
            continue;
        if (seen || memchr(field->value, 0, field->value_length))
            doubt(content);
        if (seen)
            return;
        seen = TRUE;
        raw = field_raw(field);
        read_value(content, raw);
    }
}

void content_clear(struct content *content)
{
    g_clear_pointer(&content->type, g_free);
    g_clear_pointer(&content->settings, g_ptr_array_unref);
}

void entity_read(struct entity *entity, const guint8 *bytes, gsize size)
{
    gsize body;

    entity->fields = header_split(bytes, size, &body);
    entity->body = bytes + body;
    entity->size = size - body;
    content_read(&entity->content, entity->fields);
}

void entity_clear(struct entity *entity)
{
    g_clear_pointer(&entity->fields, g_array_unref);
    content_clear(&entity->content);
}

GByteArray *entity_bytes(const struct entity *entity, gsize max)
{
    g_autofree char *encoding = header_raw(entity->fields, "Content-Transfer-Encoding");

    return part_decode(encoding, entity->body, entity->size, max);
}
