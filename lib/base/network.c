#include "network.h"
#include <string.h>

enum { LONGEST = 128 };

/* GLib warns of a length that no address has. */
GInetAddressMask *network_parse(const char *text)
{
    const char *slash = strchr(text, '/');
    guint64 length;

    if (slash && !g_ascii_string_to_unsigned(slash + 1, 10, 0, LONGEST, &length, NULL))
        return NULL;
    return g_inet_address_mask_new_from_string(text, NULL);
}
