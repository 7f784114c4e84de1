/* Patterns of STIX (2.1, 9): only comparisons with "=" are read, and of a pattern that says NOT
 * nothing. */
#include "json-parts.h"
#include <string.h>

enum { MOST_OF_A_PATH = 80 };

/* The end of a string that begins at `at`, its quotation mark; NULL. */
static const char *end_of_string(const char *at)
{
    for (at++; *at && *at != '\''; at++)
        if (*at == '\\' && at[1])
            at++;
    return *at ? at : NULL;
}

static char *unescaped(const char *begin, const char *end)
{
    GString *out = g_string_new(NULL);

    for (; begin < end; begin++) {
        begin += *begin == '\\' && begin + 1 < end;
        g_string_append_c(out, *begin);
    }
    return g_string_free(out, FALSE);
}

static const char *before_blanks(const char *pattern, const char *at)
{
    while (at > pattern && g_ascii_isspace(at[-1]))
        at--;
    return at;
}

/* Of a thing, what it is known by: a file's or a user's name looks like that of a host. */
static gboolean is_told_by(const char *pattern, const char *path_end)
{
    const char *begin = path_end;
    g_autofree char *path = NULL;

    while (begin > pattern && path_end - begin < MOST_OF_A_PATH && !strchr(" \t\n(", begin[-1]))
        begin--;
    path = g_strndup(begin, (gsize)(path_end - begin));
    return g_str_has_suffix(path, "value") || g_str_has_suffix(path, ":url") ||
           strstr(path, "hashes.");
}

/* The last thing before the string is an equals sign, and it does not belong to "!=", "<=". */
static gboolean is_compared(const char *pattern, const char *quote)
{
    const char *sign = before_blanks(pattern, quote);

    if (sign == pattern || sign[-1] != '=' || (sign - 1 > pattern && strchr("!<>", sign[-2])))
        return FALSE;
    return is_told_by(pattern, before_blanks(pattern, sign - 1));
}

/* Outside of its strings. */
static gboolean says_not(const char *pattern)
{
    while (*pattern) {
        if (!strncmp(pattern, "NOT", 3) && !g_ascii_isalnum(pattern[3]))
            return TRUE;
        if (*pattern == '\'') {
            pattern = end_of_string(pattern);
            if (!pattern)
                return FALSE;
        }
        pattern++;
    }
    return FALSE;
}

/* Names of hashes are quoted, too: file:hashes.'SHA-256' = '...' */
GPtrArray *pattern_values(const char *pattern)
{
    GPtrArray *values = g_ptr_array_new_with_free_func(g_free);
    const char *at = pattern;
    const char *end;

    if (says_not(pattern))
        return values;
    while (values->len < LIMIT_INDICATORS && (at = strchr(at, '\'')) && (end = end_of_string(at))) {
        if (is_compared(pattern, at))
            g_ptr_array_add(values, unescaped(at + 1, end));
        at = end + 1;
    }
    return values;
}
