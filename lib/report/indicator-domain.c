/* Names of hosts, and mail addresses: only under a suffix that is public, or one that RFC 2606
 * keeps for examples. */
#include "indicator-parts.h"
#include <libpsl.h>
#include <string.h>

enum { LABEL_MAX = 63, LOCAL_MAX = 64 };

/* Ends of file names that are top-level domains, too. */
static const char *const file_ends[] = {
    "zip", "mov", "sh", "py", "md", "cab", "inc", "pub", "ps", "so", NULL};
static const char *const example_ends[] = {"example", "test", "invalid", NULL};

static gboolean is_host_glyph(guint8 glyph)
{
    return glyph != GLYPH_OTHER;
}

/* In running Japanese a name begins and ends where the script changes. */
static gboolean changes_script(guint8 before, guint8 behind)
{
    return before != GLYPH_DOT && behind != GLYPH_DOT &&
           (before == GLYPH_CJK) != (behind == GLYPH_CJK);
}

gsize host_end(const struct hunt *hunt, gsize at)
{
    const struct word *word = hunt->word;
    gsize end = at;

    while (end < word->length && is_host_glyph(word->glyph[end]) &&
           (end == at || hunt->place->named ||
               !changes_script(word->glyph[end - 1], word->glyph[end])))
        end++;
    return end;
}

static gboolean is_known_end(const char *end)
{
    return g_strv_contains(example_ends, end) ||
           psl_is_public_suffix2(psl_builtin(), end, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE);
}

static gboolean is_good_label(const char *label, gsize length, gboolean last)
{
    if (length == 0 || length > LABEL_MAX || label[0] == '-' || label[length - 1] == '-')
        return FALSE;
    for (gsize i = 0; i < length; i++)
        if (!g_ascii_isalnum(label[i]) && label[i] != '-' && (last || label[i] != '_'))
            return FALSE;
    return TRUE;
}

/* Of ASCII, in lower case. */
static gboolean is_domain(const char *name)
{
    const char *label = name, *dot;

    for (; (dot = strchr(label, '.')); label = dot + 1)
        if (!is_good_label(label, (gsize)(dot - label), FALSE))
            return FALSE;
    return label != name && is_good_label(label, strlen(label), TRUE) && is_known_end(label) &&
           !psl_is_public_suffix2(psl_builtin(), name, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE);
}

/* In lower case and punycode; NULL: too long for a name. The caller frees it. */
static char *to_ascii(const char *text, gsize length)
{
    g_autofree char *name = length <= HOST_MAX ? g_strndup(text, length) : NULL;
    g_autofree char *ascii = name ? g_hostname_to_ascii(name) : NULL; /* RFC 3490 */

    return ascii && strlen(ascii) <= HOST_MAX ? g_ascii_strdown(ascii, -1) : NULL;
}

char *domain_canonical(const char *text, gsize length)
{
    g_autofree char *small = memchr(text, '.', length) ? to_ascii(text, length) : NULL;
    g_autofree char *readable = NULL;

    if (!small || !is_domain(small))
        return NULL;
    readable = strstr(small, "xn--") ? g_hostname_to_unicode(small) : NULL;
    return strstr(small, "xn--") && !readable ? NULL : g_steal_pointer(&small);
}

char *private_canonical(const char *text, gsize length)
{
    g_autofree char *small = to_ascii(text, length);

    for (const char *label = small; label; label += strcspn(label, ".") + 1) {
        gsize size = strcspn(label, ".");
        if (!is_good_label(label, size, FALSE))
            return NULL;
        if (label[size] == '\0')
            return g_steal_pointer(&small);
    }
    return NULL;
}

/* The end of a name is no number (RFC 3696 2), and one label alone may be any word. */
static char *name_at(const struct hunt *hunt, gsize begin, gsize end)
{
    const char *text = hunt->word->plain + begin;
    char *name = domain_canonical(text, end - begin);
    const char *dot = g_strrstr_len(text, (gssize)(end - begin), ".");

    if (name || !hunt->place->named || !dot || g_ascii_isdigit(dot[1]))
        return name;
    return private_canonical(text, end - begin);
}

/* -- what only looks like one -- */

/* "server.It": a full stop without the blank behind it. "VB.NET" is a product. */
static gboolean is_prose(const char *name, gsize length)
{
    const char *dot = memchr(name, '.', length);
    gsize rest = dot ? length - (gsize)(dot + 1 - name) : 0;

    if (!dot || memchr(dot + 1, '.', rest) || rest < 2)
        return FALSE;
    if (rest == 3 && !strncmp(dot + 1, "NET", 3))
        return !g_ascii_islower(name[0]);
    return g_ascii_isupper(dot[1]) && g_ascii_islower(dot[2]) &&
           (rest == 2 || g_ascii_islower(name[0]));
}

static gboolean is_file(const char *domain)
{
    return g_strv_contains(file_ends, strrchr(domain, '.') + 1) &&
           !g_str_has_prefix(domain, "www.");
}

/* Behind a slash stands a file, before a bracket a function. */
static gboolean is_of_a_path(const struct hunt *hunt, gsize begin, gsize end)
{
    char before = hunt_at(hunt, begin - 1), behind = hunt_at(hunt, end);

    return before == '\\' || behind == '\\' || behind == '(' ||
           (before == '/' && hunt_at(hunt, begin - 2) != '/');
}

static gboolean is_believable(const struct hunt *hunt, const char *domain, gsize begin, gsize end)
{
    return hunt->place->named || hunt_mended(hunt, begin, end) ||
           !(is_file(domain) || is_of_a_path(hunt, begin, end) ||
               is_prose(hunt->word->plain + begin, end - begin));
}

/* Without the dots and dashes behind it. */
static gsize trimmed_end(const struct hunt *hunt, gsize begin, gsize end)
{
    while (end > begin && strchr(".-_", hunt->word->plain[end - 1]))
        end--;
    return end;
}

gsize hunt_domain(struct hunt *hunt, gsize at)
{
    gsize whole = host_end(hunt, at), end = trimmed_end(hunt, at, whole);
    g_autofree char *domain = NULL;
    gsize path;

    if (end <= at || end - at > HOST_MAX || !memchr(hunt->word->plain + at, '.', end - at))
        return 0;
    domain = name_at(hunt, at, end);
    if (!domain || !is_believable(hunt, domain, at, end))
        return 0;
    if ((path = hunt_path(hunt, domain, at, end)))
        return path;
    hunt_add(hunt, INDICATOR_DOMAIN, domain, at, end);
    return MAX(end, whole);
}

/* -- mail addresses -- */

static gboolean is_local(const struct hunt *hunt, gsize at)
{
    char c = hunt_at(hunt, at);

    return c != '\0' && (g_ascii_isalnum(c) || strchr("._%+-=", c));
}

/* "bounce+user=example.org@" is one of these, "to=user@" is not. */
static gboolean is_local_part(const char *text, gsize length)
{
    const char *equals = memchr(text, '=', length);
    gsize before = equals ? (gsize)(equals - text) : 0;

    return !equals || memchr(text, '+', before) || memchr(text, '-', before);
}

/* What mail programs call their mails. */
static gboolean is_message_id(const struct hunt *hunt)
{
    static const char *const words[] = {
        "message-id", "msgid", "messageid", "message_id", "msg-id", "cid", NULL};
    return hunt_behind(hunt, words);
}

gsize hunt_mail(struct hunt *hunt, gsize at)
{
    g_autofree char *domain = NULL;
    g_autofree char *local = NULL;
    g_autofree char *value = NULL;
    gsize sign = at, end;

    while (sign - at <= LOCAL_MAX && is_local(hunt, sign))
        sign++;
    if (sign == at || sign - at > LOCAL_MAX || hunt_at(hunt, sign) != '@' ||
        !is_local_part(hunt->word->plain + at, sign - at))
        return 0;
    end = trimmed_end(hunt, sign + 1, host_end(hunt, sign + 1));
    if (end <= sign + 1 || end - sign > HOST_MAX || !(domain = name_at(hunt, sign + 1, end)))
        return 0;
    local = g_ascii_strdown(hunt->word->plain + at, (gssize)(sign - at));
    value = g_strconcat(local, "@", domain, NULL);
    if (!is_message_id(hunt))
        hunt_add(hunt, INDICATOR_MAIL, value, at, end);
    return end;
}
