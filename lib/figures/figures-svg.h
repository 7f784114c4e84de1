/* Pictures in a page. */
#pragma once
#include "figures.h"

/* Strangers' text for a page: no markup, no controls. */
void svg_text(GString *out, const char *text);
/* Does it need all of the page's width? */
gboolean svg_is_wide(const struct figure *figure);
/* Nothing where the table is not drawn. */
void svg_figure(GString *out, const struct figure *figure, const char *language);
