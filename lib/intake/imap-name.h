/* Folder names as IMAP4rev1 writes them: RFC 3501, 5.1.3. */
#pragma once
#include <glib.h>

/* `name` in UTF-8 as modified UTF-7, which has no control characters; the caller frees it. */
char *imap_name_encode(const char *name);
