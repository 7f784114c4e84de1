#include "bounce-parts.h"
#include <mado/limits.h>
#include <string.h>

enum { LOCAL_MAX = 64, DOMAIN_MAX = 255, ADDRESS_MAX = 254 }; /* RFC 5321 4.5.3.1 */

static gboolean is_atext(char c)
{
    return g_ascii_isalnum(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~.", c));
}

static gboolean is_domain_char(char c)
{
    return g_ascii_isalnum(c) || c == '-' || c == '.';
}

static gsize begin_of_quoted(const char *text, gsize from, gsize at)
{
    for (gsize i = at - 1; i > from && at - i <= LOCAL_MAX && text[i - 1] != '\n'; i--)
        if (text[i - 1] == '"')
            return i - 1;
    return at;
}

static gsize begin_of_local(const char *text, gsize from, gsize at)
{
    gsize begin = at;

    if (at > from && text[at - 1] == '"')
        return begin_of_quoted(text, from, at);
    while (begin > from && at - begin < LOCAL_MAX && is_atext(text[begin - 1]))
        begin--;
    while (begin < at && text[begin] == '.')
        begin++;
    return begin;
}

static gsize end_of_domain(const char *text, gsize length, gsize at)
{
    gsize end = at + 1;

    while (end < length && end - at <= DOMAIN_MAX && is_domain_char(text[end]))
        end++;
    while (end > at + 1 && !g_ascii_isalnum(text[end - 1]))
        end--;
    return end;
}

/* Every @ is looked at once, and what surrounds it no farther than an address may be long. */
gboolean address_find(const char *text, gsize length, gsize at, struct place *found)
{
    for (gsize from = at; from < length;) {
        const char *sign = memchr(text + from, '@', length - from);
        if (!sign)
            return FALSE;
        found->begin = begin_of_local(text, from, (gsize)(sign - text));
        found->end = end_of_domain(text, length, (gsize)(sign - text));
        if (text + found->begin < sign && g_ascii_isalnum(sign[1]) &&
            memchr(sign, '.', (gsize)(text + found->end - sign)))
            return TRUE;
        from = (gsize)(sign - text) + 1;
    }
    return FALSE;
}

static gboolean is_address(const char *text)
{
    const char *sign = strrchr(text, '@');

    if (!sign || sign == text || !sign[1] || strlen(text) > ADDRESS_MAX || strchr("@|/", *text))
        return FALSE;
    for (; *text; text++)
        if ((guchar)*text <= ' ' || *text == 0x7f || strchr("<>(),;", *text))
            return FALSE;
    return TRUE;
}

char *address_of_field(const char *value)
{
    const char *semicolon = strchr(value, ';');
    g_autofree char *text = g_strdup(semicolon ? semicolon + 1 : value);
    char *bare = g_strstrip(text);
    gsize length;

    if (*bare == '<')
        bare++;
    length = strcspn(bare, "> \t");
    if (bare[length] != '\0' && bare[length + strspn(bare + length, "> \t")] == '(')
        bare[length] = '\0'; /* a comment (RFC 5322 3.2.2) */
    else if (bare[length] == '>')
        bare[length] = '\0';
    return is_address(bare) ? g_utf8_make_valid(bare, -1) : NULL;
}

static void mention_free(gpointer data)
{
    struct mention *mention = data;

    g_free(mention->recipient);
    g_free(mention->action);
    g_free(mention->status);
    g_string_free(mention->said, TRUE);
    g_free(mention);
}

GPtrArray *mentions_new(void)
{
    return g_ptr_array_new_with_free_func(mention_free);
}

struct mention *mention_find(const GPtrArray *mentions, const char *recipient)
{
    for (guint i = 0; i < mentions->len; i++) {
        struct mention *mention = g_ptr_array_index(mentions, i);
        if (!g_ascii_strcasecmp(mention->recipient, recipient))
            return mention;
    }
    return NULL;
}

struct mention *mention_of(GPtrArray *mentions, const char *recipient)
{
    struct mention *mention = mention_find(mentions, recipient);

    if (mention || mentions->len >= LIMIT_BOUNCES)
        return mention;
    mention = g_new0(struct mention, 1);
    mention->recipient = g_strdup(recipient);
    mention->action = g_strdup("");
    mention->status = g_strdup("");
    mention->said = g_string_new(NULL);
    g_ptr_array_add(mentions, mention);
    return mention;
}
