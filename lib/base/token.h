/* The token in our Message-IDs: an HMAC that binds an incident to one correspondent. */
#pragma once
#include <glib.h>

enum { TOKEN_OF_REVIEW = 0 }; /* in place of a year: the token is of a contact's review */

/* 80 bits as 16 characters, for this incident and this address (any case). The caller frees it. */
char *token_make(GBytes *secret, int year, int sequence, const char *address);
/* In constant time. */
gboolean token_is_right(
    GBytes *secret, int year, int sequence, const char *address, const char *token);
/* "2026-0042.TOKEN.UNIQUE@DOMAIN" without < >; the caller frees it. */
char *token_message_id(
    int year, int sequence, const char *token, const char *unique, const char *domain);
/* Takes such a Message-ID of our domain apart; FALSE if it is none. The caller frees `*token`. */
gboolean token_parse_message_id(
    const char *id, const char *domain, int *year, int *sequence, char **token);
/* A Reply-To address of ours that carries it: "csirt+2026-0042.TOKEN@sakura.example"; the caller
 * frees it. */
char *token_plus_address(int year, int sequence, const char *token, const char *address);
/* Takes such an address apart, if `ours` with "+..." is what it is. The caller frees `*token`. */
gboolean token_parse_plus_address(
    const char *plus_address, const char *ours, int *year, int *sequence, char **token);
