/* Keys as text: OpenPGP's armour, and what stands between the lines of a PEM file. */
#pragma once
#include <glib.h>

/* A public key, or with `cms` a certificate; the caller frees it. */
char *armour_key(GBytes *bytes, gboolean cms);
/* Where a Web Key Directory has the key of an address: the zbase32 of the SHA-1 of its local part
 * in lower case (draft-koch-openpgp-webkey-service, 3.1). NULL: it is no address. The caller frees
 * it.
 */
char *wkd_name(const char *address);
