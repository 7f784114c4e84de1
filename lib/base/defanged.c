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

char *indicator_defanged(const char *type, const char *value)
{
    static const char *const linked[] = {"ipv4", "ipv6", "cidr", "domain", "url", "mail", NULL};
    gsize end = host_length(type, value);
    GString *out = g_string_new(NULL);

    if (!g_strv_contains(linked, type))
        return g_string_free(g_string_append(out, value), FALSE);
    for (gsize i = 0; value[i]; i++)
        if (i < end && strchr(".@", value[i]))
            g_string_append_printf(out, "[%c]", value[i]);
        else
            g_string_append_c(out, value[i]);
    if (g_str_has_prefix(out->str, "http"))
        memcpy(out->str + 1, "xx", 2);
    else
        g_string_replace(out, "://", "[://]", 1);
    return g_string_free(out, FALSE);
}
