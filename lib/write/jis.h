/* ISO-2022-JP (RFC 1468), for the letters that need it. */
#pragma once
#include "write.h"

/* Opens what iconv needs, so that nothing needs a file afterwards. */
void jis_warm(void);
gboolean jis_is_wanted(const char *charset);
/* `text`, UTF-8, as it is written then, and back in ASCII at the end of each line (RFC 1468); NULL:
 * it has characters that cannot be. The caller frees it. */
char *jis_encode(const char *text);
/* With the characters that JIS has, of those that look the same. The caller frees it. */
char *jis_same_shapes(const char *text);
