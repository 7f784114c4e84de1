/* Any text as a bundle of STIX. */
#define FORMAT "a.json", "application/stix+json", NULL
#define CORPUS "stix"
#include "format.h"
