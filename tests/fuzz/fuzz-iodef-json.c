/* Any text as IODEF in JSON (RFC 8727). */
#include "format.h"

const struct format format = {"a.json", "application/json", NULL, "iodef-json"};
