/* Any text as a bundle of STIX. */
#include "format.h"

const struct format format = {"a.json", "application/stix+json", NULL, "stix"};
