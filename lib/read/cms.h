/* What CMS (RFC 5652) says of itself in its first bytes. */
#pragma once
#include <glib.h>

#define CMS_PEEK_BYTES 64 /* are enough */

enum cms_kind { CMS_UNKNOWN, CMS_SIGNED, CMS_ENVELOPED, CMS_OTHER };

/* The type of the outermost ContentInfo; CMS_UNKNOWN if these bytes are no CMS. */
enum cms_kind cms_kind_of(const guint8 *bytes, gsize size);
/* "smime.p7m": RFC 8551 3.2.1. */
gboolean cms_is_name(const char *name);
