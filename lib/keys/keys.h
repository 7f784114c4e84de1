/* GPGME, and nothing else: the only code that touches gpg, gpgsm and private keys. Used by the keys
 * role, in a process that may be killed at any time. Nothing of it goes to the network. */
#pragma once
#include <mado/crypto.h>
#include <mado/keys.h>

struct keyring;
/* `home` is a folder of ours, 0700 (made, with its gpg.conf and gpg-agent.conf, if it is not
 * there). `passphrase` of our keys, NULL for none. */
struct keyring *keyring_open(const char *home, const char *passphrase, GError **error);
void keyring_close(struct keyring *keyring);

/* The clock that we have fixed was fixed again: that of gpg follows. */
gboolean keyring_follow_clock(struct keyring *keyring, GError **error);

/* One job: `argument` and the result have the types of keys_argument() and keys_result(). NULL with
 * MADO_E_KEYS_LATER (gpg or its agent ended: try again) or MADO_E_KEYS_REFUSED (a sentence for the
 * operator). The caller unrefs the result. */
GVariant *keyring_do(struct keyring *keyring, enum keys_op op, GVariant *argument, GError **error);
