/* Any text as XARF 3 or 4. */
#define FORMAT "a.json", "application/json", NULL
#define CORPUS "xarf-json"
#include "format.h"
