#include "cms.h"
#include <string.h>

/* RFC 5652 3: SEQUENCE { OBJECT IDENTIFIER, ... }; the last two: RFC 5083, RFC 3274. */
static const struct {
    const char *id;
    gsize length;
    enum cms_kind kind;
} types[] = {
    {"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", 11, CMS_SIGNED},
    {"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03", 11, CMS_ENVELOPED},
    {"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17", 13, CMS_ENVELOPED},
    {"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09", 13, CMS_OTHER},
};

/* How long the length of the sequence is; 0: that is none. */
static gsize length_of_length(const guint8 *bytes, gsize size)
{
    gsize more;

    if (size < 2 || bytes[0] != 0x30)
        return 0;
    more = bytes[1] & 0x80 ? bytes[1] & 0x7fu : 0;
    return more > 8 ? 0 : 1 + more;
}

enum cms_kind cms_kind_of(const guint8 *bytes, gsize size)
{
    gsize length = length_of_length(bytes, size), at = 1 + length;

    if (length == 0)
        return CMS_UNKNOWN;
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
        if (size >= at + types[i].length && !memcmp(bytes + at, types[i].id, types[i].length))
            return types[i].kind;
    return CMS_UNKNOWN;
}

gboolean cms_is_name(const char *name)
{
    gsize length = strlen(name);

    return length >= 4 && !g_ascii_strcasecmp(name + length - 4, ".p7m");
}
