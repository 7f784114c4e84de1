/* The parser of the library sets no limit on parts, fields or groups, and its memory and time grow
 * with each. So this pass runs first, keeps a fixed number of frames, and stops at the first limit.
 */
#include "scan.h"
#include "fields.h"
#include "say.h"
#include <mado/limits.h>
#include <string.h>

#define TOO_MANY_PARTS N_("too complex: parts > 1,000")
#define TOO_DEEP N_("too complex: nesting > 50")
#define TOO_MANY_FIELDS N_("too complex: header fields > 1,000")
#define TOO_LONG_HEADER N_("too complex: header > 1 MB")
#define TOO_LONG_FIELD N_("too complex: header field > 64 kB")
#define TOO_MANY_RECIPIENTS N_("too complex: recipients > 500")
#define TOO_MANY_PARAMETERS N_("too complex: parameters > 100")

/* A multipart whose boundary is awaited, or an embedded message (no boundary). */
struct frame {
    char *boundary;
    gsize length;
    gboolean digest; /* parts without a type are messages (RFC 2046 5.1.5) */
    gint span;       /* of a message: its place in scan->messages, else -1 */
};

/* One header block. */
struct block {
    gsize begin;
    guint fields;
    gsize recipients;
    gsize field_begin; /* of the field being read */
    gboolean in_field;
    gboolean part; /* of a part; else of an embedded message */
    gsize stray;   /* the first line that is no field, if no field of a part follows it; else 0 */
    gboolean typed, message; /* has a Content-Type; it says message/rfc822 or the like */
};

struct scanner {
    struct scan *out;
    const guint8 *bytes;
    gsize size;
    struct frame frames[LIMIT_NESTING];
    guint depth, parts;
    gboolean in_header;
    struct block block;
};

static void refuse(struct scanner *scanner, const char *why)
{
    if (!scanner->out->too_complex)
        scanner->out->too_complex = why;
}

/* Counts one of `set` outside of quoted strings. */
static gsize count_outside_quotes(const char *value, gsize size, const char *set)
{
    gboolean quoted = FALSE;
    gsize count = 0;

    for (gsize i = 0; i < size; i++)
        if (value[i] == '\\')
            i++;
        else if (value[i] == '"')
            quoted = !quoted;
        else if (!quoted && value[i] && strchr(set, value[i]))
            count++;
    return count;
}

gsize scan_recipients(const struct header_field *field)
{
    return 1 + count_outside_quotes(field->value, field->value_length, ",;:");
}

static void push(struct scanner *scanner, struct frame frame)
{
    if (scanner->depth == LIMIT_NESTING) {
        refuse(scanner, TOO_DEEP);
        g_free(frame.boundary);
        return;
    }
    scanner->frames[scanner->depth++] = frame;
}

static void pop_to(struct scanner *scanner, guint depth, gsize end)
{
    while (scanner->depth > depth) {
        struct frame *frame = &scanner->frames[--scanner->depth];
        g_clear_pointer(&frame->boundary, g_free);
        if (frame->span >= 0) {
            struct span *span = &g_array_index(scanner->out->messages, struct span, frame->span);
            span->end = MAX(span->begin, end);
        }
    }
}

static gboolean is_message_type(const char *value)
{
    static const char *const types[] = {
        "message/rfc822", "message/global", "message/news", "message/rfc2822"};

    for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
        if (!g_ascii_strncasecmp(value, types[i], strlen(types[i])))
            return TRUE;
    return FALSE;
}

static void take_content_type(struct scanner *scanner, const struct header_field *field)
{
    g_autofree char *raw = field_raw(field);
    const char *value = g_strchug(raw);

    scanner->block.typed = TRUE;
    if (!g_ascii_strncasecmp(value, "multipart/", 10)) {
        char *boundary = header_decode_parameter(value, "boundary");
        if (boundary && *boundary)
            push(scanner, (struct frame){.boundary = boundary,
                              .length = strlen(boundary),
                              .digest = !g_ascii_strncasecmp(value + 10, "digest", 6),
                              .span = -1});
        else
            g_free(boundary);
    } else if (is_message_type(value)) {
        scanner->block.message = TRUE;
    }
}

static gboolean is_address_field(const struct header_field *field)
{
    static const char *const names[] = {"From", "Sender", "Reply-To", "To", "Cc", "Bcc"};

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if (field_is(field, names[i]))
            return TRUE;
    return field_begins(field, "Resent-");
}

static void take_field(struct scanner *scanner, const struct header_field *field)
{
    if (is_address_field(field)) {
        scanner->block.recipients += scan_recipients(field);
        if (scanner->block.recipients > LIMIT_RECIPIENTS)
            refuse(scanner, TOO_MANY_RECIPIENTS);
    }
    if (!field_begins(field, "Content-"))
        return;
    scanner->block.stray = 0;
    if (count_outside_quotes(field->value, field->value_length, ";") > LIMIT_PARAMETERS)
        refuse(scanner, TOO_MANY_PARAMETERS);
    else if (field_is(field, "Content-Type"))
        take_content_type(scanner, field);
}

/* The field that began at block.field_begin is complete. */
static void end_field(struct scanner *scanner, gsize end)
{
    struct block *block = &scanner->block;
    const char *line = (const char *)scanner->bytes + block->field_begin;
    gsize size = end - block->field_begin, name;
    const char *colon;

    if (!block->in_field)
        return;
    block->in_field = FALSE;
    colon = memchr(line, ':', size);
    if (!colon)
        return;
    name = (gsize)(colon - line);
    while (name > 0 && g_ascii_isspace(line[name - 1]))
        name--;
    if (size > LIMIT_HEADER_FIELD_BYTES)
        refuse(scanner, TOO_LONG_FIELD);
    else if (++block->fields > LIMIT_HEADER_FIELDS)
        refuse(scanner, TOO_MANY_FIELDS);
    else
        take_field(scanner, &(struct header_field){.name = line,
                                .name_length = name,
                                .value = colon + 1,
                                .value_length = size - (gsize)(colon - line) - 1});
}

static void begin_block(struct scanner *scanner, gsize at, gboolean part)
{
    scanner->in_header = TRUE;
    scanner->block = (struct block){.begin = at, .part = part};
}

/* The parser of the library would take such lines for broken fields, and lose them. */
static void take_stray(struct scanner *scanner)
{
    if (scanner->block.part && scanner->block.stray > 0)
        g_array_append_val(scanner->out->strays, scanner->block.stray);
}

static void end_block(struct scanner *scanner, gsize at, gsize next)
{
    const struct frame *top;

    end_field(scanner, at);
    take_stray(scanner);
    scanner->in_header = FALSE;
    top = scanner->depth ? &scanner->frames[scanner->depth - 1] : NULL;
    if (scanner->block.message || (top && top->digest && !scanner->block.typed)) {
        struct span span = {next, scanner->size};
        g_array_append_val(scanner->out->messages, span);
        push(scanner, (struct frame){.span = (gint)scanner->out->messages->len - 1});
        begin_block(scanner, next, FALSE);
    }
}

static gboolean is_blank(const guint8 *line, gsize length)
{
    for (gsize i = 0; i < length; i++)
        if (!strchr(" \t\r", line[i]) || !line[i])
            return FALSE;
    return TRUE;
}

/* Is `line` the frame's boundary, or its end? RFC 2046 5.1.1: blanks may follow. */
static gboolean is_boundary(
    const struct frame *frame, const guint8 *line, gsize length, gboolean *last)
{
    gsize used = frame->length + 2;

    if (!frame->boundary || length < used || memcmp(line + 2, frame->boundary, frame->length) != 0)
        return FALSE;
    *last = length >= used + 2 && line[used] == '-' && line[used + 1] == '-';
    used += *last ? 2 : 0;
    return is_blank(line + used, length - used);
}

/* RFC 2046 5.1.1: the line end before a boundary belongs to the boundary. */
static gsize before_line_end(const struct scanner *scanner, gsize at)
{
    if (at > 0 && scanner->bytes[at - 1] == '\n')
        at--;
    if (at > 0 && scanner->bytes[at - 1] == '\r')
        at--;
    return at;
}

/* A line that begins with "--": ends what is open inside of the multipart that it belongs to. */
static gboolean take_boundary(struct scanner *scanner, gsize at, gsize length, gsize next)
{
    const guint8 *line = scanner->bytes + at;
    gboolean last = FALSE;

    for (guint i = scanner->depth; i-- > 0;) {
        if (!is_boundary(&scanner->frames[i], line, length, &last))
            continue;
        if (scanner->in_header) {
            end_field(scanner, at);
            take_stray(scanner);
        }
        pop_to(scanner, last ? i : i + 1, before_line_end(scanner, at));
        scanner->in_header = FALSE;
        if (!last) {
            if (++scanner->parts > LIMIT_PARTS)
                refuse(scanner, TOO_MANY_PARTS);
            begin_block(scanner, next, TRUE);
        }
        return TRUE;
    }
    return FALSE;
}

/* RFC 5322 2.2: a name without blanks or controls, then a colon (blanks before it: RFC 5322 4.5).
 */
static gboolean is_field(const guint8 *line, gsize length)
{
    gsize at = 0;

    while (at < length && line[at] > ' ' && line[at] != ':')
        at++;
    if (at == 0)
        return FALSE;
    while (at < length && (line[at] == ' ' || line[at] == '\t'))
        at++;
    return at < length && line[at] == ':';
}

static void take_header_line(struct scanner *scanner, gsize at, gsize length, gsize next)
{
    struct block *block = &scanner->block;
    const guint8 *line = scanner->bytes + at;

    if (next - block->begin > LIMIT_HEADER_BYTES)
        refuse(scanner, TOO_LONG_HEADER);
    if (length == 0 || (length == 1 && line[0] == '\r')) {
        end_block(scanner, at, next);
    } else if (line[0] != ' ' && line[0] != '\t') {
        end_field(scanner, at);
        block->field_begin = at;
        block->in_field = is_field(line, length);
        if (!block->in_field && block->stray == 0)
            block->stray = at;
    }
}

static void scan_lines(struct scanner *scanner)
{
    gsize at = 0;

    while (at < scanner->size && !scanner->out->too_complex) {
        const guint8 *line = scanner->bytes + at;
        const guint8 *end = memchr(line, '\n', scanner->size - at);
        gsize length = end ? (gsize)(end - line) : scanner->size - at;
        gsize next = MIN(at + length + 1, scanner->size);

        if (length >= 2 && line[0] == '-' && line[1] == '-' && scanner->depth &&
            take_boundary(scanner, at, length, next)) {
            /* nothing else is on that line */
        } else if (scanner->in_header) {
            take_header_line(scanner, at, length, next);
        }
        at = next;
    }
    if (scanner->in_header && !scanner->out->too_complex)
        end_field(scanner, scanner->size);
}

void scan_body(struct scan *scan, const GArray *fields, const guint8 *body, gsize size)
{
    struct scanner scanner = {.out = scan, .bytes = body, .size = size};

    *scan = (struct scan){.messages = g_array_new(FALSE, FALSE, sizeof(struct span)),
        .strays = g_array_new(FALSE, FALSE, sizeof(gsize))};
    for (guint i = 0; i < fields->len && !scan->too_complex; i++) {
        const struct header_field *field = &g_array_index(fields, struct header_field, i);
        if (field_begins(field, "Content-"))
            take_field(&scanner, field);
    }
    if (!scan->too_complex)
        end_block(&scanner, 0, 0);
    scan_lines(&scanner);
    pop_to(&scanner, 0, size);
}

void scan_clear(struct scan *scan)
{
    g_clear_pointer(&scan->messages, g_array_unref);
    g_clear_pointer(&scan->strays, g_array_unref);
}

GByteArray *scan_mend(const struct scan *scan, const guint8 *body, gsize size)
{
    GByteArray *mended = g_byte_array_sized_new((guint)(size + scan->strays->len));
    gsize done = 0;

    for (guint i = 0; i < scan->strays->len; i++) {
        gsize stray = g_array_index(scan->strays, gsize, i);
        g_byte_array_append(mended, body + done, (guint)(stray - done));
        g_byte_array_append(mended, (const guint8 *)"\n", 1);
        done = stray;
    }
    return g_byte_array_append(mended, body + done, (guint)(size - done));
}

const char *scan_header(const guint8 *bytes, gsize size)
{
    guint fields = 0;

    for (gsize at = 0; at < size && fields <= LIMIT_HEADER_FIELDS;) {
        const guint8 *end = memchr(bytes + at, '\n', size - at);
        fields += !strchr(" \t\r\n", bytes[at]);
        at = end ? (gsize)(end - bytes) + 1 : size;
    }
    if (fields > LIMIT_HEADER_FIELDS)
        return TOO_MANY_FIELDS;
    return size > LIMIT_HEADER_BYTES ? TOO_LONG_HEADER : NULL;
}
