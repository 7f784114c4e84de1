/* Inline PGP: armour that stands in a text. */
#pragma once
#include <glib.h>

enum inline_kind { INLINE_NONE, INLINE_SIGNED, INLINE_ENCRYPTED };

struct inline_block {
    enum inline_kind kind; /* of the one block that is the whole text; else INLINE_NONE */
    gsize begin, end;      /* from its first line to the end of its last */
    char *charset;         /* of the Charset: header of what is encrypted, or NULL */
    gboolean has_signed, has_encrypted; /* there is such a block anywhere */
};

/* What stands in a text. A block that is quoted ("> ") or indented is none; what is not as RFC 4880
 * has it, or has text around it, is never the whole. inline_clear() frees what it holds. */
void inline_scan(struct inline_block *block, const guint8 *bytes, gsize size);
void inline_clear(struct inline_block *block);
