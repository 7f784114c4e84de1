/* Any text as IODEF in XML (RFC 7970, RFC 5070). */
#include "format.h"

const struct format format = {"a.xml", "application/xml", NULL, "iodef-xml"};
