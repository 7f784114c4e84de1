#include "auth-results.h"
#include <string.h>

/* Comments may stand anywhere and may nest (RFC 5322 3.2.2); quoted strings lose their quotes. */
static char *without_comments(const char *raw)
{
    GString *out = g_string_new(NULL);
    gboolean quoted = FALSE;
    int depth = 0;

    for (const char *at = raw; *at; at++) {
        if (*at == '\\' && at[1] && (quoted || depth)) {
            at++;
            if (!depth)
                g_string_append_c(out, *at);
        } else if (*at == '"' && !depth) {
            quoted = !quoted;
        } else if (*at == '(' && !quoted) {
            depth++;
        } else if (*at == ')' && depth && !quoted) {
            if (--depth == 0)
                g_string_append_c(out, ' '); /* RFC 5322 3.2.2: it separates, as a blank does */
        } else if (!depth) {
            /* what is quoted separates nothing */
            g_string_append_c(out, quoted && strchr(";= \t", *at) ? '_' : *at);
        }
    }
    return g_string_free(out, FALSE);
}

/* The word behind "dmarc" and "=", blanks allowed around it; "" if this is another method. */
static char *dmarc_of(const char *result)
{
    const char *at = result + strspn(result, " \t");

    if (g_ascii_strncasecmp(at, "dmarc", 5))
        return g_strdup("");
    at += 5;
    at += strspn(at, " \t");
    if (*at == '/') /* RFC 8601 2.2: a version of the method */
        at += strcspn(at, "=");
    if (*at != '=')
        return g_strdup("");
    at++;
    at += strspn(at, " \t");
    return g_ascii_strdown(at, (gssize)strcspn(at, " \t;"));
}

/* Whose domain the result is about: the word behind "header.from=" (RFC 8601 2.7.x, RFC 7489 11.1).
 */
static char *from_domain_of(const char *result)
{
    static const char property[] = "header.from";

    for (const char *at = result; (at = strchr(at, 'h')); at++) {
        const char *value = at + strlen(property);
        if (g_ascii_strncasecmp(at, property, strlen(property)) ||
            (at > result && !strchr(" \t", at[-1]))) /* the end of another property or value */
            continue;
        value += strspn(value, " \t");
        if (*value != '=')
            continue;
        value += 1 + strspn(value + 1, " \t");
        return g_ascii_strdown(value, (gssize)strcspn(value, " \t;"));
    }
    return g_strdup("");
}

struct auth_result *auth_results_parse(const char *raw)
{
    g_autofree char *bare = without_comments(raw);
    g_auto(GStrv) pieces = g_strsplit(bare, ";", 100);
    g_autofree char *dmarc = g_strdup("");
    g_autofree char *domain = g_strdup("");
    g_autofree char *valid = NULL;
    char *id = pieces[0] ? g_strstrip(pieces[0]) : (char *)"";

    for (guint i = 1; pieces[0] && pieces[i] && !*dmarc; i++) {
        g_free(dmarc);
        g_free(domain);
        dmarc = dmarc_of(pieces[i]);
        domain = from_domain_of(pieces[i]);
    }
    id = g_strndup(id, strcspn(id, " \t")); /* a version may follow */
    valid = g_utf8_make_valid(id, -1);
    g_free(id);
    if (!g_utf8_validate(dmarc, -1, NULL) || !g_utf8_validate(domain, -1, NULL))
        *dmarc = *domain = '\0';
    return auth_result_new(valid, dmarc, domain);
}
