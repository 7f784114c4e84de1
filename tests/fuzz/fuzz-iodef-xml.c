/* Any text as IODEF in XML (RFC 7970, RFC 5070). */
#define FORMAT "a.xml", "application/xml", NULL
#define CORPUS "iodef-xml"
#include "format.h"
