/* Facets, as set writes them. */
#pragma once
#include "control-work.h"

gboolean deed_set_facet(struct deed *deed, const struct wish *wish, GError **error);
