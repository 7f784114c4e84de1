/* A value that a format calls an address, a URL, a hash: to one way of writing it. */
#include "report-parts.h"
#include "text.h"
#include <arpa/inet.h>
#include <string.h>

enum { MOST_OF_A_VALUE = LIMIT_FOUND_BYTES, MOST_OF_A_NAME = 500 };

/* The ways in which teams keep what they write from being clicked on. */
static const struct {
    const char *written, *meant;
} fangs[] = {
    {"[.]", "."},
    {"(.)", "."},
    {"[dot]", "."},
    {"[:]", ":"},
    {"[://]", "://"},
    {"[@]", "@"},
    {"[at]", "@"},
    {"\\.", "."},
};

static const char *meant_at(const char *at, gsize *length)
{
    for (gsize i = 0; i < G_N_ELEMENTS(fangs); i++)
        if (g_str_has_prefix(at, fangs[i].written)) {
            *length = strlen(fangs[i].written);
            return fangs[i].meant;
        }
    return NULL;
}

static char *refanged(const char *text)
{
    GString *out = g_string_new(NULL);
    gsize length = 1;

    for (const char *at = text; *at && out->len < MOST_OF_A_VALUE; at += length) {
        const char *meant = meant_at(at, &length);
        if (meant) {
            g_string_append(out, meant);
        } else {
            g_string_append_c(out, *at);
            length = 1;
        }
    }
    if (!g_ascii_strncasecmp(out->str, "hxxp", 4) || !g_ascii_strncasecmp(out->str, "meow", 4))
        memcpy(out->str, "http", 4);
    g_strstrip(out->str);
    return g_string_free(out, FALSE);
}

static char *canonical_ipv4(const char *text)
{
    struct in_addr address;
    char out[INET_ADDRSTRLEN];

    if (inet_pton(AF_INET, text, &address) != 1)
        return NULL;
    return g_strdup(inet_ntop(AF_INET, &address, out, sizeof out));
}

static char *canonical_ipv6(const char *text)
{
    struct in6_addr address;
    char out[INET6_ADDRSTRLEN];
    gsize length = strlen(text);
    g_autofree char *bare =
        *text == '[' && text[length - 1] == ']' ? g_strndup(text + 1, length - 2) : g_strdup(text);

    if (inet_pton(AF_INET6, bare, &address) != 1)
        return NULL;
    return g_strdup(inet_ntop(AF_INET6, &address, out, sizeof out));
}

static char *canonical_cidr(const char *text)
{
    const char *slash = strchr(text, '/');
    g_autofree char *address = slash ? g_strndup(text, (gsize)(slash - text)) : NULL;
    g_autofree char *four = slash ? canonical_ipv4(address) : NULL;
    g_autofree char *six = slash && !four ? canonical_ipv6(address) : NULL;
    guint64 bits;

    if ((!four && !six) ||
        !g_ascii_string_to_unsigned(slash + 1, 10, 0, four ? 32 : 128, &bits, NULL))
        return NULL;
    return g_strdup_printf("%s/%" G_GUINT64_FORMAT, four ? four : six, bits);
}

static gboolean is_label(const char *label, gsize length)
{
    if (length < 1 || length > 63 || label[0] == '-' || label[length - 1] == '-')
        return FALSE;
    for (gsize i = 0; i < length; i++)
        if (!g_ascii_isalnum(label[i]) && label[i] != '-' && label[i] != '_')
            return FALSE;
    return TRUE;
}

/* At least two labels, the last of which is no number (RFC 3696 2). */
static gboolean is_host(const char *ascii)
{
    const char *last = ascii, *at = ascii;
    gsize labels = 0;

    for (; labels == 0 || *at; labels++) {
        gsize length = strcspn(at, ".");
        if (!is_label(at, length))
            return FALSE;
        last = at;
        at += length;
        if (*at == '.' && at[1])
            at++;
        else if (*at == '.')
            break;
    }
    return labels >= 1 && last != ascii && !g_ascii_isdigit(*last) && strlen(ascii) <= 254;
}

static char *canonical_domain(const char *text)
{
    g_autofree char *ascii = strlen(text) <= MOST_OF_A_NAME ? g_hostname_to_ascii(text) : NULL;
    g_autofree char *lower = ascii ? g_ascii_strdown(ascii, -1) : NULL;

    if (lower && g_str_has_suffix(lower, "."))
        lower[strlen(lower) - 1] = '\0';
    return lower && is_host(lower) ? g_steal_pointer(&lower) : NULL;
}

/* As it would be found in a text, so that both are one. */
static char *url_in_text(const char *text)
{
    g_autoptr(mado_report) found = report_new();
    const struct place place = {.text = text, .from = "", .type = "text/plain"};
    const struct indicator *one;

    indicator_find(found, &place);
    if (found->indicators->len != 1)
        return NULL;
    one = g_ptr_array_index(found->indicators, 0);
    if (one->kind != INDICATOR_URL || strcmp(one->as_written, text) != 0)
        return NULL; /* a part of it */
    return g_strdup(one->value);
}

/* Of a host that is no public name: scheme and host in lower case (RFC 3986 6.2.2.1). */
static char *private_url(const char *text)
{
    static const char *const schemes[] = {"http", "https", "ftp", NULL};
    const char *colon = strstr(text, "://");
    g_autofree char *scheme = colon ? g_ascii_strdown(text, colon - text) : NULL;
    gsize length;
    g_autofree char *host = NULL;

    if (!scheme || !g_strv_contains(schemes, scheme))
        return NULL;
    length = strcspn(colon + 3, "/?#");
    if (length == 0 || strpbrk(colon, " \t<>\""))
        return NULL;
    host = g_ascii_strdown(colon + 3, (gssize)length);
    return g_strdup_printf("%s://%s%s", scheme, host, colon + 3 + length);
}

static char *canonical_url(const char *text)
{
    char *url = strstr(text, "://") ? url_in_text(text) : NULL;

    return url ? url : private_url(text);
}

static char *canonical_mail(const char *text)
{
    return text_is_safe_address(text) ? g_ascii_strdown(text, -1) : NULL;
}

static char *canonical_hash(const char *text, gsize length)
{
    const char *colon = strchr(text, ':');
    const char *hex = colon ? colon + 1 : text; /* "sha256:..." */

    if (strlen(hex) != length || strspn(hex, "0123456789abcdefABCDEF") != length)
        return NULL;
    return g_ascii_strdown(hex, -1);
}

static char *canonical_md5(const char *text)
{
    return canonical_hash(text, 32);
}

static char *canonical_sha1(const char *text)
{
    return canonical_hash(text, 40);
}

static char *canonical_sha256(const char *text)
{
    return canonical_hash(text, 64);
}

static char *canonical_sha512(const char *text)
{
    return canonical_hash(text, 128);
}

static char *canonical_cve(const char *text)
{
    g_autofree char *upper = g_ascii_strup(text, -1);
    gsize digits = strlen(upper) > 9 ? strspn(upper + 9, "0123456789") : 0;

    if (!g_str_has_prefix(upper, "CVE-") || strspn(upper + 4, "0123456789") != 4 ||
        upper[8] != '-' || digits < 4 || digits > 10 || upper[9 + digits])
        return NULL;
    return g_steal_pointer(&upper);
}

static char *canonical_asn(const char *text)
{
    guint64 number;

    if (!g_ascii_strncasecmp(text, "AS", 2))
        text += 2;
    if (!g_ascii_string_to_unsigned(text, 10, 1, G_MAXUINT32, &number, NULL))
        return NULL;
    return g_strdup_printf("AS%" G_GUINT64_FORMAT, number);
}

static char *canonical_jvn(const char *text)
{
    g_autofree char *upper = g_ascii_strup(text, -1);
    const char *digits = strchr(upper, '#');

    if (!digits || !g_str_has_prefix(upper, "JVN") || strspn(digits + 1, "0123456789") != 8 ||
        digits[9])
        return NULL;
    return g_steal_pointer(&upper);
}

static char *(*const canonical[INDICATOR_KINDS])(const char *text) = {
    [INDICATOR_IPV4] = canonical_ipv4,
    [INDICATOR_IPV6] = canonical_ipv6,
    [INDICATOR_CIDR] = canonical_cidr,
    [INDICATOR_DOMAIN] = canonical_domain,
    [INDICATOR_URL] = canonical_url,
    [INDICATOR_MAIL] = canonical_mail,
    [INDICATOR_MD5] = canonical_md5,
    [INDICATOR_SHA1] = canonical_sha1,
    [INDICATOR_SHA256] = canonical_sha256,
    [INDICATOR_SHA512] = canonical_sha512,
    [INDICATOR_CVE] = canonical_cve,
    [INDICATOR_ASN] = canonical_asn,
    [INDICATOR_JVN] = canonical_jvn,
};

gboolean value_add_as(
    struct report *report, enum indicator_kind kind, const char *text, const char *from)
{
    g_autofree char *meant = refanged(text);
    g_autofree char *value = *meant ? canonical[kind](meant) : NULL;

    if (value)
        report_add_indicator(report, kind, value, text, from);
    return value != NULL;
}

/* A bare number is no autonomous system unless something says so. */
static gboolean is_told_by_itself(enum indicator_kind kind, const char *text)
{
    return kind != INDICATOR_ASN || g_ascii_isalpha(*text);
}

/* INDICATOR_KINDS and NULL if it is none. */
static enum indicator_kind recognise(const char *text, char **value)
{
    g_autofree char *meant = refanged(text);

    *value = NULL;
    for (enum indicator_kind kind = 0; kind < INDICATOR_KINDS && *meant; kind++)
        if (is_told_by_itself(kind, meant) && (*value = canonical[kind](meant)))
            return kind;
    return INDICATOR_KINDS;
}

gboolean value_add(struct report *report, const char *text, const char *from)
{
    g_autofree char *value = NULL;
    enum indicator_kind kind = recognise(text, &value);

    if (value)
        report_add_indicator(report, kind, value, text, from);
    return value != NULL;
}

char *value_canonical(const char *text)
{
    char *value;

    recognise(text, &value);
    return value;
}

gboolean value_is_address(const char *text)
{
    g_autofree char *four = *text ? canonical_ipv4(text) : NULL;
    g_autofree char *six = *text ? canonical_ipv6(text) : NULL;

    return four || six;
}
