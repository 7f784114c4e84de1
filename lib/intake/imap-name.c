#include "imap-name.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/* A run of characters that do not stand for themselves, as UTF-16 in base64 with "," for "/" and
 * without padding. */
static void append_run(GString *out, const char *from, const char *end)
{
    glong units = 0;
    g_autofree gunichar2 *text = g_utf8_to_utf16(from, end - from, NULL, &units, NULL);
    guint32 bits = 0;
    int held = 0;

    g_string_append_c(out, '&');
    for (glong i = 0; text && i < units; i++) {
        bits = bits << 16 | text[i];
        for (held += 16; held >= 6; held -= 6)
            g_string_append_c(out, digits[bits >> (held - 6) & 63]);
    }
    if (held)
        g_string_append_c(out, digits[bits << (6 - held) & 63]);
    g_string_append_c(out, '-');
}

static gboolean is_itself(char c)
{
    return c >= 0x20 && c <= 0x7e;
}

char *imap_name_encode(const char *name)
{
    GString *out = g_string_new(NULL);

    while (*name) {
        const char *end = name;
        while (*end && !is_itself(*end))
            end++;
        if (end > name)
            append_run(out, name, end);
        else if (*name == '&')
            g_string_append(out, "&-");
        else
            g_string_append_c(out, *name);
        name = end > name ? end : name + 1;
    }
    return g_string_free(out, FALSE);
}
