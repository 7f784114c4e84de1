/* What programs of operators may be told of an incident. */
#pragma once
#include <glib.h>

/* Any word that is no field may never be told, and what is no label counts as TLP:RED. `sealed`: a
 * mail of it came encrypted. */
gboolean gate_may_tell(const char *field, const char *label, gboolean restricted, gboolean sealed);
