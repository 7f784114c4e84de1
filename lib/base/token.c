#include "token.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { TOKEN_CHARS = 16 };
static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

char *token_make(GBytes *secret, int year, int sequence, const char *address)
{
    g_autofree char *lower = g_ascii_strdown(address, -1);
    g_autofree char *bound = g_strdup_printf("token/1|%d|%d|%s", year, sequence, lower);
    gsize key_size;
    const guint8 *key = g_bytes_get_data(secret, &key_size);
    GHmac *hmac = g_hmac_new(G_CHECKSUM_SHA256, key, key_size);
    guint8 digest[32];
    gsize digest_size = sizeof digest;
    char *token = g_malloc(TOKEN_CHARS + 1);

    g_hmac_update(hmac, (const guchar *)bound, (gssize)strlen(bound));
    g_hmac_get_digest(hmac, digest, &digest_size);
    g_hmac_unref(hmac);
    for (int i = 0; i < TOKEN_CHARS; i++) {
        int bit = i * 5;
        guint pair = (guint)(digest[bit / 8] << 8 | digest[bit / 8 + 1]);
        token[i] = alphabet[pair >> (11 - bit % 8) & 31];
    }
    token[TOKEN_CHARS] = '\0';
    return token;
}

gboolean token_is_right(
    GBytes *secret, int year, int sequence, const char *address, const char *token)
{
    g_autofree char *right = token_make(secret, year, sequence, address);
    guint difference = 0;

    if (strlen(token) != TOKEN_CHARS)
        return FALSE;
    for (int i = 0; i < TOKEN_CHARS; i++)
        difference |= (guint)(right[i] ^ token[i]);
    return difference == 0;
}

char *token_message_id(
    int year, int sequence, const char *token, const char *unique, const char *domain)
{
    return g_strdup_printf("%d-%04d.%s.%s@%s", year, sequence, token, unique, domain);
}

/* Reads "2026-0042.TOKEN" and tells where it ends; NULL if that is not there. */
static const char *parse(const char *text, int *year, int *sequence, char **token)
{
    char found[TOKEN_CHARS + 1];
    int end = 0;

    if (!isdigit((unsigned char)*text) ||
        sscanf(text, "%4d-%9d.%16[0-9a-z]%n", year, sequence, found, &end) != 3 ||
        strlen(found) != TOKEN_CHARS || *sequence < 1)
        return NULL;
    *token = g_strdup(found);
    return text + end;
}

gboolean token_parse_message_id(
    const char *id, const char *domain, int *year, int *sequence, char **token)
{
    const char *at = strchr(id, '@');
    g_autofree char *found = NULL;
    const char *end;

    if (!at || g_ascii_strcasecmp(at + 1, domain) != 0)
        return FALSE;
    end = parse(id, year, sequence, &found);
    if (!end || *end != '.')
        return FALSE;
    *token = g_steal_pointer(&found);
    return TRUE;
}

char *token_plus_address(int year, int sequence, const char *token, const char *address)
{
    int local = (int)strcspn(address, "@");
    return g_strdup_printf(
        "%.*s+%d-%04d.%s%s", local, address, year, sequence, token, address + local);
}

gboolean token_parse_plus_address(
    const char *plus_address, const char *ours, int *year, int *sequence, char **token)
{
    gsize local = strcspn(ours, "@");
    g_autofree char *lower = g_ascii_strdown(plus_address, -1);
    g_autofree char *found = NULL;
    const char *end;

    if (g_ascii_strncasecmp(lower, ours, local) != 0 || lower[local] != '+')
        return FALSE;
    end = parse(lower + local + 1, year, sequence, &found);
    if (!end || g_ascii_strcasecmp(end, ours + local) != 0)
        return FALSE;
    *token = g_steal_pointer(&found);
    return TRUE;
}
