/* Any text as an event of MISP. */
#include "format.h"

const struct format format = {"a.json", "application/json", NULL, "misp"};
