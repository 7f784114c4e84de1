#include "write.h"

enum { IN_A_LINE = 48 };

/* RFC 4880 section 6.1 */
static guint32 checksum(const guchar *data, gsize size)
{
    guint32 sum = 0xb704ce;

    for (gsize i = 0; i < size; i++) {
        sum ^= (guint32)data[i] << 16;
        for (int bit = 0; bit < 8; bit++)
            sum = sum << 1 ^ (sum & 0x800000 ? 0x1864cfb : 0);
    }
    return sum & 0xffffff;
}

static void append_base64(GString *out, const guchar *data, gsize size)
{
    for (gsize at = 0; at < size; at += IN_A_LINE) {
        g_autofree char *line = g_base64_encode(data + at, MIN(size - at, IN_A_LINE));
        g_string_append_printf(out, "%s\n", line);
    }
}

GBytes *write_armoured_key(GBytes *key)
{
    GString *out = g_string_new("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n");
    gsize size;
    const guchar *data = g_bytes_get_data(key, &size);
    guint32 sum = checksum(data, size);
    const guchar last[] = {(guchar)(sum >> 16), (guchar)(sum >> 8), (guchar)sum};

    append_base64(out, data, size);
    g_string_append_c(out, '=');
    append_base64(out, last, sizeof last);
    g_string_append(out, "-----END PGP PUBLIC KEY BLOCK-----\n");
    return g_string_free_to_bytes(out);
}
