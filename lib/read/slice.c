#include "slice.h"
#include <mado/limits.h>
#include <string.h>

struct cutting {
    struct slices *out;
    const guint8 *bytes;
    const char *boundary;
    gsize length;
    gsize begin; /* of the part at hand */
    gboolean any;
};

static gboolean is_blank(const guint8 *line, gsize length)
{
    for (gsize i = 0; i < length; i++)
        if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r')
            return FALSE;
    return TRUE;
}

static gboolean is_delimiter(
    const struct cutting *cutting, const guint8 *line, gsize length, gboolean *last)
{
    gsize used = cutting->length + 2;

    if (length < used || line[0] != '-' || line[1] != '-' ||
        memcmp(line + 2, cutting->boundary, cutting->length) != 0)
        return FALSE;
    *last = length >= used + 2 && line[used] == '-' && line[used + 1] == '-';
    used += *last ? 2 : 0;
    return is_blank(line + used, length - used);
}

static gsize before_line_end(const struct cutting *cutting, gsize at)
{
    gsize end = at;

    if (end > cutting->begin && cutting->bytes[end - 1] == '\n')
        end--;
    if (end < at && end > cutting->begin && cutting->bytes[end - 1] == '\r')
        end--;
    return end;
}

/* What ends at `end` is the prologue, or a part. */
static void end_piece(struct cutting *cutting, gsize end)
{
    struct span span = {cutting->begin, end};

    if (cutting->any)
        g_array_append_val(cutting->out->parts, span);
    else
        cutting->out->prologue = span;
}

/* FALSE: nothing behind this line is a part. */
static gboolean take_delimiter(struct cutting *cutting, gsize at, gsize next, gboolean last)
{
    end_piece(cutting, before_line_end(cutting, at));
    cutting->any = TRUE;
    cutting->begin = next;
    cutting->out->closed = last;
    return !last && cutting->out->parts->len < LIMIT_PARTS;
}

void slices_cut(struct slices *slices, const char *boundary, const guint8 *bytes, gsize size)
{
    struct cutting cutting = {slices, bytes, boundary, strlen(boundary)};
    gboolean more = TRUE, last;

    *slices = (struct slices){.parts = g_array_new(FALSE, FALSE, sizeof(struct span))};
    for (gsize at = 0, next; at < size && more; at = next) {
        const guint8 *end = memchr(bytes + at, '\n', size - at);
        gsize length = end ? (gsize)(end - bytes) - at : size - at;
        next = MIN(at + length + 1, size);
        if (is_delimiter(&cutting, bytes + at, length, &last))
            more = take_delimiter(&cutting, at, next, last);
    }
    if (slices->closed)
        slices->epilogue = (struct span){cutting.begin, size};
    else
        end_piece(&cutting, size);
}

void slices_clear(struct slices *slices)
{
    g_clear_pointer(&slices->parts, g_array_unref);
}

/* Line ends that lack their CR. */
static gsize count_bare(const guint8 *bytes, gsize size)
{
    const guint8 *at = bytes, *end = bytes + size;
    gsize count = 0;

    for (; at < end && (at = memchr(at, '\n', (gsize)(end - at))); at++)
        count += at == bytes || at[-1] != '\r';
    return count;
}

GBytes *slice_canonical(const guint8 *bytes, gsize size)
{
    gsize bare = count_bare(bytes, size), used = 0, done = 0;
    guint8 *out;

    if (bare == 0)
        return g_bytes_new(bytes, size);
    out = g_malloc(size + bare);
    for (gsize at = 0; at < size; at++) {
        if (bytes[at] != '\n' || (at > 0 && bytes[at - 1] == '\r'))
            continue;
        memcpy(out + used, bytes + done, at - done);
        used += at - done;
        out[used++] = '\r';
        done = at;
    }
    memcpy(out + used, bytes + done, size - done);
    return g_bytes_new_take(out, size + bare);
}
