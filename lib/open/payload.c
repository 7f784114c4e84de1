/* What a signature covers. One over text leaves out the carriage returns at the end of a line (RFC
 * 9580 section 5.2.1.2: all line ends are made the same; gpg takes any number of returns for one
 * line end). So nothing may hang on them, or whoever sends the mail on could move the end of a
 * header, and with it what is read, without touching the signature. */
#include "opening.h"
#include <mado/limits.h>
#include <string.h>

struct copying {
    const char *at, *end;
    GByteArray *out;
};

static gboolean has_loose_returns(const char *data, gsize size)
{
    return size > 0 && (memmem(data, size, "\r\r", 2) || data[size - 1] == '\r');
}

/* A run of returns: one stays before a line feed, none at the end, all within a line. */
static void copy_run(struct copying *copying)
{
    const char *behind = copying->at;
    gsize kept;

    while (behind < copying->end && *behind == '\r')
        behind++;
    kept = behind == copying->end ? 0 : *behind == '\n' ? 1 : (gsize)(behind - copying->at);
    g_byte_array_append(copying->out, (const guint8 *)copying->at, (guint)kept);
    copying->at = behind;
}

GBytes *payload_as_signed(GBytes *payload)
{
    gsize size;
    const char *data = g_bytes_get_data(payload, &size);
    struct copying copying = {data, data + size};

    if (!has_loose_returns(data, size))
        return g_bytes_ref(payload);
    copying.out = g_byte_array_sized_new((guint)size);
    while (copying.at < copying.end) {
        const char *run = memchr(copying.at, '\r', (gsize)(copying.end - copying.at));
        const char *to = run ? run : copying.end;
        g_byte_array_append(copying.out, (const guint8 *)copying.at, (guint)(to - copying.at));
        copying.at = to;
        copy_run(&copying);
    }
    return g_byte_array_free_to_bytes(copying.out);
}

/* The same text is the same, whatever its line ends have become on its way. */
char *payload_digest(GBytes *payload)
{
    g_autoptr(GChecksum) sha256 = g_checksum_new(G_CHECKSUM_SHA256);
    gsize size;
    const char *at = g_bytes_get_data(payload, &size), *end = at + size;

    while (at < end) {
        const char *stop = memchr(at, '\r', (gsize)(end - at));
        g_checksum_update(sha256, (const guchar *)at, (stop ? stop : end) - at);
        at = stop ? stop + 1 : end;
    }
    return g_strdup(g_checksum_get_string(sha256));
}

/* -- ciphertext -- */

static const char *line_behind(const char *at, const char *end)
{
    const char *stop = memchr(at, '\n', (gsize)(end - at));
    return stop ? stop + 1 : end;
}

static gboolean begins(const char *at, const char *end, const char *with)
{
    return (gsize)(end - at) >= strlen(with) && memcmp(at, with, strlen(with)) == 0;
}

static gboolean is_blank(const char *at, const char *end)
{
    const char *stop = line_behind(at, end);

    while (at < stop && g_ascii_isspace(*at))
        at++;
    return at == stop;
}

/* RFC 9580 section 6.2: header lines up to a blank one, then Radix-64 up to the checksum or the
 * tail. */
static GByteArray *take_armour_off(const char *at, const char *end)
{
    GByteArray *out = g_byte_array_new();
    guint save = 0;
    gint state = 0;

    while (at < end && !is_blank(at, end))
        at = line_behind(at, end);
    while (at < end && *at != '=' && *at != '-') {
        const char *next = line_behind(at, end);
        gsize size = (gsize)(next - at), before = out->len;
        g_byte_array_set_size(out, (guint)(before + size + 3));
        g_byte_array_set_size(out,
            (guint)(before + g_base64_decode_step(at, size, out->data + before, &state, &save)));
        at = next;
    }
    return out;
}

/* The first `most` bytes without armour; all that there is, if it has none. */
static GBytes *bare(GBytes *payload, gsize most)
{
    gsize size;
    const char *at = g_bytes_get_data(payload, &size), *end;

    if (!size)
        return g_bytes_ref(payload);
    end = at + MIN(size, most);
    while (at < end && !begins(at, end, "-----BEGIN PGP MESSAGE-----"))
        at = line_behind(at, end);
    return at < end ? g_byte_array_free_to_bytes(take_armour_off(at, end))
                    : g_bytes_new_from_bytes(payload, 0, MIN(size, most));
}

char *sealed_digest(GBytes *payload)
{
    g_autoptr(GBytes) ciphertext = bare(payload, G_MAXSIZE);

    return g_compute_checksum_for_bytes(
        G_CHECKSUM_SHA256, g_bytes_get_size(ciphertext) ? ciphertext : payload);
}

/* -- the keys to which it is encrypted -- */

enum {
    PACKET_SESSION_KEY = 1,
    PACKET_PASSWORD = 3,
    DATA_TAGS = 1 << 8 | 1 << 9 | 1 << 11 | 1 << 18 | 1 << 20
};

struct packets {
    const guint8 *at, *end;
    guint tag;
};

static gboolean take_number(struct packets *packets, guint bytes, guint64 *number)
{
    if ((gsize)(packets->end - packets->at) < bytes)
        return FALSE;
    for (*number = 0; bytes > 0; bytes--)
        *number = *number << 8 | *packets->at++;
    return TRUE;
}

/* RFC 9580 section 4.2.1; what has partial lengths holds data. */
static gboolean take_length(struct packets *packets, guint64 *length)
{
    guint64 second;

    if (!take_number(packets, 1, length))
        return FALSE;
    if (*length < 192)
        return TRUE;
    if (*length == 255)
        return take_number(packets, 4, length);
    if (*length >= 224 || !take_number(packets, 1, &second))
        return FALSE;
    *length = ((*length - 192) << 8) + second + 192;
    return TRUE;
}

/* Over the head and the content of one packet; FALSE: it is none, or holds data. */
static gboolean skip_packet(struct packets *packets)
{
    static const guint old_sizes[] = {1, 2, 4};
    guint64 head, length;

    if (!take_number(packets, 1, &head) || !(head & 0x80))
        return FALSE;
    packets->tag = head & 0x40 ? head & 0x3f : head >> 2 & 0xf;
    if ((packets->tag < 32 && (guint32)DATA_TAGS >> packets->tag & 1) ||
        (!(head & 0x40) && (head & 3) == 3))
        return FALSE;
    if (!(head & 0x40 ? take_length(packets, &length)
                      : take_number(packets, old_sizes[head & 3], &length)))
        return FALSE;
    packets->at += MIN(length, (guint64)(packets->end - packets->at));
    return TRUE;
}

gboolean sealed_has_too_many_keys(GBytes *payload)
{
    g_autoptr(GBytes) start = bare(payload, LIMIT_SESSION_KEY_BYTES / 2 * 3);
    gsize size;
    const guint8 *bytes = g_bytes_get_data(start, &size);
    struct packets packets = {bytes, bytes, 0};
    guint count = 0;

    if (size)
        packets.end += MIN(size, LIMIT_SESSION_KEY_BYTES);
    while (count <= LIMIT_SESSION_KEYS && skip_packet(&packets))
        count += packets.tag == PACKET_SESSION_KEY || packets.tag == PACKET_PASSWORD;
    return count > LIMIT_SESSION_KEYS ||
           (count && packets.at == packets.end && size >= LIMIT_SESSION_KEY_BYTES);
}
