/* How a template sees its values. */
#pragma once
#include "write.h"

/* The value, looked for outwards; "" if there is none. */
const char *values_string(const struct values *values, const char *name);
/* The elements (struct values), or NULL if there are none. */
const GPtrArray *values_list(const struct values *values, const char *name);
