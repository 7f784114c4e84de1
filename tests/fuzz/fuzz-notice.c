/* Any text as a notice with tables and labels. */
#include "format.h"

const struct format format = {"a.log", "text/plain", NULL, "notice"};
