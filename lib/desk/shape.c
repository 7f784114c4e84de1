/* Numbers of a tracker, found by what they look like: '0' is a digit, "0+" one or more, '?' a
 * letter or digit, a blank any number of blanks, and everything else itself. */
#include "coordination.h"
#include <string.h>

enum { MOST_NUMBERS = 10 };

static const char *one(const char *shape, GString *out)
{
    g_autofree char *escaped = NULL;

    if (*shape == '0') {
        g_string_append(out, shape[1] == '+' ? "[0-9]{1,20}" : "[0-9]");
        return shape + (shape[1] == '+' ? 2 : 1);
    }
    if (*shape == '?' || *shape == ' ') {
        g_string_append(out, *shape == '?' ? "[A-Za-z0-9]" : " *");
        return shape + 1;
    }
    escaped = g_regex_escape_string(shape, (int)(g_utf8_next_char(shape) - shape));
    g_string_append(out, escaped);
    return g_utf8_next_char(shape);
}

static GRegex *regex_of(const char *shape)
{
    g_autoptr(GString) pattern = g_string_new("(?<![A-Za-z0-9_.#-])");

    while (*shape)
        shape = one(shape, pattern);
    g_string_append(pattern, "(?![A-Za-z0-9_])");
    return g_regex_new(pattern->str, G_REGEX_CASELESS, 0, NULL);
}

char **shape_find(const char *shape, const char *text)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *normal = g_utf8_normalize(text, -1, G_NORMALIZE_ALL_COMPOSE);
    g_autoptr(GRegex) regex = *shape ? regex_of(shape) : NULL;
    g_autoptr(GMatchInfo) match = NULL;

    if (!regex || !normal)
        return g_strv_builder_end(builder);
    g_regex_match(regex, normal, 0, &match);
    for (; g_match_info_matches(match) && g_hash_table_size(known) < MOST_NUMBERS;
         g_match_info_next(match, NULL)) {
        g_autofree char *found = g_match_info_fetch(match, 0);
        if (g_hash_table_add(known, g_strdup(found)))
            g_strv_builder_add(builder, found);
    }
    return g_strv_builder_end(builder);
}
