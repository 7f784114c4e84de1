/* URLs, with a scheme however it was spoiled, or without one but with a path. */
#include "indicator-parts.h"
#include <string.h>

enum { SCHEME_MAX = 8, USER_MAX = 64 };

static const struct {
    const char *written, *plain, *port;
} schemes[] = {
    {"http", "http", ":80"},
    {"https", "https", ":443"},
    {"hxxp", "http", ":80"},
    {"hxxps", "https", ":443"},
    {"hxtp", "http", ":80"},
    {"hxtps", "https", ":443"},
    {"htxp", "http", ":80"},
    {"htxps", "https", ":443"},
    {"h**p", "http", ":80"},
    {"h**ps", "https", ":443"},
    {"meow", "http", ":80"},
    {"meows", "https", ":443"},
    {"ftp", "ftp", ":21"},
    {"fxp", "ftp", ":21"},
    {"ftps", "ftps", ""},
    {"sftp", "sftp", ""},
    {"tftp", "tftp", ""},
    {"ws", "ws", ":80"},
    {"wss", "wss", ":443"},
    {"tcp", "tcp", ""},
    {"udp", "udp", ""},
    {"ssh", "ssh", ""},
    {"telnet", "telnet", ""},
    {"rdp", "rdp", ""},
    {"smb", "smb", ""},
    {"ldap", "ldap", ""},
    {"ldaps", "ldaps", ""},
    {"rmi", "rmi", ""},
    {"irc", "irc", ""},
};

/* Hosts that name the shapes of files, and are in every one of them. */
static const char *const shape_hosts[] = {"www.w3.org", "schemas.xmlsoap.org",
    "schemas.microsoft.com", "schemas.openxmlformats.org", "json-schema.org", "docs.oasis-open.org",
    NULL};

static gint find_scheme(const struct hunt *hunt, gsize at, gsize *end)
{
    g_autofree char *scheme = NULL;

    for (*end = at; *end - at < SCHEME_MAX; ++*end)
        if (!g_ascii_isalnum(hunt_at(hunt, *end)) && hunt_at(hunt, *end) != '*')
            break;
    if (*end == at || strncmp(hunt->word->plain + *end, "://", 3) != 0)
        return -1;
    scheme = g_ascii_strdown(hunt->word->plain + at, (gssize)(*end - at));
    *end += 3;
    for (gsize i = 0; i < G_N_ELEMENTS(schemes); i++)
        if (g_str_equal(schemes[i].written, scheme))
            return (gint)i;
    return -1;
}

/* -- where it ends -- */

static gboolean is_url_character(const struct hunt *hunt, gsize at)
{
    return hunt->word->glyph[at] != GLYPH_CJK && !strchr("{}|\\^", hunt->word->plain[at]);
}

/* Does another one begin behind this mark? */
static gboolean begins_another(const struct hunt *hunt, gsize at)
{
    gsize end;
    return strchr(",;", hunt_at(hunt, at)) && find_scheme(hunt, at + 1, &end) >= 0;
}

/* A bracket or a mark behind it belongs to the sentence, unless it was opened within. */
static gsize trimmed(const struct hunt *hunt, gsize begin, gsize end)
{
    int round = 0, square = 0;

    for (gsize i = begin; i < end; i++) {
        round += (hunt_at(hunt, i) == '(') - (hunt_at(hunt, i) == ')');
        square += (hunt_at(hunt, i) == '[') - (hunt_at(hunt, i) == ']');
    }
    for (; end > begin; end--) {
        char last = hunt_at(hunt, end - 1);
        if (!strchr(".,;:!?'*_", last) && (last != ')' || round >= 0) &&
            (last != ']' || square >= 0))
            break;
        round += last == ')';
        square += last == ']';
    }
    return end;
}

static gsize url_end(const struct hunt *hunt, gsize begin, gsize host)
{
    char quote = hunt_at(hunt, begin - 1);
    gsize end = host;

    if (hunt->place->named)
        return hunt->word->length;
    while (end < hunt->word->length && is_url_character(hunt, end) &&
           !(quote == '\'' && hunt->word->plain[end] == '\'') && !begins_another(hunt, end))
        end++;
    return trimmed(hunt, host, end);
}

/* -- its parts -- */

/* "user:password@", or nothing. */
static gsize user_end(const struct hunt *hunt, gsize at)
{
    for (gsize end = at; end - at < USER_MAX && end < hunt->word->length; end++) {
        char c = hunt->word->plain[end];
        if (c == '@')
            return end + 1;
        if (strchr("/?#[]", c) || hunt->word->glyph[end] == GLYPH_CJK)
            break;
    }
    return at;
}

static char *bracketed_host(const struct hunt *hunt, gsize at, gsize *end)
{
    g_autofree char *address = NULL;

    for (*end = at + 1; *end - at <= HOST_MAX && hunt_at(hunt, *end) != ']'; ++*end)
        if (hunt_at(hunt, *end) == '\0')
            return NULL;
    address = ipv6_canonical(hunt->word->plain + at + 1, *end - at - 1);
    ++*end;
    return address ? g_strdup_printf("[%s]", address) : NULL;
}

static char *host_at(const struct hunt *hunt, gsize at, gsize *end)
{
    char *address;

    if (hunt_at(hunt, at) == '[')
        return bracketed_host(hunt, at, end);
    *end = host_end(hunt, at);
    while (*end > at && hunt->word->plain[*end - 1] == '.')
        --*end;
    if (*end == at || *end - at > HOST_MAX)
        return NULL;
    address = ipv4_canonical(hunt->word->plain + at, *end - at);
    if (!address)
        address = domain_canonical(hunt->word->plain + at, *end - at);
    if (!address && hunt->place->named)
        address = private_canonical(hunt->word->plain + at, *end - at);
    return address;
}

static gsize port_end(const struct hunt *hunt, gsize at)
{
    gsize end = at + 1;

    if (hunt_at(hunt, at) != ':')
        return at;
    while (end - at <= 6 && g_ascii_isdigit(hunt_at(hunt, end)))
        end++;
    return end > at + 1 && end - at <= 6 ? end : at;
}

gsize hunt_url(struct hunt *hunt, gsize at)
{
    gsize start, user, host, port, end;
    gint scheme = find_scheme(hunt, at, &start);
    g_autofree char *name = NULL;
    g_autoptr(GString) value = NULL;
    const char *plain = hunt->word->plain;

    if (scheme < 0)
        return 0;
    user = user_end(hunt, start);
    if (!(name = host_at(hunt, user, &host)))
        return 0;
    port = port_end(hunt, host);
    if (hunt->place->named && port < hunt->word->length && !strchr("/?#", plain[port]))
        return 0; /* such a host no program would go to */
    end = MAX(url_end(hunt, at, port), port);
    value = g_string_new(schemes[scheme].plain);
    g_string_append(value, "://");
    g_string_append_len(value, plain + start, (gssize)(user - start));
    g_string_append(value, name);
    if (strlen(schemes[scheme].port) != port - host ||
        strncmp(plain + host, schemes[scheme].port, port - host) != 0)
        g_string_append_len(value, plain + host, (gssize)(port - host));
    if (end == port || plain[port] != '/')
        g_string_append_c(value, '/');
    g_string_append_len(value, plain + port, (gssize)(end - port));
    if (hunt->place->named || !g_strv_contains(shape_hosts, name) || hunt_mended(hunt, at, host))
        hunt_add(hunt, INDICATOR_URL, value->str, at, end);
    return end;
}

gsize hunt_path(struct hunt *hunt, const char *host, gsize begin, gsize end)
{
    gsize port = port_end(hunt, end), last;
    g_autoptr(GString) value = NULL;

    if (hunt_at(hunt, port) != '/')
        return 0;
    last = url_end(hunt, begin, port);
    if (last <= port + 1)
        return 0;
    value = g_string_new(host);
    g_string_append_len(value, hunt->word->plain + end, (gssize)(last - end));
    hunt_add(hunt, INDICATOR_URL, value->str, begin, last);
    return last;
}
