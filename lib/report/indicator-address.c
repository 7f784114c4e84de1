/* IPv4, IPv6 and networks of them. */
#include "indicator-parts.h"
#include <arpa/inet.h>
#include <string.h>

enum { IPV6_MAX = 46 };

/* What stands before a version number. */
static const char *const version_words[] = {"version", "versions", "ver", "vers", "v", "release",
    "rel", "build", "firmware", "revision", "rev", "update", "section", "chapter", "step", "kernel",
    "バージョン", "版", "ファームウェア", "リリース", "ビルド", "章", "項", "節", NULL};
static const char *const joining_words[] = {"to", "and", "or", "is", "number", "no", "before",
    "until", "through", "below", "prior", "than", "から", "と", "および", "及び", "は", "より",
    "または", NULL};

/* A number of up to three digits with nothing before that is no digit; -1: it is none. */
static int read_octet(const char **at, const char *end)
{
    const char *start = *at;
    int value = 0;

    while (*at < end && g_ascii_isdigit(**at) && *at - start < 4)
        value = value * 10 + g_ascii_digit_value(*(*at)++);
    /* "01" may be octal or the day of a month; "001" is how some programs align columns. */
    if (*at == start || *at - start > 3 || value > 255 || (*start == '0' && *at - start == 2))
        return -1;
    return value;
}

static gboolean read_ipv4(const char *text, gsize length, guint8 octets[4])
{
    const char *at = text, *end = text + length;

    for (int i = 0; i < 4; i++) {
        int value = read_octet(&at, end);
        if (value < 0 || (i < 3 && (at == end || *at++ != '.')))
            return FALSE;
        octets[i] = (guint8)value;
    }
    return at == end;
}

static char *write_ipv4(const guint8 octets[4])
{
    return g_strdup_printf("%u.%u.%u.%u", octets[0], octets[1], octets[2], octets[3]);
}

char *ipv4_canonical(const char *text, gsize length)
{
    guint8 octets[4];
    return read_ipv4(text, length, octets) ? write_ipv4(octets) : NULL;
}

static gboolean read_ipv6(const char *text, gsize length, struct in6_addr *address)
{
    char copy[IPV6_MAX + 1];

    if (length > IPV6_MAX)
        return FALSE;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return inet_pton(AF_INET6, copy, address) == 1;
}

/* RFC 5952 */
static char *write_ipv6(const struct in6_addr *address)
{
    char text[INET6_ADDRSTRLEN];

    return g_strdup(inet_ntop(AF_INET6, address, text, sizeof text));
}

char *ipv6_canonical(const char *text, gsize length)
{
    struct in6_addr address;
    return read_ipv6(text, length, &address) ? write_ipv6(&address) : NULL;
}

/* -- networks -- */

/* "/24" there: its length and where it ends; 0: there is none. */
static gsize read_prefix(const struct hunt *hunt, gsize at, int most, int *bits)
{
    gsize end = at + 1;

    *bits = 0;
    if (hunt_at(hunt, at) != '/')
        return 0;
    for (; end < at + 4 && g_ascii_isdigit(hunt_at(hunt, end)); end++)
        *bits = *bits * 10 + g_ascii_digit_value(hunt_at(hunt, end));
    if (end == at + 1 || *bits > most || hunt_at(hunt, end) == '/' ||
        !hunt_alone(hunt, at + 1, end) ||
        (hunt_at(hunt, end) == '.' && g_ascii_isdigit(hunt_at(hunt, end + 1))))
        return 0;
    return end;
}

/* Whatever host of it is named, it is the network. */
static void clear_host(guint8 *bytes, gsize size, int bits)
{
    for (gsize i = 0; i < size; i++) {
        int keep = CLAMP(bits - (int)i * 8, 0, 8);
        bytes[i] &= (guint8)(0xFF << (8 - keep));
    }
}

/* -- IPv4 -- */

/* Of this host, of no host, or a mask: these say nothing. */
static gboolean says_nothing(const guint8 octets[4])
{
    return octets[0] == 0 || octets[0] == 127 || octets[0] == 255;
}

/* "Chrome/120.0.0.0": a product, as browsers name themselves */
static gboolean is_product(const struct hunt *hunt, gsize at)
{
    gsize start = at;

    if (hunt_at(hunt, at - 1) != '/')
        return FALSE;
    for (start = at - 1; start > 0 && at - start < TOKEN_MAX; start--)
        if (!g_ascii_isalnum(hunt_at(hunt, start - 1)))
            break;
    return g_ascii_isupper(hunt_at(hunt, start));
}

static gboolean is_version(struct hunt *hunt, gsize begin, gsize end)
{
    gboolean version;

    if (hunt_mended(hunt, begin, end))
        return FALSE;
    version = hunt_behind(hunt, version_words) || is_product(hunt, begin) ||
              (hunt_behind(hunt, joining_words) &&
                  (hunt->version || g_strv_contains(version_words, hunt->before[1])));
    if (version)
        hunt->version = 3;
    return version;
}

/* Digits and dots from `at`. */
static gsize number_end(const struct hunt *hunt, gsize at)
{
    while (g_ascii_isdigit(hunt_at(hunt, at)) ||
           (hunt_at(hunt, at) == '.' && g_ascii_isdigit(hunt_at(hunt, at + 1))))
        at++;
    return at;
}

/* The other end of a range: "192.0.2.1-192.0.2.9", "192.0.2.1-9" */
static gboolean is_range(const struct hunt *hunt, gsize end)
{
    return hunt_at(hunt, end) == '-' && g_ascii_isdigit(hunt_at(hunt, end + 1)) &&
           hunt_alone(hunt, end + 1, number_end(hunt, end + 1));
}

static gboolean stands_alone(const struct hunt *hunt, gsize begin, gsize end)
{
    char before = hunt_at(hunt, begin - 1), behind = hunt_at(hunt, end);

    return hunt_alone(hunt, begin, end) && before != '.' &&
           (before != '-' || (begin > 1 && g_ascii_isdigit(hunt_at(hunt, begin - 2)))) &&
           (behind != '-' || !g_ascii_isalnum(hunt_at(hunt, end + 1)) || is_range(hunt, end)) &&
           !(behind == '.' && g_ascii_isalnum(hunt_at(hunt, end + 1)));
}

static gsize add_ipv4(struct hunt *hunt, guint8 octets[4], gsize begin, gsize end)
{
    g_autofree char *value = NULL;
    g_autofree char *network = NULL;
    int bits;
    gsize prefix = read_prefix(hunt, end, 32, &bits);
    gsize path;

    if (prefix) {
        clear_host(octets, 4, bits);
        value = write_ipv4(octets);
        network = g_strdup_printf("%s/%d", value, bits);
        hunt_add(hunt, INDICATOR_CIDR, network, begin, prefix);
        return prefix;
    }
    value = write_ipv4(octets);
    if ((path = hunt_path(hunt, value, begin, end)))
        return path;
    hunt_add(hunt, INDICATOR_IPV4, value, begin, end);
    return end;
}

gsize hunt_ipv4(struct hunt *hunt, gsize at)
{
    gsize end = number_end(hunt, at);
    guint8 octets[4];

    if (end - at < 7 || end - at > 15 || !stands_alone(hunt, at, end) ||
        !read_ipv4(hunt->word->plain + at, end - at, octets))
        return 0;
    if (is_version(hunt, at, end) || says_nothing(octets))
        return end;
    return add_ipv4(hunt, octets, at, end);
}

/* -- IPv6 -- */

static gsize ipv6_end(const struct hunt *hunt, gsize at)
{
    gsize end = at;
    gboolean digit = FALSE, colons = FALSE;

    for (; end < at + IPV6_MAX; end++) {
        char c = hunt_at(hunt, end);
        if (!g_ascii_isxdigit(c) && c != ':' && c != '.')
            break;
        digit |= g_ascii_isdigit(c);
        colons |= c == ':';
    }
    /* "add::bad" is no address but a name of a program's. */
    if (!digit || !colons)
        return at;
    while (end > at && strchr(".:", hunt_at(hunt, end - 1)) &&
           !(end > at + 1 && hunt_at(hunt, end - 1) == ':' && hunt_at(hunt, end - 2) == ':'))
        end--;
    return end;
}

static gsize add_ipv6(struct hunt *hunt, struct in6_addr *address, gsize begin, gsize end)
{
    g_autofree char *value = NULL;
    g_autofree char *network = NULL;
    int bits;
    gsize prefix = read_prefix(hunt, end, 128, &bits);

    if (prefix) {
        clear_host(address->s6_addr, sizeof address->s6_addr, bits);
        value = write_ipv6(address);
        network = g_strdup_printf("%s/%d", value, bits);
        hunt_add(hunt, INDICATOR_CIDR, network, begin, prefix);
        return prefix;
    }
    value = write_ipv6(address);
    hunt_add(hunt, INDICATOR_IPV6, value, begin, end);
    return end;
}

gsize hunt_ipv6(struct hunt *hunt, gsize at)
{
    gsize end = ipv6_end(hunt, at);
    struct in6_addr address;

    if (end - at < 3 || !hunt_alone(hunt, at, end) || hunt_at(hunt, at - 1) == ':' ||
        !read_ipv6(hunt->word->plain + at, end - at, &address) || IN6_IS_ADDR_LOOPBACK(&address) ||
        IN6_IS_ADDR_UNSPECIFIED(&address))
        return 0;
    return add_ipv6(hunt, &address, at, end);
}
