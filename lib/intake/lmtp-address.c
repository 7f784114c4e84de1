/* Paths of an envelope, and whose addresses they are. */
#include "lmtp-parts.h"
#include <string.h>

enum { LONGEST = 400 }; /* RFC 5321 4.5.3.1 grants a path 256, and a reply with it in it 512 */

/* Behind the closing bracket; NULL if it is missing. A quoted local part may have one in it. */
static const char *find_end(const char *at)
{
    gboolean quoted = FALSE;

    for (; *at; at++) {
        if (quoted && *at == '\\' && at[1])
            at++;
        else if (*at == '"')
            quoted = !quoted;
        else if (!quoted && *at == '>')
            return at;
        else if (!quoted && (*at == '<' || *at == ' '))
            return NULL;
    }
    return NULL;
}

/* It will stand in a header. */
static gboolean is_harmless(const char *address)
{
    for (const char *at = address; *at; at++)
        if (g_ascii_iscntrl(*at))
            return FALSE;
    return g_utf8_validate(address, -1, NULL);
}

char *address_in_path(const char *text, const char **rest)
{
    const char *start, *end, *route;
    g_autofree char *address = NULL;

    text += strspn(text, " ");
    if (*text != '<' || !(end = find_end(text + 1)))
        return NULL;
    *rest = end + 1;
    start = text + 1;
    /* RFC 5321 4.1.1.3: a source route is left out. */
    if (*start == '@' && (route = memchr(start, ':', (gsize)(end - start))))
        start = route + 1;
    if (end - start > LONGEST)
        return NULL;
    address = g_strndup(start, (gsize)(end - start));
    return is_harmless(address) ? g_steal_pointer(&address) : NULL;
}

/* Caseless, and a domain in whichever of its two forms (RFC 5890). */
static gboolean is_same_domain(const char *a, const char *b)
{
    g_autofree char *ascii_a = g_hostname_to_ascii(a);
    g_autofree char *ascii_b = g_hostname_to_ascii(b);

    return ascii_a && ascii_b && g_ascii_strcasecmp(ascii_a, ascii_b) == 0;
}

static gboolean is_same_name(const char *name, const char *ours)
{
    g_autofree char *folded = g_utf8_casefold(name, -1);
    g_autofree char *folded_ours = g_utf8_casefold(ours, -1);
    gsize length = strlen(folded_ours);

    return strncmp(folded, folded_ours, length) == 0 &&
           (folded[length] == '\0' || folded[length] == '+');
}

static gboolean is_this(const char *name, const char *domain, const char *ours)
{
    const char *at = strrchr(ours, '@');
    g_autofree char *our_name = at ? g_strndup(ours, (gsize)(at - ours)) : NULL;

    return at && is_same_domain(domain, at + 1) &&
           (is_same_name(name, our_name) || g_ascii_strcasecmp(name, "postmaster") == 0);
}

gboolean address_is_ours(const char *address, char *const *ours)
{
    const char *at = strrchr(address, '@');
    g_autofree char *name = at ? g_strndup(address, (gsize)(at - address)) : NULL;

    if (!at)
        return g_ascii_strcasecmp(address, "postmaster") == 0;
    for (char *const *one = ours; *one; one++)
        if (is_this(name, at + 1, *one))
            return TRUE;
    return !*ours;
}
