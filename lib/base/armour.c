#include "armour.h"
#include <string.h>

enum { LINE = 64, CRC24_START = 0xB704CE, CRC24_POLYNOMIAL = 0x1864CFB };

/* RFC 4880, 6.1 */
static guint32 crc24(const guchar *bytes, gsize size)
{
    guint32 crc = CRC24_START;

    for (gsize i = 0; i < size; i++) {
        crc ^= (guint32)bytes[i] << 16;
        for (int bit = 0; bit < 8; bit++) {
            crc <<= 1;
            if (crc & 0x1000000)
                crc ^= CRC24_POLYNOMIAL;
        }
    }
    return crc & 0xFFFFFF;
}

static void append_lines(GString *out, const guchar *bytes, gsize size)
{
    g_autofree char *coded = g_base64_encode(bytes, size);
    gsize length = strlen(coded);

    for (gsize at = 0; at < length; at += LINE)
        g_string_append_printf(out, "%.*s\n", LINE, coded + at);
}

char *armour_key(GBytes *bytes, gboolean cms)
{
    gsize size;
    const guchar *data = g_bytes_get_data(bytes, &size);
    GString *out = g_string_new(
        cms ? "-----BEGIN CERTIFICATE-----\n" : "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n");

    append_lines(out, data, size);
    if (!cms) {
        guint32 sum = crc24(data, size);
        const guchar three[] = {(guchar)(sum >> 16), (guchar)(sum >> 8), (guchar)sum};
        g_autofree char *coded = g_base64_encode(three, sizeof three);
        g_string_append_printf(out, "=%s\n", coded);
    }
    g_string_append(
        out, cms ? "-----END CERTIFICATE-----\n" : "-----END PGP PUBLIC KEY BLOCK-----\n");
    return g_string_free(out, FALSE);
}

/* Five bits a character, the first bits first (RFC 6189, 5.1.6). */
static char *zbase32(const guchar *bytes, gsize size)
{
    static const char digits[] = "ybndrfg8ejkmcpqxot1uwisza345h769";
    GString *out = g_string_new(NULL);

    for (gsize bit = 0; bit < size * 8; bit += 5) {
        guint pair = (guint)bytes[bit / 8] << 8 | (bit / 8 + 1 < size ? bytes[bit / 8 + 1] : 0);
        g_string_append_c(out, digits[pair >> (11 - bit % 8) & 31]);
    }
    return g_string_free(out, FALSE);
}

char *wkd_name(const char *address)
{
    const char *at = strrchr(address, '@');
    g_autofree char *local = at ? g_strndup(address, (gsize)(at - address)) : NULL;
    g_autofree char *small = local ? g_ascii_strdown(local, -1) : NULL;
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA1);
    guint8 digest[20];
    gsize size = sizeof digest;

    if (!small)
        return NULL;
    g_checksum_update(checksum, (const guchar *)small, (gssize)strlen(small));
    g_checksum_get_digest(checksum, digest, &size);
    return zbase32(digest, size);
}
