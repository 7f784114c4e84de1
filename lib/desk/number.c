#include "number.h"
#include <stdio.h>
#include <string.h>

/* 31 symbols without the letters that are misread: B, I, L, O, S. The order is arbitrary, but for
 * ever: it is part of every number given out. */
enum { PRIME = 31, CHECKS = 2, DIGITS_MAX = 14, FIRST_WEIGHT = 4 };
static const char alphabet[PRIME + 1] = "0123456789CDEFGHJKMNPQRTUVWXYZA";

/* What follows the tag, in folded text. */
static const char behind_tag[] =
    "\\G *# *([0-9]{4}) *- *([0-9]{1,9})(?:[ -]+([0-9A-Z]{2}))?(?![0-9A-Z])";
static const char typed[] = "\\A *#? *(?:([0-9]{4}) *- *)?([0-9]{1,9})(?: *- *([0-9A-Z]{2}))? *\\z";

/* The two check characters make the sums of weight * value and of weight^2 * value vanish (mod 31).
 * As all weights differ and none is 0, any two columns of that system are independent: a code of
 * distance three. The check characters weigh 1 and 2, the digits 4, 5, 6 and so on. */
static void make_checks(int year, int sequence, char checks[CHECKS + 1])
{
    char digits[DIGITS_MAX + 10];
    int sum = 0, square_sum = 0, second, first;

    g_snprintf(digits, sizeof digits, "%04d%04d", year, sequence);
    for (int i = 0; digits[i]; i++) {
        int weight = FIRST_WEIGHT + i;
        sum += weight * (digits[i] - '0');
        square_sum += weight * weight * (digits[i] - '0');
    }
    /* first + 2 second = -sum and first + 4 second = -square_sum; 16 is 1/2 */
    second = ((sum - square_sum) % PRIME + PRIME) * 16 % PRIME;
    first = (2 * PRIME - sum % PRIME - 2 * second % PRIME) % PRIME;
    checks[0] = alphabet[first];
    checks[1] = alphabet[second];
    checks[CHECKS] = '\0';
}

char *number_format(int year, int sequence)
{
    char checks[CHECKS + 1];

    make_checks(year, sequence, checks);
    return g_strdup_printf("%04d-%04d-%s", year, sequence, checks);
}

/* One ASCII character for each character of the text, so that offsets can be told: compatibility
 * forms (full-width letters) as plain capitals, any dash as '-', any blank as ' ', the rest as '?'.
 */
static char fold_character(gunichar c)
{
    gunichar plain[G_UNICHAR_MAX_DECOMPOSITION_LENGTH];

    if (c >= 0x80) {
        if (g_unichar_type(c) == G_UNICODE_DASH_PUNCTUATION || c == 0x2212 || c == 0x30fc)
            return '-';
        if (g_unichar_fully_decompose(c, TRUE, plain, G_N_ELEMENTS(plain)) != 1)
            return '?';
        c = plain[0];
    }
    if (c == 0x2010 || c == 0x2212 || c == 0x30fc)
        return '-';
    if (c < 0x80 && !g_ascii_isspace((char)c))
        return g_ascii_toupper((char)c);
    return g_unichar_isspace(c) ? ' ' : '?';
}

static char *fold(const char *text)
{
    GString *folded = g_string_sized_new(strlen(text));

    for (const char *at = text; *at; at = g_utf8_next_char(at))
        g_string_append_c(folded, fold_character(g_utf8_get_char(at)));
    return g_string_free(folded, FALSE);
}

static const GRegex *pattern(const char *source)
{
    static GHashTable *compiled;

    if (!compiled)
        compiled = g_hash_table_new(g_str_hash, g_str_equal);
    if (!g_hash_table_contains(compiled, source))
        g_hash_table_insert(compiled, (gpointer)source,
            g_regex_new(source, G_REGEX_OPTIMIZE | G_REGEX_RAW, 0, NULL));
    return g_hash_table_lookup(compiled, source);
}

static int take_int(GMatchInfo *match, int group)
{
    g_autofree char *digits = g_match_info_fetch(match, group);
    return digits && *digits ? (int)g_ascii_strtoll(digits, NULL, 10) : 0;
}

/* `missing` is what check characters that are not there count as. */
static gboolean take_number(
    GMatchInfo *match, gboolean missing, int *year, int *sequence, gboolean *check_ok)
{
    g_autofree char *given = g_match_info_fetch(match, 3);
    char right[CHECKS + 1];

    *year = take_int(match, 1);
    *sequence = take_int(match, 2);
    make_checks(*year, *sequence, right);
    *check_ok = given && *given ? g_str_equal(given, right) : missing;
    return *sequence > 0;
}

/* XSAKURA#... and RED-SAKURA#... are other teams' tags. */
static gboolean begins_a_word(const char *text, const char *at)
{
    return at == text || !(g_ascii_isalnum(at[-1]) || strchr("-_.", at[-1]));
}

gboolean number_find(
    const char *text, const char *tag, gsize *at, int *year, int *sequence, gboolean *check_ok)
{
    g_autofree char *folded_tag = fold(tag);
    g_autofree char *folded = fold(text);
    const char *from = folded + g_utf8_strlen(text, (gssize)*at);

    while (*folded_tag && (from = strstr(from, folded_tag))) {
        g_autoptr(GMatchInfo) match = NULL;
        const char *behind = from + strlen(folded_tag);
        int end;
        if (begins_a_word(folded, from) &&
            g_regex_match_full(
                pattern(behind_tag), folded, -1, (gint)(behind - folded), 0, &match, NULL) &&
            take_number(match, FALSE, year, sequence, check_ok)) {
            g_match_info_fetch_pos(match, 0, NULL, &end);
            *at = (gsize)(g_utf8_offset_to_pointer(text, end) - text);
            return TRUE;
        }
        from = behind;
    }
    return FALSE;
}

gboolean number_parse(
    const char *text, const char *tag, int *year, int *sequence, gboolean *check_ok)
{
    g_autofree char *folded = fold(text);
    g_autoptr(GMatchInfo) match = NULL;
    gsize at = 0;

    if (g_regex_match(pattern(typed), folded, 0, &match))
        return take_number(match, TRUE, year, sequence, check_ok);
    return number_find(text, tag, &at, year, sequence, check_ok);
}
