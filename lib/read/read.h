/* From the bytes of a mail to a message. Runs in the reader's child alone: no file, no socket. */
#pragma once
#include <mado/crypto.h>

/* Opens what a mail may name (charsets, tables, MIME types), so that nothing needs a file
 * afterwards; rare charsets only with `rare`. Once, before confinement. */
void read_warm(gboolean rare);
/* Never fails: what is broken is said in `problems`. The caller frees the result. */
struct message *read_message(const guint8 *bytes, gsize size);
/* The message, and the layer of encryption or signature at its root. `inner`: it came out of a
 * layer, and its own header counts only where it is protected. The caller frees it. */
struct facts *read_facts(const guint8 *bytes, gsize size, gboolean inner);
/* The file of it whose decoded bytes have that SHA-256; a ciphertext at its root is one, too. NULL:
 * there is none. The caller unrefs it. */
GBytes *read_cut(const guint8 *bytes, gsize size, gboolean inner, const char *sha256);
