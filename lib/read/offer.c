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

struct autocrypt {
    char *addr, *keydata;
};

/* FALSE for an attribute that is not known, and may matter. */
static gboolean take_attribute(struct autocrypt *found, const char *name, const char *value)
{
    char **place = !strcmp(name, "addr")      ? &found->addr
                   : !strcmp(name, "keydata") ? &found->keydata
                                              : NULL;

    if (place && !*place)
        *place = g_strdup(value);
    return place || *name == '_' || !*name || !strcmp(name, "prefer-encrypt");
}

static gboolean parse_autocrypt(struct autocrypt *found, const char *raw)
{
    g_auto(GStrv) pairs = g_strsplit(raw, ";", -1);
    gboolean known = TRUE;

    for (guint i = 0; pairs[i]; i++) {
        char *value = strchr(pairs[i], '=');
        if (value)
            *value++ = '\0';
        known &= take_attribute(found, g_strstrip(pairs[i]), value ? g_strstrip(value) : "");
    }
    return known && found->addr && found->keydata;
}

static void add_autocrypt(
    GPtrArray *offers, GPtrArray *problems, const char *raw, const char *address)
{
    struct autocrypt found = {0};
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    gsize size = 0;

    if (parse_autocrypt(&found, raw) && !g_ascii_strcasecmp(found.addr, address)) {
        g_autofree guchar *data = g_base64_decode(found.keydata, &size);
        g_byte_array_append(bytes, data, (guint)size);
    }
    if (is_key_packet(bytes))
        add(offers, problems, bytes);
    g_free(found.addr);
    g_free(found.keydata);
}

/* More than one such field counts as none. */
void offer_autocrypt(
    GPtrArray *offers, GPtrArray *problems, const GArray *fields, const GPtrArray *from)
{
    const struct mailbox *sender = from->len == 1 ? from->pdata[0] : NULL;
    g_autofree char *raw = sender ? header_raw(fields, "Autocrypt") : NULL;

    if (raw && fields_count(fields, "Autocrypt") == 1)
        add_autocrypt(offers, problems, raw, sender->addr);
}
