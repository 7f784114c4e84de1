/* A value that a format calls an address, a URL, a hash: read as it would be found in a text, so
 * that there is one way of writing each. */
#include "report-parts.h"
#include <string.h>

enum { SHORTEST_HASH = 32 };

static gboolean has_ends(const char *text, char first, char last)
{
    gsize length = strlen(text);

    return length > 1 && text[0] == first && text[length - 1] == last;
}

/* Without what some formats put around it: "[2001:db8::1]", "sha256:...", "www.b.example." */
static char *bare(const char *text)
{
    static const char *const algorithms[] = {
        "md5:", "sha1:", "sha-1:", "sha256:", "sha-256:", "sha512:", "sha-512:"};
    g_autofree char *out = g_strstrip(g_strndup(text, strnlen(text, LIMIT_FOUND_BYTES)));
    const char *begin = out;

    if (has_ends(out, '[', ']')) {
        out[strlen(out) - 1] = '\0';
        begin++;
    } else if (g_str_has_suffix(out, ".")) {
        out[strlen(out) - 1] = '\0';
    }
    for (gsize i = 0; i < G_N_ELEMENTS(algorithms); i++)
        if (!g_ascii_strncasecmp(begin, algorithms[i], strlen(algorithms[i])))
            return g_strdup(begin + strlen(algorithms[i]));
    return g_strdup(begin);
}

/* Who names autonomous systems may leave their letters out. */
static char *with_letters(const char *number)
{
    gsize letters = !g_ascii_strncasecmp(number, "ASN", 3)  ? 3
                    : !g_ascii_strncasecmp(number, "AS", 2) ? 2
                                                            : 0;

    return g_strconcat("ASN", number + letters, NULL);
}

/* A few letters are no indicator of any kind: the shortest of letters alone is an MD5. */
static gboolean is_word(const char *text)
{
    gsize length = 0;

    while (length < SHORTEST_HASH && g_ascii_isalpha(text[length]))
        length++;
    return length < SHORTEST_HASH && text[length] == '\0';
}

/* A report with the one indicator that all of the text is, or NULL. */
static struct report *found_in(const char *text, gboolean named)
{
    const struct place place = {.text = text, .from = "", .type = "text/plain", .named = named};
    g_autoptr(mado_report) found = NULL;
    const struct indicator *one;

    if (is_word(text) || strlen(text) >= LIMIT_FOUND_BYTES)
        return NULL;
    found = report_new();
    indicator_find(found, &place);
    one = found->indicators->len == 1 ? found->indicators->pdata[0] : NULL;
    return one && g_str_equal(one->as_written, text) ? g_steal_pointer(&found) : NULL;
}

static const struct indicator *the_one(const struct report *found)
{
    return found ? found->indicators->pdata[0] : NULL;
}

gboolean value_add_as(
    struct report *report, enum indicator_kind kind, const char *text, const char *from)
{
    g_autofree char *plain = bare(text);
    g_autofree char *asked = kind == INDICATOR_ASN ? with_letters(plain) : g_strdup(plain);
    g_autoptr(mado_report) found = found_in(asked, TRUE);
    const struct indicator *one = the_one(found);

    if (!one || one->kind != kind)
        return FALSE;
    report_add_indicator(report, kind, one->value, text, from);
    return TRUE;
}

gboolean value_add(struct report *report, const char *text, const char *from)
{
    g_autofree char *plain = bare(text);
    g_autoptr(mado_report) found = found_in(plain, TRUE);
    const struct indicator *one = the_one(found);

    if (one)
        report_add_indicator(report, one->kind, one->value, text, from);
    return one != NULL;
}

char *value_canonical(const char *text)
{
    g_autofree char *plain = bare(text);
    g_autoptr(mado_report) found = found_in(plain, TRUE);
    const struct indicator *one = the_one(found);

    return one ? g_strdup(one->value) : NULL;
}

gboolean value_is_told(const char *text)
{
    g_autofree char *plain = bare(text);
    g_autoptr(mado_report) found = found_in(plain, FALSE);

    return found != NULL;
}

gboolean value_is_address(const char *text)
{
    g_autofree char *plain = bare(text);
    g_autoptr(mado_report) found = found_in(plain, TRUE);
    const struct indicator *one = the_one(found);

    return one && (one->kind == INDICATOR_IPV4 || one->kind == INDICATOR_IPV6);
}
