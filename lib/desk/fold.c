#include "fold.h"
#include <string.h>

char *fold_text(const char *text, gsize most)
{
    const char *end = text + strlen(text);
    g_autofree char *start = NULL, *plain = NULL;

    if ((gsize)(end - text) > most)
        end = g_utf8_find_prev_char(text, text + most + 1);
    start = g_strndup(text, (gsize)(end - text));
    if (g_str_is_ascii(start))
        return g_ascii_strdown(start, -1);
    plain = g_utf8_normalize(start, -1, G_NORMALIZE_NFKC);
    return g_utf8_strdown(plain ?: start, -1);
}

/* With one way back, to the last star, it takes no longer than the product of both lengths. */
gboolean fold_glob(const char *pattern, const char *text)
{
    const char *star = NULL, *again = NULL;

    while (*text) {
        if (*pattern == '*') {
            star = pattern++;
            again = text;
        } else if (*pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star + 1;
            text = ++again;
        } else {
            return FALSE;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}
