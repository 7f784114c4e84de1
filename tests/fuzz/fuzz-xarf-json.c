/* Any text as XARF 3 or 4. */
#include "format.h"

const struct format format = {"a.json", "application/json", NULL, "xarf-json"};
