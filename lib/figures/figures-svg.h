/* Pictures in a page. */
#pragma once
#include "figures.h"

/* Strangers' text for a page: no markup, no controls. */
void svg_text(GString *out, const char *text);
/* Nothing where the table is not drawn. */
void svg_figure(GString *out, const struct figure *figure, const char *language);
