/* The library reads the many broken forms; its zones are offsets, so that no zone file is opened.
 */
#include "date.h"
#include <gmime/gmime.h>

char *date_to_rfc3339(const char *raw)
{
    g_autoptr(GDateTime) date = raw ? g_mime_utils_header_decode_date(raw) : NULL;

    return date ? g_date_time_format(date, "%Y-%m-%dT%H:%M:%S%:z") : NULL;
}
