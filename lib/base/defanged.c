/* What strangers wrote, so that nobody can click on it. */
#include <mado/report.h>
#include <string.h>

/* Where the dots make a link. */
static gsize host_length(const char *type, const char *value)
{
    const char *start;

    if (!g_str_equal(type, "url"))
        return strlen(value);
    start = strstr(value, "://");
    start = start ? start + 3 : value;
    return (gsize)(start - value) + strcspn(start, "/?#");
}

static void disarm_scheme(GString *url)
{
    if (!strstr(url->str, "://"))
        return;
    if (g_ascii_strncasecmp(url->str, "http", 4) == 0)
        memcpy(url->str + 1, "xx", 2);
    else if (g_ascii_strncasecmp(url->str, "ftp", 3) == 0)
        url->str[1] = 'x';
    else
        g_string_replace(url, "://", "[://]", 1);
}

char *indicator_defanged(const char *type, const char *value)
{
    static const char *const linked[] = {"ipv4", "ipv6", "cidr", "domain", "url", "mail", NULL};
    gsize end = host_length(type, value);
    GString *out = g_string_new(NULL);

    if (!g_strv_contains(linked, type))
        return g_string_free(g_string_append(out, value), FALSE);
    for (gsize i = 0; value[i]; i++)
        if (i < end && strchr(".@", value[i]))
            g_string_append(out, value[i] == '.' ? "[.]" : "[at]");
        else
            g_string_append_c(out, value[i]);
    disarm_scheme(out);
    return g_string_free(out, FALSE);
}
