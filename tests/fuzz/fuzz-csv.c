/* Any text as a table. */
#include "format.h"

const struct format format = {"a.csv", "text/csv", NULL, "csv"};
