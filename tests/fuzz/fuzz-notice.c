/* Any text as a notice with tables and labels. */
#define FORMAT "a.log", "text/plain", NULL
#define CORPUS "notice"
#include "format.h"
