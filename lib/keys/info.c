/* A key as gpg lists it -> what the daemon knows of it. */
#include "keys-parts.h"
#include "text.h"
#include <mado/limits.h>
#include <string.h>

#define USER_IDS 50
#define USER_ID_BYTES 1000

static char *name_one(gpgme_subkey_t subkey)
{
    char *name = subkey ? gpgme_pubkey_algo_string(subkey) : NULL;
    char *copy = g_strdup(name ? name : "");

    gpgme_free(name);
    return copy;
}

/* "ed25519/cv25519": the primary key, and the subkey that encrypts if there is one. */
static char *name_algorithm(gpgme_key_t key)
{
    g_autofree char *primary = name_one(key->subkeys);
    gpgme_subkey_t other = key->subkeys;

    while (other && (other == key->subkeys || !other->can_encrypt))
        other = other->next;
    if (other) {
        g_autofree char *second = name_one(other);
        if (strcmp(primary, second) != 0)
            return g_strconcat(primary, "/", second, NULL);
    }
    return g_steal_pointer(&primary);
}

/* Never a part of what stands there: the whole must be an addr-spec. */
static char *find_address(const gpgme_user_id_t uid)
{
    const char *found = uid->address && *uid->address ? uid->address : uid->email;
    g_autofree char *bare = NULL;
    gsize length;

    if (!found)
        return NULL;
    length = strlen(found);
    bare = length > 2 && found[0] == '<' && found[length - 1] == '>'
               ? g_strndup(found + 1, length - 2)
               : g_strdup(found);
    return g_utf8_validate(bare, -1, NULL) && text_is_safe_address(bare) ? g_utf8_strdown(bare, -1)
                                                                         : NULL;
}

static void add_names(struct key_info *info, gpgme_key_t key)
{
    g_autoptr(GStrvBuilder) names = g_strv_builder_new(), addresses = g_strv_builder_new();
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    int left = USER_IDS;

    for (gpgme_user_id_t uid = key->uids; uid && left-- > 0; uid = uid->next) {
        g_autofree char *cut = g_strndup(uid->uid ? uid->uid : "", USER_ID_BYTES);
        g_autofree char *name = text_harmless(cut, NULL);
        g_autofree char *address = uid->revoked || uid->invalid ? NULL : find_address(uid);
        g_strv_builder_add(names, name);
        if (address && g_hash_table_add(seen, g_strdup(address)))
            g_strv_builder_add(addresses, address);
    }
    g_strfreev(info->user_ids);
    info->user_ids = g_strv_builder_end(names);
    g_strfreev(info->addresses);
    info->addresses = g_strv_builder_end(addresses);
}

static gboolean encrypts(gpgme_subkey_t part)
{
    return part->can_encrypt;
}

static gboolean signs(gpgme_subkey_t part)
{
    return part->can_sign;
}

/* The last that ends is the one that counts: gpg takes another while there is one. */
static gint64 find_end(gpgme_key_t key, gboolean (*does)(gpgme_subkey_t part))
{
    gint64 end = 0;

    for (gpgme_subkey_t part = key->subkeys; part; part = part->next) {
        if (!does(part) || part->revoked || part->invalid)
            continue;
        if (!part->expires)
            return 0;
        end = MAX(end, part->expires);
    }
    return end;
}

static gboolean has_part_that_encrypts(gpgme_key_t key)
{
    gpgme_subkey_t part = key->subkeys;

    while (part && !part->can_encrypt)
        part = part->next;
    return part != NULL;
}

struct key_info *info_of_key(gpgme_key_t key)
{
    struct key_info *info = key_info_new();

    g_free(info->fingerprint);
    info->fingerprint = g_ascii_strup(key_fingerprint(key), -1);
    info->cms = key->protocol == GPGME_PROTOCOL_CMS;
    add_names(info, key);
    g_free(info->algorithm);
    info->algorithm = name_algorithm(key);
    if (key->subkeys) {
        info->created = key->subkeys->timestamp;
        info->expires = key->subkeys->expires;
    }
    info->revoked = key->revoked;
    info->expired = key->expired;
    info->can_sign = key->can_sign;
    info->can_encrypt = key->can_encrypt;
    info->encrypts = has_part_that_encrypts(key);
    info->encrypts_until = find_end(key, encrypts);
    info->signs_until = find_end(key, signs);
    info->secret = key->secret;
    return info;
}
