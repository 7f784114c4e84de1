#include "offer.h"
#include "body.h"
#include <mado/limits.h>
#include <string.h>

/* What a file must hold to be one; "" is any bytes. */
static const struct {
    const char *type;
    const char *name; /* its end; NULL: any */
    const char *holds;
} kinds[] = {
    {"application/pgp-keys", NULL, "-----BEGIN PGP PUBLIC KEY BLOCK-----"},
    {NULL, ".asc", "-----BEGIN PGP PUBLIC KEY BLOCK-----"},
    {NULL, ".key", "-----BEGIN PGP PUBLIC KEY BLOCK-----"},
    {NULL, ".pgp", "-----BEGIN PGP PUBLIC KEY BLOCK-----"},
    {NULL, ".gpg", "-----BEGIN PGP PUBLIC KEY BLOCK-----"},
    {"application/pkix-cert", NULL, ""},
    {"application/x-x509-ca-cert", NULL, ""},
    {"application/x-x509-user-cert", NULL, ""},
    {"application/x-pkcs7-certificates", NULL, ""},
    {NULL, ".p7c", ""},
    {NULL, ".cer", ""},
    {NULL, ".crt", ""},
    {NULL, ".der", ""},
    {NULL, ".pem", "-----BEGIN CERTIFICATE-----"},
};

static gboolean has_end(const char *name, const char *end)
{
    gsize length = strlen(name), wanted = strlen(end);

    return length >= wanted && !g_ascii_strcasecmp(name + length - wanted, end);
}

gboolean offer_is_name(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (kinds[i].name && has_end(name, kinds[i].name))
            return TRUE;
    return FALSE;
}

static gboolean is_offered(const GPtrArray *offers, GBytes *bytes)
{
    return g_ptr_array_find_with_equal_func(
        (GPtrArray *)offers, bytes, (GEqualFunc)g_bytes_equal, NULL);
}

static void add(GPtrArray *offers, GPtrArray *problems, const GByteArray *bytes)
{
    g_autoptr(GBytes) offer = g_bytes_new(bytes->data, bytes->len);

    if (bytes->len == 0 || is_offered(offers, offer))
        return;
    if (bytes->len > LIMIT_OFFER_BYTES)
        problem_add(problems, "a key that came along is > 64 kB: passed over");
    else if (offers->len >= LIMIT_OFFERS)
        problem_add(problems, "more than 4 keys came along: the rest passed over");
    else
        g_ptr_array_add(offers, g_steal_pointer(&offer));
}

static gboolean holds(const GByteArray *bytes, const char *text)
{
    return !*text || (bytes->len && memmem(bytes->data, bytes->len, text, strlen(text)));
}

/* A secret that somebody sent along by mistake is not handed around. */
static gboolean is_secret(const GByteArray *bytes)
{
    return holds(bytes, "PRIVATE KEY");
}

/* What it must hold to be an offer, or NULL: it is none. A key in binary form is one by its type.
 */
static const char *wanted(GMimeObject *part, gboolean *binary)
{
    g_autofree char *type = part_type(part);
    g_autofree char *name = part_name(part);

    *binary = !strcmp(type, "application/pgp-keys");
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        if ((kinds[i].type && !strcmp(type, kinds[i].type)) ||
            (kinds[i].name && has_end(name, kinds[i].name)))
            return kinds[i].holds;
    return NULL;
}

/* RFC 4880 4.2 and 5.5.1.1: a packet with a public key. */
static gboolean is_key_packet(const GByteArray *bytes)
{
    return bytes->len > 0 && (bytes->data[0] == 0xc6 || (bytes->data[0] & 0xfc) == 0x98);
}

void offer_part(
    GPtrArray *offers, GPtrArray *problems, const struct source *source, GMimeObject *part)
{
    gboolean binary;
    const char *must = wanted(part, &binary);
    g_autoptr(GByteArray) bytes = NULL;

    if (!must)
        return;
    bytes = part_bytes(source, part, LIMIT_OFFER_BYTES + 1);
    if (!is_secret(bytes) && (holds(bytes, must) || (binary && is_key_packet(bytes))))
        add(offers, problems, bytes);
}

/* -- Autocrypt Level 1, 1.1: addr=...; [prefer-encrypt=mutual;] keydata=... -- */

static char *attribute(const char *raw, const char *name)
{
    g_auto(GStrv) pairs = g_strsplit(raw, ";", -1);

    for (guint i = 0; pairs[i]; i++) {
        char *value = strchr(pairs[i], '=');
        if (!value)
            continue;
        *value++ = '\0';
        if (!strcmp(g_strstrip(pairs[i]), name))
            return g_strdup(g_strstrip(value));
    }
    return NULL;
}

/* More than one such field counts as none. */
void offer_autocrypt(
    GPtrArray *offers, GPtrArray *problems, const GArray *fields, const GPtrArray *from)
{
    g_autofree char *raw = header_raw(fields, "Autocrypt");
    g_autofree char *address = raw ? attribute(raw, "addr") : NULL;
    g_autofree char *data = raw ? attribute(raw, "keydata") : NULL;
    const struct mailbox *sender = from->len == 1 ? from->pdata[0] : NULL;
    g_autoptr(GByteArray) bytes = NULL;
    gsize size;

    if (!address || !data || !sender || g_ascii_strcasecmp(address, sender->addr) != 0 ||
        fields_count(fields, "Autocrypt") > 1)
        return;
    g_base64_decode_inplace(data, &size);
    bytes = g_byte_array_append(g_byte_array_new(), (const guint8 *)data, (guint)size);
    if (is_key_packet(bytes))
        add(offers, problems, bytes);
}
