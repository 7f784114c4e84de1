/* From the bytes of a mail to a message. Runs in the reader's child alone: no file, no socket. */
#pragma once
#include <mado/message.h>

/* Opens what a mail may name (charsets, tables, MIME types), so that nothing needs a file
 * afterwards; rare charsets only with `rare`. Once, before confinement. */
void read_warm(gboolean rare);
/* Never fails: what is broken is said in `problems`. The caller frees the result. */
struct message *read_message(const guint8 *bytes, gsize size);
