/* Indicators, so that nobody can click on them. */
#include "coordination.h"
#include <string.h>

static const char *const clickable[] = {"ipv4", "cidr", "domain", "url", "mail", NULL};

/* Of a link its host alone: what stands behind it is harmless, and is compared with logs. */
char *mask_indicator(const char *kind, const char *value)
{
    const char *host = strstr(value, "://");
    gsize begin = host ? (gsize)(host + 3 - value) : 0;
    gsize end = begin + strcspn(value + begin, g_str_equal(kind, "cidr") ? "" : "/?#");
    GString *out = g_string_new(NULL);

    if (!g_strv_contains(clickable, kind)) {
        g_string_append(out, value);
        return g_string_free(out, FALSE);
    }
    for (gsize i = 0; value[i]; i++) {
        gboolean in_host = i >= begin && i < end;
        if (in_host && (value[i] == '.' || value[i] == '@'))
            g_string_append(out, value[i] == '.' ? "[.]" : "[at]");
        else
            g_string_append_c(out, value[i]);
    }
    if (g_ascii_strncasecmp(out->str, "http", 4) == 0 && host)
        memcpy(out->str + 1, "xx", 2);
    else if (host && g_ascii_strncasecmp(out->str, "ftp", 3) == 0)
        out->str[1] = 'x';
    return g_string_free(out, FALSE);
}
