#include "keys-parts.h"
#include <stdlib.h>
#include <string.h>

void said_clear(struct said *said)
{
    g_free(said->key);
    *said = (struct said){0};
}

static void hear_begin(struct said *said, const char *rest)
{
    said->decryptions++;
    said->inside = TRUE;
}

static void hear_end(struct said *said, const char *rest)
{
    said->inside = FALSE;
    said->ends++;
}

/* "DECRYPTION_INFO mdc cipher aead". */
static void hear_method(struct said *said, const char *rest)
{
    g_auto(GStrv) words = g_strsplit(rest, " ", 4);

    said->unprotected |= strcmp(words[0] ? words[0] : "0", "0") == 0 &&
                         (g_strv_length(words) < 3 || strcmp(words[2], "0") == 0);
}

/* "NODATA 3": a packet that gpg does not know. */
static void hear_no_data(struct said *said, const char *rest)
{
    said->no_data++;
    said->strange |= rest[0] == '3';
}

/* "DECRYPTION_KEY subkey primary trust" */
static void hear_key(struct said *said, const char *rest)
{
    g_auto(GStrv) words = g_strsplit(rest, " ", 4);

    if (g_strv_length(words) >= 2) {
        g_free(said->key);
        said->key = g_strdup(words[1]);
    }
}

/* "ERROR where code". Only where a private key is used: "verify.findkey" and the like are seen in
 * the signature's own status. */
static void hear_error(struct said *said, const char *rest)
{
    const char *code = strchr(rest, ' ');

    if (code && g_str_has_prefix(rest, "pkdecrypt_failed"))
        said->error = (gpgme_error_t)strtoul(code + 1, NULL, 10);
}

static const struct {
    const char *keyword;
    gsize count; /* offset of the number that goes up, 0: none */
    void (*hear)(struct said *said, const char *rest);
} heard[] = {
    {"BEGIN_DECRYPTION", 0, hear_begin},
    {"END_DECRYPTION", 0, hear_end},
    {"DECRYPTION_INFO", 0, hear_method},
    {"DECRYPTION_KEY", 0, hear_key},
    {"ERROR", 0, hear_error},
    {"DECRYPTION_OKAY", G_STRUCT_OFFSET(struct said, okays), NULL},
    {"DECRYPTION_FAILED", G_STRUCT_OFFSET(struct said, refusals), NULL},
    {"FAILURE", G_STRUCT_OFFSET(struct said, refusals), NULL},
    {"NODATA", 0, hear_no_data},
    {"NO_SECKEY", G_STRUCT_OFFSET(struct said, no_key), NULL},
    {"PLAINTEXT", G_STRUCT_OFFSET(struct said, plaintexts), NULL},
    {"NEED_PASSPHRASE_SYM", G_STRUCT_OFFSET(struct said, password), NULL},
};

gpgme_error_t said_hear(void *data, const char *keyword, const char *rest)
{
    struct said *said = data;

    /* A signature that is not inside of what was decrypted says nothing of it. */
    if (!said->inside && strcmp(keyword, "NEWSIG") == 0)
        said->outside++;
    for (gsize i = 0; i < G_N_ELEMENTS(heard); i++) {
        if (strcmp(keyword, heard[i].keyword) != 0)
            continue;
        if (heard[i].count)
            G_STRUCT_MEMBER(unsigned, said, heard[i].count)++;
        if (heard[i].hear)
            heard[i].hear(said, rest ? rest : "");
    }
    return 0;
}
