#include "keys-parts.h"
#include "children.h"
#include "error.h"
#include <errno.h>

static GVariant *(*const handlers[KEYS_OPS])(struct keyring *, GVariant *, GError **) = {
    [KEYS_OPEN] = do_open,
    [KEYS_SEAL] = do_seal,
    [KEYS_LOOK] = do_look,
    [KEYS_IMPORT] = do_import,
    [KEYS_LIST] = do_list,
    [KEYS_MAKE] = do_make,
    [KEYS_EXTEND] = do_extend,
    [KEYS_EXPORT] = do_export,
};

struct keyring *keyring_open(const char *home, const char *passphrase, GError **error)
{
    struct keyring *keyring;

    gpgme_check_version(NULL);
    if (!children_adopt()) { /* gpg: see wait.c */
        failure_refuse(error,
            "This process cannot learn how gpg ends: %s. Nothing was changed; see its seccomp "
            "rules",
            g_strerror(errno));
        return NULL;
    }
    keyring = g_new0(struct keyring, 1);
    keyring->passphrase = passphrase && *passphrase ? g_strdup(passphrase) : NULL;
    keyring->home = home_open(home, keyring->passphrase, error);
    if (!keyring->home) {
        keyring_close(keyring);
        return NULL;
    }
    keyring->known = known_new(keyring->home);
    keyring->hot = hot_new(keyring->home);
    return keyring;
}

void keyring_close(struct keyring *keyring)
{
    if (!keyring)
        return;
    hot_free(keyring->hot);
    known_free(keyring->known);
    home_close(keyring->home);
    g_free(keyring->passphrase);
    g_free(keyring);
}

gboolean keyring_follow_clock(struct keyring *keyring, GError **error)
{
    known_forget(keyring->known); /* who has expired by now */
    hot_free(keyring->hot);
    keyring->hot = hot_new(keyring->home);
    return home_set_up(keyring->home->path, error);
}

GVariant *keyring_do(struct keyring *keyring, enum keys_op op, GVariant *argument, GError **error)
{
    GVariant *result;

    if (op >= KEYS_OPS || !g_variant_is_of_type(argument, G_VARIANT_TYPE(keys_argument(op)))) {
        failure_refuse(error, "The job is none that the keys role knows. Nothing was changed");
        return NULL;
    }
    known_fresh(keyring->known);
    result = handlers[op](keyring, argument, error);
    return result ? g_variant_take_ref(result) : NULL;
}
