/* Any text as the report of X-ARF 0.1 or 0.2. */
#define FORMAT "report.txt", "text/plain", "X-XARF: PLAIN"
#define CORPUS "xarf-yaml"
#include "format.h"
