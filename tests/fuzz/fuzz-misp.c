/* Any text as an event of MISP. */
#define FORMAT "a.json", "application/json", NULL
#define CORPUS "misp"
#include "format.h"
