/* Any text as a table. */
#define FORMAT "a.csv", "text/csv", NULL
#define CORPUS "csv"
#include "format.h"
