/* Any text as IODEF in JSON (RFC 8727). */
#define FORMAT "a.json", "application/json", NULL
#define CORPUS "iodef-json"
#include "format.h"
