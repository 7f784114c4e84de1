/* Any text as the report of X-ARF 0.1 or 0.2. */
#include "format.h"

const struct format format = {"report.txt", "text/plain", "X-XARF: PLAIN", "xarf-yaml"};
