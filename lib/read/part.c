#include "part.h"
#include "header.h"
#include "scan.h"
#include <string.h>

#define MAX_NAME 200 /* characters */
#define MAX_TYPE 127

/* The field as it stands in the mail: the library's own decoder is not asked. NULL if absent. */
static char *raw_field(GMimeObject *part, const char *name)
{
    GMimeHeaderList *headers = g_mime_object_get_header_list(part);
    GMimeHeader *header = g_mime_header_list_get_header(headers, name);
    const char *raw = header ? g_mime_header_get_raw_value(header) : NULL;
    struct header_field field;
    GArray one = {.data = (char *)&field, .len = 1};

    if (!raw)
        return NULL;
    field = (struct header_field){name, strlen(name), raw, strlen(raw)};
    return header_raw(&one, name);
}

char *part_parameter(GMimeObject *part, const char *field, const char *parameter)
{
    g_autofree char *raw = raw_field(part, field);

    return raw ? header_decode_parameter(raw, parameter) : NULL;
}

char *part_type(GMimeObject *part)
{
    g_autofree char *raw = raw_field(part, "Content-Type");
    g_autofree char *type = g_mime_content_type_get_mime_type(g_mime_object_get_content_type(part));

    /* "Content-Type: text" and worse: RFC 2045 5.2 calls that plain text. */
    if (raw && !strchr(raw, '/'))
        return g_strdup("text/plain");
    for (const char *at = type; *at; at++)
        if (*at <= ' ' || *at > '~' || at - type >= MAX_TYPE)
            return g_strdup("application/octet-stream");
    return g_ascii_strdown(type, -1);
}

gboolean part_is_attached(GMimeObject *part)
{
    g_autofree char *raw = raw_field(part, "Content-Disposition");
    const char *value = raw ? g_strchug(raw) : "";

    return !g_ascii_strncasecmp(value, "attachment", 10);
}

static gboolean is_dangerous(gunichar c)
{
    return g_unichar_iscntrl(c) || g_unichar_type(c) == G_UNICODE_FORMAT ||
           g_unichar_type(c) == G_UNICODE_LINE_SEPARATOR ||
           g_unichar_type(c) == G_UNICODE_PARAGRAPH_SEPARATOR;
}

/* The last step of a path of any system, without what cannot be seen and without leading dots. */
static char *safe_name(const char *name)
{
    GString *out = g_string_new(NULL);

    for (const char *at = name; *at && g_utf8_strlen(out->str, -1) < MAX_NAME;
         at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (c == '/' || c == '\\')
            g_string_truncate(out, 0);
        else if (!is_dangerous(c) && !(out->len == 0 && (c == '.' || g_unichar_isspace(c))))
            g_string_append_unichar(out, c);
    }
    g_strchomp(out->str);
    return g_string_free(out, FALSE);
}

char *part_name(GMimeObject *part)
{
    g_autofree char *name = part_parameter(part, "Content-Disposition", "filename");
    g_autofree char *valid = NULL;

    if (!name || !*name) {
        g_free(name);
        name = part_parameter(part, "Content-Type", "name");
    }
    valid = g_utf8_make_valid(name ?: "", -1);
    return safe_name(valid);
}

/* -- the bytes -- */

struct slice {
    const guint8 *data;
    gsize size;
    GMimeContentEncoding encoding;
};

static struct slice cut(const struct source *source, gint64 begin, gint64 end)
{
    gsize from = (gsize)CLAMP(begin, 0, (gint64)source->size);
    gsize to = (gsize)CLAMP(end, (gint64)from, (gint64)source->size);

    return (struct slice){source->body + from, to - from, GMIME_CONTENT_ENCODING_BINARY};
}

/* An embedded message is what the scan found around its first field: the library would write it
 * anew. */
static struct slice slice_of_message(const struct source *source, GMimeObject *part)
{
    GMimeMessage *message = g_mime_message_part_get_message((GMimeMessagePart *)part);
    GMimeHeaderList *headers =
        message ? g_mime_object_get_header_list((GMimeObject *)message) : NULL;
    GMimeObject *inner = message ? g_mime_message_get_mime_part(message) : NULL;
    struct slice found = {source->body, 0, GMIME_CONTENT_ENCODING_BINARY};
    gint64 at;

    if (headers && g_mime_header_list_get_count(headers) == 0 && inner)
        headers = g_mime_object_get_header_list(inner);
    if (!headers || g_mime_header_list_get_count(headers) == 0)
        return found;
    at = g_mime_header_get_offset(g_mime_header_list_get_header_at(headers, 0)) -
         (gint64)source->shift;
    for (guint i = 0; i < source->scan->messages->len; i++) {
        const struct span *span = &g_array_index(source->scan->messages, struct span, i);
        if ((gint64)span->begin <= at && at < (gint64)span->end)
            found = cut(source, (gint64)span->begin, (gint64)span->end); /* the innermost is last */
    }
    return found;
}

static struct slice slice_of(const struct source *source, GMimeObject *part)
{
    GMimeDataWrapper *content;
    GMimeStream *stream;
    struct slice slice = {source->body, 0, GMIME_CONTENT_ENCODING_BINARY};

    if (GMIME_IS_MESSAGE_PART(part))
        return slice_of_message(source, part);
    if (!GMIME_IS_PART(part) || !(content = g_mime_part_get_content((GMimePart *)part)))
        return slice;
    stream = g_mime_data_wrapper_get_stream(content);
    slice = cut(source, stream->bound_start - (gint64)source->shift,
        stream->bound_end - (gint64)source->shift);
    slice.encoding = g_mime_data_wrapper_get_encoding(content);
    return slice;
}

typedef gboolean (*take_bytes)(gpointer data, const guint8 *bytes, gsize size);

struct decoder {
    GMimeEncoding other; /* quoted-printable, uuencode, and what needs no decoding */
    gint state; /* base64: the library's decoder ends at the first padding, GLib's goes on */
    guint save;
};

static gsize step(struct decoder *decoder, const char *in, gsize size, char *out)
{
    if (decoder->other.encoding == GMIME_CONTENT_ENCODING_BASE64)
        return g_base64_decode_step(in, size, (guchar *)out, &decoder->state, &decoder->save);
    return g_mime_encoding_step(&decoder->other, in, size, out);
}

/* Two or three of the last four characters of base64 are bytes too, even if the padding is missing.
 */
static gsize finish(struct decoder *decoder, char *out)
{
    int rest = ABS(decoder->state);

    if (decoder->other.encoding != GMIME_CONTENT_ENCODING_BASE64)
        return g_mime_encoding_flush(&decoder->other, "", 0, out);
    return rest == 2 || rest == 3 ? step(decoder, "==", (gsize)(4 - rest), out) : 0;
}

/* The library's decoder wants to be told that the line "begin 644 name" is behind it. */
static gsize begin(struct decoder *decoder, const struct slice *slice)
{
    const guint8 *line, *end;

    g_mime_encoding_init_decode(&decoder->other, slice->encoding);
    if (slice->encoding != GMIME_CONTENT_ENCODING_UUENCODE)
        return 0;
    decoder->other.state |= GMIME_UUDECODE_STATE_BEGIN;
    line = memmem(slice->data, slice->size, "begin ", 6);
    end = line ? memchr(line, '\n', slice->size - (gsize)(line - slice->data)) : NULL;
    return end ? (gsize)(end - slice->data) + 1 : 0;
}

static void decode(const struct slice *slice, take_bytes take, gpointer data)
{
    enum { CHUNK = 48 * 1024 };
    g_autofree char *out = g_malloc(2 * CHUNK);
    struct decoder decoder = {0};

    for (gsize at = begin(&decoder, slice); at < slice->size; at += CHUNK) {
        gsize size = MIN((gsize)CHUNK, slice->size - at);
        gsize got = step(&decoder, (const char *)slice->data + at, size, out);
        if (!take(data, (const guint8 *)out, got))
            return;
    }
    take(data, (const guint8 *)out, finish(&decoder, out));
}

struct collecting {
    GByteArray *bytes;
    gsize max;
};

static gboolean collect(gpointer data, const guint8 *bytes, gsize size)
{
    struct collecting *collecting = data;
    gsize room = collecting->max - collecting->bytes->len;

    g_byte_array_append(collecting->bytes, bytes, (guint)MIN(size, room));
    return size <= room;
}

GByteArray *part_bytes(const struct source *source, GMimeObject *part, gsize max)
{
    struct slice slice = slice_of(source, part);
    struct collecting collecting = {g_byte_array_new(), max};

    decode(&slice, collect, &collecting);
    return collecting.bytes;
}

GByteArray *part_decode(const char *encoding, const guint8 *data, gsize size, gsize max)
{
    struct slice slice = {data, size, GMIME_CONTENT_ENCODING_BINARY};
    /* Decoded bytes are no more than the encoded: growing step by step would take twice as many. */
    struct collecting collecting = {g_byte_array_sized_new((guint)MIN(size, max)), max};

    if (encoding)
        slice.encoding = g_mime_content_encoding_from_string(encoding);
    decode(&slice, collect, &collecting);
    return collecting.bytes;
}

struct measuring {
    GChecksum *sha256;
    guint64 size;
};

static gboolean measure(gpointer data, const guint8 *bytes, gsize size)
{
    struct measuring *measuring = data;

    measuring->size += size;
    g_checksum_update(measuring->sha256, bytes, (gssize)size);
    return TRUE;
}

struct attachment *part_describe(const struct source *source, GMimeObject *part)
{
    g_autoptr(GChecksum) sha256 = g_checksum_new(G_CHECKSUM_SHA256);
    g_autofree char *type = part_type(part);
    g_autofree char *name = part_name(part);
    struct slice slice = slice_of(source, part);
    struct measuring measuring = {sha256, 0};

    decode(&slice, measure, &measuring);
    return attachment_new(name, type, measuring.size, g_checksum_get_string(sha256));
}
